//! Tests of bias and adjusted estimates as JSON, tables and sentences.

use super::json::{self, natural, number};
use super::sheet::{Cell, Heading, Sheet};
use super::summary::{estimate, heading, level, limits};
use crate::registry::Member;
use crate::result::bias::{
    Adjusted, BiasOutcome, BiasResult, Filled, Finding, PCurve, Refused, SelectionPoint,
};
use crate::result::format::{exact, fixed, grouped, p_value, percent, significant};
use crate::result::look::Look;
use serde_json::{Map, Value, json};

fn adjusted(map: &mut Map<String, Value>, prefix: &str, a: &Adjusted) {
    let mut put = |key: &str, x: Value| {
        map.insert(format!("{prefix}{key}"), x);
    };
    put("estimate", number(Some(a.estimate)));
    put("se", number(a.se));
    put("ci_lower", number(a.lower));
    put("ci_upper", number(a.upper));
    put("tau2", number(a.tau2));
    put("natural", natural(&a.natural));
}

/// One test as an object.
pub(super) fn outcome(o: &BiasOutcome) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("test".into(), json!(o.test.id()));
    map.insert("title".into(), json!(o.title));
    map.insert("variant".into(), json!(o.variant));
    map.insert("k".into(), json!(o.k));
    map.insert("statistic".into(), number(o.statistic));
    map.insert("statistic_kind".into(), json!(o.statistic_kind));
    map.insert("df".into(), number(o.df));
    map.insert("p_value".into(), number(o.p_value));
    map.insert("one_sided".into(), json!(o.one_sided));
    if let Some(a) = &o.adjusted {
        adjusted(&mut map, "", a);
        // of selection models the test is that of selection, and the estimate has its own
        if matches!(o.finding, Finding::Selection(_) | Finding::Limit { .. } | Finding::TrimFill(_)) {
            map.insert("estimate_p_value".into(), number(a.p_value));
        }
    }
    if let Some(l) = &o.limit {
        adjusted(&mut map, "limit_", l);
    }
    let mut put = |key: &str, x: Value| {
        map.insert(key.into(), x);
    };
    match &o.finding {
        Finding::Line(l) => {
            put("predictor", json!(l.predictor));
            put("intercept", number(Some(l.intercept)));
            put("slope", number(Some(l.slope)));
            put("slope_se", number(Some(l.slope_se)));
        }
        Finding::Rank { tau, exact } => {
            put("tau", number(Some(*tau)));
            put("exact", json!(exact));
        }
        Finding::TrimFill(t) => {
            put("estimator", json!(t.estimator));
            put("missing_studies", json!(t.missing));
            put("missing_studies_se", number(t.missing_se));
            put("missing_studies_p_value", number(t.missing_p_value));
            put("side", json!(t.side));
            let row = |f: &Filled| json!({ "mirror_of": f.study, "estimate": number(Some(f.estimate)), "variance": number(Some(f.variance)) });
            put("filled", t.filled.iter().map(row).collect());
            put("iterations", json!(t.iterations));
        }
        Finding::FailSafe { n, target, average } => {
            put("failsafe_n", number(Some(*n)));
            put("target", number(*target));
            put("average", number(*average));
        }
        Finding::Excess { observed, expected } => {
            put("observed", json!(observed));
            put("expected", number(Some(*expected)));
        }
        Finding::Selection(s) => {
            put("type", json!(s.kind.id()));
            put("alternative", json!(s.alternative));
            put("steps", json!(s.steps));
            put("delta", json!(s.delta));
            put("delta_se", s.delta_se.iter().map(|x| number(*x)).collect());
            put("studies_per_step", json!(s.counts));
            put("tau2_se", number(s.tau2_se));
            put("log_likelihood", number(Some(s.log_likelihood)));
            put("lrt", number(Some(s.lrt)));
            put("lrt_df", json!(s.lrt_df));
            put("lrt_p_value", number(Some(s.lrt_p_value)));
            put("iterations", json!(s.iterations));
            put("stop", json!(s.stop));
            put("at_boundary", json!(s.at_boundary));
            let point = |c: &SelectionPoint| json!({ "p": c.p, "weight": number(Some(c.weight)), "lower": number(c.lower), "upper": number(c.upper) });
            put("curve", s.curve.iter().map(point).collect());
        }
        Finding::Limit { alpha, q_small, q_remaining, df_remaining, p_remaining, g2, .. } => {
            put("alpha", number(Some(*alpha)));
            put("q_small_study_effects", number(Some(*q_small)));
            put("q_remaining", number(Some(*q_remaining)));
            put("q_remaining_df", json!(df_remaining));
            put("q_remaining_p_value", number(Some(*p_remaining)));
            put("g2", number(*g2));
        }
        Finding::PCurve(c) => {
            let pair = |p: (f64, f64)| json!({ "z": number(Some(p.0)), "p_value": number(Some(p.1)) });
            put("significant", json!(c.significant));
            put("significant_half", json!(c.half));
            put("right_skew", pair(c.right_skew));
            put("right_skew_half", c.right_skew_half.map_or(Value::Null, pair));
            put("flat", pair(c.flat));
            put("flat_half", c.flat_half.map_or(Value::Null, pair));
            put("power", number(c.power.value()));
            put("power_lower", number(c.power_limits.0.value()));
            put("power_upper", number(c.power_limits.1.value()));
            put("power_says", json!(power(c)));
            put("shares", json!(c.shares));
        }
        Finding::PUniform { significant, log_likelihood, iterations } => {
            put("significant", json!(significant));
            put("log_likelihood", number(Some(*log_likelihood)));
            put("iterations", json!(iterations));
        }
        Finding::Conditional { taken, pet_p_value } => {
            put("taken", json!(taken));
            put("pet_one_sided_p_value", number(Some(*pet_p_value)));
        }
        Finding::Nothing => {}
    }
    map
}

