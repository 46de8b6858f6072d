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

use super::sheet::{Cell, Heading, Sheet};
use crate::effect::{Natural, StudyEffect};
use crate::result::{FitStatistics, Note, Pooled, Prediction};
pub use bayes::bayes;
pub use bias::bias;
pub use pool::pool;
pub use regression::regression;
pub use sensitivity::sensitivity;
use serde_json::{Map, Value};

/// Cells of a row by the names of their columns.
type Cells = Vec<(&'static str, Cell)>;

/// A table under way: columns, and rows that fill some of them.
struct Tidy {
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

impl Tidy {
    /// A table whose first columns are `kind` and `label`.
    fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, rows: vec![] }
    }

    fn row(&mut self, kind: &str, label: &str, cells: Cells) {
        let mut row = vec![Cell::Missing; self.columns.len()];
        for (name, cell) in [("kind", kind.into()), ("label", label.into())].into_iter().chain(cells) {
            let column = self.columns.iter().position(|c| *c == name);
            debug_assert!(column.is_some(), "no column `{name}`");
            if let Some(i) = column {
                row[i] = cell;
            }
        }
        self.rows.push(row);
    }

    /// What was set, and what the reader should know.
    fn setting(&mut self, label: &str, text: String) {
        self.row("setting", label, vec![("text", text.into())]);
    }

    fn notes(&mut self, notes: &[Note]) {
        for note in notes {
            self.row(
                "note",
                note.code(),
                vec![("text", format!("{}; {}", note.message(), note.hint()).into())],
            );
        }
    }

    fn fit(&mut self, f: &FitStatistics) {
        let values: [(&str, Cell); 5] = [
            ("log_likelihood", f.log_likelihood.into()),
            ("aic", f.aic.into()),
            ("bic", f.bic.into()),
            ("aicc", f.aicc.into()),
            ("iterations", f.iterations.into()),
        ];
        for (label, value) in values {
            let stop = if label == "iterations" { f.stop } else { "" };
            self.row("fit", label, vec![("estimate", value), ("text", stop.into())]);
        }
    }

    fn sheet(self) -> Sheet {
        let headings = self.columns.iter().map(|c| Heading::number(c, c)).collect();
        Sheet { headings, rows: self.rows, rules: vec![] }
    }
}

/// Estimate and limits as they are read.
fn natural(n: &Natural) -> Cells {
    vec![
        ("natural_estimate", n.estimate.into()),
        ("natural_ci_lower", n.lower.into()),
        ("natural_ci_upper", n.upper.into()),
    ]
}

/// Why a limit is missing, where the other is not.
fn unbounded(lower: Option<f64>, upper: Option<f64>) -> Cell {
    match (lower, upper) {
        (None, Some(_)) => "the lower limit is unbounded".into(),
        (Some(_), None) => "the upper limit is unbounded".into(),
        _ => Cell::Missing,
    }
}

/// What effects, pooled or not, have in common with JSON.
fn study(s: &StudyEffect) -> Cells {
    let mut cells: Cells = vec![
        ("estimate", s.y.into()),
        ("variance", s.v.into()),
        ("se", s.v.map(f64::sqrt).into()),
        ("ci_lower", s.limits.lower.into()),
        ("ci_upper", s.limits.upper.into()),
        ("status", s.status.id().into()),
        ("reason", s.reason.as_deref().map_or(unbounded(s.limits.lower, s.limits.upper), Cell::from)),
    ];
    cells.extend(natural(&s.natural));
    cells
}

fn pooled(p: &Pooled) -> Cells {
    let mut cells: Cells = vec![
        ("estimate", p.estimate.into()),
        ("se", p.se.into()),
        ("statistic", p.statistic.into()),
        ("df", p.df.into()),
        ("p_value", p.p_value.into()),
        ("ci_lower", p.lower.into()),
        ("ci_upper", p.upper.into()),
        ("reason", unbounded(p.lower, p.upper)),
    ];
    cells.extend(natural(&p.natural));
    cells
}

fn prediction(p: &Prediction) -> Cells {
    let mut cells: Cells = vec![("ci_lower", p.lower.into()), ("ci_upper", p.upper.into())];
    cells.extend(natural(&p.natural));
    cells
}

/// A sheet whose columns are the fields of the objects, those within fields joined by an underscore.
fn from_objects(rows: &[Map<String, Value>]) -> Sheet {
    let flat: Vec<Vec<(String, Cell)>> = rows
        .iter()
        .map(|r| {
            let mut out = vec![];
            r.iter().for_each(|(key, value)| flatten(key, value, &mut out));
            out
        })
        .collect();
    let mut names: Vec<String> = vec![];
    for (name, _) in flat.iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let headings = names.iter().map(|n| Heading::number(n, n)).collect();
    let cell = |row: &[(String, Cell)], name: &String| {
        row.iter().find(|c| c.0 == *name).map_or(Cell::Missing, |c| c.1.clone())
    };
    let rows = flat.iter().map(|row| names.iter().map(|n| cell(row, n)).collect()).collect();
    Sheet { headings, rows, rules: vec![] }
}

fn flatten(prefix: &str, value: &Value, out: &mut Vec<(String, Cell)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, v)| flatten(&format!("{prefix}_{key}"), v, out)),
        Value::Number(n) => out.push((prefix.into(), n.as_f64().into())),
        Value::String(s) => out.push((prefix.into(), s.as_str().into())),
        Value::Bool(b) => out.push((prefix.into(), Cell::Text(b.to_string()))),
        // words alone; lists of numbers have rows of their own
        Value::Array(items) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            out.push((prefix.into(), words.join("; ").into()));
        }
        Value::Null => out.push((prefix.into(), Cell::Missing)),
    }
}

/// An object as a row of that kind.
fn of_kind(kind: &str, value: Value) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("kind".into(), kind.into());
    if let Value::Object(map) = value {
        row.extend(map);
    }
    row
}
