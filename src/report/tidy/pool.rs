//! A pooled result.

use super::{Cells, Tidy, cell, fields, natural, prediction, unbounded};
use crate::document::{Cell, Sheet};
use crate::effect::Natural;
use crate::report::answer::{Estimate, weighted_studies};
use crate::result::{
    AbsoluteEffect, Heterogeneity, MissingSd, PoolResult, Pooled, Subgroup, SubgroupTest, Subgroups, Test,
};

/// Kinds: `study`, `random`, `common`, `prediction`, `subgroup`, `heterogeneity`, `test`, `fit`, `absolute`, `agreement`,
/// `bounds`, `imputation`, `setting`, `note`.
const COLUMNS: &[&str] = &[
    "kind",
    "label",
    "group",
    "model",
    "at",
    "k",
    "estimate",
    "variance",
    "se",
    "statistic",
    "df",
    "df2",
    "p_value",
    "ci_lower",
    "ci_upper",
    "natural_estimate",
    "natural_ci_lower",
    "natural_ci_upper",
    "weight_common",
    "weight_random",
    "status",
    "reason",
    "text",
];

/// The whole answer of `metapool pool`.
pub(in crate::report) fn pool(result: &PoolResult) -> Sheet {
    let mut out = Tidy::new(COLUMNS);
    studies(&mut out, result);
    for (model, p) in [("random", &result.random), ("common", &result.common)] {
        if let Some(p) = p {
            estimate(&mut out, model, (model, ""), p, result.k);
        }
    }
    if let Some(h) = &result.heterogeneity {
        heterogeneity(&mut out, "", h);
    }
    result.tests.iter().for_each(|t| test(&mut out, t));
    if let Some(s) = &result.subgroups {
        subgroups(&mut out, s);
    }
    if let Some(f) = &result.fit {
        out.fit(f);
    }
    result.absolute.iter().for_each(|a| absolute(&mut out, a));
    for_reading(&mut out, result);
    imputation(&mut out, result);
    out.setting("measure", format!("{}: {}", result.table.measure().spec().id, result.table.title()));
    out.setting("scale", result.table.scale().title());
    out.setting("level", result.settings.level.to_string());
    out.setting("method", result.method_line());
    out.notes(&result.notes);
    out.sheet()
}

fn studies(out: &mut Tidy, result: &PoolResult) {
    let mut groups = vec![Cell::Missing; result.table.studies.len()];
    for g in result.subgroups.iter().flat_map(|s| &s.groups) {
        g.rows.iter().for_each(|&row| groups[row] = g.level.as_str().into());
    }
    let shown: Vec<_> = result.studies().collect();
    let rows = shown.iter().zip(weighted_studies(result, &shown)).zip(groups);
    for ((s, row), group) in rows {
        let mut cells = fields(row);
        if s.reason.is_none() {
            cells.push(unbounded(s.limits.lower, s.limits.upper));
        }
        cells.push(cell("group", group));
        out.row("study", &s.study, cells);
    }
}

/// An estimate and, in a row of its own, its prediction interval.
fn estimate(out: &mut Tidy, kind: &str, (model, group): (&str, &str), p: &Pooled, k: usize) {
    let label = if group.is_empty() { model } else { group };
    let beside = || vec![cell("group", group), cell("model", model), cell("k", k)];
    let open = vec![unbounded(p.lower, p.upper)];
    out.row(kind, label, [fields(Estimate::from(p)), open, beside()].concat());
    if let Some(q) = &p.prediction {
        out.row("prediction", label, [prediction(q), beside()].concat());
    }
}

fn heterogeneity(out: &mut Tidy, group: &str, h: &Heterogeneity) {
    let root = |x: Option<f64>| x.map(f64::sqrt);
    let mut row = |label: &str, mut cells: Cells| {
        cells.push(cell("group", group));
        out.row("heterogeneity", label, cells);
    };
    let limits = |lower: Option<f64>, upper: Option<f64>| -> Cells {
        vec![cell("ci_lower", lower), cell("ci_upper", upper)]
    };
    if h.tau2.is_some() {
        let open = || vec![unbounded(h.tau2_lower, h.tau2_upper)];
        let of = vec![cell("estimate", h.tau2), cell("se", h.tau2_se)];
        row("tau2", [of, limits(h.tau2_lower, h.tau2_upper), open()].concat());
        let of = vec![cell("estimate", root(h.tau2))];
        row("tau", [of, limits(root(h.tau2_lower), root(h.tau2_upper)), open()].concat());
    }
    if h.i2.is_some() {
        row("i2", [vec![cell("estimate", h.i2)], limits(h.i2_lower, h.i2_upper)].concat());
    }
    for (label, value) in [("i2_q", h.i2_q), ("h2", h.h2), ("intraclass_correlation", h.intraclass)] {
        if value.is_some() {
            row(label, vec![cell("estimate", value)]);
        }
    }
    row("q", vec![cell("statistic", h.q), cell("df", h.q_df), cell("p_value", h.q_p_value)]);
}

