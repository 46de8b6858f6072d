//! Columnar files and SQL conditions, through polars. The only importer of polars.

use super::stream::{Cells, Kind, Portion};
use super::{Column, Dataset, Values};
use crate::error::{Error, ErrorKind};
use polars::prelude::*;
use std::fs::File;

/// Opens Parquet, Arrow IPC or newline-delimited JSON.
pub(super) fn open(source: &str, ending: &str) -> Result<Dataset, Error> {
    let broken = |e: &dyn std::fmt::Display| {
        let first = e.to_string().lines().next().unwrap_or_default().to_string();
        Error::new(ErrorKind::Read, format!("cannot be read as `.{ending}`: {first}"))
            .in_file(source)
            .with_hint("is the file complete, and does its ending say what it is?")
    };
    let file = File::open(source).map_err(|e| super::read_error(source, &e))?;
    let frame = match ending {
        "parquet" => ParquetReader::new(file).finish(),
        "ndjson" | "jsonl" => JsonReader::new(file).with_json_format(JsonFormat::JsonLines).finish(),
        _ => IpcReader::new(file).finish(),
    }
    .map_err(|e| broken(&e))?;
    let rows = frame.height();
    let columns =
        frame.columns().iter().map(|c| column(c).map_err(|e| broken(&e))).collect::<Result<_, _>>()?;
    Dataset::assemble(source, columns, (1..=rows).collect())
}

fn column(c: &polars::prelude::Column) -> PolarsResult<Column> {
    let name = c.name().trim().to_string();
    let values = if c.dtype().is_primitive_numeric() || c.dtype().is_bool() {
        Values::Number(c.cast(&DataType::Float64)?.f64()?.iter().collect())
    } else {
        let text = c.cast(&DataType::String)?;
        Values::Text(text.str()?.iter().map(|t| t.unwrap_or_default().to_string()).collect())
    };
    Ok(Column { name, values })
}

/// Indices of the rows for which the SQL expression is true.
pub(super) fn matching_rows(dataset: &Dataset, expression: &str) -> Result<Vec<usize>, Error> {
    const INDEX: &str = "\u{1}row";
    let wrong = |e: &dyn std::fmt::Display| {
        let first = e.to_string().lines().next().unwrap_or_default().to_string();
        Error::usage(format!("⟦where={expression}⟧ cannot be used: {first}")).with_hint(format!(
            "write an SQL condition such as `year >= 2000 AND disease = 'MS'`; the columns are: {}",
            dataset.column_list()
        ))
    };
    let mut columns: Vec<polars::prelude::Column> = vec![];
    let own = dataset.columns.iter().enumerate().map(|(i, c)| (i, c.name.as_str()));
    let other = dataset.info.iter().flat_map(|info| &info.aliases);
    let other = other.filter_map(|(alias, column)| Some((dataset.position(column)?, alias.as_str())));
    for (i, name) in own.chain(other).filter(|(_, name)| !name.is_empty()) {
        let name = PlSmallStr::from_str(name);
        columns.push(if dataset.is_numeric(i) {
            let numbers: Vec<Option<f64>> =
                (0..dataset.rows()).map(|r| dataset.number(i, r).ok().flatten()).collect();
            polars::prelude::Column::new(name, numbers)
        } else {
            let text: Vec<Option<String>> = (0..dataset.rows()).map(|r| dataset.text(i, r)).collect();
            polars::prelude::Column::new(name, text)
        });
    }
    let rows: Vec<u32> = (0..dataset.rows() as u32).collect();
    columns.push(polars::prelude::Column::new(INDEX.into(), rows));
    let condition = polars::sql::sql_expr(expression).map_err(|e| wrong(&e))?;
    let kept = DataFrame::new(dataset.rows(), columns)
        .map_err(|e| wrong(&e))?
        .lazy()
        .filter(condition)
        .select([col(INDEX)])
        .collect()
        .map_err(|e| wrong(&e))?;
    let index = kept.column(INDEX).map_err(|e| wrong(&e))?;
    Ok(index.u32().map_err(|e| wrong(&e))?.iter().flatten().map(|i| i as usize).collect())
}

