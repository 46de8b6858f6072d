//! CSV and TSV with errors that name the line.

use super::{Column, Dataset, Values};
use crate::error::{Error, ErrorKind};

/// Longest cell accepted, in bytes: longer ones are damage, not data.
const LONGEST_CELL: usize = 100_000;

/// Parses delimited text; `source` is what messages call it.
pub(super) fn parse(source: &str, bytes: &[u8], delimiter: u8) -> Result<Dataset, Error> {
    let text = decode(bytes).map_err(|e| e.in_file(source))?;
    if text.trim().is_empty() {
        return Err(Error::data("the file is empty")
            .in_file(source)
            .with_hint("give a header line and one row per study"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(r) => r.map_err(|e| Error::data(format!("the header cannot be read: {e}")).in_file(source))?,
        None => return Err(Error::data("the file is empty").in_file(source)),
    };
    check_delimiter(header.len(), delimiter, text).map_err(|e| e.in_file(source))?;
    let width = header.len();
    let mut cells: Vec<Vec<String>> = vec![vec![]; width];
    let mut lines = vec![];
    let place = Lines::new(text);
    for record in records {
        let record = record.map_err(|e| Error::data(e.to_string()).in_file(source))?;
        let line = record.position().map_or(0, |p| place.of(p.byte() as usize));
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        check_row(&record, &header).map_err(|e| e.in_file(source).at_line(line))?;
        lines.push(line);
        for (column, cell) in cells.iter_mut().zip(record.iter().chain(std::iter::repeat(""))) {
            column.push(cell.to_string());
        }
    }
    let columns = header
        .iter()
        .zip(cells)
        .map(|(name, values)| Column { name: name.trim().to_string(), values: Values::Text(values) })
        .collect();
    Dataset::assemble(source, columns, lines)
}

/// Lines as an editor counts them, whatever ends them: a line feed, a carriage return, or both.
struct Lines<'a> {
    text: &'a [u8],
    /// Where each line starts.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        let mut starts = vec![0];
        for (i, &b) in text.iter().enumerate() {
            if b == b'\n' || b == b'\r' && text.get(i + 1) != Some(&b'\n') {
                starts.push(i + 1);
            }
        }
        Self { text, starts }
    }

    /// The line of the first byte at or after `at` that ends no line: a record is said to start at the blank lines
    /// before it.
    fn of(&self, at: usize) -> usize {
        let end = self.text.len();
        let first = (at.min(end)..end).find(|&i| !matches!(self.text[i], b'\n' | b'\r')).unwrap_or(end);
        self.starts.partition_point(|&s| s <= first)
    }
}

fn check_row(record: &csv::StringRecord, header: &csv::StringRecord) -> Result<(), Error> {
    if let Some((i, cell)) = record.iter().enumerate().find(|(_, c)| c.len() > LONGEST_CELL) {
        return Err(Error::data(format!("a cell of {} bytes", cell.len()))
            .in_column(header.get(i).unwrap_or("?"))
            .with_hint("is a quotation mark missing? one opens here or above and never closes"));
    }
    let extra = record.iter().skip(header.len()).any(|c| !c.trim().is_empty());
    if extra || record.len() < header.len() {
        return Err(Error::data(format!("the row has {} cells, the header {}", record.len(), header.len()))
            .with_hint(
                "check for a missing or extra separator, or put text with commas into quotation marks",
            ));
    }
    Ok(())
}

/// Whether a header of one column was meant to be several.
pub(super) fn check_delimiter(columns: usize, delimiter: u8, text: &str) -> Result<(), Error> {
    let line = text.lines().next().unwrap_or_default();
    let other = [(';', "semicolons"), ('\t', "tabs"), (',', "commas"), ('|', "bars")]
        .into_iter()
        .filter(|(c, _)| *c as u32 != u32::from(delimiter))
        .max_by_key(|(c, _)| line.matches(*c).count());
    if let Some((c, name)) = other
        && columns == 1
        && line.contains(c)
    {
        let flag = if c == '\t' { "tab".into() } else { format!("'{c}'") };
        return Err(Error::data(format!(
            "the header is one single column; it seems to be separated by {name}"
        ))
        .at_line(1)
        .with_hint(format!("say ⟦delimiter={flag}⟧")));
    }
    Ok(())
}

/// UTF-8 with or without a byte-order mark; everything else is refused with what it seems to be.
fn decode(bytes: &[u8]) -> Result<&str, Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let kinds: [(&[u8], &str, &str); 6] = [
        (b"PAR1", "a Parquet file", "give it the ending `.parquet`"),
        (b"ARROW1", "an Arrow file", "give it the ending `.arrow`"),
        (b"PK\x03\x04", "a spreadsheet or a zip archive", "give a spreadsheet the ending `.xlsx`"),
        (b"\x1F\x8B", "compressed with gzip", "unpack it first: `gunzip -c FILE | metapool COMMAND -`"),
        (b"\xFF\xFE", "UTF-16 text", "save it as UTF-8: `iconv -f utf-16 -t utf-8`"),
        (b"\xFE\xFF", "UTF-16 text", "save it as UTF-8: `iconv -f utf-16 -t utf-8`"),
    ];
    if let Some((_, what, hint)) = kinds.iter().find(|(magic, _, _)| bytes.starts_with(magic)) {
        return Err(Error::new(ErrorKind::Read, format!("this is {what}, not CSV")).with_hint(*hint));
    }
    let line_of = |at: usize| bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        return Err(Error::new(ErrorKind::Read, "a zero byte: the file is binary, not text")
            .at_line(line_of(at))
            .with_hint("export the table as CSV in UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        let at = e.valid_up_to();
        Error::new(ErrorKind::Read, format!("byte 0x{:02X} is not UTF-8; it looks like Latin-1", bytes[at]))
            .at_line(line_of(at))
            .with_hint("save it as UTF-8: `iconv -f latin1 -t utf-8 OLD.csv > NEW.csv`")
    })
}
