//! Results as CSV or Parquet, written beside their place and moved there when complete.

use super::fit::{CODES, codes};
use super::group::Pooled;
use super::record::JOINT;
use super::result_columns::{Named, ResultColumn, numbers, schema};
use crate::dataset::{Output, ParquetFile};
use crate::error::{Error, ErrorKind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, ErrorKind as IoKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// Bytes that are written at once.
const AT_ONCE: usize = 1 << 18;

/// Where results go.
pub(super) struct Sink<'a> {
    former: Former,
    form: Form<'a>,
    target: Option<PathBuf>,
    rows: u64,
    notes: [u64; CODES.len()],
}

enum Form<'a> {
    Csv(BufWriter<Box<dyn Write + Send + 'a>>),
    Parquet(Box<ParquetFile>),
}

/// Groups by the codes of notes.
pub(super) type Counts = Vec<(&'static str, u64)>;

impl<'a> Sink<'a> {
    /// Into a file by its ending, or as CSV to `standard`.
    ///
    /// # Errors
    /// There is no place, its ending names no form, or it cannot be written.
    pub fn new(
        target: Option<&Path>,
        standard: Option<Box<dyn Write + Send + 'a>>,
        keys: &[String],
        columns: &[Named],
        by_size: bool,
    ) -> Result<Self, Error> {
        let csv = |out| Form::Csv(BufWriter::with_capacity(AT_ONCE, out));
        let mut form = match (target, standard) {
            (Some(path), _) => Form::of_file(path, keys, columns)?,
            (None, Some(out)) => csv(out),
            (None, None) => return Err(Error::usage("no place for the results").with_hint("give `-o FILE`")),
        };
        if let Form::Csv(out) = &mut form {
            let mut header = vec![];
            for (i, name) in keys.iter().chain(columns.iter().map(|c| &c.0)).enumerate() {
                if i > 0 {
                    header.push(b',');
                }
                quoted(&mut header, name.as_bytes(), false);
            }
            header.push(b'\n');
            out.write_all(&header).map_err(broken)?;
        }
        let former = Former {
            csv: matches!(form, Form::Csv(_)),
            keys: keys.len(),
            by_size,
            columns: columns.iter().map(|c| c.1).collect(),
        };
        let target = target.map(Path::to_path_buf);
        Ok(Self { former, form, target, rows: 0, notes: [0; CODES.len()] })
    }

    /// What brings groups in form for this place.
    pub fn former(&self) -> Former {
        self.former.clone()
    }

    /// Appends groups.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&mut self, formed: Formed) -> Result<(), Error> {
        self.rows += formed.rows;
        self.notes.iter_mut().zip(formed.notes).for_each(|(all, own)| *all += own);
        match (&mut self.form, formed.body) {
            (Form::Csv(out), Body::Text(text)) => out.write_all(&text).map_err(broken),
            (Form::Parquet(file), Body::Columns(columns)) => file.write(columns),
            (Form::Csv(_), Body::Columns(_)) | (Form::Parquet(_), Body::Text(_)) => {
                Err(Error::new(ErrorKind::Write, "the groups were formed for another kind of file"))
            }
        }
    }

    /// Completes the result and moves it to its place; gives the number of groups, and of those with each note.
    ///
    /// # Errors
    /// It cannot be written or moved.
    pub fn finish(self) -> Result<(u64, Counts), Error> {
        match self.form {
            Form::Csv(mut out) => out.flush().map_err(broken)?,
            Form::Parquet(file) => (*file).finish()?,
        }
        if let Some(target) = &self.target {
            std::fs::rename(building(target), target).map_err(|e| unwritable(target, e))?;
        }
        let notes = CODES.iter().zip(self.notes).filter(|n| n.1 > 0).map(|(c, n)| (c.1, n)).collect();
        Ok((self.rows, notes))
    }
}

impl Form<'_> {
    /// By the ending of a file, which is begun beside its place.
    fn of_file(path: &Path, keys: &[String], columns: &[Named]) -> Result<Self, Error> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        let place = building(path);
        match ending.as_str() {
            "parquet" => Ok(Self::Parquet(Box::new(ParquetFile::create(&place, schema(keys, columns))?))),
            "csv" => {
                let file = File::create(&place).map_err(|e| unwritable(&place, e))?;
                Ok(Self::Csv(BufWriter::with_capacity(AT_ONCE, Box::new(file))))
            }
            _ => Err(Error::usage(format!("`{}`: the ending names no form of mass results", path.display()))
                .with_hint("end the name in .parquet or .csv")),
        }
    }
}

/// Where a result is built before it is complete.
pub(super) fn building(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(".building");
    target.with_file_name(name)
}

/// The error of a file that cannot be written.
pub(super) fn unwritable(path: &Path, e: std::io::Error) -> Error {
    Error::new(ErrorKind::Write, format!("cannot be written: {e}"))
        .in_file(&path.display().to_string())
        .caused_by(e)
}

/// The error of a stream. A closed pipe is no failure of the analysis: its kind tells it apart.
fn broken(e: std::io::Error) -> Error {
    let closed = e.kind() == IoKind::BrokenPipe;
    let error = if closed {
        Error::new(ErrorKind::Closed, "the reader of the results has closed the pipe")
    } else {
        Error::new(ErrorKind::Write, format!("the output cannot be written: {e}"))
    };
    error.caused_by(e)
}

