//! Large tables read in portions: delimited text (gzip too), Parquet and Arrow, with errors that name the line.
//!
//! Nothing is held but one portion. Text without quotation marks is handed out in chunks of whole lines, which any thread
//! parses; other text is split by the csv crate. Columnar files come from polars' streaming engine.

use super::{Column, Dataset, Values, columnar, is_missing, parse_number, read_error};
use crate::error::{Error, ErrorKind};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What is wanted of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its text, as it stands.
    Text,
    /// Its numbers.
    Number,
}

/// Texts of one column, end to end.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// Appends a text.
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> &[u8] {
        let from = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.bytes[from..self.ends[row] as usize]
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all texts.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a byte is in any of them.
    pub fn contain(&self, byte: u8) -> bool {
        memchr::memchr(byte, &self.bytes).is_some()
    }

    /// Appends all texts of another column.
    pub fn append(&mut self, other: &Self) {
        let begin = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|e| begin + e));
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// One column of a portion.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Text.
    Text(Texts),
    /// Numbers; a missing one is NaN, which no file is allowed to hold otherwise.
    Numbers(Vec<f64>),
}

impl Cells {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Texts::default()),
            Kind::Number => Self::Numbers(vec![]),
        }
    }

    /// The number of a row, NaN where missing or not asked for as a number.
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(v) => v[row],
            Self::Text(_) => f64::NAN,
        }
    }

    /// The text of a row; empty where not asked for as text.
    pub fn text(&self, row: usize) -> &[u8] {
        match self {
            Self::Text(t) => t.get(row),
            Self::Numbers(_) => &[],
        }
    }
}

/// Some rows of a file.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The columns in the order asked for.
    pub columns: Vec<Cells>,
    /// Line of the file of every row, counted from 1 (row number for columnar files).
    pub lines: Vec<u64>,
    /// Share of the file that is read.
    pub share: f64,
}

impl Portion {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Takes the numbers of a column out, or copies them; none where they were not asked for.
    pub fn take_numbers(&mut self, column: usize, copy: bool) -> Vec<f64> {
        match &mut self.columns[column] {
            Cells::Numbers(v) if copy => v.clone(),
            Cells::Numbers(v) => std::mem::take(v),
            Cells::Text(_) => vec![],
        }
    }

    /// Takes the texts of a column out; none where they were not asked for.
    pub fn take_texts(&mut self, column: usize) -> Texts {
        match &mut self.columns[column] {
            Cells::Text(t) => std::mem::take(t),
            Cells::Numbers(_) => Texts::default(),
        }
    }

    /// As a dataset with these column names, for whatever needs more than numbers.
    ///
    /// # Errors
    /// Two columns have the same name.
    pub fn dataset(&self, source: &str, names: &[String]) -> Result<Dataset, Error> {
        let columns = names
            .iter()
            .zip(&self.columns)
            .map(|(name, cells)| Column {
                name: name.clone(),
                values: match cells {
                    Cells::Text(t) => Values::Text(
                        (0..self.rows()).map(|i| String::from_utf8_lossy(t.get(i)).into_owned()).collect(),
                    ),
                    Cells::Numbers(v) => {
                        Values::Number(v.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect())
                    }
                },
            })
            .collect();
        Dataset::assemble(source, columns, self.lines.iter().map(|l| *l as usize).collect())
    }
}

/// Rows in a portion of a text file.
const ROWS: usize = 16_384;
/// Longest line accepted, in bytes.
const LONGEST: usize = 1_000_000;