/// A columnar file, not yet read.
fn scan(path: &std::path::Path) -> PolarsResult<LazyFrame> {
    let source = PlRefPath::new(path.to_string_lossy().as_ref());
    let parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
    if parquet {
        LazyFrame::scan_parquet(source, ScanArgsParquet::default())
    } else {
        LazyFrame::scan_ipc(source, Default::default(), Default::default())
    }
}

fn unreadable(path: &std::path::Path, e: &dyn std::fmt::Display) -> Error {
    let first = e.to_string().lines().next().unwrap_or_default().to_string();
    Error::new(ErrorKind::Read, format!("cannot be read: {first}"))
        .in_file(&path.display().to_string())
        .with_hint("is the file complete, and does its ending say what it is?")
}

/// The first rows of a columnar file.
pub(super) fn head(path: &std::path::Path, rows: usize) -> Result<Dataset, Error> {
    let wrong = |e: PolarsError| unreadable(path, &e);
    let frame = scan(path).map_err(wrong)?.limit(rows as u32).collect().map_err(wrong)?;
    let n = frame.height();
    let columns = frame.columns().iter().map(|c| column(c).map_err(wrong)).collect::<Result<_, _>>()?;
    Dataset::assemble(&path.display().to_string(), columns, (1..=n).collect())
}

/// Reads columns of a columnar file, batch by batch, in the order of its rows.
pub(super) fn read_portions(
    path: &std::path::Path,
    wanted: &[(String, Kind)],
    take: &mut (dyn FnMut(Portion) -> Result<bool, Error> + Send),
) -> Result<(), Error> {
    use std::sync::mpsc;
    let wrong = |e: PolarsError| unreadable(path, &e);
    let mut lazy = scan(path).map_err(wrong)?;
    let schema = lazy.collect_schema().map_err(wrong)?;
    let names: Vec<String> = schema.iter_names().map(|n| n.to_string()).collect();
    let mut columns: Vec<Expr> = vec![];
    for (name, _) in wanted {
        if !names.contains(name) {
            return Err(super::stream::missing_column(&path.display().to_string(), name, &names));
        }
        // a column may be wanted as text and as numbers
        if !columns.contains(&col(name.as_str())) {
            columns.push(col(name.as_str()));
        }
    }
    let rows = lazy
        .clone()
        .select([len()])
        .collect_with_engine(Engine::Streaming)
        .and_then(|r| r.unwrap_single().columns()[0].cast(&DataType::Float64)?.f64().map(|c| c.get(0)))
        .ok()
        .flatten()
        .unwrap_or(0.0);
    // batches come over a channel, so that `take` runs here and may borrow
    let (send, receive) = mpsc::sync_channel::<DataFrame>(2);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            lazy.select(columns)
                .sink_batches(PlanCallback::new(move |d: DataFrame| Ok(send.send(d).is_err())), true, None)?
                .collect_with_engine(Engine::Streaming)
                .map(|_| ())
        });
        let mut done = 0u64;
        let mut outcome = Ok(());
        for frame in receive {
            let n = frame.height();
            let portion = portion(path, &frame, wanted, done, rows);
            done += n as u64;
            match portion.and_then(&mut *take) {
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
            (Ok(Err(e)), Ok(())) => Err(wrong(e)),
            (Err(_), Ok(())) => Err(unreadable(path, &"the reader stopped")),
            (Ok(Ok(())), Ok(())) => Ok(()),
        }
    })
}

