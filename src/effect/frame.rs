//! The columns of the data beside the effects: moderators, clusters, doses, in step with the rows of the table.

use crate::dataset::{Column, Dataset, Values};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// Columns with one value per row of a table. Copies and parts share the data: only which rows they take is their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Frame {
    data: Arc<Dataset>,
    /// Rows of the data, where they are not all of them in order.
    rows: Option<Vec<usize>>,
}

impl Frame {
    /// Of data whose rows are those of the table.
    pub(super) fn of(data: Arc<Dataset>) -> Self {
        Self { data, rows: None }
    }

    /// No columns beside rows that stand on these lines.
    pub(super) fn without_columns(lines: Vec<usize>) -> Self {
        Self::of(Arc::new(Dataset { source: "the effects".into(), columns: vec![], lines, info: None }))
    }

    /// The columns as data.
    pub fn data(&self) -> Cow<'_, Dataset> {
        match &self.rows {
            None => Cow::Borrowed(&self.data),
            Some(rows) => Cow::Owned(self.data.select(rows)),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows.as_ref().map_or(self.data.rows(), Vec::len)
    }

    /// Whether there is a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.data.position(column).is_some()
    }

    /// The text of a column, row by row; `None` where missing.
    ///
    /// # Errors
    /// There is no such column.
    pub fn texts(&self, column: &str) -> Result<Vec<Option<String>>, Error> {
        let at = self.data.require(column)?;
        Ok(self.places().map(|row| self.data.text(at, row)).collect())
    }

    /// The numbers of a column, row by row; `None` where missing.
    ///
    /// # Errors
    /// There is no such column, or it holds something else.
    pub fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, Error> {
        let at = self.data.require(column)?;
        self.places().map(|row| self.data.number(at, row)).collect()
    }

    /// With another column.
    ///
    /// # Errors
    /// It has another number of rows, or there is one of this name.
    pub(super) fn with(&self, name: &str, values: Values) -> Result<Self, Error> {
        let count = match &values {
            Values::Text(v) => v.len(),
            Values::Number(v) => v.len(),
        };
        if count != self.rows() {
            return Err(Error::data(format!("{count} values for {} rows", self.rows()))
                .in_column(name)
                .with_hint("give one value per row, `None` where it is missing"));
        }
        if self.has(name) {
            return Err(Error::data("there is a column of this name already")
                .in_column(name)
                .with_hint("rename it"));
        }
        let mut data = self.data().into_owned();
        data.columns.push(Column { name: name.into(), values });
        Ok(Self::of(Arc::new(data)))
    }

    /// Some of the rows, in this order.
    pub(super) fn part(&self, rows: &[usize]) -> Self {
        let rows = match &self.rows {
            None => rows.to_vec(),
            Some(own) => rows.iter().map(|&i| own[i]).collect(),
        };
        Self { data: self.data.clone(), rows: Some(rows) }
    }

    /// Rows of the data, in order.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows()).map(|i| self.rows.as_ref().map_or(i, |rows| rows[i]))
    }
}

/// Frames with the same values are equal, wherever they were read.
impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.data, &other.data) && self.rows == other.rows {
            return true;
        }
        let (own, other) = (self.data(), other.data());
        own.columns == other.columns && own.lines == other.lines
    }
}

/// A frame as it is stored: its own rows, whatever data it shares.
#[derive(Serialize, Deserialize)]
struct Stored {
    source: String,
    lines: Vec<usize>,
    texts: Vec<(String, Vec<String>)>,
    numbers: Vec<(String, Vec<Option<f64>>)>,
    /// The names, in order.
    names: Vec<String>,
}

impl From<Frame> for Stored {
    fn from(frame: Frame) -> Self {
        let data = frame.data().into_owned();
        let names = data.columns.iter().map(|c| c.name.clone()).collect();
        let (mut texts, mut numbers) = (vec![], vec![]);
        for Column { name, values } in data.columns {
            match values {
                Values::Text(v) => texts.push((name, v)),
                Values::Number(v) => numbers.push((name, v)),
            }
        }
        Self { source: data.source, lines: data.lines, texts, numbers, names }
    }
}

impl From<Stored> for Frame {
    fn from(stored: Stored) -> Self {
        let texts = stored.texts.into_iter().map(|(name, v)| Column { name, values: Values::Text(v) });
        let numbers = stored.numbers.into_iter().map(|(name, v)| Column { name, values: Values::Number(v) });
        let mut columns: Vec<Column> = texts.chain(numbers).collect();
        columns.sort_by_key(|c| stored.names.iter().position(|name| *name == c.name));
        Self::of(Arc::new(Dataset { source: stored.source, columns, lines: stored.lines, info: None }))
    }
}