/// Files behind what the user named: a path, a folder, or a pattern with `*` and `?` in its last part; sorted.
///
/// # Errors
/// Nothing is there.
pub fn expand(source: &str) -> Result<Vec<PathBuf>, Error> {
    let path = Path::new(source);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let readable = |p: &Path| {
        let n = p.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let n = n.trim_end_matches(".gz").to_string();
        [".csv", ".tsv", ".txt", ".tab", ".parquet", ".arrow", ".feather", ".ipc"]
            .iter()
            .any(|e| n.ends_with(e))
    };
    let list = |folder: &Path| -> Result<Vec<PathBuf>, Error> {
        let shown = folder.display().to_string();
        let mut files = vec![];
        for entry in std::fs::read_dir(folder).map_err(|e| read_error(&shown, &e))? {
            files.push(entry.map_err(|e| read_error(&shown, &e))?.path());
        }
        files.sort();
        Ok(files)
    };
    if path.is_dir() {
        let files: Vec<PathBuf> = list(path)?.into_iter().filter(|p| p.is_file() && readable(p)).collect();
        if files.is_empty() {
            return Err(Error::data("the folder holds no table")
                .in_file(source)
                .with_hint("tables end in .csv, .tsv, .txt (also .gz), .parquet, .arrow or .feather"));
        }
        return Ok(files);
    }
    if name.contains(['*', '?']) && !path.exists() {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let fits = |p: &PathBuf| {
            let n = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            p.is_file() && matches(name.as_bytes(), n.as_bytes())
        };
        let files: Vec<PathBuf> = list(folder)?.into_iter().filter(fits).collect();
        if files.is_empty() {
            return Err(Error::data("no file has such a name")
                .in_file(source)
                .with_hint("check the pattern"));
        }
        return Ok(files);
    }
    std::fs::metadata(path).map_err(|e| read_error(source, &e))?;
    Ok(vec![path.to_path_buf()])
}

/// Whether a name fits a pattern with `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, n));
            p += 1;
        } else if let Some((s, from)) = star {
            p = s + 1;
            n = from + 1;
            star = Some((s, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

fn is_columnar(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    matches!(ending.as_str(), "parquet" | "arrow" | "feather" | "ipc")
}

/// Bytes of a file as they come, unpacked.
fn open(path: &Path) -> Result<(Box<dyn BufRead + Send>, u64), Error> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|e| read_error(&shown, &e))?;
    let size = file.metadata().map(|m| m.len()).unwrap_or(0);
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let start = reader.fill_buf().map_err(|e| read_error(&shown, &e))?;
    if start.starts_with(b"\x1F\x8B") {
        let unpacked = flate2::bufread::MultiGzDecoder::new(reader);
        return Ok((Box::new(BufReader::with_capacity(1 << 18, unpacked)), 4 * size));
    }
    if start.contains(&0) {
        return Err(Error::new(ErrorKind::Read, "the file is binary, not text")
            .in_file(&shown)
            .with_hint("Parquet and Arrow files end in .parquet, .arrow or .feather"));
    }
    Ok((Box::new(reader), size))
}

/// Separator of a text file: the one asked for, else by its ending and its first line.
fn separator(path: &Path, first: &str, asked: Option<u8>) -> u8 {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz");
    match asked {
        Some(c) => c,
        None if name.ends_with(".tsv") || name.ends_with(".tab") => b'\t',
        None if name.ends_with(".csv") => b',',
        None if first.contains('\t') => b'\t',
        None => b',',
    }
}

/// A text file, past its header.
struct TextFile {
    input: Box<dyn BufRead + Send>,
    separator: u8,
    header: Vec<String>,
    size: u64,
}

/// What splits lines as the csv crate does, quotation marks and all.
fn splitter<R: Read>(input: R, separator: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(input)
}

fn text_file(path: &Path, delimiter: Option<u8>) -> Result<TextFile, Error> {
    let shown = path.display().to_string();
    let (mut input, size) = open(path)?;
    let mut first = vec![];
    input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut first).map_err(|e| read_error(&shown, &e))?;
    let line = String::from_utf8_lossy(&first).trim_start_matches('\u{FEFF}').to_string();
    if line.trim().is_empty() {
        return Err(Error::data("the file has no header")
            .in_file(&shown)
            .with_hint("the first line names the columns"));
    }
    let separator = separator(path, &line, delimiter);
    let bytes = first.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&first);
    let mut of_header = splitter(bytes, separator);
    let record = of_header.byte_records().next().transpose();
    let record = record.map_err(|e| Error::data(e.to_string()).in_file(&shown))?.unwrap_or_default();
    let header: Vec<String> =
        record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_string()).collect();
    super::delimited::check_delimiter(header.len(), separator, &line).map_err(|e| e.in_file(&shown))?;
    // where lines end in carriage returns alone, rows were read with the header
    let rest = bytes[of_header.position().byte() as usize..].trim_ascii_start();
    let input =
        if rest.is_empty() { input } else { Box::new(std::io::Cursor::new(rest.to_vec()).chain(input)) };
    Ok(TextFile { input, separator, header, size })
}

