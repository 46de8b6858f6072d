//! A meta-regression.

use super::{Cells, Tidy, cell, fields, prediction};
use crate::document::{Cell, Sheet};
use crate::report::answer::{Coefficient, Predicted, Study};
use crate::result::regression::{self as values, Fitted, Omnibus, RegressionResult};

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
pub(in crate::report) fn regression(result: &RegressionResult) -> Sheet {
    let mut out = Tidy::new(COLUMNS);
    let mut coefficients = |kind: &str, list: &[values::Coefficient]| {
        list.iter().for_each(|c| out.row(kind, &c.term, fields(Coefficient::from(c))));
    };
    coefficients("coefficient", &result.coefficients);
    coefficients("scale", result.scale.as_ref().map_or(&[], |s| &s.coefficients));
    coefficients("contrast", &result.contrasts);
    for (kind, list) in [("marginal_mean", &result.marginal_means), ("predicted", &result.predicted)] {
        for p in list {
            out.row(kind, &p.at, fields(Predicted::from(p)));
            if let Some(q) = &p.prediction {
                out.row("prediction", &p.at, prediction(q));
            }
        }
    }
    tests(&mut out, result);
    heterogeneity(&mut out, result);
    out.fit(&result.fit);
    studies(&mut out, result);
    for c in result.selection.iter().flat_map(|s| &s.best) {
        out.row("model", &c.formula, fields(c));
    }
    for (term, weight) in result.selection.iter().flat_map(|s| &s.importance) {
        out.row("importance", term, vec![cell("weight", *weight)]);
    }
    out.setting("measure", format!("{}: {}", result.table.measure().spec().id, result.table.title()));
    out.setting("scale", result.table.scale().title());
    out.setting("formula", result.formula.as_str());
    out.setting("level", result.settings.level.to_string());
    out.setting("method", result.method_line());
    out.notes(&result.notes);
    out.sheet()
}

fn tests(out: &mut Tidy, result: &RegressionResult) {
    for o in result.moderators.iter().chain(&result.terms) {
        out.row("test", &o.term, omnibus(o));
    }
    if let Some(o) = result.scale.as_ref().and_then(|s| s.omnibus.as_ref()) {
        out.row("test", "scale", omnibus(o));
    }
    if let Some(c) = &result.comparison {
        let text = format!("likelihood ratio against `{}`", c.formula);
        out.row("test", "comparison", [fields(c), vec![cell("text", text)]].concat());
    }
}

fn omnibus(o: &Omnibus) -> Cells {
    let kind = if o.df_denominator.is_some() { "F" } else { "χ²" };
    [fields(o), vec![cell("df2", o.df_denominator), cell("text", kind)]].concat()
}

fn heterogeneity(out: &mut Tidy, result: &RegressionResult) {
    let h = &result.heterogeneity;
    let tau2 = vec![
        cell("estimate", h.tau2),
        cell("se", h.tau2_se),
        cell("bootstrap_ci_lower", h.tau2_bootstrap.map(|b| b.0)),
        cell("bootstrap_ci_upper", h.tau2_bootstrap.map(|b| b.1)),
    ];
    out.row("heterogeneity", "tau2", tau2);
    let values: [(&str, Cell); 4] =
        [("tau", h.tau2.sqrt().into()), ("i2", h.i2.into()), ("h2", h.h2.into()), ("r2", h.r2.into())];
    for (label, value) in values {
        let reason = if value == Cell::Missing { "not defined for this τ²" } else { "" };
        out.row("heterogeneity", label, vec![cell("estimate", value), cell("reason", reason)]);
    }
    let q = vec![cell("statistic", h.qe), cell("df", h.qe_df), cell("p_value", h.qe_p_value)];
    out.row("heterogeneity", "qe", q);
}

fn studies(out: &mut Tidy, result: &RegressionResult) {
    let mut used: Vec<Option<&Fitted>> = vec![None; result.table.studies.len()];
    result.studies.iter().for_each(|f| used[f.row] = Some(f));
    for (s, fitted) in result.table.studies.iter().zip(used) {
        let mut cells = fields(Study::from(s));
        if s.reason.is_none() && fitted.is_none() && s.effect().is_some() {
            cells.push(cell("reason", "a moderator is missing"));
        }
        if let Some(f) = fitted {
            cells.extend([
                cell("fitted", f.fitted),
                cell("residual", f.residual),
                cell("standardized_residual", f.standardized),
                cell("hat", f.hat),
                cell("weight", f.weight),
            ]);
        }
        out.row("study", &s.study, cells);
    }
}
