//! Results as CSV or Parquet, written beside their place and moved there when complete.

use super::fit::{CODES, codes};
use super::group::Pooled;
use crate::dataset::{Output, ParquetFile};
use crate::error::{Error, ErrorKind};
use crate::model::tau2::Tau2;
use crate::registry::Member;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// What separates the parts of a key of several columns.
pub(super) const JOINT: u8 = 0x1F;

/// Where results go.
pub(super) struct Sink<'a> {
    former: Former,
    form: Form<'a>,
    target: Option<PathBuf>,
    rows: u64,
    notes: [u64; CODES.len()],
}

/// Brings groups in form, on any thread.
#[derive(Clone, Debug)]
pub(super) struct Former {
    csv: bool,
    keys: usize,
    by_size: bool,
    columns: Vec<Column>,
}

/// A column of results after those of the groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Column {
    K,
    /// A number of the group, by its place among [`numbers`].
    Number(usize),
    Direction,
    Notes,
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
    pub fn form(&self, groups: &Pooled) -> Formed {
        let mut notes = [0; CODES.len()];
        for g in &groups.pools.groups {
            if g.notes != 0 {
                for (count, code) in notes.iter_mut().zip(CODES) {
                    *count += u64::from(g.notes & code.0 != 0);
                }
            }
        }
        let body = if self.csv { Body::Text(self.csv(groups)) } else { Body::Columns(self.parquet(groups)) };
        Formed { rows: groups.len() as u64, notes, body }
    }
}

/// Writes what workers have formed in the order of its numbers, which begin with 0. Takes everything off the channel also
/// after an error, so that nobody waits for ever.
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

enum Form<'a> {
    Csv(BufWriter<Box<dyn Write + Send + 'a>>),
    Parquet(Box<ParquetFile>),
}

fn unwritable(path: &Path, e: &std::io::Error) -> Error {
    Error::new(ErrorKind::Write, format!("cannot be written: {e}")).in_file(&path.display().to_string())
}

/// Where a result is built before it is complete.
pub(super) fn building(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(".building");
    target.with_file_name(name)
}

impl<'a> Sink<'a> {
    /// Into a file by its ending, or as CSV to `standard`.
    pub fn new(
        target: Option<&Path>,
        standard: Option<Box<dyn Write + Send + 'a>>,
        keys: &[String],
        columns: &[(String, Column)],
        by_size: bool,
    ) -> Result<Self, Error> {
        let form = match (target, standard) {
            (Some(path), _) => {
                let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
                let place = building(path);
                match ending.as_str() {
                    "parquet" => Form::Parquet(Box::new(ParquetFile::create(&place, schema(keys, columns))?)),
                    "csv" => {
                        let file = File::create(&place).map_err(|e| unwritable(&place, &e))?;
                        Form::Csv(BufWriter::with_capacity(1 << 18, Box::new(file)))
                    }
                    _ => {
                        return Err(Error::usage(format!(
                            "`{}`: the ending names no form of mass results",
                            path.display()
                        ))
                        .with_hint("end the name in .parquet or .csv"));
                    }
                }
            }
            (None, Some(out)) => Form::Csv(BufWriter::with_capacity(1 << 18, out)),
            (None, None) => return Err(Error::usage("no place for the results").with_hint("give `-o FILE`")),
        };
        let csv = matches!(form, Form::Csv(_));
        let former =
            Former { csv, keys: keys.len(), by_size, columns: columns.iter().map(|c| c.1).collect() };
        let target = target.map(Path::to_path_buf);
        let mut sink = Self { former, form, target, rows: 0, notes: [0; CODES.len()] };
        if let Form::Csv(out) = &mut sink.form {
            let mut writer = csv::Writer::from_writer(vec![]);
            let written = writer.write_record(keys.iter().chain(columns.iter().map(|c| &c.0)));
            debug_assert!(written.is_ok());
            out.write_all(&writer.into_inner().unwrap_or_default()).map_err(|e| stream(&e))?;
        }
        Ok(sink)
    }

    /// What brings groups in form for this place.
    pub fn former(&self) -> Former {
        self.former.clone()
    }