/// The first rows of a file, to see what its columns are.
///
/// # Errors
/// The file cannot be read or has no rows.
pub fn head(path: &Path, delimiter: Option<u8>) -> Result<Dataset, Error> {
    const HEAD: usize = 200;
    let shown = path.display().to_string();
    if is_columnar(path) {
        return columnar::head(path, HEAD);
    }
    let file = text_file(path, delimiter)?;
    let mut cells: Vec<Vec<String>> = vec![vec![]; file.header.len()];
    let mut lines = vec![];
    for record in splitter(file.input, file.separator).byte_records().take(HEAD) {
        let record = record.map_err(|e| broken(&e).in_file(&shown))?;
        lines.push(line_of(&record) as usize);
        for (i, column) in cells.iter_mut().enumerate() {
            column.push(String::from_utf8_lossy(record.get(i).unwrap_or_default()).into_owned());
        }
    }
    let columns = file
        .header
        .into_iter()
        .zip(cells)
        .map(|(name, values)| Column { name, values: Values::Text(values) })
        .collect();
    Dataset::assemble(&shown, columns, lines)
}

/// The header is read apart: a record's own line is one less than that of the file.
fn line_of(record: &csv::ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line) + 1
}

fn broken(e: &csv::Error) -> Error {
    match e.kind() {
        csv::ErrorKind::Io(io) => broken_off(io),
        _ => Error::data(e.to_string()),
    }
}

fn broken_off(e: &std::io::Error) -> Error {
    Error::new(ErrorKind::Read, format!("the file breaks off or cannot be unpacked: {e}"))
        .with_hint("is it complete?")
}

/// Reads columns of a file, portion by portion; `take` says whether to go on.
///
/// # Errors
/// The file cannot be read, lacks a column, or a cell is no number; with file, line and column.
pub fn read(
    path: &Path,
    wanted: &[(String, Kind)],
    delimiter: Option<u8>,
    take: &mut (dyn FnMut(Portion) -> Result<bool, Error> + Send),
) -> Result<(), Error> {
    if is_columnar(path) {
        return columnar::read_portions(path, wanted, take);
    }
    let (mut feed, layout) = Feed::open(path, wanted, delimiter)?;
    let mut spare = vec![];
    while let Some(chunk) = feed.next(&layout, std::mem::take(&mut spare))? {
        if !take(layout.parse(chunk, &mut spare)?)? {
            break;
        }
    }
    Ok(())
}

/// Bytes of a chunk of a text file: more than [`LONGEST`], so that each holds the end of a line.
const CHUNK: usize = 1 << 20;

/// Some lines of a text file, not yet parsed.
#[derive(Debug)]
pub struct Chunk {
    lines: Lines,
    share: f64,
}

#[derive(Debug)]
enum Lines {
    /// Whole lines without quotation marks, the number of the first, and how many they are.
    Plain(Vec<u8>, u64, usize),
    /// Split already.
    Split(Portion),
}

/// A text file that is handed out in chunks, in order.
pub struct Feed {
    input: Input,
    /// The last line of a chunk, as far as it was read.
    carried: Vec<u8>,
    /// Number of the next line.
    line: u64,
    taken: u64,
    size: u64,
}

enum Input {
    Plain(Box<dyn BufRead + Send>),
    /// From the first chunk with a quotation mark on; its own lines are counted from those before.
    Quoted(Box<csv::Reader<Box<dyn Read + Send>>>, u64),
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Feed(line {} of {} bytes)", self.line, self.size)
    }
}