fn portion(
    path: &std::path::Path,
    frame: &DataFrame,
    wanted: &[(String, Kind)],
    done: u64,
    rows: f64,
) -> Result<Portion, Error> {
    let wrong = |e: PolarsError| unreadable(path, &e);
    let n = frame.height();
    let mut out = Portion::empty(wanted);
    out.lines = (0..n as u64).map(|i| done + i + 1).collect();
    out.share = (out.lines.last().copied().unwrap_or(0) as f64 / rows.max(1.0)).min(1.0);
    for ((name, kind), cells) in wanted.iter().zip(&mut out.columns) {
        let column = frame.column(name).map_err(wrong)?;
        match (kind, cells) {
            (Kind::Number, Cells::Numbers(values)) => {
                if column.dtype().is_primitive_numeric() || column.dtype().is_bool() {
                    let cast = column.cast(&DataType::Float64).map_err(wrong)?;
                    values.extend(cast.f64().map_err(wrong)?.iter().map(|x| x.unwrap_or(f64::NAN)));
                } else {
                    let cast = column.cast(&DataType::String).map_err(wrong)?;
                    for (i, text) in cast.str().map_err(wrong)?.iter().enumerate() {
                        let value = super::parse_number(text.unwrap_or_default()).map_err(|e| {
                            e.in_file(&path.display().to_string())
                                .at_line((done as usize) + i + 1)
                                .in_column(name)
                        })?;
                        values.push(value.unwrap_or(f64::NAN));
                    }
                }
            }
            (_, Cells::Text(texts)) => {
                let cast = column.cast(&DataType::String).map_err(wrong)?;
                cast.str().map_err(wrong)?.iter().for_each(|t| texts.push(t.unwrap_or_default().as_bytes()));
            }
            (Kind::Text, Cells::Numbers(_)) => {}
        }
    }
    Ok(out)
}

/// A column of results.
#[derive(Debug)]
pub enum Output {
    /// Text.
    Text(Vec<String>),
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Whole numbers.
    Count(Vec<u32>),
}

impl Output {
    fn len(&self) -> usize {
        match self {
            Self::Text(v) => v.len(),
            Self::Number(v) => v.len(),
            Self::Count(v) => v.len(),
        }
    }

    /// Appends values of the same kind.
    fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Text(all), Self::Text(mut more)) => all.append(&mut more),
            (Self::Number(all), Self::Number(mut more)) => all.append(&mut more),
            (Self::Count(all), Self::Count(mut more)) => all.append(&mut more),
            (all, more) => debug_assert!(more.len() == 0, "{all:?} takes no {more:?}"),
        }
    }

    fn column(self, name: PlSmallStr) -> polars::prelude::Column {
        match self {
            Self::Text(v) => polars::prelude::Column::new(name, v),
            Self::Count(v) => polars::prelude::Column::new(name, v),
            Self::Number(v) if !v.iter().any(|x| x.is_nan()) => {
                Float64Chunked::from_vec(name, v).into_column()
            }
            Self::Number(v) => Float64Chunked::from_iter_options(
                name,
                v.into_iter().map(|x| Some(x).filter(|x| !x.is_nan())),
            )
            .into_column(),
        }
    }
}

/// A Parquet file that grows by batches.
pub struct ParquetFile {
    writer: polars::io::parquet::write::BatchedWriter<File>,
    names: Vec<PlSmallStr>,
    /// Batches that wait to become a row group.
    pending: Vec<Output>,
    path: std::path::PathBuf,
}

/// Rows from which a row group is written.
const ROW_GROUP: usize = 131_072;

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ParquetFile({})", self.path.display())
    }
}

fn batch(names: &[PlSmallStr], columns: Vec<Output>) -> PolarsResult<DataFrame> {
    let height = columns.first().map_or(0, Output::len);
    DataFrame::new(height, names.iter().cloned().zip(columns).map(|(name, c)| c.column(name)).collect())
}

impl ParquetFile {
    /// Starts a file with columns of these names and kinds.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &std::path::Path, columns: Vec<(String, Output)>) -> Result<Self, Error> {
        let wrong = |e: &dyn std::fmt::Display| unwritable(path, e);
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
            self.pending.iter_mut().zip(columns).for_each(|(all, more)| all.append(more));
        }
        if self.pending.first().is_some_and(|c| c.len() >= ROW_GROUP) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let pending = std::mem::take(&mut self.pending);
        if pending.first().is_none_or(|c| c.len() == 0) {
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

fn unwritable(path: &std::path::Path, e: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Write, format!("cannot be written: {e}"))
        .in_file(&path.display().to_string())
        .with_hint("check that there is room and that the folder may be written to")
}