fn test(out: &mut Tidy, t: &Test) {
    let cells = vec![
        cell("statistic", t.statistic),
        cell("df", t.df.map_or(Cell::Missing, Cell::from)),
        cell("p_value", t.p_value),
        cell("text", &*t.title),
    ];
    out.row("test", &t.id.replace('-', "_"), cells);
}

fn subgroups(out: &mut Tidy, s: &Subgroups) {
    for g in &s.groups {
        let Subgroup { level, k, common, random, .. } = g;
        for (model, p) in [("random", random), ("common", common)] {
            if let Some(p) = p {
                estimate(out, "subgroup", (model, level), p, *k);
            }
        }
        if let Some(h) = &g.heterogeneity {
            heterogeneity(out, level, h);
        }
    }
    if let Some(tau2) = s.common_tau2 {
        out.row("heterogeneity", "tau2_of_all_groups", vec![cell("estimate", tau2)]);
    }
    for (model, test) in [("random", &s.random), ("common", &s.common)] {
        if let Some(t) = test {
            out.row("test", "subgroup_differences", [vec![cell("model", model)], differences(t)].concat());
        }
    }
    if let (None, None, Some(reason)) = (&s.random, &s.common, &s.no_test) {
        out.row("test", "subgroup_differences", vec![cell("reason", reason.as_str())]);
    }
    out.setting("subgroup", s.column.as_str());
}

fn differences(t: &SubgroupTest) -> Cells {
    vec![
        cell("statistic", t.statistic),
        cell("df", t.df),
        cell("df2", t.df2.map_or(Cell::Missing, Cell::from)),
        cell("p_value", t.p_value),
        cell("text", t.method.as_str()),
    ]
}

/// What the effect means at a baseline risk, as it is read alone.
fn absolute(out: &mut Tidy, a: &AbsoluteEffect) {
    let mut row = |label: &str, n: &Natural, more: Cells| {
        out.row("absolute", label, [vec![cell("at", a.baseline)], natural(n), more].concat());
    };
    row(if a.rate { "rate" } else { "risk" }, &a.risk, vec![]);
    let d = &a.per_thousand;
    row("per_thousand", d, vec![]);
    if let Some((lower, upper)) = a.prediction {
        let n = Natural { estimate: None, lower: Some(lower), upper: Some(upper) };
        row("per_thousand_prediction", &n, vec![]);
    }
    let needed = Natural {
        estimate: a.number_needed(d.estimate),
        lower: a.number_needed(d.lower),
        upper: a.number_needed(d.upper),
    };
    let text = "each at the limit of that name; negative where there is one event more";
    row("number_needed", &needed, vec![cell("text", text)]);
}

/// What else exists as it is read alone.
fn for_reading(out: &mut Tidy, result: &PoolResult) {
    for a in &result.agreement {
        let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
        out.row("agreement", &a.method, [natural(&n), vec![cell("text", a.remark.as_str())]].concat());
    }
    if let Some(r) = &result.range {
        for (label, end) in [("low", &r.low), ("high", &r.high)] {
            let n = Natural { estimate: Some(end.estimate), lower: end.lower, upper: end.upper };
            out.row("bounds", label, [natural(&n), vec![cell("k", r.k)]].concat());
        }
    }
}

fn imputation(out: &mut Tidy, result: &PoolResult) {
    let Some(i) = &result.imputation else { return };
    let back = |x: Option<f64>| x.and_then(|x| result.table.back(x));
    for r in &i.results {
        let n = Natural { estimate: back(Some(r.estimate)), lower: back(r.lower), upper: back(r.upper) };
        let at = vec![cell("at", r.correlation)];
        out.row("imputation", &r.label, [fields(r), at, natural(&n)].concat());
    }
    if i.tipping_point.is_some() {
        out.row("imputation", "tipping_point", vec![cell("at", i.tipping_point)]);
    }
    i.missing_sds.iter().for_each(|m| missing_sd(out, m));
}

fn missing_sd(out: &mut Tidy, m: &MissingSd) {
    let mut row = |what: &str, sd: Option<f64>, more: Cells| {
        if sd.is_some() {
            let label = format!("{what}: {}", m.study);
            out.row("imputation", &label, [vec![cell("at", sd)], more].concat());
        }
    };
    row("own_tipping_sd", m.own_tipping_sd, vec![]);
    row("tipping_sd", m.tipping_sd, vec![cell("k", m.k.map(|k| k as f64))]);
}
