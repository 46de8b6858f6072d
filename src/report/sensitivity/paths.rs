//! Studies left out or added, one after the other: the estimate at every step.

use crate::document::{Cell, Heading, Sheet};
use crate::effect::Natural;
use crate::report::cells::{effect_word, estimate, level, limits, p_cell, tau2};
use crate::result::format::percent;
use crate::result::look::Look;
use crate::result::sensitivity::{Outliers, PartialFit, Removal, SensitivityResult, Step};

/// Columns that estimates share.
fn headings(result: &SensitivityResult) -> [Heading; 5] {
    let p = result.against.map_or("p".into(), |x| format!("p against {x}"));
    [
        Heading::number("estimate", &effect_word(&result.pool.table)),
        Heading::number("ci", &level(result.pool.settings.level)),
        Heading::number("p_value", &p),
        Heading::number("tau2", "τ²"),
        Heading::number("i2", "I²"),
    ]
}

/// Their cells.
fn cells(
    result: &SensitivityResult,
    n: &Natural,
    f: Option<&PartialFit>,
    digits: Option<usize>,
) -> [Cell; 5] {
    let look = Look::pooled(&result.pool, digits);
    // levels have no value of no effect: a p-value against zero on the scale of analysis says nothing to a reader
    let tested = result.null.is_some();
    [
        estimate(n, look),
        limits(n, look),
        f.and_then(|f| f.p_value).filter(|_| tested).map_or(Cell::Missing, p_cell),
        f.and_then(|f| f.tau2).map_or(Cell::Missing, |t| Cell::Text(tau2(t))),
        f.and_then(|f| f.i2).map_or(Cell::Missing, |x| Cell::Text(percent(x))),
    ]
}

/// Every study, or cluster, left out in turn, and all of them for comparison.
pub(super) fn left_out(result: &SensitivityResult, steps: &[Step], digits: Option<usize>) -> Sheet {
    let first = result.cluster.as_ref().map_or("Without".into(), |column| format!("Without {column}"));
    let mut sheet = path(result, steps, &first, None, digits);
    if let Some(all) = result.whole() {
        sheet.rules.push(sheet.rows.len());
        let natural = result.pool.main().map(|m| m.natural).unwrap_or_default();
        let mut row: Vec<Cell> = vec!["All studies".into(), all.k.into()];
        row.extend(cells(result, &natural, Some(&all), digits));
        row.push(Cell::Missing);
        sheet.rows.push(row);
    }
    sheet.without_empty()
}

/// Studies added one by one.
pub(super) fn cumulative(result: &SensitivityResult, steps: &[Step], digits: Option<usize>) -> Sheet {
    path(result, steps, "Up to", result.order.as_deref(), digits).without_empty()
}

/// A row a step; `order` is the column that orders them.
fn path(
    result: &SensitivityResult,
    steps: &[Step],
    first: &str,
    order: Option<&str>,
    digits: Option<usize>,
) -> Sheet {
    let mut columns = vec![Heading::text("study", first)];
    columns.extend(order.map(|column| Heading::number("order", column)));
    columns.push(Heading::number("k", "k"));
    columns.extend(headings(result));
    columns.push(Heading::text("note", "Note"));
    let row = |s: &Step| {
        let mut row: Vec<Cell> = vec![s.label.as_str().into()];
        if order.is_some() {
            row.push(s.order.clone().map_or(Cell::Missing, Cell::Text));
        }
        row.push(s.fit.as_ref().map_or(Cell::Missing, |f| f.k.into()));
        row.extend(cells(result, &s.natural, s.fit.as_ref(), digits));
        row.push(match (&s.reason, s.turns) {
            (Some(reason), _) => reason.as_str().into(),
            (None, true) => format!("{} changes", result.conclusion_word()).into(),
            (None, false) => Cell::Missing,
        });
        row
    };
    Sheet::new(columns, steps.iter().map(row))
}

/// Studies left out until heterogeneity is low.
pub(super) fn outliers(result: &SensitivityResult, o: &Outliers, digits: Option<usize>) -> Sheet {
    let mut columns = vec![Heading::text("left_out", "Left out in turn"), Heading::number("k", "k")];
    columns.extend(headings(result));
    columns.push(Heading::text("note", "Note"));
    let row = |r: &Removal| {
        let mut row: Vec<Cell> = vec![r.study.as_deref().unwrap_or("none").into(), r.fit.k.into()];
        row.extend(cells(result, &r.natural, Some(&r.fit), digits));
        row.push(if r.turns { "the conclusion differs".into() } else { Cell::Missing });
        row
    };
    Sheet::new(columns, o.path.iter().map(row)).without_empty()
}
