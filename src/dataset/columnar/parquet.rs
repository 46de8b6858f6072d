//! Results as Parquet.

use crate::dataset::Output;
use crate::error::{Error, ErrorKind};
use polars::prelude::*;
use std::fmt::Display;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A Parquet file that grows by batches.
pub struct ParquetFile {
    writer: polars::io::parquet::write::BatchedWriter<File>,
    names: Vec<PlSmallStr>,
    /// Batches that wait to become a row group.
    pending: Vec<Output>,
    path: PathBuf,
}

/// Rows from which a row group is written.
const ROW_GROUP: usize = 131_072;

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ParquetFile({})", self.path.display())
    }
}

/// As a column of polars, which knows missing numbers.
fn column(values: Output, name: PlSmallStr) -> Column {
    match values {
        Output::Text(v) => Column::new(name, v),
        Output::Count(v) => Column::new(name, v),
        Output::Number(v) if !v.iter().any(|x| x.is_nan()) => Float64Chunked::from_vec(name, v).into_column(),
        Output::Number(v) => {
            let present = v.into_iter().map(|x| Some(x).filter(|x| !x.is_nan()));
            Float64Chunked::from_iter_options(name, present).into_column()
        }
    }
}

fn rows(values: &Output) -> usize {
    match values {
        Output::Text(v) => v.len(),
        Output::Number(v) => v.len(),
        Output::Count(v) => v.len(),
    }
}

/// Appends values of the same kind.
fn append(all: &mut Output, more: Output) {
    match (all, more) {
        (Output::Text(all), Output::Text(mut more)) => all.append(&mut more),
        (Output::Number(all), Output::Number(mut more)) => all.append(&mut more),
        (Output::Count(all), Output::Count(mut more)) => all.append(&mut more),
        (all, more) => debug_assert!(rows(&more) == 0, "{all:?} takes no {more:?}"),
    }
}

fn batch(names: &[PlSmallStr], columns: Vec<Output>) -> PolarsResult<DataFrame> {
    let height = columns.first().map_or(0, rows);
    DataFrame::new(height, names.iter().cloned().zip(columns).map(|(name, c)| column(c, name)).collect())
}

impl ParquetFile {
    /// Starts a file with columns of these names and kinds.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &Path, columns: Vec<(String, Output)>) -> Result<Self, Error> {
        let wrong = |e: &dyn Display| unwritable(path, e);
        let file = File::create(path).map_err(|e| wrong(&e))?;
        let (names, kinds): (Vec<PlSmallStr>, Vec<Output>) =
            columns.into_iter().map(|(name, kind)| (PlSmallStr::from_string(name), kind)).unzip();
        let frame = batch(&names, kinds).map_err(|e| wrong(&e))?;
        let writer = ParquetWriter::new(file)
            .with_compression(ParquetCompression::Lz4Raw)
            .batched(frame.schema())
            .map_err(|e| wrong(&e))?;
        Ok(Self { writer, names, pending: vec![], path: path.to_path_buf() })
    }

    /// Appends a batch, its columns in the order of the first.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, columns: Vec<Output>) -> Result<(), Error> {
        if self.pending.is_empty() {
            self.pending = columns;
        } else {
            self.pending.iter_mut().zip(columns).for_each(|(all, more)| append(all, more));
        }
        if self.pending.first().is_some_and(|c| rows(c) >= ROW_GROUP) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let pending = std::mem::take(&mut self.pending);
        if pending.first().is_none_or(|c| rows(c) == 0) {
            return Ok(());
        }
        let frame = batch(&self.names, pending).map_err(|e| unwritable(&self.path, &e))?;
        self.writer.write_batch(&frame).map_err(|e| unwritable(&self.path, &e))
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.writer.finish().map(|_| ()).map_err(|e| unwritable(&self.path, &e))
    }
}

fn unwritable(path: &Path, e: &dyn Display) -> Error {
    Error::new(ErrorKind::Write, format!("cannot be written: {e}"))
        .in_file(&path.display().to_string())
        .with_hint("check that there is room and that the folder may be written to")
}