    /// Appends groups.
    pub fn write(&mut self, formed: Formed) -> Result<(), Error> {
        self.rows += formed.rows;
        self.notes.iter_mut().zip(formed.notes).for_each(|(all, own)| *all += own);
        match (&mut self.form, formed.body) {
            (Form::Csv(out), Body::Text(text)) => out.write_all(&text).map_err(|e| stream(&e)),
            (Form::Parquet(file), Body::Columns(columns)) => file.write(columns),
            (Form::Csv(_), Body::Columns(_)) | (Form::Parquet(_), Body::Text(_)) => Ok(()),
        }
    }

    /// Completes the result and moves it to its place; gives the number of groups, and of those with each note.
    pub fn finish(self) -> Result<(u64, Counts), Error> {
        let place = self.target.as_deref().map(building);
        match self.form {
            Form::Csv(mut out) => out.flush().map_err(|e| stream(&e))?,
            Form::Parquet(file) => (*file).finish()?,
        }
        if let (Some(target), Some(place)) = (&self.target, &place) {
            std::fs::rename(place, target).map_err(|e| unwritable(target, &e))?;
        }
        let notes = CODES.iter().zip(self.notes).filter(|n| n.1 > 0).map(|(c, n)| (c.1, n)).collect();
        Ok((self.rows, notes))
    }
}

/// A closed pipe is no failure of the analysis; the command line tells it apart by this kind.
fn stream(e: &std::io::Error) -> Error {
    let closed = e.kind() == std::io::ErrorKind::BrokenPipe;
    Error::new(
        ErrorKind::Write,
        if closed { CLOSED.to_string() } else { format!("the output cannot be written: {e}") },
    )
}

