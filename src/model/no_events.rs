//! No event, or nothing but events, in both groups of every study: no ratio, and what the counts do say.
//!
//! ```text
//! p₁ ≤ 1 − α^(1/n₁),  p₂ ≥ 0   ⟹   p₁ − p₂ ≤ 1 − α^(1/n₁)     each side with confidence 1 − α
//! λ₁ ≤ −ln α / t₁
//! ```
//! Exact one-sided bounds (Clopper and Pearson, Garwood) of all patients together. References: \[clopper1934\],
//! \[garwood1936\].

use crate::dataset::StudyData;
use crate::effect::{EffectTable, Measure};
use crate::error::Error;
use crate::result::Note;
use crate::result::format::{percent, significant};

/// What all studies together hold: patients (or person-time) of both groups.
struct Totals {
    first: f64,
    second: f64,
    rate: bool,
    all_events: bool,
}

/// The sums, if no study has an event, or none has anything else.
fn totals(table: &EffectTable) -> Option<Totals> {
    let data: Vec<&StudyData> = table.studies.iter().filter_map(|s| s.data.as_ref()).collect();
    let none = data.iter().all(|d| match d {
        StudyData::TwoByTwo(t) => t.a == 0.0 && t.c == 0.0,
        StudyData::TwoRates(r) => r.x1 == 0.0 && r.x2 == 0.0,
        _ => false,
    });
    let all = data.iter().all(|d| matches!(d, StudyData::TwoByTwo(t) if t.b == 0.0 && t.d == 0.0));
    if data.is_empty() || !(none || all) {
        return None;
    }
    let sizes = |d: &&StudyData| match d {
        StudyData::TwoByTwo(t) => (t.n1(), t.n2()),
        StudyData::TwoRates(r) => (r.t1, r.t2),
        _ => (0.0, 0.0),
    };
    let (first, second) = data.iter().map(sizes).fold((0.0, 0.0), |s, x| (s.0 + x.0, s.1 + x.1));
    let rate = data.iter().any(|d| matches!(d, StudyData::TwoRates(_)));
    Some(Totals { first, second, rate, all_events: !none })
}

/// The exact one-sided bounds of the difference, of all patients together: lower, upper.
pub(super) fn bounds(table: &EffectTable, level: f64) -> Option<(f64, f64)> {
    let t = totals(table)?;
    let alpha = 1.0 - level / 100.0;
    let bound = |size: f64| {
        if t.rate { -alpha.ln() / size } else { -(alpha.ln() / size).exp_m1() }
    };
    Some(if t.all_events { (-bound(t.first), bound(t.second)) } else { (-bound(t.second), bound(t.first)) })
}

/// The note on a difference that no study says anything about; `None` where some study does.
pub(super) fn note(table: &EffectTable) -> Option<Note> {
    let level = table.options.level;
    let (t, (lower, upper)) = (totals(table)?, bounds(table, level)?);
    Some(Note::NoEventsDifference { all: t.all_events, lower, upper, level })
}

/// The refusal of a ratio that no study says anything about; `None` where some study does.
pub(super) fn refusal(table: &EffectTable) -> Option<Error> {
    let level = table.options.level;
    let (t, (lower, upper)) = (totals(table)?, bounds(table, level)?);
    let shown = |x: f64| if t.rate { significant(x, 3) } else { percent(100.0 * x) };
    let (what, of) = if t.all_events { ("nothing but events", "all") } else { ("no event", "0") };
    let (unit, difference) =
        if t.rate { ("person-time", "rate difference") } else { ("patients", "risk difference") };
    let (first, second) = (t.first, t.second);
    let ratio = table.measure().needs_events() || table.measure() == Measure::Peto;
    let cannot = if ratio { "a ratio cannot" } else { "the standard error of a difference cannot" };
    Some(
        Error::model(format!(
            "{what} in either group of any study ({of} in {first} against {of} in {second} {unit}): {cannot} be \
             estimated"
        ))
        .with_hint(format!(
            "report the exact one-sided {level}% bounds of the {difference}, all {unit} together: at most {} and at \
             least {}",
            shown(upper),
            shown(lower)
        )),
    )
}
