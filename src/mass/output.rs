//! Results as CSV or Parquet, written beside their place and moved there when complete.

use super::fit::{CODES, Group, Random, codes};
use super::group::Finished;
use crate::dataset::{Output, ParquetFile};
use crate::error::{Error, ErrorKind};
use crate::model::tau2::Tau2;
use crate::registry::Member;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows of a batch of Parquet.
const BATCH: usize = 131_072;
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
    Groups(Vec<Finished>),
}

impl Former {
    pub fn form(self, groups: Vec<Finished>) -> Formed {
        let mut notes = [0; CODES.len()];
        for g in &groups {
            for (count, code) in notes.iter_mut().zip(CODES) {
                *count += u64::from(g.group.notes & code.0 != 0);
            }
        }
        let rows = groups.len() as u64;
        let body = if self.csv {
            let mut text = Vec::with_capacity(groups.len() * 320);
            groups.iter().for_each(|g| csv_row(&mut text, g, self.by_size));
            Body::Text(text)
        } else {
            Body::Groups(groups)
        };
        Formed { rows, notes, body }
    }
}

enum Form<'a> {
    Csv(BufWriter<Box<dyn Write + Send + 'a>>),
    Parquet { file: Option<Box<ParquetFile>>, pending: Vec<Finished>, path: PathBuf },
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
        let form = match (target, standard) {
            (Some(path), _) => {
                let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
                let place = building(path);
                match ending.as_str() {
                    "parquet" => Form::Parquet { file: None, pending: vec![], path: place },
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
            header: header(keys, tau2, by_size),
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
        Former { csv: matches!(self.form, Form::Csv(_)), by_size: self.by_size }
    }

    /// Appends groups.
    pub fn write(&mut self, formed: Formed) -> Result<(), Error> {
        self.rows += formed.rows;
        self.notes.iter_mut().zip(formed.notes).for_each(|(all, own)| *all += own);
        match (&mut self.form, formed.body) {
            (Form::Csv(out), Body::Text(text)) => out.write_all(&text).map_err(|e| stream(&e)),
            (Form::Parquet { pending, .. }, Body::Groups(groups)) => {
                pending.extend(groups);
                if pending.len() >= BATCH { self.flush() } else { Ok(()) }
            }
            (Form::Csv(_), Body::Groups(_)) | (Form::Parquet { .. }, Body::Text(_)) => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let (header, keys, by_size) = (&self.header, self.keys, self.by_size);
        if let Form::Parquet { file, pending, path } = &mut self.form {
            let batch = columns(header, std::mem::take(pending), keys, by_size);
            match file {
                Some(file) => file.write(batch)?,
                None => *file = Some(Box::new(ParquetFile::create(path, batch)?)),
            }
        }
        Ok(())
    }

    /// Completes the result and moves it to its place; gives the number of groups, and of those with each note.
    pub fn finish(mut self) -> Result<(u64, Counts), Error> {
        self.flush()?;
        let place = self.target.as_deref().map(building);
        match self.form {
            Form::Csv(mut out) => out.flush().map_err(|e| stream(&e))?,
            Form::Parquet { file: Some(file), .. } => (*file).finish()?,
            Form::Parquet { .. } => {}
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

/// The numbers of a group after k, in the order of the header.
fn numbers(g: &Group, by_size: bool) -> impl Iterator<Item = f64> {
    let own = [g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p];
    let sizes = [g.by_size.0, g.by_size.1, g.by_size.2].into_iter().filter(move |_| by_size);
    own.into_iter().chain(g.random.iter().flat_map(random_values)).chain([g.q.0, g.q.1]).chain(sizes)
}

fn random_values(r: &Random) -> [f64; 9] {
    [r.estimate, r.se, r.limits.0, r.limits.1, r.p_value, r.prediction.0, r.prediction.1, r.tau2, r.i2]
}

fn csv_row(text: &mut Vec<u8>, f: &Finished, by_size: bool) {
    let g = &f.group;
    for part in f.key.split(|b| *b == JOINT) {
        cell(text, part);
        text.push(b',');
    }
    let _ = write!(text, "{}", g.k);
    let mut room = ryu::Buffer::new();
    let mut number = |x: f64| {
        text.push(b',');
        if x.is_finite() {
            // shortest digits that read back as the same number
            let digits = room.format_finite(x);
            text.extend_from_slice(digits.strip_suffix(".0").unwrap_or(digits).as_bytes());
        }
    };
    numbers(g, by_size).for_each(&mut number);
    text.push(b',');
    // a direction of signs alone would be a formula to a spreadsheet
    if !f.direction.is_empty() {
        text.push(b'\'');
        text.extend_from_slice(f.direction.as_bytes());
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

fn columns(header: &[String], groups: Vec<Finished>, keys: usize, by_size: bool) -> Vec<(String, Output)> {
    let n = groups.len();
    let mut texts: Vec<Vec<String>> = vec![Vec::with_capacity(n); keys];
    // all but the keys, k, direction and notes
    let mut values: Vec<Vec<Option<f64>>> = vec![Vec::with_capacity(n); header.len() - keys - 3];
    let (mut k, mut direction, mut notes) =
        (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
    for f in groups {
        let mut parts = f.key.split(|b| *b == JOINT);
        for column in &mut texts {
            column.push(String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned());
        }
        let g = &f.group;
        k.push(g.k);
        for (column, x) in values.iter_mut().zip(numbers(g, by_size)) {
            column.push(Some(x).filter(|x| x.is_finite()));
        }
        direction.push(f.direction);
        notes.push(codes(g.notes));
    }
    let mut names = header.iter().cloned();
    let mut out: Vec<(String, Output)> = vec![];
    let mut push = |values: Output| {
        if let Some(name) = names.next() {
            out.push((name, values));
        }
    };
    texts.into_iter().for_each(|t| push(Output::Text(t)));
    push(Output::Count(k));
    values.into_iter().for_each(|v| push(Output::Number(v)));
    push(Output::Text(direction));
    push(Output::Text(notes));
    out
}
