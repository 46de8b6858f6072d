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

/// The columns of a result and where they go.
pub(super) struct Sink<'a> {
    header: Vec<String>,
    /// How many of the columns name the group.
    keys: usize,
    by_size: bool,
    form: Form<'a>,
    target: Option<PathBuf>,
    rows: u64,
    notes: [u64; CODES.len()],
}

/// Brings groups in form, on any thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Former {
    csv: bool,
    keys: usize,
    by_size: bool,
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
    pub fn form(self, groups: &Pooled) -> Formed {
        let mut notes = [0; CODES.len()];
        for g in &groups.pools.groups {
            if g.notes != 0 {
                for (count, code) in notes.iter_mut().zip(CODES) {
                    *count += u64::from(g.notes & code.0 != 0);
                }
            }
        }
        let body = if self.csv {
            let mut text = Vec::with_capacity(groups.len() * 512);
            (0..groups.len()).for_each(|i| csv_row(&mut text, groups, i, self.by_size));
            Body::Text(text)
        } else {
            Body::Columns(columns(groups, self.keys, self.by_size))
        };
        Formed { rows: groups.len() as u64, notes, body }
    }
}

/// Writes what workers have formed in the order of its numbers, which begin with 0. Takes everything off the channel also
/// after an error, so that nobody waits for ever.
pub(super) fn write_in_order(formed: mpsc::Receiver<(u64, Formed)>, sink: &mut Sink<'_>) -> Result<(), Error> {
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
        tau2: &[Tau2],
        by_size: bool,
    ) -> Result<Self, Error> {
        let header = header(keys, tau2, by_size);
        let form = match (target, standard) {
            (Some(path), _) => {
                let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
                let place = building(path);
                match ending.as_str() {
                    "parquet" => Form::Parquet(Box::new(ParquetFile::create(&place, schema(&header, keys.len()))?)),
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
        let mut sink = Self {
            header,
            keys: keys.len(),
            by_size,
            form,
            target: target.map(Path::to_path_buf),
            rows: 0,
            notes: [0; CODES.len()],
        };
        if let Form::Csv(out) = &mut sink.form {
            let mut writer = csv::Writer::from_writer(vec![]);
            let written = writer.write_record(&sink.header);
            debug_assert!(written.is_ok());
            out.write_all(&writer.into_inner().unwrap_or_default()).map_err(|e| stream(&e))?;
        }
        Ok(sink)
    }

    /// What brings groups in form for this place.
    pub fn former(&self) -> Former {
        Former { csv: matches!(self.form, Form::Csv(_)), keys: self.keys, by_size: self.by_size }
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

/// The columns of a result.
pub(super) fn header(keys: &[String], tau2: &[Tau2], by_size: bool) -> Vec<String> {
    let mut names = keys.to_vec();
    let own = |list: &[&str]| list.iter().map(|n| (*n).to_string()).collect::<Vec<String>>();
    names.extend(own(&COMMON));
    for (i, estimator) in tau2.iter().enumerate() {
        let suffix = if i == 0 { String::new() } else { format!("_{}", estimator.id()) };
        names.extend(RANDOM.iter().map(|n| format!("{n}{suffix}")));
    }
    names.extend(own(&HETEROGENEITY));
    if by_size {
        names.extend(own(&BY_SIZE));
    }
    names.extend(own(&["direction", "notes"]));
    names
}

/// The kinds of its columns.
fn schema(header: &[String], keys: usize) -> Vec<(String, Output)> {
    let last = header.len() - 2;
    let kind = |i: usize| match i {
        i if i < keys || i >= last => Output::Text(vec![]),
        i if i == keys => Output::Count(vec![]),
        _ => Output::Number(vec![]),
    };
    header.iter().enumerate().map(|(i, name)| (name.clone(), kind(i))).collect()
}

/// Hands over the numbers of a group after k, in the order of the header.
#[inline]
fn numbers(groups: &Pooled, i: usize, by_size: bool, mut take: impl FnMut(f64)) {
    let g = &groups.pools.groups[i];
    [g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p].into_iter().for_each(&mut take);
    for r in groups.pools.random(i) {
        r.values().into_iter().for_each(&mut take);
    }
    [g.q.0, g.q.1].into_iter().for_each(&mut take);
    if by_size {
        [g.by_size.0, g.by_size.1, g.by_size.2].into_iter().for_each(&mut take);
    }
}

fn csv_row(text: &mut Vec<u8>, groups: &Pooled, i: usize, by_size: bool) {
    let (g, direction) = (&groups.pools.groups[i], groups.directions.get(i));
    for part in groups.keys.get(i).split(|b| *b == JOINT) {
        cell(text, part);
        text.push(b',');
    }
    let _ = write!(text, "{}", g.k);
    let mut room = zmij::Buffer::new();
    numbers(groups, i, by_size, |x| {
        text.push(b',');
        if x.is_finite() {
            // shortest digits that read back as the same number
            let digits = room.format_finite(x);
            text.extend_from_slice(digits.strip_suffix(".0").unwrap_or(digits).as_bytes());
        }
    });
    text.push(b',');
    // a direction of signs alone would be a formula to a spreadsheet
    if !direction.is_empty() {
        text.push(b'\'');
        text.extend_from_slice(direction);
    }
    text.push(b',');
    text.extend_from_slice(codes(g.notes).as_bytes());
    text.push(b'\n');
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

/// The columns of some groups.
fn columns(groups: &Pooled, keys: usize, by_size: bool) -> Vec<Output> {
    let n = groups.len();
    let text = |t: &[u8]| String::from_utf8_lossy(t).into_owned();
    let mut names: Vec<Vec<String>> = vec![Vec::with_capacity(n); keys];
    let mut values: Vec<Vec<Option<f64>>> = vec![];
    for i in 0..n {
        for (column, part) in names.iter_mut().zip(groups.keys.get(i).split(|b| *b == JOINT)) {
            column.push(text(part));
        }
        let mut at = 0;
        numbers(groups, i, by_size, |x| {
            if values.len() == at {
                values.push(Vec::with_capacity(n));
            }
            values[at].push(Some(x).filter(|x| x.is_finite()));
            at += 1;
        });
    }
    let mut out: Vec<Output> = names.into_iter().map(Output::Text).collect();
    out.push(Output::Count(groups.pools.groups.iter().map(|g| g.k).collect()));
    out.extend(values.into_iter().map(Output::Number));
    out.push(Output::Text((0..n).map(|i| text(groups.directions.get(i))).collect()));
    out.push(Output::Text(groups.pools.groups.iter().map(|g| codes(g.notes)).collect()));
    out
}
