//! Delimited text, read in one way for all.
//!
//! ```text
//! source (unpacked bytes) → blocks of whole records → records, with the line that an editor counts → cells
//! ```
//! `pool` takes the whole table; mass analyses take the columns they want, block by block, on any thread. A row whose cells are
//! all blank is no row; cells are trimmed, and empty where a word for a missing value stands; lines end in a line feed, a
//! carriage return or both.

mod dialect;
mod encoding;
#[cfg(feature = "files")]
mod files;
mod reader;
mod records;
mod selection;
mod source;

use super::Dataset;
use crate::error::Error;
use reader::BLOCK;
#[cfg(feature = "mass")]
pub(crate) use reader::Block;
pub(crate) use reader::TextReader;
pub(crate) use selection::Selection;
pub(crate) use source::Source;

/// Reads a whole table, every cell as text; `separator` is told by the ending and the header if not given.
///
/// # Errors
/// The text breaks off, is no UTF-8, has no header or no row, or a row has another number of cells than the header; with file
/// and line.
pub(super) fn read(source: Source<'_>, separator: Option<u8>) -> Result<Dataset, Error> {
    rows(TextReader::open(source, separator, BLOCK)?, usize::MAX)
}

/// Reads the first rows of a table, to see what its columns are.
///
/// # Errors
/// As for a whole table.
pub(super) fn head(source: Source<'_>, separator: Option<u8>) -> Result<Dataset, Error> {
    const SMALL: usize = 1 << 16;
    rows(TextReader::open(source, separator, SMALL)?, 1)
}

/// Blocks of a table until there are `enough` rows.
fn rows(mut reader: TextReader<'_>, enough: usize) -> Result<Dataset, Error> {
    let all = Selection::all(&reader);
    let mut columns: Vec<Vec<String>> = vec![vec![]; reader.header().len()];
    let mut lines: Vec<usize> = vec![];
    let mut room = vec![];
    while lines.len() < enough
        && let Some(block) = reader.next(std::mem::take(&mut room))?
    {
        let portion = all.parse(block, &mut room)?;
        for (column, cells) in columns.iter_mut().zip(&portion.columns) {
            let text = |row| String::from_utf8_lossy(cells.text(row)).into_owned();
            column.extend((0..portion.rows()).map(text));
        }
        lines.extend(portion.lines.iter().map(|l| *l as usize));
    }
    let columns = reader
        .header()
        .iter()
        .zip(columns)
        .map(|(name, values)| super::Column { name: name.clone(), values: super::Values::Text(values) });
    Dataset::assemble(reader.source(), columns.collect(), lines)
}
