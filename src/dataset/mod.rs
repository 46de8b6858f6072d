//! Studies as they were reported: named columns, one row per study.
//!
//! Loading is the only place where files, encodings and column types are dealt with.

pub(crate) mod arms;
mod bundled;
#[cfg_attr(not(feature = "columnar"), path = "columnar/absent.rs")]
mod columnar;
mod noticed;
mod number;
#[cfg_attr(not(feature = "files"), path = "open_absent.rs")]
mod open;
#[cfg(feature = "mass")]
mod output;
#[cfg_attr(not(feature = "mass"), allow(dead_code, reason = "columns of numbers are for mass analyses"))]
pub(crate) mod portion;
#[cfg(feature = "files")]
mod read_error;
mod roles;
mod shape;
pub(crate) mod strays;
#[cfg(feature = "mass")]
pub(crate) mod stream;
#[cfg_attr(
    not(feature = "mass"),
    allow(dead_code, reason = "some columns, and blocks, are for mass analyses")
)]
mod text;
#[cfg(feature = "files")]
#[cfg_attr(not(feature = "workbook"), path = "workbook_absent.rs")]
mod workbook;

pub use crate::choice::{Denominator, SharedControl};
use crate::error::{Error, nearest};
pub use arms::{ArmRequest, Arms};
pub use bundled::{Bundled, BundledInfo, ProvenanceColumns};
#[cfg(feature = "mass")]
pub use columnar::ParquetFile;
pub use noticed::Noticed;
pub use number::is_missing;
use number::{infinite, parse as parse_number};
#[cfg(feature = "mass")]
pub use output::Output;
pub use roles::{Fields, RoleMap};
pub use shape::*;
use std::collections::HashSet;
use std::path::Path;
use text::Source;

/// The values of one column, in the order of the rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Text; an empty string or a word such as `NA` is missing.
    Text(Vec<String>),
    /// Numbers of a typed file; `None` is missing.
    Number(Vec<Option<f64>>),
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// As the header says, without surrounding blanks.
    pub name: String,
    /// One value per row.
    pub values: Values,
}

/// A table of studies.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// As the user gave it: a path, `-` or `@name`.
    pub source: String,
    /// One per column of the file.
    pub columns: Vec<Column>,
    /// Line of the file each row starts on, counted from 1.
    pub lines: Vec<usize>,
    /// Citation, roles and labels of bundled data.
    pub info: Option<BundledInfo>,
}

/// How delimited text is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Separator; by default a tab for `.tsv` and where the header of a file that is no `.csv` holds one, else a comma.
    pub delimiter: Option<u8>,
}

impl Dataset {
    /// Opens a file by its ending, standard input (`-`, CSV), or bundled data (`@name`).
    ///
    /// # Errors
    /// The file cannot be read, is not of the kind its ending says, or has no rows.
    pub fn open(source: &str) -> Result<Self, Error> {
        Self::open_with(source, ReadOptions::default())
    }

