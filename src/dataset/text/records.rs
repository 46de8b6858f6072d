//! From bytes to records and their cells.
//!
//! A cell that begins with a quotation mark goes on to the next single one; what follows it up to the separator is part of
//! the cell. Elsewhere quotation marks stand for themselves.

use super::dialect::Dialect;
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};

/// One record: its cells lie in `text`, each ending where `ends` says, with one byte between them.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    text: &'a [u8],
    begin: usize,
    ends: &'a [usize],
    separator: u8,
    /// The line it begins on.
    pub line: u64,
}

impl<'a> Record<'a> {
    /// Number of cells.
    #[inline]
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all cells.
    #[inline]
    pub fn size(&self) -> usize {
        self.ends.last().map_or(0, |end| end - self.begin)
    }

    /// A cell as it stands, without its quotation marks; empty beyond the last.
    #[inline]
    pub fn cell(&self, at: usize) -> &'a [u8] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        let begin = if at == 0 { self.begin } else { self.ends[at - 1] + 1 };
        &self.text[begin..end]
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        (0..self.width()).map(|at| self.cell(at))
    }

    /// Whether all cells are blank.
    #[inline]
    pub fn is_blank(&self) -> bool {
        // most records show at once that they are not
        let shown = self.text.get(self.begin).is_some_and(|b| b.is_ascii_graphic() && *b != self.separator);
        !shown && self.cells().all(|cell| trimmed(cell).is_empty())
    }
}

/// A cell of text without blanks around it.
#[inline]
pub(super) fn trimmed(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let is_ascii = |b: Option<&u8>| b.is_none_or(u8::is_ascii);
    if is_ascii(cell.first()) && is_ascii(cell.last()) {
        return cell;
    }
    std::str::from_utf8(cell).map_or(cell, |text| text.trim().as_bytes())
}

/// The records of a block, one after the other. Empty lines are skipped.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    /// Separators and line feeds that lie ahead; quotation marks make them useless.
    marks: Option<memchr::Memchr2<'a>>,
    /// The cells of the record, where they are not those of `bytes`.
    unquoted: Vec<u8>,
    begin: usize,
    ends: Vec<usize>,
    line: u64,
    /// Where the next record begins, and on which line.
    next: (usize, u64),
}

impl<'a> Records<'a> {
    /// Of whole records, of which the first begins on line `first`.
    pub fn new(bytes: &'a [u8], dialect: Dialect, first: u64) -> Self {
        let plain = memchr(dialect.quote, bytes).is_none();
        Self {
            bytes,
            dialect,
            marks: plain.then(|| memchr2_iter(dialect.separator, b'\n', bytes)),
            unquoted: vec![],
            begin: 0,
            ends: vec![],
            line: first,
            next: (0, first),
        }
    }

    /// Goes to the next record, if there is one.
    pub fn advance(&mut self) -> bool {
        while self.next.0 < self.bytes.len() {
            self.ends.clear();
            self.line = self.next.1;
            if self.marks.is_some() {
                self.split()
            } else {
                self.split_quoted()
            }
            if self.width() > 1 || self.ends.last().is_some_and(|end| *end > self.begin) {
                return true;
            }
        }
        false
    }

    fn width(&self) -> usize {
        self.ends.len()
    }

    /// The record at hand.
    #[inline]
    pub fn record(&self) -> Record<'_> {
        let text = if self.marks.is_some() { self.bytes } else { &self.unquoted[..] };
        let separator = self.dialect.separator;
        Record { text, begin: self.begin, ends: &self.ends, separator, line: self.line }
    }

    /// Bytes up to the next record, and its line.
    pub fn next(&self) -> (usize, u64) {
        self.next
    }

    /// Cells up to the next line feed.
    #[inline]
    fn split(&mut self) {
        self.begin = self.next.0;
        let mut end = self.bytes.len();
        self.next = (end, self.line + 1);
        for at in self.marks.iter_mut().flatten() {
            if self.bytes[at] == b'\n' {
                (end, self.next.0) = (at, at + 1);
                break;
            }
            self.ends.push(at);
        }
        let carriage = end > self.begin && self.bytes[end - 1] == b'\r';
        self.ends.push(if carriage { end - 1 } else { end });
    }

    /// Cells up to the next line feed outside quotation marks, without the marks.
    fn split_quoted(&mut self) {
        let (from, quote) = (self.next.0, self.dialect.quote);
        self.begin = 0;
        self.unquoted.clear();
        let mut at = from;
        loop {
            if self.bytes.get(at) == Some(&quote) {
                let after = closing(self.bytes, quote, at + 1);
                let inner = &self.bytes[at + 1..after.map_or(self.bytes.len(), |after| after - 1)];
                unquote(inner, quote, &mut self.unquoted);
                at = after.unwrap_or(self.bytes.len());
            }
            let rest = &self.bytes[at..];
            let plain = memchr2(self.dialect.separator, b'\n', rest).unwrap_or(rest.len());
            self.unquoted.extend_from_slice(&rest[..plain]);
            at += plain;
            if rest.get(plain) != Some(&self.dialect.separator) {
                let carriage = plain > 0 && rest[plain - 1] == b'\r';
                self.unquoted.truncate(self.unquoted.len() - usize::from(carriage));
                break;
            }
            self.ends.push(self.unquoted.len());
            self.unquoted.push(self.dialect.separator);
            at += 1;
        }
        self.ends.push(self.unquoted.len());
        let next = (at + 1).min(self.bytes.len());
        self.next = (next, self.line + memchr_iter(b'\n', &self.bytes[from..next]).count() as u64);
    }
}

