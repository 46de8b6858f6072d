//! Large columnar files in portions, by the streaming engine of polars.

use super::{is_number, table, unreadable};
use crate::dataset::Dataset;
use crate::dataset::number::parse_any;
use crate::dataset::portion::{CellType, Cells, Portion, Texts, missing_column};
use crate::error::Error;
use polars::prelude::*;
use std::fmt::Display;
use std::path::Path;
use std::sync::mpsc;

/// A columnar file, not yet read.
fn scan(path: &Path) -> PolarsResult<LazyFrame> {
    let source = PlRefPath::new(path.to_string_lossy().as_ref());
    let parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
    if parquet {
        LazyFrame::scan_parquet(source, ScanArgsParquet::default())
    } else {
        LazyFrame::scan_ipc(source, Default::default(), Default::default())
    }
}

fn wrong(path: &Path, e: &dyn Display) -> Error {
    unreadable(&path.display().to_string(), "cannot be read", e)
}

/// The first rows of a columnar file.
pub(in crate::dataset) fn head(path: &Path, rows: usize) -> Result<Dataset, Error> {
    let frame = scan(path).and_then(|lazy| lazy.limit(rows as u32).collect());
    table(&path.display().to_string(), frame, &|e| wrong(path, e))
}

/// Reads columns of a columnar file, batch by batch, in the order of its rows.
pub(in crate::dataset) fn read_portions(
    path: &Path,
    wanted: &[(String, CellType)],
    take: &mut (dyn FnMut(Portion) -> Result<bool, Error> + Send),
) -> Result<(), Error> {
    let mut lazy = scan(path).map_err(|e| wrong(path, &e))?;
    let columns = selection(path, &mut lazy, wanted)?;
    let mut batches = Batches { path, wanted, rows: row_count(&lazy), done: 0 };
    // batches come over a channel, so that `take` runs here and may borrow
    let (send, receive) = mpsc::sync_channel::<DataFrame>(2);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            lazy.select(columns)
                .sink_batches(PlanCallback::new(move |d: DataFrame| Ok(send.send(d).is_err())), true, None)?
                .collect_with_engine(Engine::Streaming)
                .map(|_| ())
        });
        let mut outcome = Ok(());
        for frame in receive {
            match batches.portion(&frame).and_then(&mut *take) {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => {
                    outcome = Err(e);
                    break;
                }
            }
        }
        match (reading.join(), outcome) {
            (_, Err(e)) => Err(e),
            (Ok(Err(e)), Ok(())) => Err(wrong(path, &e)),
            (Err(_), Ok(())) => Err(wrong(path, &"the reader stopped")),
            (Ok(Ok(())), Ok(())) => Ok(()),
        }
    })
}

/// The wanted columns, each once: one may be wanted as text and as numbers.
fn selection(path: &Path, lazy: &mut LazyFrame, wanted: &[(String, CellType)]) -> Result<Vec<Expr>, Error> {
    let schema = lazy.collect_schema().map_err(|e| wrong(path, &e))?;
    let names: Vec<String> = schema.iter_names().map(|n| n.to_string()).collect();
    let mut columns: Vec<Expr> = vec![];
    for (name, _) in wanted {
        if !names.contains(name) {
            return Err(missing_column(&path.display().to_string(), name, &names));
        }
        if !columns.contains(&col(name.as_str())) {
            columns.push(col(name.as_str()));
        }
    }
    Ok(columns)
}

/// Rows of the whole file, to tell how much is done; 0 if the file does not say. A file that cannot be read says so when
/// its rows are asked for.
fn row_count(lazy: &LazyFrame) -> f64 {
    let counted = lazy.clone().select([len()]).collect_with_engine(Engine::Streaming).and_then(|r| {
        let count = r.unwrap_single().columns()[0].cast(&DataType::Float64)?;
        Ok(count.f64()?.get(0))
    });
    counted.ok().flatten().unwrap_or(0.0)
}

/// Batches of polars on their way to portions.
struct Batches<'a> {
    path: &'a Path,
    wanted: &'a [(String, CellType)],
    /// Rows of the file.
    rows: f64,
    /// Rows that went by.
    done: u64,
}

impl Batches<'_> {
    fn portion(&mut self, frame: &DataFrame) -> Result<Portion, Error> {
        let height = frame.height() as u64;
        let mut out = Portion::empty(self.wanted);
        out.lines = (1..=height).map(|i| self.done + i).collect();
        out.share = (out.lines.last().copied().unwrap_or(0) as f64 / self.rows.max(1.0)).min(1.0);
        for ((name, kind), cells) in self.wanted.iter().zip(&mut out.columns) {
            let column = frame.column(name).map_err(|e| wrong(self.path, &e))?;
            match (kind, cells) {
                (CellType::Number, Cells::Numbers(values)) if is_number(column) => {
                    push_numbers(column, values).map_err(|e| wrong(self.path, &e))?;
                }
                (CellType::Number, Cells::Numbers(values)) => self.parse_numbers(column, values)?,
                (_, Cells::Text(texts)) => {
                    push_texts(column, texts).map_err(|e| wrong(self.path, &e))?;
                }
                (CellType::Text, Cells::Numbers(_)) => {}
            }
        }
        self.done += height;
        Ok(out)
    }

    /// Numbers that the file holds as text.
    fn parse_numbers(&self, column: &Column, values: &mut Vec<f64>) -> Result<(), Error> {
        let cast = column.cast(&DataType::String).map_err(|e| wrong(self.path, &e))?;
        for (i, text) in cast.str().map_err(|e| wrong(self.path, &e))?.iter().enumerate() {
            let value = parse_any(text.unwrap_or_default().as_bytes()).map_err(|e| {
                e.in_file(&self.path.display().to_string())
                    .at_line(self.done as usize + i + 1)
                    .in_column(column.name())
            })?;
            values.push(value);
        }
        Ok(())
    }
}

fn push_numbers(column: &Column, values: &mut Vec<f64>) -> PolarsResult<()> {
    let cast = column.cast(&DataType::Float64)?;
    values.extend(cast.f64()?.iter().map(|x| x.unwrap_or(f64::NAN)));
    Ok(())
}

fn push_texts(column: &Column, texts: &mut Texts) -> PolarsResult<()> {
    let cast = column.cast(&DataType::String)?;
    cast.str()?.iter().for_each(|t| texts.push(t.unwrap_or_default().as_bytes()));
    Ok(())
}