/// Where the wanted columns of a text file are: parses its chunks, on any thread.
#[derive(Clone, Debug)]
pub struct Layout {
    shown: String,
    wanted: Vec<(String, Kind)>,
    /// Column of the file for each that is wanted.
    places: Vec<usize>,
    width: usize,
    separator: u8,
}

/// Whether a file is text, which several threads can parse.
pub fn is_text(path: &Path) -> bool {
    !is_columnar(path)
}

impl Feed {
    /// Opens a text file for the columns that are wanted.
    ///
    /// # Errors
    /// The file cannot be read or lacks a column.
    pub fn open(
        path: &Path,
        wanted: &[(String, Kind)],
        delimiter: Option<u8>,
    ) -> Result<(Self, Layout), Error> {
        let shown = path.display().to_string();
        let file = text_file(path, delimiter)?;
        let place = |(name, _): &(String, Kind)| {
            let at = file.header.iter().position(|h| h == name);
            at.ok_or_else(|| missing_column(&shown, name, &file.header))
        };
        let places = wanted.iter().map(place).collect::<Result<Vec<usize>, Error>>()?;
        let layout = Layout {
            shown,
            wanted: wanted.to_vec(),
            places,
            width: file.header.len(),
            separator: file.separator,
        };
        let feed =
            Self { input: Input::Plain(file.input), carried: vec![], line: 2, taken: 0, size: file.size };
        Ok((feed, layout))
    }

    /// The next lines, in the room of earlier ones; `None` at the end of the file.
    ///
    /// # Errors
    /// The file breaks off, or a line is too long.
    pub fn next(&mut self, layout: &Layout, room: Vec<u8>) -> Result<Option<Chunk>, Error> {
        let share = |taken: u64, size: u64| (taken as f64 / size.max(1) as f64).min(1.0);
        if let Input::Plain(input) = &mut self.input {
            let mut bytes = room;
            let before = self.carried.len();
            bytes.resize(before + CHUNK, 0);
            bytes[..before].copy_from_slice(&self.carried);
            self.carried.clear();
            let mut end = before;
            while end < bytes.len() {
                match input.read(&mut bytes[end..]) {
                    Ok(0) => break,
                    Ok(n) => end += n,
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(broken_off(&e).in_file(&layout.shown)),
                }
            }
            bytes.truncate(end);
            self.taken += (bytes.len() - before) as u64;
            if bytes.len() - before == CHUNK {
                match memchr::memrchr(b'\n', &bytes) {
                    Some(end) => {
                        self.carried.extend_from_slice(&bytes[end + 1..]);
                        bytes.truncate(end + 1);
                    }
                    // a line longer than any that is accepted: the csv crate may find where it ends
                    None => self.carried = std::mem::take(&mut bytes),
                }
            }
            let lone = |i: usize| bytes.get(i + 1).is_some_and(|b| *b != b'\n');
            let plain = self.carried.len() < LONGEST
                && memchr::memchr(b'"', &bytes).is_none()
                && !memchr::memchr_iter(b'\r', &bytes).any(lone);
            if plain {
                if bytes.is_empty() {
                    return Ok(None);
                }
                let first = self.line;
                let count = memchr::memchr_iter(b'\n', &bytes).count();
                self.line += count as u64;
                return Ok(Some(Chunk {
                    lines: Lines::Plain(bytes, first, count + 1),
                    share: share(self.taken, self.size),
                }));
            }
            bytes.append(&mut self.carried);
            let rest = std::mem::replace(&mut self.input, Input::Plain(Box::new(std::io::empty())));
            if let Input::Plain(rest) = rest {
                let all: Box<dyn Read + Send> = Box::new(std::io::Cursor::new(bytes).chain(rest));
                self.input = Input::Quoted(Box::new(splitter(all, layout.separator)), self.line - 1);
            }
        }
        let Input::Quoted(reader, before) = &mut self.input else { return Ok(None) };
        let portion = layout.split(reader, *before, &mut self.line)?;
        let share = share(self.taken + reader.position().byte(), self.size);
        Ok(portion.map(|p| Chunk { lines: Lines::Split(p), share }))
    }
}

