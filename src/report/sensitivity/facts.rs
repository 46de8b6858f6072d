//! What is said below the tables of sensitivity analyses.

use crate::document::Facts;
use crate::report::cells::{level, tau2};
use crate::result::format::{MISSING, fixed, grouped, p_value, percent};
use crate::result::look::Look;
use crate::result::sensitivity::{
    Gosh, Influence, Outliers, ProfileCurve, SensitivityResult, Stability, Step,
};
use crate::result::sentence;

/// Where the text of a labelled line begins.
const COLUMN: usize = 13;

/// A line or two an analysis, and all studies for comparison.
pub(super) fn facts(result: &SensitivityResult, digits: Option<usize>) -> Facts {
    let look = Look::pooled(&result.pool, digits);
    let mut out = Facts::new(COLUMN).listed();
    if let Some(text) = result.leave_one_out.as_ref().and_then(|s| left_out(result, s, look)) {
        out.say("Left out", text);
    }
    if let Some(text) = result.cumulative.as_ref().and_then(|s| cumulative(result, s)) {
        out.say("Cumulative", text);
    }
    if let Some(rows) = &result.influence {
        influence(&mut out, rows);
    }
    if let Some(g) = &result.gosh {
        subsets(&mut out, g);
    }
    if let Some(o) = &result.outliers {
        out.say("Outliers", outliers(result, o));
    }
    if let Some(s) = &result.stability {
        stability(&mut out, s);
    }
    if let Some(p) = &result.profile {
        out.say("Profile", profile(p, result.pool.settings.level));
    }
    if let Some(text) = all_studies(result, look) {
        out.say("All studies", text);
    }
    out.say("Method", result.pool.method_line());
    out
}

fn left_out(result: &SensitivityResult, steps: &[Step], look: Look) -> Option<String> {
    let read = || steps.iter().filter_map(|s| s.natural.estimate);
    let low = read().reduce(f64::min)?;
    let high = read().reduce(f64::max)?;
    let turning: Vec<&str> = steps.iter().filter(|s| s.turns).map(|s| s.label.as_str()).collect();
    let what = if result.cluster.is_some() { "cluster" } else { "study" };
    // where it is not about no effect, what all studies conclude stands nowhere else
    let word = match (result.against, result.conclusion()) {
        (Some(_), Some(c)) => format!("the conclusion ({})", c.words(result.against)),
        _ => "the conclusion".into(),
    };
    let changes = match (turning.len(), result.null.is_some()) {
        (_, false) => String::new(),
        (0, true) => format!("; no single {what} changes {word}"),
        (_, true) => format!("; {word} changes without {}", turning.join("; without ")),
    };
    Some(format!("the estimate lies between {} and {}{changes}", look.with_unit(low), look.with_unit(high)))
}

/// `None` where there is no value that a conclusion could be about.
fn cumulative(result: &SensitivityResult, steps: &[Step]) -> Option<String> {
    result.null?;
    let word = result.conclusion_word();
    let name = |s: &Step| s.order.as_ref().map_or(s.label.clone(), |o| format!("{} ({o})", s.label));
    let turning: Vec<String> = steps.iter().filter(|s| s.turns).map(name).collect();
    Some(if turning.is_empty() {
        format!("{word} never changes")
    } else {
        format!("{word} changes with {}", turning.join("; "))
    })
}

fn influence(out: &mut Facts, rows: &[Influence]) {
    let flagged: Vec<String> = rows
        .iter()
        .filter(|r| !r.flags.is_empty())
        .map(|r| format!("{} ({})", r.study, r.flagged_by()))
        .collect();
    let far = rows.iter().filter(|r| r.rstudent.is_some_and(|x| x.abs() > 1.96)).count();
    out.say("Influential", if flagged.is_empty() { "no study".to_string() } else { flagged.join("; ") });
    out.say("Residuals", format!("{far} of {} beyond ±1.96; 1 in 20 is expected", rows.len()));
}

fn subsets(out: &mut Facts, g: &Gosh) {
    let all = if g.exhaustive { "all" } else { "a random sample" };
    let failed = if g.failed > 0 { format!("; {} could not be pooled", g.failed) } else { String::new() };
    out.say("Subsets", format!("{}, {all}{failed}", grouped(&g.subsets.to_string())));
    if let Some(s) = g.widest() {
        let distance = fixed(s.distance, 2);
        out.say(
            "Split",
            format!("{} splits the subsets most: their centres lie {distance} SD apart", s.study),
        );
    }
}

fn outliers(result: &SensitivityResult, o: &Outliers) -> String {
    let left_out = o.path.iter().filter(|r| r.study.is_some()).count();
    let (word, target) = (result.inconsistency_word(), percent(o.target));
    match (left_out, o.reached) {
        (0, _) => format!("{word} is {target} or less with all studies"),
        (n, true) => format!("{word} falls to {target} or less without {n} of {} studies", result.pool.k),
        (_, false) => format!("{word} stays above {target} down to two studies"),
    }
}

fn stability(out: &mut Facts, s: &Stability) {
    let none = || "none, for want of a value of no effect (⟦against⟧)".into();
    let conclusion = s.conclusion.map_or_else(none, |c| c.words(s.against));
    out.say("Conclusion", format!("primary analysis (*): {conclusion}"));
    if let Some(h) = s.holds {
        let (holds, all) = (grouped(&h.to_string()), grouped(&s.analyses.to_string()));
        let share = 100.0 * h as f64 / s.analyses as f64;
        out.say("Holds", format!("in {holds} of {all} analyses ({share:.0}%)"));
    }
    if let (n, Some(reason)) = &s.refused {
        out.say("Refused", format!("{n} combinations; the first: {reason}"));
    }
}

fn profile(p: &ProfileCurve, confidence: f64) -> String {
    let upper = p.upper.map_or("unbounded".into(), tau2);
    let kind = if p.restricted { "restricted likelihood" } else { "likelihood" };
    let (peak, lower) = (tau2(p.peak.0), tau2(p.lower.unwrap_or(0.0)));
    format!("{kind} greatest at τ² = {peak}; {} {lower} to {upper}", level(confidence))
}

/// The estimate that all of this is about.
fn all_studies(result: &SensitivityResult, look: Look) -> Option<String> {
    let n = &result.pool.main()?.natural;
    let limit = |x: Option<f64>| x.map_or("unbounded".into(), |x| look.limit(x));
    let about = result.against.map_or(String::new(), |x| format!(" against {x}"));
    let p = result.whole().and_then(|f| f.p_value).filter(|_| result.null.is_some());
    Some(format!(
        "{} {} ({} {} to {}){}",
        sentence::model_word(&result.pool),
        n.estimate.map_or(MISSING.into(), |x| look.with_unit(x)),
        level(result.pool.settings.level),
        limit(n.lower),
        limit(n.upper),
        p.map_or(String::new(), |p| format!(", {}{about}", p_value(p)))
    ))
}