    /// [`Dataset::open`], with a given delimiter.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub fn open_with(source: &str, options: ReadOptions) -> Result<Self, Error> {
        match source.strip_prefix('@') {
            Some(name) => Bundled::find(name)?.load(),
            None => open::open(source, options),
        }
    }

    /// Parses CSV held in memory; `source` is what messages call it.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub fn from_csv(source: &str, text: &str) -> Result<Self, Error> {
        text::read(Source::memory(source, text.as_bytes()), Some(b','))
    }

    /// Builds a table, refusing duplicate column names and tables without rows.
    pub(crate) fn assemble(source: &str, columns: Vec<Column>, lines: Vec<usize>) -> Result<Self, Error> {
        let mut seen = HashSet::new();
        if let Some(twice) = columns.iter().find(|c| !c.name.is_empty() && !seen.insert(c.name.as_str())) {
            return Err(Error::data("two columns have this name")
                .in_file(source)
                .in_column(&twice.name)
                .with_hint("rename one of them in the header"));
        }
        if lines.is_empty() {
            return Err(Error::data("there is a header but no row of data")
                .in_file(source)
                .with_hint("give one row per study below the header"));
        }
        Ok(Self { source: source.into(), columns, lines, info: None })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// A name for titles and file names: the file stem or the bundled name.
    pub fn name(&self) -> String {
        match self.source.as_str() {
            "-" => "standard input".into(),
            s => match s.strip_prefix('@') {
                Some(name) => name.into(),
                None => {
                    let unpacked = Path::new(s.strip_suffix(".gz").unwrap_or(s));
                    unpacked.file_stem().unwrap_or_default().to_string_lossy().into_owned()
                }
            },
        }
    }

    /// Index of the column with this name; an exact match wins over one that differs in case.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .or_else(|| self.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name)))
            .or_else(|| {
                let known = &self.info.as_ref()?.aliases;
                let column = known.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name))?.1;
                self.columns.iter().position(|c| c.name == *column)
            })
    }

    /// Index of a column the user named.
    ///
    /// # Errors
    /// There is none; the hint names the nearest and lists all.
    pub fn require(&self, name: &str) -> Result<usize, Error> {
        self.position(name).ok_or_else(|| {
            let near = nearest(name, self.columns.iter().map(|c| c.name.as_str()));
            let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
            Error::usage(format!("there is no column `{name}`"))
                .in_file(&self.source)
                .with_hint(format!("{meant}the file has: {}", self.column_list()))
        })
    }

    /// The column names, for hints.
    pub fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().take(40).map(|c| c.name.as_str()).collect();
        let more = self.columns.len().saturating_sub(40);
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    }

    /// The text of a cell, `None` where missing or where there is no such cell.
    pub fn text(&self, column: usize, row: usize) -> Option<String> {
        match &self.columns.get(column)?.values {
            Values::Text(v) => v.get(row).map(|t| t.trim().to_string()).filter(|t| !is_missing(t)),
            Values::Number(v) => v.get(row).copied().flatten().map(|x| x.to_string()),
        }
    }

    /// The number in a cell, `None` where missing or where there is no such cell.
    ///
    /// # Errors
    /// The cell holds something else; the message says where and what.
    pub fn number(&self, column: usize, row: usize) -> Result<Option<f64>, Error> {
        let Some(own) = self.columns.get(column).filter(|_| row < self.rows()) else { return Ok(None) };
        let place = |e: Error| e.in_file(&self.source).at_line(self.lines[row]).in_column(&own.name);
        match &own.values {
            Values::Number(v) => match v[row] {
                Some(x) if x.is_infinite() => Err(place(infinite())),
                x => Ok(x.filter(|x| !x.is_nan())),
            },
            Values::Text(v) => parse_number(&v[row]).map_err(place),
        }
    }

    /// True when every cell that is present reads as a number.
    pub fn is_numeric(&self, column: usize) -> bool {
        match self.columns.get(column).map(|c| &c.values) {
            None => false,
            Some(Values::Number(_)) => true,
            Some(Values::Text(v)) => v.iter().all(|t| parse_number(t).is_ok()),
        }
    }

    /// The rows for which an SQL expression holds, such as `year >= 2000 AND disease = 'MS'`.
    ///
    /// # Errors
    /// The expression cannot be understood, or no row is left.
    pub fn filter(&self, expression: &str) -> Result<Self, Error> {
        let keep = columnar::matching_rows(self, expression)?;
        if keep.is_empty() {
            return Err(Error::data(format!("no row satisfies `{expression}`"))
                .in_file(&self.source)
                .with_hint("text is compared exactly, with its case; try a wider condition"));
        }
        Ok(self.select(&keep))
    }

    /// The rows with these indices; those that there are not are left out.
    pub fn select(&self, rows: &[usize]) -> Self {
        let rows: Vec<usize> = rows.iter().copied().filter(|&i| i < self.rows()).collect();
        let columns = self.columns.iter().map(|c| Column {
            name: c.name.clone(),
            values: match &c.values {
                Values::Text(v) => Values::Text(rows.iter().map(|&i| v[i].clone()).collect()),
                Values::Number(v) => Values::Number(rows.iter().map(|&i| v[i]).collect()),
            },
        });
        Self {
            source: self.source.clone(),
            columns: columns.collect(),
            lines: rows.iter().map(|&i| self.lines[i]).collect(),
            info: self.info.clone(),
        }
    }

    /// Where the labels of studies stand: the given column, or the first of `study`, `slab`, `studlab`, `trial`,
    /// `author` (with `year`), a column that identifies studies by its name (`study_id`, `ID`), or row numbers.
    ///
    /// # Errors
    /// A column was named that the file lacks.
    pub fn label_source(&self, column: Option<&str>) -> Result<LabelSource, Error> {
        if let Some(name) = column {
            return self.require(name).map(LabelSource::Column);
        }
        let author = self.position("author").or_else(|| self.position("authors"));
        let named = ["study", "slab", "studlab", "trial"].iter().filter_map(|n| self.position(n));
        // a column of mere numbers is no label when authors are known
        if let Some(c) = named.into_iter().find(|&c| author.is_none() || !self.is_numeric(c)) {
            return Ok(LabelSource::Column(c));
        }
        if let Some(author) = author {
            return Ok(match self.position("year") {
                Some(year) => LabelSource::AuthorYear(author, year),
                None => LabelSource::Column(author),
            });
        }
        let identifies = ["studyid", "studyname", "trialid", "trialname", "trialno", "studyno", "id"];
        let found =
            identifies.iter().find_map(|n| self.columns.iter().position(|c| plain_name(&c.name) == *n));
        Ok(found.map_or(LabelSource::Rows, LabelSource::Column))
    }

    /// One label per row.
    pub fn labels(&self, source: LabelSource) -> Vec<String> {
        let from = |c: usize, i: usize| self.text(c, i).unwrap_or_else(|| format!("row {}", i + 1));
        let label = |i: usize| match source {
            LabelSource::Column(c) => from(c, i),
            LabelSource::AuthorYear(a, y) => {
                let name = from(a, i);
                self.text(y, i).map_or(name.clone(), |year| format!("{name} {year}"))
            }
            LabelSource::Rows => (i + 1).to_string(),
        };
        (0..self.rows()).map(label).collect()
    }
}

/// A name without case and joints: `log_OR` and `logOR` are alike.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where the labels of studies stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelSource {
    /// A column.
    Column(usize),
    /// The columns of authors and years.
    AuthorYear(usize, usize),
    /// There are none: rows are numbered.
    Rows,
}
