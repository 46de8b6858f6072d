//! Columnar files and SQL conditions, through polars. The only room that names polars.

mod condition;
#[cfg(feature = "mass")]
mod parquet;
#[cfg(feature = "mass")]
mod portions;

use super::{Column, Dataset, Values};
use crate::error::{Error, ErrorKind};
pub(super) use condition::matching_rows;
#[cfg(feature = "mass")]
pub use parquet::ParquetFile;
use polars::prelude::*;
#[cfg(feature = "mass")]
pub(super) use portions::{head, read_portions};
use std::fmt::Display;
use std::fs::File;

/// Errors of polars go on with plans and advice for its own users.
fn first_line(e: &dyn Display) -> String {
    e.to_string().lines().next().unwrap_or_default().to_string()
}

/// A file that is not what its ending says, or not complete.
fn unreadable(source: &str, what: &str, e: &dyn Display) -> Error {
    Error::new(ErrorKind::Read, format!("{what}: {}", first_line(e)))
        .in_file(source)
        .with_hint("is the file complete, and does its ending say what it is?")
}

/// Opens Parquet, Arrow IPC or newline-delimited JSON.
pub(super) fn open(source: &str, ending: &str) -> Result<Dataset, Error> {
    let broken = |e: &dyn Display| unreadable(source, &format!("cannot be read as `.{ending}`"), e);
    let file = File::open(source).map_err(|e| super::read_error::read_error(source, &e))?;
    let frame = match ending {
        "parquet" => ParquetReader::new(file).finish(),
        "ndjson" | "jsonl" => JsonReader::new(file).with_json_format(JsonFormat::JsonLines).finish(),
        _ => IpcReader::new(file).finish(),
    };
    table(source, frame, &broken)
}

/// What polars has read, as a table; `broken` words what it could not.
fn table(
    source: &str,
    frame: PolarsResult<DataFrame>,
    broken: &dyn Fn(&dyn Display) -> Error,
) -> Result<Dataset, Error> {
    let read = frame.and_then(|frame| {
        let columns = frame.columns().iter().map(column).collect::<PolarsResult<Vec<_>>>()?;
        Ok((columns, frame.height()))
    });
    let (columns, rows) = read.map_err(|e| broken(&e))?;
    Dataset::assemble(source, columns, (1..=rows).collect())
}

fn is_number(column: &polars::prelude::Column) -> bool {
    column.dtype().is_primitive_numeric() || column.dtype().is_bool()
}

fn column(c: &polars::prelude::Column) -> PolarsResult<Column> {
    let name = c.name().trim().to_string();
    let values = if is_number(c) {
        Values::Number(c.cast(&DataType::Float64)?.f64()?.iter().collect())
    } else {
        let text = c.cast(&DataType::String)?;
        Values::Text(text.str()?.iter().map(|t| t.unwrap_or_default().to_string()).collect())
    };
    Ok(Column { name, values })
}
