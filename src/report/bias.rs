//! Tests of bias and adjusted estimates.

use super::cells::{effect_word, estimate, level, limits, notes};
use super::{answer, tidy};
use crate::document::{Block, Cell, Document, Facts, Heading, Rank, Report, Sheet, View};
use crate::registry::Member;
use crate::result::Note;
use crate::result::bias::{BiasOutcome, BiasResult, Finding, Statistic};
use crate::result::format::{exact, fixed, grouped, p_value, percent, significant, studies};
use crate::result::look::Look;
use serde_json::Value;

/// Where the text of a labelled line begins.
const COLUMN: usize = 15;

impl Report for BiasResult {
    fn document(&self, view: &View) -> Document {
        let title = self.pool.table.title();
        let mut out = Document::default();
        out.push(Block::Heading(Rank::Title, format!("{title}: bias")));
        out.push(Block::Opening(format!("{title}, {}", studies(self.pool.k))));
        out.push(Block::Table(table(self, view.digits)));
        out.push(Block::Facts(facts(self)));
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::bias(self, input)
    }

    fn tidy(&self) -> Sheet {
        tidy::bias(self)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes()
    }
}

/// One row per test, and the pooled estimate that they are to be compared with.
fn table(result: &BiasResult, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let word = short(&effect_word(&result.pool.table));
    let headings = vec![
        Heading::text("test", "Test"),
        Heading::text("finding", "Finding"),
        Heading::number("estimate", &format!("Adjusted {word}")),
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

/// What a test says, in words.
fn says(o: &BiasOutcome) -> String {
    let test = statistic(o);
    let join = |a: String, b: String| if b.is_empty() { a } else { format!("{a}; {b}") };
    match &o.finding {
        Finding::Rank { tau, .. } => join(format!("Kendall's τ = {}", fixed(*tau, 2)), test),
        Finding::TrimFill(t) => {
            let side = if t.missing == 0 { String::new() } else { format!(" on the {}", t.side.id()) };
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
            format!("{} taken; effect {test}", taken.id().to_uppercase())
        }
        Finding::Line(_) if o.adjusted.is_some() => format!("effect {test}"),
        Finding::Line(_) | Finding::Nothing => test,
    }
}

/// A statistic with its degrees of freedom and p-value.
fn statistic(o: &BiasOutcome) -> String {
    let sided = |p: f64| format!("{}{}", if o.one_sided { "one-sided " } else { "" }, p_value(p));
    let p = o.p_value.map_or(String::new(), |p| format!(", {}", sided(p)));
    match (o.statistic, o.df) {
        (Some(s), Some(df)) if matches!(o.statistic_kind, Statistic::T | Statistic::ChiSquared) => {
            format!("{} = {}, df = {}{p}", o.statistic_kind.id(), fixed(s, 2), exact(df))
        }
        (Some(s), _) => format!("{} = {}{p}", o.statistic_kind.id(), fixed(s, 2)),
        (None, _) => o.p_value.map(sided).unwrap_or_default(),
    }
}

/// What stands below the table.
fn facts(result: &BiasResult) -> Facts {
    let mut out = Facts::new(COLUMN).listed();
    for o in &result.outcomes {
        details(&mut out, o, result.single);
    }
    for o in result.outcomes.iter().filter(|o| !o.variant.is_empty()) {
        if result.single {
            out.say("Method", &o.variant);
        } else {
            out.say("How", format!("{}: {}", o.test.name(), o.variant));
        }
    }
    refusals(&mut out, result);
    out.say("Pooled by", result.pool.method_line());
    out
}

/// What a test found that has no room in the table.
fn details(out: &mut Facts, o: &BiasOutcome, single: bool) {
    match &o.finding {
        Finding::PCurve(c) => {
            let one = |p: (f64, f64)| format!("z = {}, {}", fixed(p.0, 2), p_value(p.1));
            let both = |all: (f64, f64), half: Option<(f64, f64)>| {
                format!("all {}; half {}", one(all), half.map_or("–".to_string(), one))
            };
            out.say("Right skew", both(c.right_skew, c.right_skew_half));
            out.say("Flatness", both(c.flat, c.flat_half));
            out.say("Power", c.power_line());
        }
        Finding::Limit { q_small, q_remaining, df_remaining, p_remaining, .. } if single => {
            out.say("Small studies", format!("explain Q = {}", fixed(*q_small, 2)));
            let (q, p) = (fixed(*q_remaining, 2), p_value(*p_remaining));
            out.say("Remaining", format!("Q = {q}, df = {df_remaining}, {p}"));
        }
        _ => {}
    }
}

/// What was not done; tests that are refused for one reason together.
fn refusals(out: &mut Facts, result: &BiasResult) {
    let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
    for r in &result.refused {
        match reasons.iter_mut().find(|x| x.0 == r.reason) {
            Some(known) => known.1.push(r.test.name()),
            None => reasons.push((&r.reason, vec![r.test.name()])),
        }
    }
    for (reason, tests) in reasons {
        out.say("Not done", format!("{}: {reason}", tests.join(", ")));
    }
}
