//! From what the user named to a table: standard input, or a file by its ending.

use super::text::{self, Source};
use super::{Dataset, ReadOptions, columnar, workbook};
use crate::error::{Error, ErrorKind};
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

/// Why a file could not be read at all, and what to check.
pub(super) fn read_error(source: &str, e: &std::io::Error) -> Error {
    let hint = match e.kind() {
        std::io::ErrorKind::NotFound => "check the path; bundled data are named with `@`, see ⟦datasets:⟧",
        std::io::ErrorKind::PermissionDenied => "check the permissions of the file",
        _ => "check that it is a readable file",
    };
    Error::new(ErrorKind::Read, format!("cannot be read: {e}")).in_file(source).with_hint(hint)
}
