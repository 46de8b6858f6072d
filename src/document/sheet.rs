//! A plain table of cells.

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
    /// Text that leads elsewhere.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads.
        address: String,
    },
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

impl From<Option<String>> for Cell {
    fn from(s: Option<String>) -> Self {
        s.map_or(Self::Missing, Self::from)
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
            Self::Text(s) | Self::Link { text: s, .. } => s.clone(),
            Self::Number(x) => significant(*x, 3),
            Self::Rounded(x, d) => grouped(&fixed(*x, *d)),
            Self::Count(x) => grouped(&exact(*x)),
            Self::Missing => MISSING.into(),
        }
    }
}

impl Sheet {
    /// A table without rules.
    pub fn new(headings: Vec<Heading>, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        Self { headings, rows: rows.into_iter().collect(), rules: vec![] }
    }

    /// Without the columns in which nothing stands, the first one apart.
    #[must_use]
    pub fn without_empty(mut self) -> Self {
        for column in (1..self.headings.len()).rev() {
            if self.rows.iter().all(|r| r[column] == Cell::Missing) {
                self.remove(column);
            }
        }
        self
    }

    /// Without the last column if nothing stands in it.
    #[must_use]
    pub fn without_empty_last(mut self) -> Self {
        if self.rows.iter().all(|r| r.last() == Some(&Cell::Missing)) {
            self.remove(self.headings.len().saturating_sub(1));
        }
        self
    }

    /// Takes a column out; none if there is no such column.
    pub fn remove(&mut self, column: usize) {
        if column < self.headings.len() {
            self.headings.remove(column);
            self.rows.iter_mut().for_each(|row| {
                row.remove(column);
            });
        }
    }

    /// The cells as people see them, row by row, headings first.
    pub fn shown(&self) -> Vec<Vec<String>> {
        let header = self.headings.iter().map(|h| h.title.clone()).collect();
        let rows = self.rows.iter().map(|r| r.iter().map(|c| c.shown()).collect());
        std::iter::once(header).chain(rows).collect()
    }
}
