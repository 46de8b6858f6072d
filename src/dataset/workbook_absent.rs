//! A build that reads no workbooks.

use super::Dataset;
use crate::error::Error;

/// Needs the reader of workbooks.
pub(super) fn open(source: &str) -> Result<Dataset, Error> {
    Err(Error::without_feature("reading `.xlsx`", "workbook").in_file(source))
}
