//! Meta-regressions as JSON, tables and Markdown.

use super::json::{self, number};
use super::sheet::{Cell, Heading, Sheet};
use super::summary::{estimate, heading as effect_heading, limits, note_markdown};
use crate::registry::Member;
use crate::result::format::{fixed, grouped, p_value, percent, power, significant};
use crate::result::look::Look;
use crate::result::regression::{Coefficient, Omnibus, Predicted, RegressionResult};
use serde_json::{Map, Value, json};

fn coefficient(c: &Coefficient) -> Value {
    json!({
        "term": c.term,
        "estimate": number(Some(c.estimate)),
        "se": number(Some(c.se)),
        "statistic": number(Some(c.statistic)),
        "df": number(c.df),
        "p_value": number(Some(c.p_value)),
        "ci_lower": number(Some(c.lower)),
        "ci_upper": number(Some(c.upper)),
        "vif": number(c.vif),
        "permutation_p_value": number(c.permuted.map(|p| p.p_value)),
        "permutation_ci_lower": number(c.permuted.and_then(|p| p.limits.0)),
        "permutation_ci_upper": number(c.permuted.and_then(|p| p.limits.1)),
        "bootstrap_ci_lower": number(c.bootstrap.map(|b| b.0)),
        "bootstrap_ci_upper": number(c.bootstrap.map(|b| b.1)),
    })
}

fn omnibus(o: &Omnibus) -> Value {
    json!({
        "term": o.term,
        "statistic": number(Some(o.statistic)),
        "df": o.df,
        "df_denominator": number(o.df_denominator),
        "p_value": number(Some(o.p_value)),
        "permutation_p_value": number(o.permuted),
    })
}

fn predicted(p: &Predicted) -> Value {
    json!({
        "at": p.at,
        "estimate": number(Some(p.estimate)),
        "se": number(Some(p.se)),
        "ci_lower": number(Some(p.lower)),
        "ci_upper": number(Some(p.upper)),
        "prediction_lower": number(p.prediction.map(|q| q.lower)),
        "prediction_upper": number(p.prediction.map(|q| q.upper)),
        "natural": json::natural(&p.natural),
    })
}

