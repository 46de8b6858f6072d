//! A table as CSV: numbers in full precision, missing cells empty.

use super::{Cell, Sheet};
use crate::result::format::exact;

/// The table under the names of its columns.
pub fn table(sheet: &Sheet) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    let header = writer.write_record(sheet.headings.iter().map(|h| &h.id));
    let rows = sheet.rows.iter().try_for_each(|row| writer.write_record(row.iter().map(written)));
    // a Vec takes every byte, so neither can fail
    debug_assert!(header.is_ok() && rows.is_ok());
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(s) | Cell::Link { text: s, .. } => defused(s),
        Cell::Number(x) | Cell::Rounded(x, _) | Cell::Count(x) => exact(*x),
        Cell::Missing => String::new(),
    }
}

/// Text that a spreadsheet would run as a formula is given a leading apostrophe.
fn defused(s: &str) -> String {
    if s.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{s}") } else { s.to_string() }
}