/// The result of `metapool bias`.
pub fn json(result: &BiasResult, input: &Value) -> Value {
    let mut map = json::head("bias", input, json::pool_settings(&result.pool));
    map.insert("k".into(), json!(result.pool.k));
    let object = |p| Value::Object(json::pooled(p));
    map.insert("common".into(), result.pool.common.as_ref().map_or(Value::Null, object));
    map.insert("random".into(), result.pool.random.as_ref().map_or(Value::Null, json::random));
    if result.single {
        map.insert(
            "result".into(),
            result.outcomes.first().map_or(Value::Null, |o| Value::Object(outcome(o))),
        );
    } else {
        map.insert("results".into(), result.outcomes.iter().map(|o| Value::Object(outcome(o))).collect());
        let refused =
            |r: &Refused| json!({ "test": r.test.id(), "title": r.test.name(), "reason": r.reason });
        map.insert("refused".into(), result.refused.iter().map(refused).collect());
    }
    map.insert("notes".into(), json::notes(&result.notes()));
    Value::Object(map)
}

/// Power with its limits, in words: what lies beyond the ends of the scale has no number.
fn power(c: &PCurve) -> String {
    let (lower, upper) = c.power_limits;
    format!("{} (90% CI {} to {})", c.power.words(), lower.words(), upper.words())
}

/// What a test says, in words.
pub fn says(o: &BiasOutcome) -> String {
    let sided = |p: f64| format!("{}{}", if o.one_sided { "one-sided " } else { "" }, p_value(p));
    let p = |x: Option<f64>| x.map_or(String::new(), |p| format!(", {}", sided(p)));
    let test = match (o.statistic, o.df) {
        (Some(s), Some(df)) if o.statistic_kind == "t" => {
            format!("t = {}, df = {}{}", fixed(s, 2), exact(df), p(o.p_value))
        }
        (Some(s), Some(df)) if o.statistic_kind == "χ²" => {
            format!("χ² = {}, df = {}{}", fixed(s, 2), exact(df), p(o.p_value))
        }
        (Some(s), _) => format!("{} = {}{}", o.statistic_kind, fixed(s, 2), p(o.p_value)),
        (None, _) => o.p_value.map(sided).unwrap_or_default(),
    };
    let join = |a: String, b: String| if b.is_empty() { a } else { format!("{a}; {b}") };
    match &o.finding {
        Finding::Rank { tau, .. } => join(format!("Kendall's τ = {}", fixed(*tau, 2)), test),
        Finding::TrimFill(t) => {
            let side = if t.missing == 0 { String::new() } else { format!(" on the {}", t.side) };
            let what = if t.missing == 1 { "study" } else { "studies" };
            let se = t.missing_se.map_or(String::new(), |se| format!(" (SE {})", fixed(se, 1)));
            format!("{} {what} missing{side}{se}", t.missing)
        }
        Finding::FailSafe { n, .. } => join(format!("N = {}", grouped(&fixed(*n, 0))), test),
        Finding::Excess { observed, expected } => {
            join(format!("{observed} significant, {} expected", fixed(*expected, 1)), test)
        }
        Finding::Selection(s) => {
            let weights: Vec<String> = s.delta.iter().map(|d| significant(*d, 2)).collect();
            join(format!("weights {}", weights.join(", ")), format!("selection {test}"))
        }
        Finding::Limit { g2, .. } => {
            let g2 = g2.map_or(String::new(), |g2| format!("G² = {}", percent(g2)));
            join(format!("small-study effect {test}"), g2)
        }
        Finding::PCurve(c) => {
            format!("{} significant; right skew {test}; power {}", c.significant, c.power.words())
        }
        Finding::PUniform { significant, .. } => format!("{significant} significant; effect {test}"),
        Finding::Conditional { taken, .. } => {
            let name = if *taken == "pet" { "PET" } else { "PEESE" };
            format!("{name} taken; effect {test}")
        }
        Finding::Line(_) if o.adjusted.is_some() => format!("effect {test}"),
        Finding::Line(_) => test,
        Finding::Nothing => test,
    }
}