/// The result of `metapool regress`.
pub fn json(result: &RegressionResult, input: &Value) -> Value {
    let s = &result.settings;
    let mut settings = json::effect_settings(&result.table);
    settings.insert("formula".into(), json!(result.formula));
    settings.insert("tau2".into(), json!(s.tau2.id()));
    settings.insert("ci".into(), json!(s.ci.id()));
    settings.insert("prediction".into(), json!(s.prediction.map_or("none", |p| p.id())));
    settings.insert("profile".into(), json!(s.profile.id()));
    settings.insert("method".into(), json!(result.method_line()));
    if let Some(run) = &result.permutation {
        let value = json!({ "permutations": run.permutations, "exact": run.exact, "seed": run.seed });
        settings.insert("permutation".into(), value);
    }
    let mut map: Map<String, Value> = json::head("regress", input, settings);
    let h = &result.heterogeneity;
    map.insert("k".into(), json!(result.k));
    map.insert("coefficients".into(), result.coefficients.iter().map(coefficient).collect());
    map.insert("covariance".into(), json!(result.covariance));
    map.insert("moderators".into(), result.moderators.as_ref().map_or(Value::Null, omnibus));
    map.insert("terms".into(), result.terms.iter().map(omnibus).collect());
    map.insert(
        "heterogeneity".into(),
        json!({
            "tau2": number(Some(h.tau2)),
            "tau2_se": number(h.tau2_se),
            "tau2_bootstrap_ci_lower": number(h.tau2_bootstrap.map(|b| b.0)),
            "tau2_bootstrap_ci_upper": number(h.tau2_bootstrap.map(|b| b.1)),
            "tau": number(Some(h.tau2.sqrt())),
            "i2": number(Some(h.i2)),
            "h2": number(Some(h.h2)),
            "r2": number(h.r2),
            "qe": number(Some(h.qe)),
            "qe_df": h.qe_df,
            "qe_p_value": number(Some(h.qe_p_value)),
        }),
    );
    map.insert("fit".into(), json::fit(&result.fit));
    let study = |f: &crate::result::regression::Fitted| {
        json!({
            "study": result.table.studies[f.row].study,
            "fitted": number(Some(f.fitted)),
            "residual": number(Some(f.residual)),
            "standardized_residual": number(Some(f.standardized)),
            "hat": number(Some(f.hat)),
            "weight": number(Some(f.weight)),
        })
    };
    map.insert("studies".into(), result.studies.iter().map(study).collect());
    map.insert("contrasts".into(), result.contrasts.iter().map(coefficient).collect());
    map.insert("predicted".into(), result.predicted.iter().map(predicted).collect());
    map.insert("marginal_means".into(), result.marginal_means.iter().map(predicted).collect());
    if let Some(c) = &result.comparison {
        let value = json!({
            "formula": c.formula,
            "statistic": number(Some(c.statistic)),
            "df": c.df,
            "p_value": number(Some(c.p_value)),
            "fit": json::fit(&c.fit),
            "other_fit": json::fit(&c.other),
        });
        map.insert("comparison".into(), value);
    }
    if let Some(s) = &result.scale {
        let value = json!({
            "formula": s.formula,
            "coefficients": s.coefficients.iter().map(coefficient).collect::<Vec<_>>(),
            "omnibus": s.omnibus.as_ref().map_or(Value::Null, omnibus),
            "tau2": s.tau2,
        });
        map.insert("scale".into(), value);
    }
    if let Some(s) = &result.selection {
        let best = s.best.iter().map(|c| {
            json!({ "formula": c.formula, "aicc": number(Some(c.aicc)), "weight": number(Some(c.weight)), "tau2": number(Some(c.tau2)) })
        });
        let importance = s.importance.iter().map(|(t, w)| json!({ "term": t, "weight": number(Some(*w)) }));
        let value = json!({ "models": s.models, "best": best.collect::<Vec<_>>(), "importance": importance.collect::<Vec<_>>() });
        map.insert("selection".into(), value);
    }
    map.insert("notes".into(), json::notes(&result.notes));
    Value::Object(map)
}

pub(super) fn p_cell(p: f64) -> Cell {
    let text = p_value(p);
    Cell::Text(text.strip_prefix("p = ").or_else(|| text.strip_prefix("p ")).unwrap_or(&text).to_string())
}

/// How the numbers of a coefficient are written: with the decimals that were asked for, or those that show three figures of its
/// standard error, two at least; as powers of ten where nobody writes it out.
fn writer(c: &Coefficient, asked: Option<usize>) -> impl Fn(f64) -> String {
    let se = if c.se > 0.0 && c.se.is_finite() { c.se } else { c.estimate.abs().max(0.1) };
    let place = se.log10().floor() as i32;
    let decimals = asked.unwrap_or((2 - place).clamp(2, 15) as usize);
    let decimals = if asked.is_none() && place >= 3 { 0 } else { decimals };
    let largest = c.estimate.abs().max(se);
    let powers = asked.is_none() && (largest >= 1e12 || place < -8 && largest < 1e-4);
    let figures = usize::try_from(largest.log10().floor() as i32 - place + 3).unwrap_or(3).clamp(3, 15);
    move |x| if powers { power(x, figures) } else { grouped(&fixed(x, decimals)) }
}