/// Groups by the codes of notes.
pub(super) type Counts = Vec<(&'static str, u64)>;

/// What is said when whoever reads the results has gone.
const CLOSED: &str = "the reader of the results has closed the pipe";

/// Whether an error says that the reader of the results has gone.
pub(crate) fn is_closed(e: &Error) -> bool {
    e.kind() == ErrorKind::Write && e.to_string().contains(CLOSED)
}

const COMMON: [&str; 6] =
    ["k", "common_estimate", "common_se", "common_ci_lower", "common_ci_upper", "common_p_value"];
const RANDOM: [&str; 9] = [
    "estimate",
    "se",
    "ci_lower",
    "ci_upper",
    "p_value",
    "prediction_lower",
    "prediction_upper",
    "tau2",
    "i2",
];
const HETEROGENEITY: [&str; 2] = ["q", "q_p_value"];
const BY_SIZE: [&str; 3] = ["z", "z_p_value", "size"];

/// The columns of a result: all, or those asked for.
///
/// # Errors
/// There is no such column, or two have the same name.
pub(super) fn header(
    keys: &[String],
    tau2: &[Tau2],
    by_size: bool,
    select: Option<&[String]>,
) -> Result<Vec<(String, Column)>, Error> {
    let own = |list: &[&str]| list.iter().map(|n| (*n).to_string()).collect::<Vec<String>>();
    let mut names = own(&COMMON[1..]);
    for (i, estimator) in tau2.iter().enumerate() {
        let suffix = if i == 0 { String::new() } else { format!("_{}", estimator.id()) };
        names.extend(RANDOM.iter().map(|n| format!("{n}{suffix}")));
    }
    names.extend(own(&HETEROGENEITY));
    if by_size {
        names.extend(own(&BY_SIZE));
    }
    let mut all = vec![(COMMON[0].to_string(), Column::K)];
    all.extend(names.into_iter().enumerate().map(|(i, name)| (name, Column::Number(i))));
    all.push(("direction".to_string(), Column::Direction));
    all.push(("notes".to_string(), Column::Notes));
    let chosen = match select {
        None => all,
        Some(select) => {
            let find = |name: &String| {
                all.iter().find(|c| c.0 == *name).cloned().ok_or_else(|| {
                    let near = crate::error::nearest(name, all.iter().map(|c| c.0.as_str()));
                    let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
                    let names: Vec<&str> = all.iter().map(|c| c.0.as_str()).collect();
                    Error::usage(format!("results have no column `{name}`"))
                        .with_hint(format!("{meant}they have: {}", names.join(", ")))
                })
            };
            select.iter().map(find).collect::<Result<_, Error>>()?
        }
    };
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = keys.iter().chain(chosen.iter().map(|c| &c.0)).find(|n| !seen.insert(*n)) {
        return Err(Error::usage(format!("two columns of the result would be called `{twice}`"))
            .with_hint("give the column of the groups another name, and name estimators and columns once"));
    }
    Ok(chosen)
}

/// The kinds of the columns of a result.
fn schema(keys: &[String], columns: &[(String, Column)]) -> Vec<(String, Output)> {
    let groups = keys.iter().map(|k| (k.clone(), Output::Text(vec![])));
    let kind = |c: &Column| match c {
        Column::K => Output::Count(vec![]),
        Column::Number(_) => Output::Number(vec![]),
        Column::Direction | Column::Notes => Output::Text(vec![]),
    };
    groups.chain(columns.iter().map(|(name, c)| (name.clone(), kind(c)))).collect()
}

/// The numbers of a group after k, in the order of the header.
#[inline]
fn numbers(groups: &Pooled, i: usize, by_size: bool, to: &mut Vec<f64>) {
    let g = &groups.pools.groups[i];
    to.clear();
    to.extend([g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p]);
    groups.pools.random(i).iter().for_each(|r| to.extend(r.values()));
    to.extend([g.q.0, g.q.1]);
    if by_size {
        to.extend([g.by_size.0, g.by_size.1, g.by_size.2]);
    }
}

impl Former {
    fn csv(&self, groups: &Pooled) -> Vec<u8> {
        let mut text = Vec::with_capacity(groups.len() * (16 + 18 * self.columns.len()));
        let mut values = vec![];
        let mut room = zmij::Buffer::new();
        for i in 0..groups.len() {
            let g = &groups.pools.groups[i];
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
                    Column::K => {
                        let _ = write!(text, "{}", g.k);
                    }
                    Column::Number(at) => {
                        let x = values[*at];
                        if x.is_finite() {
                            // shortest digits that read back as the same number
                            let digits = room.format_finite(x);
                            // only whole numbers can end so: a look at the digits just written would wait for them
                            let whole = if x as i64 as f64 == x { digits.strip_suffix(".0") } else { None };
                            text.extend_from_slice(whole.unwrap_or(digits).as_bytes());
                        }
                    }
                    // a direction of signs alone would be a formula to a spreadsheet
                    Column::Direction => {
                        let direction = groups.directions.get(i);
                        if !direction.is_empty() {
                            text.push(b'\'');
                            text.extend_from_slice(direction);
                        }
                    }
                    Column::Notes => {
                        if g.notes != 0 {
                            text.extend_from_slice(codes(g.notes).as_bytes());
                        }
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
                if let Column::Number(at) = column {
                    values.push(if own[*at].is_finite() { own[*at] } else { f64::NAN });
                }
            }
        }
        let mut out: Vec<Output> = names.into_iter().map(Output::Text).collect();
        out.extend(self.columns.iter().zip(values).map(|(column, values)| match column {
            Column::K => Output::Count(groups.pools.groups.iter().map(|g| g.k).collect()),
            Column::Number(_) => Output::Number(values),
            Column::Direction => Output::Text((0..n).map(|i| text(groups.directions.get(i))).collect()),
            Column::Notes => Output::Text(groups.pools.groups.iter().map(|g| codes(g.notes)).collect()),
        }));
        out
    }
}

/// A cell of text: quoted where it must be, and never a formula.
fn cell(to: &mut Vec<u8>, value: &[u8]) {
    let formula = value.first().is_some_and(|b| b"=+-@\t\r".contains(b))
        && std::str::from_utf8(value).is_ok_and(|t| t.parse::<f64>().is_err());
    let quoted = value.iter().any(|b| b",\"\n\r".contains(b));
    if quoted {
        to.push(b'"');
    }
    if formula {
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
