//! What each study does to the fit.

use crate::document::{Cell, Heading, Sheet};
use crate::report::cells::{estimate, level, limits, percentages, value};
use crate::result::format::{fixed, grouped, percent, significant};
use crate::result::look::Look;
use crate::result::sensitivity::{Baujat, Blup, Influence, SensitivityResult};

/// A diagnostic: its column, and the decimals that it has at least.
struct Diagnostic {
    id: &'static str,
    title: &'static str,
    get: fn(&Influence) -> Option<f64>,
    decimals: usize,
}

const fn diagnostic(
    id: &'static str,
    title: &'static str,
    get: fn(&Influence) -> Option<f64>,
    decimals: usize,
) -> Diagnostic {
    Diagnostic { id, title, get, decimals }
}

/// Diagnostics before and behind the weight, which is a percentage; τ² has digits of its own.
const RESIDUALS: [Diagnostic; 4] = [
    diagnostic("rstudent", "Residual", |d| d.rstudent, 2),
    diagnostic("dffits", "DFFITS", |d| d.dffits, 2),
    diagnostic("cook_distance", "Cook's D", |d| d.cook_distance, 3),
    diagnostic("covratio", "Cov. ratio", |d| d.covratio, 2),
];
const Q_DELETED: Diagnostic = diagnostic("q_deleted", "Q without", |d| d.q_deleted, 1);
const HAT: Diagnostic = diagnostic("hat", "Leverage", |d| d.hat, 3);
const DFBETA: Diagnostic = diagnostic("dfbeta", "DFBETA", |d| d.dfbeta, 2);

impl Diagnostic {
    fn heading(&self) -> Heading {
        Heading::number(self.id, self.title)
    }

    /// The cells of the column: with the decimals at which not all are 0.
    fn column(&self, rows: &[Influence]) -> Vec<Cell> {
        let values: Vec<f64> = rows.iter().filter_map(self.get).collect();
        let decimals = decimals_of(&values, self.decimals);
        let cell = |d| (self.get)(d).map_or(Cell::Missing, |x| Cell::Text(written(x, decimals)));
        rows.iter().map(cell).collect()
    }
}

/// Influence diagnostics.
pub(super) fn influence(rows: &[Influence]) -> Sheet {
    let text = |id, title, get: fn(&Influence) -> Cell| {
        (Heading::text(id, title), rows.iter().map(get).collect::<Vec<Cell>>())
    };
    let number = |d: &Diagnostic| (d.heading(), d.column(rows));
    let deleted = |d: &Influence| d.tau2_deleted.map_or(Cell::Missing, |t| Cell::Text(significant(t, 3)));
    let weights: Vec<Option<f64>> = rows.iter().map(|d| d.weight).collect();
    let percentage = percentages(&weights);

    let mut columns = vec![text("study", "Study", |d| d.study.as_str().into())];
    columns.extend(RESIDUALS.iter().map(number));
    columns.push((Heading::number("tau2_deleted", "τ² without"), rows.iter().map(deleted).collect()));
    columns.extend([&Q_DELETED, &HAT].map(number));
    columns.push((Heading::number("weight", "Weight"), weights.iter().map(|w| percentage(*w)).collect()));
    columns.push(number(&DFBETA));
    columns.push(text("flags", "Flagged by", |d| d.flagged_by().into()));
    of_columns(columns).without_empty()
}

/// A table from its columns.
fn of_columns(columns: Vec<(Heading, Vec<Cell>)>) -> Sheet {
    let length = columns.first().map_or(0, |c| c.1.len());
    let mut rows = vec![vec![]; length];
    let mut headings = vec![];
    for (heading, cells) in columns {
        headings.push(heading);
        rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }
    Sheet::new(headings, rows)
}

/// Decimals at which not all of the values are shown as 0, `least` at least.
fn decimals_of(values: &[f64], least: usize) -> usize {
    let largest = values.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
    if largest >= 0.5 * 10f64.powi(-(least as i32)) || largest < 1e-9 {
        return least;
    }
    (1.0 - largest.log10().floor()) as usize
}

/// A diagnostic: with fixed decimals, or as a power of ten where it is immense.
fn written(x: f64, decimals: usize) -> String {
    if x.abs() >= 1e6 { significant(x, 3) } else { grouped(&fixed(x, decimals)) }
}

/// Coordinates of the Baujat plot.
pub(super) fn baujat(rows: &[Baujat]) -> Sheet {
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("q_contribution", "Contribution to Q"),
        Heading::number("influence", "Influence on the estimate"),
    ];
    let shown = |x: Option<f64>| x.map_or(Cell::Missing, |x| Cell::Text(significant(x, 3)));
    let row = |b: &Baujat| vec![b.study.as_str().into(), shown(b.q_contribution), shown(b.influence)];
    Sheet::new(headings, rows.iter().map(row))
}

/// Effects drawn towards the mean.
pub(super) fn blup(result: &SensitivityResult, rows: &[Blup], digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("own", "Own estimate"),
        Heading::number("estimate", "Predicted"),
        Heading::number("ci", &level(result.pool.settings.level)),
        Heading::number("shrinkage", "Drawn to the mean"),
    ];
    let own = |b: &Blup| result.pool.table.studies.get(b.row).and_then(|s| s.natural.estimate);
    let row = |b: &Blup| {
        vec![
            b.study.as_str().into(),
            value(own(b), look),
            estimate(&b.natural, look),
            limits(&b.natural, look),
            Cell::Text(percent(100.0 * b.shrinkage)),
        ]
    };
    Sheet::new(headings, rows.iter().map(row))
}
