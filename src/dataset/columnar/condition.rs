//! Rows for which an SQL condition is true.

use super::first_line;
use crate::dataset::Dataset;
use crate::error::Error;
use polars::prelude::*;
use std::fmt::Display;

/// A column of row numbers beside those of the table; no header holds such a name.
const ROW: &str = "\u{1}row";

/// Indices of the rows for which the SQL expression is true.
pub(in crate::dataset) fn matching_rows(dataset: &Dataset, expression: &str) -> Result<Vec<usize>, Error> {
    let wrong = |e: &dyn Display| {
        Error::usage(format!("⟦where={expression}⟧ cannot be used: {}", first_line(e))).with_hint(format!(
            "write an SQL condition such as `year >= 2000 AND disease = 'MS'`; the columns are: {}",
            dataset.column_list()
        ))
    };
    let condition = polars::sql::sql_expr(expression).map_err(|e| wrong(&e))?;
    filter(dataset, condition).map_err(|e| wrong(&e))
}

fn filter(dataset: &Dataset, condition: Expr) -> PolarsResult<Vec<usize>> {
    let frame = DataFrame::new(dataset.rows(), columns(dataset))?;
    let kept = frame.lazy().filter(condition).select([col(ROW)]).collect()?;
    Ok(kept.column(ROW)?.u32()?.iter().flatten().map(|i| i as usize).collect())
}

/// The columns by their names, again by their other names, and the numbers of the rows.
fn columns(dataset: &Dataset) -> Vec<Column> {
    let own = dataset.columns.iter().enumerate().map(|(i, c)| (i, c.name.as_str()));
    let other = dataset.info.iter().flat_map(|info| &info.aliases);
    let other = other.filter_map(|(alias, column)| Some((dataset.position(column)?, alias.as_str())));
    let named = own.chain(other).filter(|(_, name)| !name.is_empty());
    let rows: Vec<u32> = (0..dataset.rows() as u32).collect();
    named.map(|(i, name)| column(dataset, i, name)).chain([Column::new(ROW.into(), rows)]).collect()
}

fn column(dataset: &Dataset, index: usize, name: &str) -> Column {
    let (name, rows) = (PlSmallStr::from_str(name), 0..dataset.rows());
    if dataset.is_numeric(index) {
        // an infinite number is none to a condition; where it is used, it is refused with its place
        let numbers: Vec<Option<f64>> = rows.map(|r| dataset.number(index, r).ok().flatten()).collect();
        Column::new(name, numbers)
    } else {
        let texts: Vec<Option<String>> = rows.map(|r| dataset.text(index, r)).collect();
        Column::new(name, texts)
    }
}
