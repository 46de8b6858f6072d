//! Where text comes from, with the name that messages call it by.

use crate::error::{Error, ErrorKind};
use std::io::Read;

/// Unpacked bytes with a name.
pub(crate) struct Source<'a> {
    /// What messages call it.
    pub(super) name: String,
    pub(super) input: Box<dyn Read + Send + 'a>,
    /// Bytes, as far as known.
    pub(super) size: u64,
    /// Whether they were packed.
    pub(super) packed: bool,
}

impl<'a> Source<'a> {
    /// Text in memory.
    pub fn memory(name: &str, text: &'a [u8]) -> Self {
        Self { name: name.into(), size: text.len() as u64, input: Box::new(text), packed: false }
    }

    /// Appends up to `most` bytes; gives how many came, fewer than asked for only at the end.
    ///
    /// # Errors
    /// The text breaks off.
    pub(super) fn read(&mut self, most: usize, to: &mut Vec<u8>) -> Result<usize, Error> {
        // with room to see the end, it is not doubled
        to.reserve(most + 64);
        let read = self.input.by_ref().take(most as u64).read_to_end(to);
        read.map_err(|e| self.broken_off(&e))
    }

    fn broken_off(&self, e: &std::io::Error) -> Error {
        let hint = if self.packed { "is it complete? it is packed with gzip" } else { "is it complete?" };
        Error::new(ErrorKind::Read, format!("the file breaks off or cannot be unpacked: {e}"))
            .in_file(&self.name)
            .with_hint(hint)
    }
}
