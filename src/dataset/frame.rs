//! Columnar files and SQL conditions, through polars. The only importer of polars.

use super::{Column, Dataset, Values};
use crate::error::{Error, ErrorKind};
use polars::prelude::*;
use std::fs::File;

/// Opens Parquet, Arrow IPC or newline-delimited JSON.
pub(super) fn open(source: &str, ending: &str) -> Result<Dataset, Error> {
    let broken = |e: &dyn std::fmt::Display| {
        let first = e.to_string().lines().next().unwrap_or_default().to_string();
        Error::new(ErrorKind::Read, format!("cannot be read as `.{ending}`: {first}"))
            .in_file(source)
            .with_hint("is the file complete, and does its ending say what it is?")
    };
    let file = File::open(source).map_err(|e| super::read_error(source, &e))?;
    let frame = match ending {
        "parquet" => ParquetReader::new(file).finish(),
        "ndjson" | "jsonl" => JsonReader::new(file).with_json_format(JsonFormat::JsonLines).finish(),
        _ => IpcReader::new(file).finish(),
    }
    .map_err(|e| broken(&e))?;
    let rows = frame.height();
    let columns =
        frame.columns().iter().map(|c| column(c).map_err(|e| broken(&e))).collect::<Result<_, _>>()?;
    Dataset::assemble(source, columns, (1..=rows).collect())
}

fn column(c: &polars::prelude::Column) -> PolarsResult<Column> {
    let name = c.name().trim().to_string();
    let values = if c.dtype().is_primitive_numeric() || c.dtype().is_bool() {
        Values::Number(c.cast(&DataType::Float64)?.f64()?.iter().collect())
    } else {
        let text = c.cast(&DataType::String)?;
        Values::Text(text.str()?.iter().map(|t| t.unwrap_or_default().to_string()).collect())
    };
    Ok(Column { name, values })
}

/// Indices of the rows for which the SQL expression is true.
pub(super) fn matching_rows(dataset: &Dataset, expression: &str) -> Result<Vec<usize>, Error> {
    const INDEX: &str = "\u{1}row";
    let wrong = |e: &dyn std::fmt::Display| {
        let first = e.to_string().lines().next().unwrap_or_default().to_string();
        Error::usage(format!("`--where {expression}` cannot be used: {first}")).with_hint(format!(
            "write an SQL condition such as `year >= 2000 AND disease = 'MS'`; the columns are: {}",
            dataset.column_list()
        ))
    };
    let mut columns: Vec<polars::prelude::Column> = vec![];
    for (i, c) in dataset.columns.iter().enumerate().filter(|(_, c)| !c.name.is_empty()) {
        let name = PlSmallStr::from_str(&c.name);
        columns.push(if dataset.is_numeric(i) {
            let numbers: Vec<Option<f64>> =
                (0..dataset.rows()).map(|r| dataset.number(i, r).ok().flatten()).collect();
            polars::prelude::Column::new(name, numbers)
        } else {
            let text: Vec<Option<String>> = (0..dataset.rows()).map(|r| dataset.text(i, r)).collect();
            polars::prelude::Column::new(name, text)
        });
    }
    let rows: Vec<u32> = (0..dataset.rows() as u32).collect();
    columns.push(polars::prelude::Column::new(INDEX.into(), rows));
    let condition = polars::sql::sql_expr(expression).map_err(|e| wrong(&e))?;
    let kept = DataFrame::new(dataset.rows(), columns)
        .map_err(|e| wrong(&e))?
        .lazy()
        .filter(condition)
        .select([col(INDEX)])
        .collect()
        .map_err(|e| wrong(&e))?;
    let index = kept.column(INDEX).map_err(|e| wrong(&e))?;
    Ok(index.u32().map_err(|e| wrong(&e))?.iter().flatten().map(|i| i as usize).collect())
}