impl Layout {
    /// Rows as the csv crate splits them; `None` at the end.
    fn split(
        &self,
        reader: &mut csv::Reader<Box<dyn Read + Send>>,
        before: u64,
        next: &mut u64,
    ) -> Result<Option<Portion>, Error> {
        let mut portion = Portion::empty(&self.wanted);
        let mut record = csv::ByteRecord::new();
        let mut bytes = 0;
        while portion.rows() < ROWS && bytes < 8 * CHUNK {
            if !reader.read_byte_record(&mut record).map_err(|e| broken(&e).in_file(&self.shown))? {
                break;
            }
            if record.len() == 1 && record.get(0).is_some_and(<[u8]>::is_empty) {
                continue;
            }
            // the csv crate counts line feeds; rows may end in carriage returns alone
            let line = (record.position().map_or(0, csv::Position::line) + before).max(*next);
            *next = line + 1;
            bytes += record.as_slice().len();
            self.check(record.as_slice().len(), record.len(), line)?;
            for ((cells, &at), (name, _)) in portion.columns.iter_mut().zip(&self.places).zip(&self.wanted) {
                self.push(cells, record.get(at).unwrap_or_default(), name, line)?;
            }
            portion.lines.push(line);
        }
        Ok(Some(portion).filter(|p| p.rows() > 0))
    }

    fn check(&self, bytes: usize, cells: usize, line: u64) -> Result<(), Error> {
        let located = |e: Error| e.in_file(&self.shown).at_line(line as usize);
        if bytes > LONGEST {
            return Err(located(
                Error::data("a row of more than a million bytes").with_hint("is a quotation mark missing?"),
            ));
        }
        if cells != self.width {
            return Err(located(
                Error::data(format!("the row has {cells} cells, the header {}", self.width))
                    .with_hint("is the file complete? check for a missing or extra separator"),
            ));
        }
        Ok(())
    }

    #[inline]
    fn push(&self, cells: &mut Cells, cell: &[u8], name: &str, line: u64) -> Result<(), Error> {
        match cells {
            Cells::Text(t) => t.push(cell.trim_ascii()),
            Cells::Numbers(v) => {
                v.push(
                    number(cell)
                        .map_err(|e| e.in_file(&self.shown).at_line(line as usize).in_column(name))?,
                );
            }
        }
        Ok(())
    }

    /// The columns of a chunk, whose room is left for the next.
    ///
    /// # Errors
    /// A row has another number of cells than the header, or a cell is no number; with file, line and column.
    pub fn parse(&self, chunk: Chunk, room: &mut Vec<u8>) -> Result<Portion, Error> {
        let (bytes, first, count) = match chunk.lines {
            Lines::Split(portion) => return Ok(Portion { share: chunk.share, ..portion }),
            Lines::Plain(bytes, first, count) => (bytes, first, count),
        };
        let mut portion = Portion::empty(&self.wanted);
        portion.share = chunk.share;
        portion.lines.reserve(count);
        for cells in &mut portion.columns {
            match cells {
                Cells::Text(t) => {
                    t.ends.reserve(count);
                    t.bytes.reserve(bytes.len() / 2);
                }
                Cells::Numbers(v) => v.reserve(count),
            }
        }
        let mut ends: Vec<usize> = Vec::with_capacity(self.width + 1);
        let (mut begin, mut line) = (0, first);
        let mut row = |begin: usize, mut end: usize, ends: &mut Vec<usize>, line: u64| {
            if end > begin && bytes[end - 1] == b'\r' {
                end -= 1;
            }
            // empty lines are no rows
            if end == begin {
                return Ok(());
            }
            ends.push(end);
            self.check(end - begin, ends.len(), line)?;
            for ((cells, &at), (name, _)) in portion.columns.iter_mut().zip(&self.places).zip(&self.wanted) {
                let from = if at == 0 { begin } else { ends[at - 1] + 1 };
                self.push(cells, &bytes[from..ends[at]], name, line)?;
            }
            portion.lines.push(line);
            Ok(())
        };
        for at in memchr::memchr2_iter(self.separator, b'\n', &bytes) {
            if bytes[at] == b'\n' {
                row(begin, at, &mut ends, line)?;
                ends.clear();
                (begin, line) = (at + 1, line + 1);
            } else {
                ends.push(at);
            }
        }
        if begin < bytes.len() {
            row(begin, bytes.len(), &mut ends, line)?;
        }
        *room = bytes;
        Ok(portion)
    }
}

