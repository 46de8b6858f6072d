//! Text in blocks of whole records, in order.

use super::dialect::Dialect;
use super::encoding;
use super::records::{Records, end_lines_alike, end_of_last, trimmed};
use super::source::Source;
use crate::error::Error;

/// Bytes of a block.
pub(super) const BLOCK: usize = 1 << 20;
/// Longest record that is waited for, in bytes: longer ones are damage, such as a quotation mark that is never closed.
const LONGEST_RECORD: usize = 64 << 20;

/// Whole records, not yet split.
#[derive(Debug)]
pub(crate) struct Block {
    pub(super) bytes: Vec<u8>,
    /// Line of the first.
    pub(super) first: u64,
    /// How many lines they take.
    pub(super) lines: usize,
    /// Share of the text that has been read.
    pub(super) share: f64,
}

/// Reads a table past its header.
pub(crate) struct TextReader<'a> {
    source: Source<'a>,
    dialect: Dialect,
    header: Vec<String>,
    /// Bytes of a block.
    block: usize,
    /// Read, but not handed out.
    pending: Vec<u8>,
    /// Line on which the next block begins.
    line: u64,
    taken: u64,
    ended: bool,
}

impl std::fmt::Debug for TextReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TextReader({}, line {})", self.source.name, self.line)
    }
}

impl<'a> TextReader<'a> {
    /// Reads the header; without a separator, the ending of the file and the header tell it.
    ///
    /// # Errors
    /// There is no text, or of another kind.
    pub(super) fn open(mut source: Source<'a>, separator: Option<u8>, block: usize) -> Result<Self, Error> {
        let mut pending = vec![];
        let taken = source.read(block, &mut pending)?;
        encoding::refuse_others(&pending).map_err(|e| e.in_file(&source.name))?;
        if pending.starts_with(encoding::MARK) {
            pending.drain(..encoding::MARK.len());
        }
        let dialect = Dialect::of(&source.name, &first_line(&pending), separator);
        let mut reader = Self {
            source,
            dialect,
            header: vec![],
            block,
            pending,
            line: 1,
            taken: taken as u64,
            ended: taken < block,
        };
        reader.header = reader.read_header()?;
        Ok(reader)
    }

    /// Opens a text for blocks that are parsed on any thread.
    ///
    /// # Errors
    /// As for a whole table.
    pub fn in_blocks(source: Source<'a>, separator: Option<u8>) -> Result<Self, Error> {
        Self::open(source, separator, BLOCK)
    }

    /// What messages call the text.
    pub fn source(&self) -> &str {
        &self.source.name
    }

    /// Names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The first record that is not blank; what comes after it is put back.
    fn read_header(&mut self) -> Result<Vec<String>, Error> {
        while let Some(block) = self.next(vec![])? {
            let mut records = Records::new(&block.bytes, self.dialect, block.first);
            while records.advance() {
                let record = records.record();
                if record.is_blank() {
                    continue;
                }
                let name = |cell| String::from_utf8_lossy(trimmed(cell)).into_owned();
                let header: Vec<String> = record.cells().map(name).collect();
                let (line, (rest, next)) = (record.line, records.next());
                self.pending.splice(0..0, block.bytes[rest..].iter().copied());
                self.line = next;
                let written = first_line(&block.bytes[..rest]);
                let place = |e: Error| e.in_file(&self.source.name).at_line(line as usize);
                self.dialect.check(header.len(), &written).map_err(place)?;
                return Ok(header);
            }
        }
        Err(Error::data("the file is empty")
            .in_file(&self.source.name)
            .with_hint("give a header line and one row per study"))
    }

    /// The next records, in the room of earlier ones; `None` at the end of the text.
    ///
    /// # Errors
    /// The text breaks off, or a record does not end.
    pub fn next(&mut self, mut room: Vec<u8>) -> Result<Option<Block>, Error> {
        room.clear();
        // its room is not kept: most of it is that of the first block
        room.extend_from_slice(&std::mem::take(&mut self.pending));
        let end = loop {
            if !self.ended {
                let most = if room.len() < self.block { self.block - room.len() } else { self.block };
                let read = self.source.read(most, &mut room)?;
                (self.taken, self.ended) = (self.taken + read as u64, read < most);
            }
            end_lines_alike(&mut room, self.ended);
            let end = if self.ended { Some(room.len()) } else { end_of_last(&room, self.dialect) };
            match end {
                Some(end) => break end,
                None if room.len() > LONGEST_RECORD => return Err(self.endless()),
                None => {}
            }
        };
        self.pending.extend_from_slice(&room[end..]);
        room.truncate(end);
        if room.is_empty() {
            return Ok(None);
        }
        let first = self.line;
        let feeds = memchr::memchr_iter(b'\n', &room).count();
        self.line += feeds as u64;
        let share = (self.taken as f64 / self.source.size.max(1) as f64).min(1.0);
        Ok(Some(Block { bytes: room, first, lines: feeds + 1, share }))
    }

    fn endless(&self) -> Error {
        Error::data(format!("a row of more than {} million bytes", LONGEST_RECORD >> 20))
            .in_file(&self.source.name)
            .at_line(self.line as usize)
            .with_hint("is a quotation mark missing?")
    }
}

/// The first line that is not blank.
fn first_line(bytes: &[u8]) -> String {
    let ends = |b: &u8| matches!(b, b'\n' | b'\r');
    let line = bytes.split(ends).find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}
