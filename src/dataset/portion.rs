//! Some rows of a table, by columns: what readers hand over, whatever the kind of file.

use super::{Column, Dataset, Values};
use crate::error::Error;

/// As what the cells of a column are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellType {
    /// Text.
    Text,
    /// Numbers.
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

    /// The text of a row; empty beyond the last.
    pub fn get(&self, row: usize) -> &[u8] {
        let Some(&end) = self.ends.get(row) else { return &[] };
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[begin as usize..end as usize]
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

    fn reserve(&mut self, texts: usize, bytes: usize) {
        self.ends.reserve(texts);
        self.bytes.reserve(bytes);
    }
}

/// The cells of one column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Text, empty where missing.
    Text(Texts),
    /// Numbers; a missing one is NaN, which no file is allowed to hold otherwise.
    Numbers(Vec<f64>),
}

impl Cells {
    fn new(wanted: CellType) -> Self {
        match wanted {
            CellType::Text => Self::Text(Texts::default()),
            CellType::Number => Self::Numbers(vec![]),
        }
    }

    /// The number of a row, NaN where missing or not asked for as a number.
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(v) => v.get(row).copied().unwrap_or(f64::NAN),
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

    /// As values of a dataset.
    pub fn values(&self) -> Values {
        match self {
            Self::Text(t) => Values::Text(
                (0..t.len()).map(|row| String::from_utf8_lossy(t.get(row)).into_owned()).collect(),
            ),
            Self::Numbers(v) => Values::Number(v.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect()),
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
    /// Without rows.
    pub fn empty(wanted: &[(String, CellType)]) -> Self {
        Self { columns: wanted.iter().map(|w| Cells::new(w.1)).collect(), lines: vec![], share: 0.0 }
    }

    /// Makes room for rows, and for the bytes of each column of text.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.lines.reserve(rows);
        for cells in &mut self.columns {
            match cells {
                Cells::Text(t) => t.reserve(rows, bytes),
                Cells::Numbers(v) => v.reserve(rows),
            }
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Takes the numbers of a column out, or copies them; none where they were not asked for.
    pub fn take_numbers(&mut self, column: usize, copy: bool) -> Vec<f64> {
        match self.columns.get_mut(column) {
            Some(Cells::Numbers(v)) if copy => v.clone(),
            Some(Cells::Numbers(v)) => std::mem::take(v),
            _ => vec![],
        }
    }

    /// Takes the texts of a column out; none where they were not asked for.
    pub fn take_texts(&mut self, column: usize) -> Texts {
        match self.columns.get_mut(column) {
            Some(Cells::Text(t)) => std::mem::take(t),
            _ => Texts::default(),
        }
    }

    /// As a dataset with these column names, for whatever needs more than numbers.
    ///
    /// # Errors
    /// Two columns have the same name, or there is no row.
    pub fn dataset(&self, source: &str, names: &[String]) -> Result<Dataset, Error> {
        let column = |(name, cells): (&String, &Cells)| Column { name: name.clone(), values: cells.values() };
        let columns = names.iter().zip(&self.columns).map(column).collect();
        Dataset::assemble(source, columns, self.lines.iter().map(|l| *l as usize).collect())
    }
}

/// The refusal of a column that a file lacks.
pub fn missing_column(file: &str, name: &str, header: &[String]) -> Error {
    let near = crate::error::nearest(name, header.iter().map(String::as_str));
    let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
    Error::data(format!("there is no column `{name}`"))
        .in_file(file)
        .with_hint(format!("{meant}the file has: {}", header.join(", ")))
}
