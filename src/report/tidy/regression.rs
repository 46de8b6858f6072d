//! A meta-regression.

use super::{Cells, Tidy, natural, prediction};
use crate::report::sheet::{Cell, Sheet};
use crate::result::regression::{Coefficient, Omnibus, Predicted, RegressionResult};

/// Kinds: `coefficient`, `scale` (coefficients of ln τ²), `contrast`, `marginal_mean`, `predicted`, `prediction` (the interval of
/// the row before), `test`, `heterogeneity`, `fit`, `study`, `model` (among subsets of terms), `importance`, `setting`, `note`.
const COLUMNS: &[&str] = &[
    "kind",
    "label",
    "estimate",
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
    "vif",
    "permutation_p_value",
    "permutation_ci_lower",
    "permutation_ci_upper",
    "bootstrap_ci_lower",
    "bootstrap_ci_upper",
    "fitted",
    "residual",
    "standardized_residual",
    "hat",
    "weight",
    "aicc",
    "tau2",
    "status",
    "reason",
    "text",
];

/// The whole answer of `metapool regress`.
pub fn regression(result: &RegressionResult) -> Sheet {
    let mut out = Tidy::new(COLUMNS);
    let mut coefficients = |kind: &str, list: &[Coefficient]| {
        list.iter().for_each(|c| out.row(kind, &c.term, coefficient(c)));
    };
    coefficients("coefficient", &result.coefficients);
    coefficients("scale", result.scale.as_ref().map_or(&[], |s| &s.coefficients));
    coefficients("contrast", &result.contrasts);
    for (kind, list) in [("marginal_mean", &result.marginal_means), ("predicted", &result.predicted)] {
        for p in list {
            out.row(kind, &p.at, predicted(p));
            if let Some(q) = &p.prediction {
                out.row("prediction", &p.at, prediction(q));
            }
        }
    }
    for o in result.moderators.iter().chain(&result.terms) {
        out.row("test", &o.term, omnibus(o));
    }
    if let Some(o) = result.scale.as_ref().and_then(|s| s.omnibus.as_ref()) {
        out.row("test", "scale", omnibus(o));
    }
    if let Some(c) = &result.comparison {
        let cells: Cells = vec![
            ("statistic", c.statistic.into()),
            ("df", c.df.into()),
            ("p_value", c.p_value.into()),
            ("text", format!("likelihood ratio against `{}`", c.formula).into()),
        ];
        out.row("test", "comparison", cells);
    }
    heterogeneity(&mut out, result);
    out.fit(&result.fit);
    studies(&mut out, result);
    for c in result.selection.iter().flat_map(|s| &s.best) {
        let cells: Cells =
            vec![("aicc", c.aicc.into()), ("weight", c.weight.into()), ("tau2", c.tau2.into())];
        out.row("model", &c.formula, cells);
    }
    for (term, weight) in result.selection.iter().flat_map(|s| &s.importance) {
        out.row("importance", term, vec![("weight", (*weight).into())]);
    }
    let spec = result.table.measure().spec();
    out.setting("measure", format!("{}: {}", spec.id, result.table.title()));
    out.setting("scale", spec.scale.title().into());
    out.setting("formula", result.formula.clone());
    out.setting("level", result.settings.level.to_string());
    out.setting("method", result.method_line());
    out.notes(&result.notes);
    out.sheet()
}

fn coefficient(c: &Coefficient) -> Cells {
    vec![
        ("estimate", c.estimate.into()),
        ("se", c.se.into()),
        ("statistic", c.statistic.into()),
        ("df", c.df.into()),
        ("p_value", c.p_value.into()),
        ("ci_lower", c.lower.into()),
        ("ci_upper", c.upper.into()),
        ("vif", c.vif.into()),
        ("permutation_p_value", c.permuted.map(|p| p.p_value).into()),
        ("permutation_ci_lower", c.permuted.and_then(|p| p.limits.0).into()),
        ("permutation_ci_upper", c.permuted.and_then(|p| p.limits.1).into()),
        ("bootstrap_ci_lower", c.bootstrap.map(|b| b.0).into()),
        ("bootstrap_ci_upper", c.bootstrap.map(|b| b.1).into()),
    ]
}

fn predicted(p: &Predicted) -> Cells {
    let cells: Cells = vec![
        ("estimate", p.estimate.into()),
        ("se", p.se.into()),
        ("ci_lower", p.lower.into()),
        ("ci_upper", p.upper.into()),
    ];
    [cells, natural(&p.natural)].concat()
}

fn omnibus(o: &Omnibus) -> Cells {
    vec![
        ("statistic", o.statistic.into()),
        ("df", o.df.into()),
        ("df2", o.df_denominator.into()),
        ("p_value", o.p_value.into()),
        ("permutation_p_value", o.permuted.into()),
        ("text", if o.df_denominator.is_some() { "F" } else { "χ²" }.into()),
    ]
}

fn heterogeneity(out: &mut Tidy, result: &RegressionResult) {
    let h = &result.heterogeneity;
    let tau2: Cells = vec![
        ("estimate", h.tau2.into()),
        ("se", h.tau2_se.into()),
        ("bootstrap_ci_lower", h.tau2_bootstrap.map(|b| b.0).into()),
        ("bootstrap_ci_upper", h.tau2_bootstrap.map(|b| b.1).into()),
    ];
    out.row("heterogeneity", "tau2", tau2);
    let values: [(&str, Cell); 4] =
        [("tau", h.tau2.sqrt().into()), ("i2", h.i2.into()), ("h2", h.h2.into()), ("r2", h.r2.into())];
    for (label, value) in values {
        let reason = if value == Cell::Missing { "not defined for this τ²" } else { "" };
        out.row("heterogeneity", label, vec![("estimate", value), ("reason", reason.into())]);
    }
    let q: Cells = vec![("statistic", h.qe.into()), ("df", h.qe_df.into()), ("p_value", h.qe_p_value.into())];
    out.row("heterogeneity", "qe", q);
}

fn studies(out: &mut Tidy, result: &RegressionResult) {
    let mut used = vec![None; result.table.studies.len()];
    result.studies.iter().for_each(|f| used[f.row] = Some(f));
    for (s, fitted) in result.table.studies.iter().zip(used) {
        let left_out = (fitted.is_none() && s.effect().is_some()).then_some("a moderator is missing");
        let mut cells: Cells = vec![
            ("estimate", s.y.into()),
            ("se", s.v.map(f64::sqrt).into()),
            ("ci_lower", s.limits.lower.into()),
            ("ci_upper", s.limits.upper.into()),
            ("status", s.status.id().into()),
            ("reason", s.reason.as_deref().or(left_out).unwrap_or_default().into()),
        ];
        cells.extend(natural(&s.natural));
        if let Some(f) = fitted {
            cells.extend([
                ("fitted", Cell::from(f.fitted)),
                ("residual", f.residual.into()),
                ("standardized_residual", f.standardized.into()),
                ("hat", f.hat.into()),
                ("weight", f.weight.into()),
            ]);
        }
        out.row("study", &s.study, cells);
    }
}