/// One row per test, and the pooled estimate that they are to be compared with.
pub fn table(result: &BiasResult, digits: Option<usize>) -> Sheet {
    let table = &result.pool.table;
    let look = Look::pooled(&result.pool, digits);
    let headings = vec![
        Heading::text("test", "Test"),
        Heading::text("finding", "Finding"),
        Heading::number("estimate", &format!("Adjusted {}", short(&heading(table)))),
        Heading::number("ci", &level(result.pool.settings.level)),
    ];
    let row = |o: &BiasOutcome| {
        let a = o.adjusted.as_ref().or(o.limit.as_ref()).map(|a| a.natural).unwrap_or_default();
        vec![o.test.name().into(), says(o).into(), estimate(&a, look), limits(&a, look)]
    };
    let mut rows: Vec<Vec<Cell>> = result.outcomes.iter().map(row).collect();
    let rules = vec![rows.len()];
    if let Some(m) = result.pool.main() {
        rows.push(vec![
            if result.pool.k == 1 { "The study itself" } else { "As pooled, bias not considered" }.into(),
            m.p_value.map_or(Cell::Missing, |p| Cell::Text(p_value(p))),
            estimate(&m.natural, look),
            limits(&m.natural, look),
        ]);
    }
    Sheet { headings, rows, rules }
}

/// A heading within a longer one: lower case unless it is an abbreviation.
fn short(label: &str) -> String {
    let first: Vec<char> = label.chars().take(2).collect();
    if first.len() == 2 && first[1].is_lowercase() { label.to_lowercase() } else { label.to_string() }
}

/// Sentences below the table: heading and text.
pub fn lines(result: &BiasResult) -> Vec<(&'static str, String)> {
    let mut out = vec![];
    for o in &result.outcomes {
        if let Finding::PCurve(c) = &o.finding {
            let pair = |p: Option<(f64, f64)>| {
                p.map_or("–".to_string(), |p| format!("z = {}, {}", fixed(p.0, 2), p_value(p.1)))
            };
            out.push((
                "Right skew",
                format!("all {}; half {}", pair(Some(c.right_skew)), pair(c.right_skew_half)),
            ));
            out.push(("Flatness", format!("all {}; half {}", pair(Some(c.flat)), pair(c.flat_half))));
            out.push(("Power", power(c)));
        }
        if let (Finding::Limit { q_small, q_remaining, df_remaining, p_remaining, .. }, true) =
            (&o.finding, result.single)
        {
            out.push(("Small studies", format!("explain Q = {}", fixed(*q_small, 2))));
            out.push((
                "Remaining",
                format!("Q = {}, df = {df_remaining}, {}", fixed(*q_remaining, 2), p_value(*p_remaining)),
            ));
        }
    }
    for o in &result.outcomes {
        if !o.variant.is_empty() {
            let name = if result.single { "Method" } else { "" };
            let text =
                if result.single { o.variant.clone() } else { format!("{}: {}", o.test.name(), o.variant) };
            out.push((if name.is_empty() { "How" } else { name }, text));
        }
    }
    // what is refused for one reason is said at once
    let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
    for r in &result.refused {
        match reasons.iter_mut().find(|x| x.0 == r.reason) {
            Some(known) => known.1.push(r.test.name()),
            None => reasons.push((&r.reason, vec![r.test.name()])),
        }
    }
    out.extend(
        reasons.into_iter().map(|(reason, tests)| ("Not done", format!("{}: {reason}", tests.join(", ")))),
    );
    out.push(("Pooled by", result.pool.method_line()));
    out
}

/// Everything as Markdown.
pub fn markdown(result: &BiasResult, digits: Option<usize>) -> String {
    let mut out = format!("# {}: bias\n\n", result.pool.table.title());
    out += &table(result, digits).markdown();
    out.push('\n');
    for (head, line) in lines(result) {
        out += &format!("* {head}: {line}\n");
    }
    for note in result.notes() {
        out += &super::summary::note_markdown(&note);
    }
    out
}