/// Coefficients for people.
pub fn coefficient_table(
    coefficients: &[Coefficient],
    level: f64,
    heading: &str,
    digits: Option<usize>,
) -> Sheet {
    let t = coefficients.iter().any(|c| c.df.is_some());
    let vif = coefficients.iter().any(|c| c.vif.is_some());
    let permuted = coefficients.iter().any(|c| c.permuted.is_some());
    let limits = coefficients.iter().any(|c| c.permuted.is_some_and(|p| p.limits != (None, None)));
    let bootstrap = coefficients.iter().any(|c| c.bootstrap.is_some());
    let mut headings = vec![
        Heading::text("term", heading),
        Heading::number("estimate", "Estimate"),
        Heading::number("ci", &format!("{level}% CI")),
        Heading::number("se", "SE"),
        Heading::number("statistic", if t { "t" } else { "z" }),
        Heading::number("p_value", "p"),
    ];
    if permuted {
        headings.push(Heading::number("permutation_p_value", "p, permuted"));
    }
    if limits {
        headings.push(Heading::number("permutation_ci", "CI, permuted"));
    }
    if bootstrap {
        headings.push(Heading::number("bootstrap_ci", "CI, bootstrap"));
    }
    if vif {
        headings.push(Heading::number("vif", "VIF"));
    }
    let row = |c: &Coefficient| {
        let shown = writer(c, digits);
        let interval = |l: f64, u: f64| Cell::Text(format!("{} to {}", shown(l), shown(u)));
        let mut cells = vec![
            c.term.as_str().into(),
            Cell::Text(shown(c.estimate)),
            interval(c.lower, c.upper),
            Cell::Text(shown(c.se)),
            Cell::Rounded(c.statistic, digits.unwrap_or(2)),
            p_cell(c.p_value),
        ];
        if permuted {
            cells.push(c.permuted.map_or(Cell::Missing, |p| p_cell(p.p_value)));
        }
        if limits {
            let limit = |x: Option<f64>| x.map_or("unbounded".to_string(), &shown);
            let both = c.permuted.map(|p| format!("{} to {}", limit(p.limits.0), limit(p.limits.1)));
            cells.push(both.map_or(Cell::Missing, Cell::Text));
        }
        if bootstrap {
            cells.push(c.bootstrap.map_or(Cell::Missing, |b| interval(b.0, b.1)));
        }
        if vif {
            cells.push(c.vif.map_or(Cell::Missing, |v| Cell::Rounded(v, 2)));
        }
        cells
    };
    Sheet { headings, rows: coefficients.iter().map(row).collect(), rules: vec![] }
}

/// Predictions for people, read on the natural scale.
pub fn predicted_table(
    result: &RegressionResult,
    rows: &[Predicted],
    heading: &str,
    digits: Option<usize>,
) -> Sheet {
    let table = &result.table;
    let look = Look::of(table, digits);
    let prediction = rows.iter().any(|r| r.prediction.is_some());
    let mut headings = vec![
        Heading::text("at", heading),
        Heading::number("estimate", &effect_heading(table)),
        Heading::number("ci", &format!("{}% CI", result.settings.level)),
    ];
    if prediction {
        headings.push(Heading::number("prediction", "Prediction interval"));
    }
    let row = |p: &Predicted| {
        let n = &p.natural;
        let mut cells = vec![p.at.as_str().into(), estimate(n, look), limits(n, look)];
        if prediction {
            let both = p.prediction.map(|q| limits(&q.natural, look));
            cells.push(both.unwrap_or(Cell::Missing));
        }
        cells
    };
    Sheet { headings, rows: rows.iter().map(row).collect(), rules: vec![] }
}

fn omnibus_text(o: &Omnibus) -> String {
    let p = p_value(o.p_value);
    let test = match o.df_denominator {
        Some(d) => {
            let d = if d.fract() == 0.0 { fixed(d, 0) } else { fixed(d, 1) };
            format!("F({}, {d}) = {}, {p}", o.df, fixed(o.statistic, 2))
        }
        None => format!("χ² = {}, df = {}, {p}", fixed(o.statistic, 2), o.df),
    };
    match o.permuted {
        Some(p) => format!("{test}; permuted {}", p_value(p)),
        None => test,
    }
}

