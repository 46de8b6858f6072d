//! The first sheet of an `.xlsx` workbook.

use super::{Column, Dataset, Values};
use crate::error::{Error, ErrorKind};
use calamine::{Data, Reader, Xlsx, open_workbook};

/// Opens the first sheet that has cells; its first row is the header.
pub(super) fn open(source: &str) -> Result<Dataset, Error> {
    let broken = |e: String| {
        Error::new(ErrorKind::Read, format!("cannot be read as a workbook: {e}"))
            .in_file(source)
            .with_hint("save it again as .xlsx, or export the sheet as CSV")
    };
    std::fs::metadata(source).map_err(|e| super::read_error::read_error(source, &e))?;
    let mut book: Xlsx<_> = open_workbook(source).map_err(|e: calamine::XlsxError| broken(e.to_string()))?;
    let name = book.sheet_names().first().cloned().ok_or_else(|| broken("it has no sheet".into()))?;
    let range = book.worksheet_range(&name).map_err(|e| broken(e.to_string()))?;
    let top = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = range.rows();
    let header = rows.next().ok_or_else(|| Error::data("the first sheet is empty").in_file(source))?;
    let mut columns: Vec<Column> =
        header.iter().map(|c| Column { name: text(c), values: Values::Text(vec![]) }).collect();
    let mut lines = vec![];
    for (i, row) in rows.enumerate() {
        if row.iter().all(|c| text(c).is_empty()) {
            continue;
        }
        lines.push(top + i + 2);
        for (column, cell) in columns.iter_mut().zip(row) {
            if let Values::Text(values) = &mut column.values {
                values.push(text(cell));
            }
        }
    }
    Dataset::assemble(source, columns, lines)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(x) => x.to_string(),
        other => other.to_string().trim().to_string(),
    }
}
