//! Large tables read in portions: delimited text (gzip too), Parquet and Arrow, with errors that name the line.
//!
//! Nothing is held but one portion. Blocks of text are parsed on any thread; columnar files come from polars' streaming
//! engine.

use super::portion::{CellType, Portion};
use super::read_error::read_error;
use super::text::{self, Source};
pub(crate) use super::text::{Block, Selection, TextReader};
use super::{Dataset, columnar};
use crate::error::Error;
use std::path::{Path, PathBuf};

/// Files behind all that the user named.
///
/// # Errors
/// Nothing is there.
pub fn expand_all(sources: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut files = vec![];
    for source in sources {
        files.extend(expand(source)?);
    }
    Ok(files)
}

/// Files behind what the user named: a path, a folder, or a pattern with `*` and `?` in its last part; sorted.
///
/// # Errors
/// Nothing is there.
fn expand(source: &str) -> Result<Vec<PathBuf>, Error> {
    let path = Path::new(source);
    if path.is_dir() {
        return some(
            source,
            files_in(path)?.into_iter().filter(|p| p.is_file() && is_table(p)).collect(),
            || {
                Error::data("the folder holds no table")
                    .with_hint("tables end in .csv, .tsv, .txt (also .gz), .parquet, .arrow or .feather")
            },
        );
    }
    let pattern = name(path);
    if pattern.contains(['*', '?']) && !path.exists() {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let fits = |p: &PathBuf| p.is_file() && matches(pattern.as_bytes(), name(p).as_bytes());
        return some(source, files_in(folder)?.into_iter().filter(fits).collect(), || {
            Error::data("no file has such a name").with_hint("check the pattern")
        });
    }
    std::fs::metadata(path).map_err(|e| read_error(source, &e))?;
    Ok(vec![path.to_path_buf()])
}

/// The files found, or that there are none.
fn some(source: &str, files: Vec<PathBuf>, none: impl Fn() -> Error) -> Result<Vec<PathBuf>, Error> {
    if files.is_empty() { Err(none().in_file(source)) } else { Ok(files) }
}

/// Everything in a folder, sorted.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |e| read_error(&folder.display().to_string(), &e);
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        files.push(entry.map_err(unreadable)?.path());
    }
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a file is called as tables are.
fn is_table(path: &Path) -> bool {
    const ENDINGS: [&str; 8] = [".csv", ".tsv", ".txt", ".tab", ".parquet", ".arrow", ".feather", ".ipc"];
    let name = name(path).to_lowercase();
    let name = name.trim_end_matches(".gz");
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a name fits a pattern with `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(c) if *c == b'?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            _ => {
                // the last star takes one more
                let Some((at, from)) = star else { return false };
                (p, n) = (at + 1, from + 1);
                star = Some((at, from + 1));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// Whether a file is text, which several threads can parse.
pub fn is_text(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    !matches!(ending.as_str(), "parquet" | "arrow" | "feather" | "ipc")
}

/// The first rows of a file, to see what its columns are.
///
/// # Errors
/// The file cannot be read or has no rows.
pub fn head(path: &Path, separator: Option<u8>) -> Result<Dataset, Error> {
    const ROWS: usize = 200;
    if is_text(path) { text::head(Source::file(path)?, separator) } else { columnar::head(path, ROWS) }
}

/// Opens a text file for the columns that are wanted.
///
/// # Errors
/// The file cannot be read or lacks a column.
pub fn open_text(
    path: &Path,
    wanted: &[(String, CellType)],
    separator: Option<u8>,
) -> Result<(TextReader<'static>, Selection), Error> {
    let reader = TextReader::in_blocks(Source::file(path)?, separator)?;
    let selection = Selection::new(&reader, wanted)?;
    Ok((reader, selection))
}

/// Reads columns of a file, portion by portion; `take` says whether to go on.
///
/// # Errors
/// The file cannot be read, lacks a column, or a cell is no number; with file, line and column.
pub fn read(
    path: &Path,
    wanted: &[(String, CellType)],
    separator: Option<u8>,
    take: &mut (dyn FnMut(Portion) -> Result<bool, Error> + Send),
) -> Result<(), Error> {
    if !is_text(path) {
        return columnar::read_portions(path, wanted, take);
    }
    let (mut reader, selection) = open_text(path, wanted, separator)?;
    let mut room = vec![];
    while let Some(block) = reader.next(std::mem::take(&mut room))? {
        if !take(selection.parse(block, &mut room)?)? {
            break;
        }
    }
    Ok(())
}
