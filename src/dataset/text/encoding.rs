//! UTF-8 with or without a byte-order mark; everything else is refused with what it seems to be.

use crate::error::{Error, ErrorKind};

/// The byte-order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How other kinds of files begin, what they are, and what to do with them.
const OTHERS: [(&[u8], &str, &str); 5] = [
    (b"PAR1", "a Parquet file", "give it the ending `.parquet`"),
    (b"ARROW1", "an Arrow file", "give it the ending `.arrow`"),
    (b"PK\x03\x04", "a spreadsheet or a zip archive", "give a spreadsheet the ending `.xlsx`"),
    (b"\xFF\xFE", "UTF-16 text", "save it as UTF-8: `iconv -f utf-16 -t utf-8`"),
    (b"\xFE\xFF", "UTF-16 text", "save it as UTF-8: `iconv -f utf-16 -t utf-8`"),
];

/// Refuses what is known by its first bytes to be no delimited text.
pub(super) fn refuse_others(start: &[u8]) -> Result<(), Error> {
    match OTHERS.iter().find(|(magic, _, _)| start.starts_with(magic)) {
        None => Ok(()),
        Some((_, what, hint)) => {
            Err(Error::new(ErrorKind::Read, format!("this is {what}, not CSV")).with_hint(*hint))
        }
    }
}

/// Refuses bytes that are no text; `first` is the line of the first of them.
pub(super) fn check(bytes: &[u8], first: u64) -> Result<(), Error> {
    let line_of = |at: usize| first as usize + memchr::memchr_iter(b'\n', &bytes[..at]).count();
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Error::new(ErrorKind::Read, "a zero byte: the file is binary, not text")
            .at_line(line_of(at))
            .with_hint("export the table as CSV in UTF-8"));
    }
    std::str::from_utf8(bytes).map(|_| ()).map_err(|e| {
        let at = e.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        Error::new(ErrorKind::Read, format!("byte 0x{byte:02X} is not UTF-8; it looks like Latin-1"))
            .at_line(line_of(at))
            .with_hint("save it as UTF-8: `iconv -f latin1 -t utf-8 OLD.csv > NEW.csv`")
    })
}
