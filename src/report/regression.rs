//! A meta-regression.

use super::cells::{effect_word, estimate, level, limits, notes, p_cell, tau2};
use super::{answer, tidy};
use crate::document::{Block, Cell, Document, Facts, Heading, Report, Sheet, View};
use crate::effect::Scale;
use crate::result::Note;
use crate::result::format::{fixed, grouped, p_value, percent, power, significant};
use crate::result::look::Look;
use crate::result::regression::{
    Candidate, Coefficient, Omnibus, PermutationRun, Predicted, RegressionResult,
};
use serde_json::Value;

/// Where the text of a labelled line begins.
const COLUMN: usize = 13;

impl Report for RegressionResult {
    fn document(&self, view: &View) -> Document {
        let mut out = Document::default();
        out.push(Block::Opening(opening(self)));
        tables(&mut out, self, view.digits);
        out.push(Block::Facts(facts(self)));
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::regression(self, input)
    }

    fn tidy(&self) -> Sheet {
        tidy::regression(self)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes.clone()
    }
}

fn opening(result: &RegressionResult) -> String {
    let scale = match result.table.scale() {
        Scale::Identity => String::new(),
        scale if result.table.measure().spec().title.contains(scale.title()) => String::new(),
        scale => format!(" ({} scale)", scale.title()),
    };
    format!("{}{scale} by {}, {} studies", result.table.title(), result.formula, result.k)
}