/// The sentences below the coefficients: heading and text.
pub fn lines(result: &RegressionResult) -> Vec<(&'static str, String)> {
    let mut out = vec![];
    if let Some(m) = &result.moderators {
        out.push(("Moderators", omnibus_text(m)));
    }
    out.extend(result.terms.iter().map(|t| ("Term", format!("{}: {}", t.term, omnibus_text(t)))));
    if let Some(o) = result.scale.as_ref().and_then(|s| s.omnibus.as_ref()) {
        out.push(("Scale", omnibus_text(o)));
    }
    let mean = if result.scale.is_some() { "mean " } else { "" };
    let h = &result.heterogeneity;
    let tau2 = if h.tau2 == 0.0 { "0".into() } else { significant(h.tau2, 3) };
    let between = h.tau2_bootstrap.map_or(String::new(), |(l, u)| {
        format!(" (bootstrap {}% CI {} to {})", result.settings.level, significant(l, 3), significant(u, 3))
    });
    let r2 = h.r2.map_or(String::new(), |r| format!("; R² = {}", percent(r)));
    out.push((
        "Residual",
        format!(
            "{mean}τ² = {tau2}{between}; I² = {}{r2}; QE = {}, df = {}, {}",
            percent(h.i2),
            fixed(h.qe, 2),
            h.qe_df,
            p_value(h.qe_p_value)
        ),
    ));
    out.push((
        "Fit",
        format!(
            "log-likelihood = {}, AICc = {}",
            fixed(result.fit.log_likelihood, 2),
            fixed(result.fit.aicc, 2)
        ),
    ));
    if let Some(c) = &result.comparison {
        out.push((
            "Comparison",
            format!(
                "with `{}`: likelihood ratio = {}, df = {}, {}; AICc {} and {} (ML)",
                c.formula,
                fixed(c.statistic, 2),
                c.df,
                p_value(c.p_value),
                fixed(c.fit.aicc, 2),
                fixed(c.other.aicc, 2)
            ),
        ));
    }
    if let Some(run) = &result.permutation {
        let how = match (run.exact, run.seed) {
            (true, _) => "all there are".to_string(),
            (_, Some(seed)) => format!("random, seed {seed}"),
            _ => "random".into(),
        };
        out.push(("Permutation", format!("{} orders of the moderators, {how}", run.permutations)));
    }
    if let Some(s) = &result.selection {
        let parts: Vec<String> = s.importance.iter().map(|(t, w)| format!("{t} {}", fixed(*w, 2))).collect();
        out.push(("Importance", format!("{} (weight of {} models)", parts.join(", "), s.models)));
    }
    out.push(("Method", result.method_line()));
    out
}

/// Models by AICc.
pub fn selection_table(result: &RegressionResult) -> Sheet {
    let headings = vec![
        Heading::text("formula", "Model"),
        Heading::number("aicc", "AICc"),
        Heading::number("weight", "Weight"),
        Heading::number("tau2", "τ²"),
    ];
    let rows = result.selection.iter().flat_map(|s| &s.best).map(|c| {
        vec![
            c.formula.as_str().into(),
            Cell::Rounded(c.aicc, 2),
            Cell::Rounded(c.weight, 3),
            Cell::Text(significant(c.tau2, 3)),
        ]
    });
    Sheet { headings, rows: rows.collect(), rules: vec![] }
}

/// The tables of a result with their headings.
pub fn tables(result: &RegressionResult, digits: Option<usize>) -> Vec<(&'static str, Sheet)> {
    let level = result.settings.level;
    let mut out = vec![("", coefficient_table(&result.coefficients, level, "Coefficient", digits))];
    if let Some(s) = &result.scale {
        out.push((
            "Between-study variance (ln τ²)",
            coefficient_table(&s.coefficients, level, "Coefficient", digits),
        ));
    }
    if !result.contrasts.is_empty() {
        out.push(("Contrasts", coefficient_table(&result.contrasts, level, "Combination", digits)));
    }
    if !result.marginal_means.is_empty() {
        out.push(("Marginal means", predicted_table(result, &result.marginal_means, "Level", digits)));
    }
    if !result.predicted.is_empty() {
        out.push(("Predicted", predicted_table(result, &result.predicted, "At", digits)));
    }
    if result.selection.is_some() {
        out.push(("Models", selection_table(result)));
    }
    out
}

/// The whole result as Markdown.
pub fn markdown(result: &RegressionResult, digits: Option<usize>) -> String {
    let mut out = String::new();
    for (heading, sheet) in tables(result, digits) {
        if !heading.is_empty() {
            out += &format!("\n**{heading}**\n\n");
        }
        out += &sheet.markdown();
    }
    for (head, text) in lines(result) {
        out += &format!("\n**{head}.** {text}\n");
    }
    out + &result.notes.iter().map(note_markdown).collect::<String>()
}
