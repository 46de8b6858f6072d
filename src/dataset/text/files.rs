//! Text from files and standard input, unpacked where it is packed with gzip.

use super::source::Source;
use crate::dataset::read_error::read_error;
use crate::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Bytes that are read ahead.
const AHEAD: usize = 1 << 18;
/// How many times smaller packed text is, for the share that is read.
const PACKED: u64 = 4;

impl<'a> Source<'a> {
    /// A file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn file(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| read_error(&name, &e))?;
        let size = file.metadata().map_or(0, |m| m.len());
        Self::unpacked(name, BufReader::with_capacity(AHEAD, file), size)
    }

    /// Standard input.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn standard_input(name: &str) -> Result<Self, Error> {
        Self::unpacked(name.into(), BufReader::with_capacity(AHEAD, std::io::stdin()), 0)
    }

    fn unpacked(name: String, mut input: impl BufRead + Send + 'a, size: u64) -> Result<Self, Error> {
        let packed = input.fill_buf().map_err(|e| read_error(&name, &e))?.starts_with(b"\x1F\x8B");
        Ok(if packed {
            let input = Box::new(flate2::bufread::MultiGzDecoder::new(input));
            Self { name, input, size: PACKED * size, packed }
        } else {
            Self { name, input: Box::new(input), size, packed }
        })
    }
}
