//! Sentences on a result that tables, plots and reports share.

use super::format::{fixed, p_value, percent, significant};
use super::look::Look;
use super::{Imputation, IntervalSource, MissingSd, PoolResult, QKind};
use crate::choice::Model;

fn level(result: &PoolResult) -> String {
    format!("{}% CI", result.settings.level)
}

/// What the row of the main estimate is called.
pub fn model_word(result: &PoolResult) -> &'static str {
    let proportion = result.table.measure().spec().null.is_none();
    match result.settings.model {
        _ if result.k == 1 => "One study, not pooled",
        Some(Model::Glmm) if proportion => "GLMM, median",
        Some(Model::Glmm) => "GLMM",
        Some(Model::BetaBinomial) if proportion => "Beta-binomial, mean",
        Some(Model::BetaBinomial) => "Beta-binomial",
        Some(Model::MantelHaenszel) => "Mantel-Haenszel",
        Some(Model::Peto) => "Peto",
        Some(Model::Exact) => "Exact",
        _ if result.random.is_none() => "Common effect",
        _ if result.settings.is_equal_effects() => "Equal effects",
        _ => "Random effects",
    }
}

/// The sentence on heterogeneity.
pub fn heterogeneity_line(result: &PoolResult) -> Option<String> {
    let h = result.heterogeneity.as_ref()?;
    let between = |lower: Option<f64>, upper: Option<f64>, show: &dyn Fn(f64) -> String| match (lower, upper)
    {
        (Some(l), Some(u)) => format!(" ({} {} to {})", level(result), show(l), show(u)),
        (Some(l), None) => format!(" ({} {} to unbounded)", level(result), show(l)),
        _ => String::new(),
    };
    let tau = |x: f64| if x == 0.0 { "0".into() } else { significant(x, 3) };
    let mut parts = vec![];
    if let Some(tau2) = h.tau2.filter(|_| !result.settings.is_equal_effects()) {
        parts.push(format!("τ² = {}{}", tau(tau2), between(h.tau2_lower, h.tau2_upper, &tau)));
    }
    if let Some(r) = h.intraclass {
        parts.push(format!("intraclass correlation = {}", significant(r, 2)));
    }
    if let Some(i2) = h.i2 {
        parts.push(format!("I² = {}{}", percent(i2), between(h.i2_lower, h.i2_upper, &percent)));
    }
    if let (None, None, Some(i2)) = (h.tau2, h.i2, h.i2_q) {
        parts.push(format!("I² from Q = {}", percent(i2)));
    }
    let name = match h.q_kind {
        QKind::Cochran => "Q",
        QKind::LikelihoodRatio => "likelihood ratio",
    };
    parts.push(format!("{name} = {}, df = {}, {}", fixed(h.q, 2), h.q_df, p_value(h.q_p_value)));
    Some(parts.join("; "))
}

/// Heterogeneity in a line, without intervals: of a subgroup.
pub fn heterogeneity_short(h: &super::Heterogeneity) -> String {
    let mut parts = vec![];
    if let Some(tau2) = h.tau2 {
        parts.push(format!("τ² = {}", if tau2 == 0.0 { "0".into() } else { significant(tau2, 3) }));
    }
    if let Some(i2) = h.i2.or(h.i2_q) {
        parts.push(format!("I² = {}", percent(i2)));
    }
    let name = match h.q_kind {
        QKind::Cochran => "Q",
        QKind::LikelihoodRatio => "likelihood ratio",
    };
    parts.push(format!("{name} = {}, df = {}, {}", fixed(h.q, 2), h.q_df, p_value(h.q_p_value)));
    parts.join("; ")
}

/// The sentence on the test of no effect; none for measures without a null value.
pub fn test_line(result: &PoolResult) -> Option<String> {
    result.table.measure().spec().null?;
    let p = result.main()?;
    let Some(statistic) = p.statistic else {
        return p.p_value.map(|value| format!("{} test, {}", result.settings.ci.id(), p_value(value)));
    };
    let value = p.p_value?;
    Some(match p.df {
        Some(df) => {
            let df = if df.fract() == 0.0 { fixed(df, 0) } else { fixed(df, 1) };
            format!("t = {}, df = {df}, {}", fixed(statistic, 2), p_value(value))
        }
        None => format!("z = {}, {}", fixed(statistic, 2), p_value(value)),
    })
}

/// A sentence for each test that the model adds.
pub fn test_lines(result: &PoolResult) -> Vec<String> {
    let line = |t: &super::Test| match (t.statistic, t.df) {
        (Some(x), Some(df)) => {
            format!("{}: χ² = {}, df = {df}, {}", t.title, fixed(x, 2), p_value(t.p_value))
        }
        _ => format!("{}: {}", t.title, p_value(t.p_value)),
    };
    // the test that belongs to the interval stands in the line of the overall effect
    let own = |t: &&super::Test| t.of.is_some_and(|of| result.settings.ci == IntervalSource::Of(of));
    result.tests.iter().filter(|t| !own(t)).map(line).collect()
}