/// Appends quoted text; two marks in a row are one.
fn unquote(quoted: &[u8], quote: u8, to: &mut Vec<u8>) {
    let mut rest = quoted;
    while let Some(at) = memchr(quote, rest) {
        to.extend_from_slice(&rest[..=at]);
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    to.extend_from_slice(rest);
}

/// What comes after the quotation mark that closes a cell, which goes on at `from`.
fn closing(bytes: &[u8], quote: u8, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(quote, &bytes[at..])? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// What comes after the last whole record of some bytes, of which the first begins one; `None` if none ends in them.
pub(super) fn end_of_last(bytes: &[u8], dialect: Dialect) -> Option<usize> {
    if memchr(dialect.quote, bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    }
    let (mut at, mut end) = (0, None);
    loop {
        if bytes.get(at) == Some(&dialect.quote) {
            let Some(after) = closing(bytes, dialect.quote, at + 1) else { return end };
            at = after;
        }
        let Some(plain) = memchr2(dialect.separator, b'\n', &bytes[at..]) else { return end };
        at += plain + 1;
        if bytes[at - 1] == b'\n' {
            end = Some(at);
        }
    }
}

/// Turns carriage returns without a line feed into line feeds. One at the end is left alone unless the text ends there: its
/// line feed may be to come.
pub(super) fn end_lines_alike(bytes: &mut [u8], ended: bool) {
    let mut at = 0;
    while let Some(found) = memchr(b'\r', &bytes[at..]) {
        at += found + 1;
        let lone = bytes.get(at).map_or(ended, |b| *b != b'\n');
        if lone {
            bytes[at - 1] = b'\n';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMAS: Dialect = Dialect { separator: b',', quote: b'"' };

    /// Records with their lines.
    fn split(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut bytes = text.as_bytes().to_vec();
        end_lines_alike(&mut bytes, true);
        let mut records = Records::new(&bytes, COMMAS, 1);
        let mut all = vec![];
        while records.advance() {
            let record = records.record();
            let cells = record.cells().map(|c| String::from_utf8_lossy(c).into_owned());
            all.push((record.line, cells.collect()));
        }
        all
    }

    fn by_csv(text: &str) -> Vec<Vec<String>> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader
            .records()
            .map(|r| r.map(|r| r.iter().map(String::from).collect()))
            .filter_map(Result::ok)
            .collect()
    }

    proptest! {
        /// The csv crate splits the same cells, whatever the marks and line ends.
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[ab,\"\n]{0,40}", other in "[ab,\n]{0,40}") {
            for text in [text.clone(), other, text.replace('\n', "\r\n")] {
                let own: Vec<Vec<String>> = split(&text).into_iter().map(|r| r.1).collect();
                let empty = |r: &Vec<String>| r.len() == 1 && r[0].is_empty();
                let csv: Vec<Vec<String>> = by_csv(&text).into_iter().filter(|r| !empty(r)).collect();
                prop_assert_eq!(own, csv);
            }
        }

        /// Cut after the last whole record, two parts give what the whole gives.
        #[test]
        fn a_cut_changes_nothing(text in "[ab,\"\n]{0,40}", at in 0usize..40) {
            let at = at.min(text.len());
            let cut = end_of_last(&text.as_bytes()[..at], COMMAS).unwrap_or(0);
            let (first, second) = text.split_at(cut);
            let lines = first.matches('\n').count() as u64;
            let mut parts = split(first);
            parts.extend(split(second).into_iter().map(|(line, cells)| (line + lines, cells)));
            prop_assert_eq!(parts, split(&text));
        }
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        for (text, line) in [
            ("a,b\n\n\nc,d", 4),
            ("a,b\r\n\r\n\r\nc,d", 4),
            ("a,b\r\r\rc,d", 4),
            ("\"a\nb\",b\n\nc,d", 4),
            ("\"a\r\nb\",b\r\n\r\nc,d\r\n", 4),
            ("\"a\rb\",b\r\rc,d\r", 4),
        ] {
            let records = split(text);
            assert_eq!((records.len(), records[1].0), (2, line), "{text:?}");
            assert_eq!(records[1].1, ["c", "d"], "{text:?}");
        }
    }
}
