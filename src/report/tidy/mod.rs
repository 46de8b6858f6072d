//! Full answers as one tidy table, for CSV: a column `kind` says what a row is, the others have the names of JSON.
//!
//! Every number is in full precision, every limit has a column of its own. `estimate`, `se`, `ci_lower` and `ci_upper` are on the
//! analysis scale, `natural_…` as they are read; what exists for reading alone (absolute effects, the agreement of methods)
//! fills `natural_…` only. Where `kind` is `prediction`, the limits are those of the prediction interval. A cell without a number is
//! empty, and `reason` says why where there is a reason. Columns are always there, filled or not, and keep their order.

mod bayes;
mod bias;
mod pool;
mod regression;
mod sensitivity;

use super::answer::value;
use crate::document::{Cell, Heading, Sheet};
use crate::effect::Natural;
use crate::result::{FitStatistics, Note, Prediction};
pub(super) use bayes::bayes;
pub(super) use bias::bias;
pub(super) use pool::pool;
pub(super) use regression::regression;
pub(super) use sensitivity::sensitivity;
use serde::Serialize;
use serde_json::Value;

/// Cells of a row by the names of their columns; of two with one name the last stands.
type Cells = Vec<(String, Cell)>;

/// A cell under the name of its column.
fn cell(name: &str, cell: impl Into<Cell>) -> (String, Cell) {
    (name.into(), cell.into())
}

/// The fields of a struct as cells, those within fields joined by an underscore.
fn fields(row: impl Serialize) -> Cells {
    let mut out = vec![];
    if let Value::Object(map) = value(row) {
        map.iter().for_each(|(name, value)| flatten(name, value, &mut out));
    }
    out
}

fn flatten(name: &str, value: &Value, out: &mut Cells) {
    out.push(match value {
        Value::Object(map) => {
            return map.iter().for_each(|(key, v)| flatten(&format!("{name}_{key}"), v, out));
        }
        Value::Number(n) => cell(name, n.as_f64()),
        Value::String(s) => cell(name, s.as_str()),
        Value::Bool(b) => cell(name, b.to_string()),
        // words alone; lists of numbers have rows of their own
        Value::Array(items) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            cell(name, words.join("; "))
        }
        Value::Null => cell(name, Cell::Missing),
    });
}

/// A table whose rows are structs of one kind.
pub(super) fn from_rows(rows: impl IntoIterator<Item: Serialize>) -> Sheet {
    let mut out = Tidy::open();
    rows.into_iter().for_each(|row| out.push(fields(row)));
    out.sheet()
}

/// A table under way: columns, and rows that fill some of them.
struct Tidy {
    columns: Vec<String>,
    /// Whether a row may bring columns of its own; otherwise what has no column is left out.
    open: bool,
    rows: Vec<Cells>,
}

impl Tidy {
    /// A table of these columns, filled or not; the first are `kind` and `label`.
    fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|c| c.to_string()).collect(), open: false, rows: vec![] }
    }

    /// A table whose columns are those of its rows.
    fn open() -> Self {
        Self { columns: vec![], open: true, rows: vec![] }
    }

    fn push(&mut self, row: Cells) {
        for (name, _) in row.iter().filter(|_| self.open) {
            if !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
        self.rows.push(row);
    }

    /// A row of that kind.
    fn of_kind(&mut self, kind: &str, cells: Cells) {
        self.push([vec![cell("kind", kind)], cells].concat());
    }

    /// A row of that kind with a label.
    fn row(&mut self, kind: &str, label: &str, cells: Cells) {
        self.push([vec![cell("kind", kind), cell("label", label)], cells].concat());
    }

    /// What was set.
    fn setting(&mut self, label: &str, text: impl Into<Cell>) {
        self.row("setting", label, vec![cell("text", text)]);
    }

    /// What the reader should know.
    fn notes(&mut self, notes: &[Note]) {
        for note in notes {
            let text = format!("{}; {}", note.message(), note.hint());
            self.row("note", note.code(), vec![cell("text", text)]);
        }
    }

    fn fit(&mut self, f: &FitStatistics) {
        let values: [(&str, Cell, &str); 5] = [
            ("log_likelihood", f.log_likelihood.into(), ""),
            ("aic", f.aic.into(), ""),
            ("bic", f.bic.into(), ""),
            ("aicc", f.aicc.into(), ""),
            ("iterations", f.iterations.into(), f.stop.id()),
        ];
        for (label, value, text) in values {
            self.row("fit", label, vec![cell("estimate", value), cell("text", text)]);
        }
    }

    fn sheet(self) -> Sheet {
        let headings = self.columns.iter().map(|c| Heading::number(c, c)).collect();
        let columns = &self.columns;
        let cells = |row: Cells| {
            let named = |name: &String| row.iter().rev().find(|c| c.0 == *name);
            columns.iter().map(|name| named(name).map_or(Cell::Missing, |c| c.1.clone())).collect()
        };
        Sheet::new(headings, self.rows.into_iter().map(cells))
    }
}

/// Estimate and limits as they are read.
fn natural(n: &Natural) -> Cells {
    vec![
        cell("natural_estimate", n.estimate),
        cell("natural_ci_lower", n.lower),
        cell("natural_ci_upper", n.upper),
    ]
}

/// Why a limit is missing, where the other is not.
fn unbounded(lower: Option<f64>, upper: Option<f64>) -> (String, Cell) {
    let reason = match (lower, upper) {
        (None, Some(_)) => "the lower limit is unbounded",
        (Some(_), None) => "the upper limit is unbounded",
        _ => "",
    };
    cell("reason", reason)
}

fn prediction(p: &Prediction) -> Cells {
    let mut cells = vec![cell("ci_lower", p.lower), cell("ci_upper", p.upper)];
    cells.extend(natural(&p.natural));
    cells
}
