//! What every model gives: a pooled effect with its test, a study's own, and the refusal where there is none.

use super::no_events;
use crate::effect::{EffectTable, Included, Measure, Natural, StudyEffect};
use crate::error::Error;
use crate::math::dist;
use crate::result::Pooled;

/// Why no row of a table can be pooled.
pub(super) fn no_studies(rows: Included<'_>) -> Error {
    let measure = rows.table.measure();
    if let Some(refusal) =
        no_events::refusal(rows.table).filter(|_| measure.needs_events() || measure == Measure::Peto)
    {
        return refusal;
    }
    let reasons: Vec<String> = rows
        .studies()
        .filter_map(|s| s.reason.as_ref().map(|r| format!("{} ({r})", s.study)))
        .take(3)
        .collect();
    Error::model(format!("no study can be pooled: {}", reasons.join("; ")))
        .with_hint("⟦effects:⟧ shows every study with its reason")
}

/// The only study with an effect.
pub(super) fn only_study(table: &EffectTable) -> Option<&StudyEffect> {
    table.studies.iter().find(|s| s.effect().is_some())
}

/// The effect of a study as its own row has it: with the interval that was reported or that its counts give.
pub(super) fn own_effect(table: &EffectTable, study: &StudyEffect) -> Pooled {
    let (y, se) = study.effect().map_or((f64::NAN, f64::NAN), |e| (e.y, e.v.sqrt()));
    let unbounded = |x: Option<f64>, side: f64| x.unwrap_or(side * f64::INFINITY);
    let limits = (unbounded(study.limits.lower, -1.0), unbounded(study.limits.upper, 1.0));
    let own = pooled(table, y, se, study.df.unwrap_or(f64::INFINITY), limits);
    Pooled { natural: study.natural, ..own }
}

/// A pooled effect with its test against no effect and its values for reading.
pub(super) fn pooled(
    table: &EffectTable,
    estimate: f64,
    se: f64,
    df: f64,
    (lower, upper): (f64, f64),
) -> Pooled {
    let null = table.measure().spec().null;
    // levels such as proportions have no null: the test is against zero on the analysis scale, as the field does
    let statistic = Some((estimate - null.unwrap_or(0.0)) / se).filter(|s| s.is_finite());
    Pooled {
        estimate,
        se: Some(se),
        statistic,
        df: Some(df).filter(|d| d.is_finite()),
        p_value: statistic
            .map(|s| if df.is_finite() { dist::t_two_sided(s, df) } else { dist::normal_two_sided(s) }),
        lower: Some(lower).filter(|x| x.is_finite()),
        upper: Some(upper).filter(|x| x.is_finite()),
        natural: Natural {
            estimate: table.back(estimate),
            lower: table.back(lower),
            upper: table.back(upper),
        },
        prediction: None,
    }
}
