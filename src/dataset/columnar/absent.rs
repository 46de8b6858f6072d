//! A build without polars: what needs it says so.

use super::Dataset;
use crate::error::Error;
#[cfg(feature = "mass")]
pub use portions::ParquetFile;
#[cfg(feature = "mass")]
pub(super) use portions::{head, read_portions};

fn absent(what: &str) -> Error {
    Error::without_feature(what, "columnar")
}

/// Needs polars.
pub(super) fn matching_rows(_: &Dataset, expression: &str) -> Result<Vec<usize>, Error> {
    Err(absent(&format!("⟦where={expression}⟧")))
}

/// Needs polars.
#[cfg(feature = "files")]
pub(super) fn open(source: &str, ending: &str) -> Result<Dataset, Error> {
    Err(absent(&format!("reading `.{ending}`")).in_file(source))
}

/// What a mass analysis would read and write.
#[cfg(feature = "mass")]
mod portions {
    use super::{Dataset, Error, absent};
    use crate::dataset::Output;
    use crate::dataset::portion::{CellType, Portion};
    use std::path::Path;

    /// Needs polars.
    pub(in crate::dataset) fn head(path: &Path, _: usize) -> Result<Dataset, Error> {
        Err(absent("reading Parquet and Arrow").in_file(&path.display().to_string()))
    }

    /// Needs polars.
    pub(in crate::dataset) fn read_portions(
        path: &Path,
        _: &[(String, CellType)],
        _: &mut (dyn FnMut(Portion) -> Result<bool, Error> + Send),
    ) -> Result<(), Error> {
        head(path, 0).map(|_| ())
    }

    /// A Parquet file, which this build cannot write: there is none.
    #[derive(Debug)]
    pub enum ParquetFile {}

    impl ParquetFile {
        /// Needs polars.
        ///
        /// # Errors
        /// Always.
        pub fn create(path: &Path, _: Vec<(String, Output)>) -> Result<Self, Error> {
            Err(absent("writing Parquet").in_file(&path.display().to_string()))
        }

        /// There is none to write to.
        ///
        /// # Errors
        /// Never.
        pub fn write(&mut self, _: Vec<Output>) -> Result<(), Error> {
            match *self {}
        }

        /// There is none to finish.
        ///
        /// # Errors
        /// Never.
        pub fn finish(self) -> Result<(), Error> {
            match self {}
        }
    }
}
