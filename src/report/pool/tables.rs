//! Tables of a pooled result for people.

use crate::document::{Cell, Heading, Sheet};
use crate::effect::{Measure, Natural};
use crate::report::cells::{effect_word, estimate, level, limits, p_cell, percentages, remark, value};
use crate::result::format::{percent, significant};
use crate::result::look::Look;
use crate::result::sentence::model_word;
use crate::result::{Agreement, ImputedResult, PoolResult, Pooled, Subgroup, Subgroups};

/// Studies and pooled estimates.
pub fn pool_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let table = &result.table;
    let look = Look::pooled(result, digits);
    let weights = result.main_weights();
    let percentage = percentages(weights);
    let mut rows: Vec<Vec<Cell>> = vec![];
    for (s, weight) in result.studies().zip(weights) {
        rows.push(vec![
            s.study.as_str().into(),
            estimate(&s.natural, look),
            limits(&s.natural, look),
            percentage(*weight),
            remark(&s).into(),
        ]);
    }
    let rules = vec![rows.len()];
    let weighted = weights.iter().any(Option::is_some);
    for row in estimates(result, weighted) {
        rows.push(vec![
            row.name.into(),
            estimate(row.natural, look),
            limits(row.natural, look),
            if row.whole { Cell::Text("100.0%".into()) } else { Cell::Missing },
            Cell::Missing,
        ]);
    }
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("natural", &effect_word(table)),
        Heading::number("natural_ci", &level(result.settings.level)),
        Heading::number("weight", "Weight"),
        Heading::text("note", "Note"),
    ];
    let mut sheet = Sheet { headings, rows, rules }.without_empty_last();
    if !weighted {
        sheet.remove(3);
    }
    sheet
}

/// A row below the studies.
struct Row<'a> {
    name: &'static str,
    natural: &'a Natural,
    /// Whether the weights of all studies belong to it.
    whole: bool,
}

/// The estimates below the studies: random effects, prediction, common effect.
fn estimates(result: &PoolResult, weighted: bool) -> Vec<Row<'_>> {
    let mut rows = vec![];
    if let Some(random) = result.random.as_ref().filter(|_| result.k > 1) {
        rows.push(Row { name: model_word(result), natural: &random.natural, whole: weighted });
        if let Some(p) = &random.prediction {
            rows.push(Row { name: "Prediction interval", natural: &p.natural, whole: false });
        }
    }
    if let Some(common) = &result.common {
        let main = result.random.is_none() && result.k > 1;
        rows.push(Row {
            name: common_word(result, main, weighted),
            natural: &common.natural,
            whole: main && weighted,
        });
    }
    rows
}

fn common_word(result: &PoolResult, main: bool, weighted: bool) -> &'static str {
    let exact = result.table.measure().is_proportion() && !weighted;
    match () {
        () if result.k == 1 => model_word(result),
        () if exact => "All studies as one, exact",
        () if main => model_word(result),
        () => "Common effect",
    }
}

/// The estimate under each assumption on what was not reported, as it is read.
pub(super) fn imputation_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(result, digits);
    let read = |x: Option<f64>| value(x.and_then(|x| result.table.back(x)), look);
    let row = |label: &str, k: usize, [e, l, u, p]: [Option<f64>; 4]| {
        vec![label.into(), k.into(), read(e), read(l), read(u), p.map_or(Cell::Missing, p_cell)]
    };
    let reported = |m: &Pooled| {
        let numbers = [Some(m.estimate), m.lower, m.upper, m.p_value];
        row("reported and derived only", result.k, numbers)
    };
    let imputed = |r: &ImputedResult| row(&r.label, r.k, [Some(r.estimate), r.lower, r.upper, r.p_value]);
    let results = result.imputation.iter().flat_map(|i| &i.results);
    let headings = vec![
        Heading::text("assumption", "Assumption"),
        Heading::number("k", "Studies"),
        Heading::number("estimate", &effect_word(&result.table)),
        Heading::number("ci_lower", "Lower"),
        Heading::number("ci_upper", "Upper"),
        Heading::number("p_value", "p"),
    ];
    let rows = result.main().map(reported).into_iter().chain(results.map(imputed)).collect();
    Sheet { headings, rows, rules: vec![1] }
}

/// Subgroups.
pub(super) fn subgroup_table(result: &PoolResult, s: &Subgroups, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(result, digits);
    let headings = vec![
        Heading::text("level", "Group"),
        Heading::number("k", "Studies"),
        Heading::number("estimate", &effect_word(&result.table)),
        Heading::number("ci", &level(result.settings.level)),
        Heading::number("prediction", "Prediction interval"),
        Heading::number("tau2", "τ²"),
        Heading::number("i2", "I²"),
    ];
    let row = |g: &Subgroup| {
        let main = g.main();
        let n = main.map(|m| m.natural).unwrap_or_default();
        let p = main.and_then(|m| m.prediction.as_ref());
        let h = g.heterogeneity.as_ref();
        vec![
            g.level.as_str().into(),
            g.k.into(),
            estimate(&n, look),
            limits(&n, look),
            p.map_or(Cell::Missing, |p| limits(&p.natural, look)),
            s.tau2(g).map_or(Cell::Missing, |t| Cell::Text(significant(t, 3))),
            h.and_then(|h| h.i2.or(h.i2_q)).map_or(Cell::Missing, |i| Cell::Text(percent(i))),
        ]
    };
    Sheet::new(headings, s.groups.iter().map(row))
}

/// The same question answered by every sensible method.
pub(super) fn agreement_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(result, digits);
    let peto = result.table.measure() == Measure::Peto;
    let word = if peto { "Odds ratio".into() } else { effect_word(&result.table) };
    let headings = vec![
        Heading::text("method", "Method"),
        Heading::number("estimate", &word),
        Heading::number("ci", &format!("{}% interval", result.settings.level)),
        Heading::text("remark", "Remark"),
    ];
    let row = |a: &Agreement| {
        let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
        vec![a.method.as_str().into(), estimate(&n, look), limits(&n, look), a.remark.as_str().into()]
    };
    Sheet::new(headings, result.agreement.iter().map(row))
}