fn tables(out: &mut Document, result: &RegressionResult, digits: Option<usize>) {
    let level = result.settings.level;
    let coefficients = |list: &[Coefficient], heading: &str| coefficient_table(list, level, heading, digits);
    out.push(Block::Table(coefficients(&result.coefficients, "Coefficient")));
    if let Some(s) = &result.scale {
        out.part("Between-study variance (ln τ²)", coefficients(&s.coefficients, "Coefficient"));
    }
    if !result.contrasts.is_empty() {
        out.part("Contrasts", coefficients(&result.contrasts, "Combination"));
    }
    for (title, list, heading) in
        [("Marginal means", &result.marginal_means, "Level"), ("Predicted", &result.predicted, "At")]
    {
        if !list.is_empty() {
            out.part(title, predicted_table(result, list, heading, digits));
        }
    }
    if let Some(s) = &result.selection {
        out.part("Models", candidate_table(&s.best));
    }
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

fn coefficient_table(
    coefficients: &[Coefficient],
    confidence: f64,
    heading: &str,
    digits: Option<usize>,
) -> Sheet {
    let t = coefficients.iter().any(|c| c.df.is_some());
    let headings = vec![
        Heading::text("term", heading),
        Heading::number("estimate", "Estimate"),
        Heading::number("ci", &level(confidence)),
        Heading::number("se", "SE"),
        Heading::number("statistic", if t { "t" } else { "z" }),
        Heading::number("p_value", "p"),
        Heading::number("permutation_p_value", "p, permuted"),
        Heading::number("permutation_ci", "CI, permuted"),
        Heading::number("bootstrap_ci", "CI, bootstrap"),
        Heading::number("vif", "VIF"),
    ];
    let limited = coefficients.iter().any(|c| c.permuted.is_some_and(|p| p.limits != (None, None)));
    let row = |c: &Coefficient| coefficient_row(c, limited, digits);
    Sheet::new(headings, coefficients.iter().map(row)).without_empty()
}

/// A row; `limited` where permutations gave confidence limits.
fn coefficient_row(c: &Coefficient, limited: bool, digits: Option<usize>) -> Vec<Cell> {
    let shown = writer(c, digits);
    let interval = |l: f64, u: f64| Cell::Text(format!("{} to {}", shown(l), shown(u)));
    let limit = |x: Option<f64>| x.map_or("unbounded".to_string(), &shown);
    vec![
        c.term.as_str().into(),
        Cell::Text(shown(c.estimate)),
        interval(c.lower, c.upper),
        Cell::Text(shown(c.se)),
        Cell::Rounded(c.statistic, digits.unwrap_or(2)),
        p_cell(c.p_value),
        c.permuted.map_or(Cell::Missing, |p| p_cell(p.p_value)),
        c.permuted
            .filter(|_| limited)
            .map_or(Cell::Missing, |p| Cell::Text(format!("{} to {}", limit(p.limits.0), limit(p.limits.1)))),
        c.bootstrap.map_or(Cell::Missing, |b| interval(b.0, b.1)),
        c.vif.map_or(Cell::Missing, |v| Cell::Rounded(v, 2)),
    ]
}

/// Predictions, read on the natural scale.
fn predicted_table(
    result: &RegressionResult,
    rows: &[Predicted],
    heading: &str,
    digits: Option<usize>,
) -> Sheet {
    let look = Look::of(&result.table, digits);
    let headings = vec![
        Heading::text("at", heading),
        Heading::number("estimate", &effect_word(&result.table)),
        Heading::number("ci", &level(result.settings.level)),
        Heading::number("prediction", "Prediction interval"),
    ];
    let row = |p: &Predicted| {
        vec![
            p.at.as_str().into(),
            estimate(&p.natural, look),
            limits(&p.natural, look),
            p.prediction.map_or(Cell::Missing, |q| limits(&q.natural, look)),
        ]
    };
    Sheet::new(headings, rows.iter().map(row)).without_empty_last()
}

/// Models by AICc.
fn candidate_table(best: &[Candidate]) -> Sheet {
    let headings = vec![
        Heading::text("formula", "Model"),
        Heading::number("aicc", "AICc"),
        Heading::number("weight", "Weight"),
        Heading::number("tau2", "τ²"),
    ];
    let row = |c: &Candidate| {
        vec![
            c.formula.as_str().into(),
            Cell::Rounded(c.aicc, 2),
            Cell::Rounded(c.weight, 3),
            Cell::Text(significant(c.tau2, 3)),
        ]
    };
    Sheet::new(headings, best.iter().map(row))
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

/// What stands below the coefficients.
fn facts(result: &RegressionResult) -> Facts {
    let mut out = Facts::new(COLUMN);
    if let Some(m) = &result.moderators {
        out.say("Moderators", omnibus_text(m));
    }
    for t in &result.terms {
        out.say("Term", format!("{}: {}", t.term, omnibus_text(t)));
    }
    if let Some(o) = result.scale.as_ref().and_then(|s| s.omnibus.as_ref()) {
        out.say("Scale", omnibus_text(o));
    }
    out.say("Residual", residual(result));
    let fit = &result.fit;
    let (likelihood, aicc) = (fixed(fit.log_likelihood, 2), fixed(fit.aicc, 2));
    out.say("Fit", format!("log-likelihood = {likelihood}, AICc = {aicc}"));
    if let Some(c) = &result.comparison {
        let test = format!("{}, df = {}, {}", fixed(c.statistic, 2), c.df, p_value(c.p_value));
        let aicc = format!("AICc {} and {} (ML)", fixed(c.fit.aicc, 2), fixed(c.other.aicc, 2));
        out.say("Comparison", format!("with `{}`: likelihood ratio = {test}; {aicc}", c.formula));
    }
    if let Some(run) = &result.permutation {
        out.say("Permutation", orders(run));
    }
    if let Some(s) = &result.selection {
        let parts: Vec<String> = s.importance.iter().map(|(t, w)| format!("{t} {}", fixed(*w, 2))).collect();
        out.say("Importance", format!("{} (weight of {} models)", parts.join(", "), s.models));
    }
    out.say("Method", result.method_line());
    out
}

/// Heterogeneity that the moderators leave.
fn residual(result: &RegressionResult) -> String {
    let h = &result.heterogeneity;
    let mean = if result.scale.is_some() { "mean " } else { "" };
    let between = h.tau2_bootstrap.map_or(String::new(), |(l, u)| {
        let ci = level(result.settings.level);
        format!(" (bootstrap {ci} {} to {})", significant(l, 3), significant(u, 3))
    });
    let r2 = h.r2.map_or(String::new(), |r| format!("; R² = {}", percent(r)));
    format!(
        "{mean}τ² = {}{between}; I² = {}{r2}; QE = {}, df = {}, {}",
        tau2(h.tau2),
        percent(h.i2),
        fixed(h.qe, 2),
        h.qe_df,
        p_value(h.qe_p_value)
    )
}

fn orders(run: &PermutationRun) -> String {
    let how = match (run.exact, run.seed) {
        (true, _) => "all there are".to_string(),
        (_, Some(seed)) => format!("random, seed {seed}"),
        _ => "random".into(),
    };
    format!("{} orders of the moderators, {how}", run.permutations)
}