/// Writes what workers have formed in the order of its numbers, which begin with 0. Takes everything off the channel also
/// after an error, so that nobody waits for ever.
///
/// # Errors
/// It cannot be written.
pub(super) fn write_in_order(
    formed: mpsc::Receiver<(u64, Formed)>,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    let mut outcome = Ok(());
    for (number, groups) in formed {
        waiting.insert(number, groups);
        while let Some(groups) = waiting.remove(&next) {
            if outcome.is_ok() {
                outcome = sink.write(groups);
            }
            next += 1;
        }
    }
    outcome
}

/// Brings groups in form, on any thread.
#[derive(Clone, Debug)]
pub(super) struct Former {
    csv: bool,
    keys: usize,
    by_size: bool,
    columns: Vec<ResultColumn>,
}

/// Groups ready to be written, with how many have which note.
pub(super) struct Formed {
    rows: u64,
    notes: [u64; CODES.len()],
    body: Body,
}

enum Body {
    Text(Vec<u8>),
    Columns(Vec<Output>),
}

impl Former {
    /// Brings groups in form.
    pub fn form(&self, groups: &Pooled) -> Formed {
        let mut notes = [0; CODES.len()];
        for g in groups.pools.groups.iter().filter(|g| g.notes != 0) {
            for (count, code) in notes.iter_mut().zip(CODES) {
                *count += u64::from(g.notes & code.0 != 0);
            }
        }
        let body = if self.csv { Body::Text(self.csv(groups)) } else { Body::Columns(self.parquet(groups)) };
        Formed { rows: groups.len() as u64, notes, body }
    }

    fn csv(&self, groups: &Pooled) -> Vec<u8> {
        let mut text = Vec::with_capacity(groups.len() * (16 + 18 * self.columns.len()));
        let mut values = vec![];
        let mut digits = Digits::default();
        for i in 0..groups.len() {
            numbers(groups, i, self.by_size, &mut values);
            for (n, part) in groups.keys.get(i).split(|b| *b == JOINT).enumerate() {
                if n > 0 {
                    text.push(b',');
                }
                cell(&mut text, part);
            }
            for column in &self.columns {
                text.push(b',');
                match column {
                    ResultColumn::K => digits.push(&mut text, f64::from(groups.pools.groups[i].k)),
                    ResultColumn::Number(at) => digits.push(&mut text, values[*at]),
                    ResultColumn::Direction => direction(&mut text, groups.directions.get(i)),
                    ResultColumn::Notes => {
                        text.extend_from_slice(codes(groups.pools.groups[i].notes).as_bytes());
                    }
                }
            }
            text.push(b'\n');
        }
        text
    }

    fn parquet(&self, groups: &Pooled) -> Vec<Output> {
        let n = groups.len();
        let text = |t: &[u8]| String::from_utf8_lossy(t).into_owned();
        let mut names: Vec<Vec<String>> = vec![Vec::with_capacity(n); self.keys];
        let mut values: Vec<Vec<f64>> = vec![Vec::with_capacity(n); self.columns.len()];
        let mut own = vec![];
        for i in 0..n {
            for (column, part) in names.iter_mut().zip(groups.keys.get(i).split(|b| *b == JOINT)) {
                column.push(text(part));
            }
            numbers(groups, i, self.by_size, &mut own);
            for (values, column) in values.iter_mut().zip(&self.columns) {
                if let ResultColumn::Number(at) = column {
                    values.push(if own[*at].is_finite() { own[*at] } else { f64::NAN });
                }
            }
        }
        let mut out: Vec<Output> = names.into_iter().map(Output::Text).collect();
        out.extend(self.columns.iter().zip(values).map(|(column, values)| match column {
            ResultColumn::K => Output::Count(groups.pools.groups.iter().map(|g| g.k).collect()),
            ResultColumn::Number(_) => Output::Number(values),
            ResultColumn::Direction => Output::Text((0..n).map(|i| text(groups.directions.get(i))).collect()),
            ResultColumn::Notes => Output::Text(groups.pools.groups.iter().map(|g| codes(g.notes)).collect()),
        }));
        out
    }
}

/// Numbers as the shortest digits that read back as the same; nothing where there is none.
#[derive(Default)]
struct Digits(zmij::Buffer);

impl Digits {
    fn push(&mut self, to: &mut Vec<u8>, x: f64) {
        if x.is_finite() {
            let digits = self.0.format_finite(x);
            // only whole numbers can end so: a look at the digits just written would wait for them
            let whole = if x as i64 as f64 == x { digits.strip_suffix(".0") } else { None };
            to.extend_from_slice(whole.unwrap_or(digits).as_bytes());
        }
    }
}

/// A direction of signs alone would be a formula to a spreadsheet.
fn direction(to: &mut Vec<u8>, signs: &[u8]) {
    if !signs.is_empty() {
        to.push(b'\'');
        to.extend_from_slice(signs);
    }
}

/// A cell of text: quoted where it must be, and never a formula.
fn cell(to: &mut Vec<u8>, value: &[u8]) {
    let formula = value.first().is_some_and(|b| b"=+-@\t\r".contains(b))
        && std::str::from_utf8(value).is_ok_and(|t| t.parse::<f64>().is_err());
    quoted(to, value, formula);
}

/// A text in quotation marks where it must be, with a mark before it that makes a formula plain text.
fn quoted(to: &mut Vec<u8>, value: &[u8], defused: bool) {
    let quoted = value.iter().any(|b| b",\"\n\r".contains(b));
    if quoted {
        to.push(b'"');
    }
    if defused {
        to.push(b'\'');
    }
    for &b in value {
        if b == b'"' {
            to.push(b'"');
        }
        to.push(b);
    }
    if quoted {
        to.push(b'"');
    }
}