/// A plain decimal number of at most 15 digits: they make a whole number below 2⁵³, and so does a power of ten up to
/// 10²², so that their quotient is rounded once, to the nearest. Reference: \[clinger1990\].
#[inline]
fn decimal(cell: &[u8]) -> Option<f64> {
    const TENS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    if digits.len() > 16 || digits.is_empty() {
        return None;
    }
    let (mut whole, mut rest) = (0u64, digits);
    let mut take = |rest: &mut &[u8]| {
        let before = rest.len();
        while let [b, after @ ..] = rest {
            let digit = b.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            whole = 10 * whole + u64::from(digit);
            *rest = after;
        }
        before - rest.len()
    };
    let before = take(&mut rest);
    let after = match rest {
        [] => 0,
        [b'.', fraction @ ..] => {
            rest = fraction;
            take(&mut rest)
        }
        _ => return None,
    };
    if !rest.is_empty() || !(1..=15).contains(&(before + after)) {
        return None;
    }
    let x = whole as f64 / TENS[after];
    Some(if negative { -x } else { x })
}

/// A number, NaN where missing; infinite ones stay so, for the caller to judge.
fn number(cell: &[u8]) -> Result<f64, Error> {
    if let Some(x) = decimal(cell) {
        return Ok(x);
    }
    let text = std::str::from_utf8(cell).unwrap_or("\u{FFFD}").trim();
    // "nan" and "inf" are words to the parser, too
    if let Ok(x) = text.parse::<f64>() {
        return Ok(x);
    }
    if is_missing(text) {
        return Ok(f64::NAN);
    }
    parse_number(text).map(|x| x.unwrap_or(f64::NAN))
}

pub(super) fn missing_column(file: &str, name: &str, header: &[String]) -> Error {
    let near = crate::error::nearest(name, header.iter().map(String::as_str));
    let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
    Error::data(format!("there is no column `{name}`"))
        .in_file(file)
        .with_hint(format!("{meant}the file has: {}", header.join(", ")))
}

impl Portion {
    /// An empty portion for reuse by columnar readers.
    pub(super) fn empty(wanted: &[(String, Kind)]) -> Self {
        Self { columns: wanted.iter().map(|w| Cells::of(w.1)).collect(), lines: vec![], share: 0.0 }
    }

    /// Forgets its rows.
    pub fn clear(&mut self) {
        self.lines.clear();
        for cells in &mut self.columns {
            match cells {
                Cells::Text(t) => t.clear(),
                Cells::Numbers(v) => v.clear(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{decimal, number};
    use proptest::prelude::*;

    proptest! {
        /// What is read quickly is what the standard library reads, to the last bit.
        #[test]
        fn quick_numbers_are_exact(text in "-?[0-9]{0,12}(\\.[0-9]{0,14})?") {
            let want = text.parse::<f64>().ok();
            if let Some(x) = decimal(text.as_bytes()) {
                prop_assert_eq!(Some(x.to_bits()), want.map(f64::to_bits));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = number(&bytes);
        }
    }

    #[test]
    fn odd_numbers_are_left_to_others() {
        for text in
            ["", "-", ".", "-.", "1e5", "1,5", "NaN", "inf", "+1", "1.2.3", "12345678901234567", "0x10"]
        {
            assert!(decimal(text.as_bytes()).is_none(), "{text}");
        }
        assert_eq!(decimal(b"-0.5"), Some(-0.5));
        assert_eq!(decimal(b"7."), Some(7.0));
        assert_eq!(decimal(b".5"), Some(0.5));
    }
}
