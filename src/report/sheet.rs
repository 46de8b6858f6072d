//! A plain table of cells, and its forms: CSV, Markdown, aligned text.

use crate::result::format::{MISSING, exact, fixed, grouped, significant};

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number, written in full to files; shown with three significant digits.
    Number(f64),
    /// A number with decimals of its own when shown.
    Rounded(f64, usize),
    /// A whole number.
    Count(f64),
    /// Not there.
    Missing,
}

impl From<Option<f64>> for Cell {
    fn from(x: Option<f64>) -> Self {
        x.filter(|x| x.is_finite()).map_or(Self::Missing, Self::Number)
    }
}

impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        Some(x).into()
    }
}

impl From<usize> for Cell {
    fn from(n: usize) -> Self {
        Self::Count(n as f64)
    }
}

impl From<&str> for Cell {
    fn from(s: &str) -> Self {
        if s.is_empty() { Self::Missing } else { Self::Text(s.to_string()) }
    }
}

impl From<String> for Cell {
    fn from(s: String) -> Self {
        if s.is_empty() { Self::Missing } else { Self::Text(s) }
    }
}

/// A column: name in files, heading for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// In files.
    pub id: String,
    /// For people.
    pub title: String,
    /// Text is aligned left, numbers right.
    pub text: bool,
}

impl Heading {
    /// A column of numbers.
    pub fn number(id: &str, title: &str) -> Self {
        Self { id: id.into(), title: title.into(), text: false }
    }

    /// A column of text.
    pub fn text(id: &str, title: &str) -> Self {
        Self { id: id.into(), title: title.into(), text: true }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Columns.
    pub headings: Vec<Heading>,
    /// Rows, each with a cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// Rows before which a rule is drawn.
    pub rules: Vec<usize>,
}

impl Cell {
    /// For people.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(s) => s.clone(),
            Self::Number(x) => significant(*x, 3),
            Self::Rounded(x, d) => grouped(&fixed(*x, *d)),
            Self::Count(x) => grouped(&exact(*x)),
            Self::Missing => MISSING.into(),
        }
    }

    /// For files.
    pub fn written(&self) -> String {
        match self {
            Self::Text(s) => defused(s),
            Self::Number(x) | Self::Rounded(x, _) | Self::Count(x) => exact(*x),
            Self::Missing => String::new(),
        }
    }
}

/// Text that a spreadsheet would run as a formula is given a leading apostrophe.
fn defused(s: &str) -> String {
    if s.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{s}") } else { s.to_string() }
}

impl Sheet {
    /// CSV with full precision; missing cells are empty.
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(vec![]);
        let header = writer.write_record(self.headings.iter().map(|h| &h.id));
        let rows = self.rows.iter().try_for_each(|row| writer.write_record(row.iter().map(Cell::written)));
        // a Vec takes every byte, so neither can fail
        debug_assert!(header.is_ok() && rows.is_ok());
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// A Markdown table.
    pub fn markdown(&self) -> String {
        let escape = |s: String| s.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;");
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = line(self.headings.iter().map(|h| escape(h.title.clone())).collect());
        out +=
            &line(self.headings.iter().map(|h| if h.text { ":--".into() } else { "--:".into() }).collect());
        for row in &self.rows {
            out += &line(row.iter().map(|c| escape(c.shown())).collect());
        }
        out
    }

    /// The cells as people see them, row by row, headings first.
    pub fn shown(&self) -> Vec<Vec<String>> {
        let header = self.headings.iter().map(|h| h.title.clone()).collect();
        let rows = self.rows.iter().map(|r| r.iter().map(|c| c.shown()).collect());
        std::iter::once(header).chain(rows).collect()
    }
}