/// The sentence on the differences between subgroups.
pub fn subgroup_line(result: &PoolResult) -> Option<String> {
    let s = result.subgroups.as_ref()?;
    let head = "Test for subgroup differences";
    let test = if result.random.is_some() { &s.random } else { &s.common };
    let Some(test) = test else {
        return s.no_test.as_ref().map(|reason| format!("{head}: none, because {reason}"));
    };
    let shown = |t: f64| if t == 0.0 { "0".into() } else { significant(t, 3) };
    let (statistic, df) = match test.df2 {
        Some(df2) => ("F", format!("{} and {df2}", test.df)),
        None => ("Q", test.df.to_string()),
    };
    let tau2 = match test.tau2.or(s.common_tau2) {
        Some(t) => format!("; common τ² = {}", shown(t)),
        None if result.random.is_some() => "; heterogeneity of each group its own".into(),
        None => String::new(),
    };
    Some(format!(
        "{head}: {statistic} = {}, df = {df}, {} ({}{tau2})",
        fixed(test.statistic, 2),
        p_value(test.p_value),
        test.method
    ))
}

/// The sentence on counts known within bounds.
pub fn range_line(result: &PoolResult) -> Option<String> {
    let r = result.range.as_ref()?;
    let look = Look::pooled(result, None);
    let shown = |x: f64| look.with_unit(x);
    let limits = |l: Option<f64>, u: Option<f64>| match (l, u) {
        (Some(l), Some(u)) => format!(" ({} {} to {})", level(result), look.limit(l), look.limit(u)),
        _ => String::new(),
    };
    Some(format!(
        "with {} at its bounds, k = {}: from {}{} to {}{}{}",
        r.studies.join(", "),
        r.k,
        shown(r.low.estimate),
        limits(r.low.lower, r.low.upper),
        shown(r.high.estimate),
        limits(r.high.lower, r.high.upper),
        if r.exhaustive { "" } else { "; only the ends of the bounds were tried, not every count between" }
    ))
}

/// The sentence on the correlation at which the conclusion changes.
fn tipping_line(result: &PoolResult, imputation: &Imputation) -> String {
    let rows = if imputation.studies == 1 {
        "1 row was imputed".into()
    } else {
        format!("{} rows were imputed", imputation.studies)
    };
    match imputation.tipping_point {
        _ if imputation.studies == 0 => "no row lacks what can be imputed this way".into(),
        Some(r) => {
            format!("{rows}; tipping point: the conclusion changes at a correlation of {}", fixed(r, 2))
        }
        None if imputation.results.iter().any(|r| r.correlation.is_some()) => {
            let includes =
                |l: Option<f64>, u: Option<f64>| l.zip(u).is_some_and(|(l, u)| l <= 0.0 && u >= 0.0);
            let word = |yes: bool| if yes { "includes" } else { "excludes" };
            let with = imputation.results.iter().any(|r| includes(r.lower, r.upper));
            let without = result.main().is_some_and(|m| includes(m.lower, m.upper));
            let than = if with == without {
                "as it does without these rows"
            } else {
                "unlike the interval without these rows"
            };
            format!(
                "{rows}; at every correlation from -0.99 to 0.99 the interval {} no change, {than}",
                word(with)
            )
        }
        None => rows,
    }
}

/// What the table of imputed rows is called; without a row to impute there is none, only what missing values decide.
pub fn imputation_heading(imputation: &Imputation) -> &'static str {
    if imputation.results.is_empty() { "Missing standard deviations" } else { "With imputed rows" }
}

/// What is said below the table of imputed rows, a sentence each.
pub fn imputation_lines(result: &PoolResult, imputation: &Imputation) -> Vec<String> {
    let mut lines: Vec<String> = imputation.missing_sds.iter().map(|m| missing_sd_line(result, m)).collect();
    // where there is nothing to impute, the missing standard deviations are the answer
    if imputation.studies > 0 || lines.is_empty() {
        lines.insert(0, tipping_line(result, imputation));
    }
    lines
}

/// The standard deviations at which a study that lacks its own would decide.
fn missing_sd_line(result: &PoolResult, m: &MissingSd) -> String {
    let look = Look::pooled(result, None);
    let number = |x: f64| look.number(x);
    let mut text = format!(
        "{} (mean change {} in {} patients) lacks the SD of the change",
        m.study,
        number(m.change),
        fixed(m.n, 0)
    );
    if let Some(sd) = m.own_tipping_sd {
        text += &format!(
            "; its own {}% interval (t, df = {}) excludes no change if the SD is below {}",
            m.level,
            fixed(m.n - 1.0, 0),
            number(sd)
        );
    }
    let (Some(k), Some(excludes)) = (m.k, m.excludes_at_least) else { return text };
    let word = |yes: bool| if yes { "excludes" } else { "includes" };
    let without = result.main().and_then(|p| Some(p.lower? > 0.0 || p.upper? < 0.0));
    text += &match m.tipping_sd {
        Some(sd) => format!(
            "; with it pooled (k = {k}), the interval {} no change below an SD of {} and {} it above",
            word(excludes),
            number(sd),
            word(!excludes)
        ),
        None => format!(
            "; with it pooled (k = {k}), the interval {} no change at every SD{}",
            word(excludes),
            match without {
                Some(w) if w == excludes => ", as it does without this study",
                Some(_) => ", unlike the interval without this study",
                None => "",
            }
        ),
    };
    text
}
