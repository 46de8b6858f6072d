//! From what the user named to a table: standard input, or a file by its ending.

use super::read_error::read_error;
use super::text::{self, Source};
use super::{Dataset, ReadOptions, columnar, workbook};
use crate::error::Error;
use std::path::Path;

/// Opens a file by its ending, or standard input (`-`), which holds CSV.
pub(super) fn open(source: &str, options: ReadOptions) -> Result<Dataset, Error> {
    if source == "-" {
        return text::read(Source::standard_input(source)?, options.delimiter);
    }
    let path = Path::new(source);
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "parquet" | "arrow" | "feather" | "ipc" | "ndjson" | "jsonl" => {
            std::fs::metadata(path).map_err(|e| read_error(source, &e))?;
            columnar::open(source, &ending)
        }
        "xlsx" => workbook::open(source),
        _ => text::read(Source::file(path)?, options.delimiter),
    }
}
