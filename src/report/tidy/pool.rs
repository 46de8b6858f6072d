//! A pooled result.

use super::{Cells, Tidy, natural, pooled, prediction, study, unbounded};
use crate::effect::Natural;
use crate::report::sheet::{Cell, Sheet};
use crate::result::{Heterogeneity, PoolResult, Pooled, Subgroup, SubgroupTest, Subgroups};

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
pub fn pool(result: &PoolResult) -> Sheet {
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
    for t in &result.tests {
        let cells: Cells = vec![
            ("statistic", t.statistic.into()),
            ("df", t.df.map_or(Cell::Missing, Cell::from)),
            ("p_value", t.p_value.into()),
            ("text", t.title.into()),
        ];
        out.row("test", &t.id.replace('-', "_"), cells);
    }
    if let Some(s) = &result.subgroups {
        subgroups(&mut out, s);
    }
    if let Some(f) = &result.fit {
        out.fit(f);
    }
    for_reading(&mut out, result);
    imputation(&mut out, result);
    let spec = result.table.measure().spec();
    out.setting("measure", format!("{}: {}", spec.id, result.table.title()));
    out.setting("scale", spec.scale.title().into());
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
    for (i, s) in result.table.studies.iter().enumerate() {
        let mut cells = study(s);
        cells.push(("group", groups[i].clone()));
        cells.push(("weight_common", result.weights_common[i].into()));
        cells.push(("weight_random", result.weights_random[i].into()));
        out.row("study", &s.study, cells);
    }
}

/// An estimate and, in a row of its own, its prediction interval.
fn estimate(out: &mut Tidy, kind: &str, (model, group): (&str, &str), p: &Pooled, k: usize) {
    let label = if group.is_empty() { model } else { group };
    let beside = || -> Cells { vec![("group", group.into()), ("model", model.into()), ("k", k.into())] };
    out.row(kind, label, [pooled(p), beside()].concat());
    if let Some(q) = &p.prediction {
        out.row("prediction", label, [prediction(q), beside()].concat());
    }
}

fn heterogeneity(out: &mut Tidy, group: &str, h: &Heterogeneity) {
    let root = |x: Option<f64>| x.map(f64::sqrt);
    let mut row = |label: &str, mut cells: Cells| {
        cells.push(("group", group.into()));
        out.row("heterogeneity", label, cells);
    };
    if h.tau2.is_some() {
        let open = unbounded(h.tau2_lower, h.tau2_upper);
        let limits = |lower: Option<f64>, upper: Option<f64>| -> Cells {
            vec![("ci_lower", lower.into()), ("ci_upper", upper.into()), ("reason", open.clone())]
        };
        let of: Cells = vec![("estimate", h.tau2.into()), ("se", h.tau2_se.into())];
        row("tau2", [of, limits(h.tau2_lower, h.tau2_upper)].concat());
        let of: Cells = vec![("estimate", root(h.tau2).into())];
        row("tau", [of, limits(root(h.tau2_lower), root(h.tau2_upper))].concat());
    }
    if h.i2.is_some() {
        row(
            "i2",
            vec![("estimate", h.i2.into()), ("ci_lower", h.i2_lower.into()), ("ci_upper", h.i2_upper.into())],
        );
    }
    for (label, value) in [("i2_q", h.i2_q), ("h2", h.h2), ("intraclass_correlation", h.intraclass)] {
        if value.is_some() {
            row(label, vec![("estimate", value.into())]);
        }
    }
    row("q", vec![("statistic", h.q.into()), ("df", h.q_df.into()), ("p_value", h.q_p_value.into())]);
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
        out.row("heterogeneity", "tau2_of_all_groups", vec![("estimate", tau2.into())]);
    }
    for (model, test) in [("random", &s.random), ("common", &s.common)] {
        if let Some(t) = test {
            out.row("test", "subgroup_differences", [vec![("model", model.into())], differences(t)].concat());
        }
    }
    if let (None, None, Some(reason)) = (&s.random, &s.common, &s.no_test) {
        out.row("test", "subgroup_differences", vec![("reason", reason.to_string().into())]);
    }
    out.setting("subgroup", s.column.clone());
}

fn differences(t: &SubgroupTest) -> Cells {
    vec![
        ("statistic", t.statistic.into()),
        ("df", t.df.into()),
        ("df2", t.df2.map_or(Cell::Missing, Cell::from)),
        ("p_value", t.p_value.into()),
        ("text", t.method.as_str().into()),
    ]
}

/// What exists as it is read alone.
fn for_reading(out: &mut Tidy, result: &PoolResult) {
    for a in &result.absolute {
        let at = |n: &Natural| -> Cells { [vec![("at", a.baseline.into())], natural(n)].concat() };
        let kind = if a.rate { "rate" } else { "risk" };
        out.row("absolute", kind, at(&a.risk));
        out.row("absolute", "per_thousand", at(&a.per_thousand));
        if let Some((lower, upper)) = a.prediction {
            let n = Natural { estimate: None, lower: Some(lower), upper: Some(upper) };
            out.row("absolute", "per_thousand_prediction", at(&n));
        }
        let d = &a.per_thousand;
        let needed: Cells = vec![
            ("at", a.baseline.into()),
            ("natural_estimate", a.number_needed(d.estimate).into()),
            ("natural_ci_lower", a.number_needed(d.lower).into()),
            ("natural_ci_upper", a.number_needed(d.upper).into()),
            ("text", "each at the limit of that name; negative where there is one event more".into()),
        ];
        out.row("absolute", "number_needed", needed);
    }
    for a in &result.agreement {
        let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
        out.row("agreement", &a.method, [natural(&n), vec![("text", a.remark.as_str().into())]].concat());
    }
    if let Some(r) = &result.range {
        for (label, end) in [("low", &r.low), ("high", &r.high)] {
            let n = Natural { estimate: Some(end.estimate), lower: end.lower, upper: end.upper };
            out.row("bounds", label, [natural(&n), vec![("k", r.k.into())]].concat());
        }
    }
}

fn imputation(out: &mut Tidy, result: &PoolResult) {
    let Some(i) = &result.imputation else { return };
    let back = |x: Option<f64>| x.and_then(|x| result.table.back(x));
    for r in &i.results {
        let n = Natural { estimate: back(Some(r.estimate)), lower: back(r.lower), upper: back(r.upper) };
        let cells: Cells = vec![
            ("at", r.correlation.into()),
            ("k", r.k.into()),
            ("estimate", r.estimate.into()),
            ("p_value", r.p_value.into()),
            ("ci_lower", r.lower.into()),
            ("ci_upper", r.upper.into()),
        ];
        out.row("imputation", &r.label, [cells, natural(&n)].concat());
    }
    if i.tipping_point.is_some() {
        out.row("imputation", "tipping_point", vec![("at", i.tipping_point.into())]);
    }
    for m in &i.missing_sds {
        let of = |what: &str| format!("{what}: {}", m.study);
        if m.own_tipping_sd.is_some() {
            out.row("imputation", &of("own_tipping_sd"), vec![("at", m.own_tipping_sd.into())]);
        }
        if m.tipping_sd.is_some() {
            out.row(
                "imputation",
                &of("tipping_sd"),
                vec![("at", m.tipping_sd.into()), ("k", m.k.map(|k| k as f64).into())],
            );
        }
    }
}
