//! A build without files: tables are bundled, or come as text in memory.

use super::{Dataset, ReadOptions};
use crate::error::Error;

/// Needs a file system.
pub(super) fn open(source: &str, _: ReadOptions) -> Result<Dataset, Error> {
    Err(Error::without_feature("reading files", "files").in_file(source))
}
