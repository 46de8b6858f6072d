//! From what the user named to a table: standard input, or a file by its ending.

use super::{Dataset, ReadOptions, columnar, delimited, workbook};
use crate::error::{Error, ErrorKind};
use std::io::Read;
use std::path::Path;

/// Opens a file by its ending, or standard input (`-`), which holds CSV.
pub(super) fn open(source: &str, options: ReadOptions) -> Result<Dataset, Error> {
    if source == "-" {
        let mut bytes = vec![];
        std::io::stdin().read_to_end(&mut bytes).map_err(|e| read_error(source, &e))?;
        return delimited::parse(source, &bytes, options.delimiter.unwrap_or(b','));
    }
    let path = Path::new(source);
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "parquet" | "arrow" | "feather" | "ipc" | "ndjson" | "jsonl" => {
            std::fs::metadata(path).map_err(|e| read_error(source, &e))?;
            columnar::open(source, &ending)
        }
        "xlsx" => workbook::open(source),
        _ => {
            let bytes = std::fs::read(path).map_err(|e| read_error(source, &e))?;
            let tab = matches!(ending.as_str(), "tsv" | "tab");
            delimited::parse(source, &bytes, options.delimiter.unwrap_or(if tab { b'\t' } else { b',' }))
        }
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
