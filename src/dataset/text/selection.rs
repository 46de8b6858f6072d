//! From a block of records to the columns that are wanted, on any thread.

use super::dialect::Dialect;
use super::encoding;
use super::reader::{Block, TextReader};
use super::records::{Record, Records, trimmed};
use crate::dataset::number::{is_missing, parse_any};
use crate::dataset::portion::{CellType, Cells, Portion, missing_column};
use crate::error::Error;

/// Longest cell accepted, in bytes: longer ones are damage, not data.
const LONGEST_CELL: usize = 100_000;

/// The columns of a text that are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// What messages call the text.
    source: String,
    header: Vec<String>,
    wanted: Vec<(String, CellType)>,
    /// Column of the text for each that is wanted.
    places: Vec<usize>,
    dialect: Dialect,
}

impl Selection {
    /// Columns by name.
    ///
    /// # Errors
    /// The text lacks one.
    pub fn new(reader: &TextReader<'_>, wanted: &[(String, CellType)]) -> Result<Self, Error> {
        let header = reader.header();
        let place = |(name, _): &(String, CellType)| {
            let at = header.iter().position(|h| h == name);
            at.ok_or_else(|| missing_column(reader.source(), name, header))
        };
        let places = wanted.iter().map(place).collect::<Result<Vec<usize>, Error>>()?;
        Ok(Self { wanted: wanted.to_vec(), places, ..Self::all(reader) })
    }

    /// Every column, as text.
    pub fn all(reader: &TextReader<'_>) -> Self {
        let header = reader.header().to_vec();
        Self {
            source: reader.source().to_string(),
            wanted: header.iter().map(|name| (name.clone(), CellType::Text)).collect(),
            places: (0..header.len()).collect(),
            header,
            dialect: reader.dialect(),
        }
    }

    /// The columns of a block, whose room is left for the next.
    ///
    /// # Errors
    /// It is no text, a row has another number of cells than the header, or a cell is no number; with file, line and column.
    pub fn parse(&self, block: Block, room: &mut Vec<u8>) -> Result<Portion, Error> {
        let Block { bytes, first, lines, share } = block;
        encoding::check(&bytes, first).map_err(|e| e.in_file(&self.source))?;
        let mut portion = Portion { share, ..Portion::empty(&self.wanted) };
        portion.reserve(lines, bytes.len() / (1 + self.header.len()));
        let mut records = Records::new(&bytes, self.dialect, first);
        while records.advance() {
            let record = records.record();
            if record.is_blank() {
                continue;
            }
            self.check(&record)?;
            for ((cells, &at), (name, _)) in portion.columns.iter_mut().zip(&self.places).zip(&self.wanted) {
                push(cells, record.cell(at)).map_err(|e| self.place(e, &record).in_column(name))?;
            }
            portion.lines.push(record.line);
        }
        *room = bytes;
        Ok(portion)
    }

    #[cold]
    fn place(&self, e: Error, record: &Record<'_>) -> Error {
        e.in_file(&self.source).at_line(record.line as usize)
    }

    /// Refuses a row of another width than the header, but for blank cells at its end, and one with a cell that is damage.
    #[inline]
    fn check(&self, record: &Record<'_>) -> Result<(), Error> {
        if record.size() > LONGEST_CELL {
            self.check_cells(record)?;
        }
        let (cells, width) = (record.width(), self.header.len());
        let extra = || record.cells().skip(width).any(|cell| !trimmed(cell).is_empty());
        if cells == width || cells > width && !extra() {
            return Ok(());
        }
        let e = Error::data(format!("the row has {cells} cells, the header {width}")).with_hint(
            "check for a missing or extra separator, or put text with commas into quotation marks",
        );
        Err(self.place(e, record))
    }

    #[cold]
    fn check_cells(&self, record: &Record<'_>) -> Result<(), Error> {
        let Some((at, cell)) = record.cells().enumerate().find(|(_, cell)| cell.len() > LONGEST_CELL) else {
            return Ok(());
        };
        let e = Error::data(format!("a cell of {} bytes", cell.len()))
            .in_column(self.header.get(at).map_or("?", String::as_str))
            .with_hint("is a quotation mark missing? one opens here or above and never closes");
        Err(self.place(e, record))
    }
}

/// Appends a cell to its column.
#[inline]
fn push(cells: &mut Cells, cell: &[u8]) -> Result<(), Error> {
    match cells {
        Cells::Text(texts) => {
            let text = trimmed(cell);
            texts.push(if stands_for_missing(text) { &[] } else { text });
        }
        Cells::Numbers(numbers) => numbers.push(parse_any(cell)?),
    }
    Ok(())
}

#[inline]
fn stands_for_missing(text: &[u8]) -> bool {
    // no such word is longer
    text.len() <= 4 && std::str::from_utf8(text).is_ok_and(is_missing)
}
