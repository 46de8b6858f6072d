//! Titles of axes and numbers in words, made in one place for all pictures.

use super::options::{Labels, PlotOptions};
use super::typeset::{self, lower_first};
use crate::effect::EffectTable;
use crate::result::format::upper_first;
use crate::result::look::{Look, Unit};
use crate::result::{PoolResult, sentence};

/// The title of an axis of effects: outcome, measure and unit, and whether it is logarithmic.
pub(super) fn axis_title(table: &EffectTable, labels: &Labels, log: bool) -> String {
    let unit = Unit::of(table);
    if let Some(patients) = unit.of_patients().filter(|_| table.measure().is_proportion()) {
        let patients = typeset::number(&patients);
        return labels.outcome().map_or(upper_first(&patients), |o| format!("{o}, {patients}"));
    }
    let word = labels.estimate.as_deref().unwrap_or(table.measure().spec().label);
    let unit = unit.words().map_or(String::new(), |w| format!(" {}", typeset::number(&w)));
    let log = if log { ", log scale" } else { "" };
    let word = format!("{word}{unit}{log}");
    labels.outcome().map_or(word.clone(), |o| format!("{o}: {}", lower_first(&word)))
}

/// The heading of a column of estimates, without their limits.
pub(super) fn estimate_heading(table: &EffectTable, labels: &Labels) -> String {
    let unit = Unit::of(table);
    let word = labels.estimate.as_deref().unwrap_or(table.measure().spec().label);
    let per = unit.words().unwrap_or_default();
    typeset::number(&match (unit, &labels.estimate) {
        (Unit::Plain, _) | (Unit::PerCent, Some(_)) => word.to_string(),
        (Unit::PerCent, None) => "%".into(),
        (Unit::Per(_), None) if table.measure().is_proportion() => upper_first(&per),
        (Unit::Per(_), _) => format!("{word} {per}"),
    })
}

/// Labels of the sides, where the measure has a value of no effect that is within the axis.
pub(super) fn favours(
    table: &EffectTable,
    options: &PlotOptions,
    (lo, hi): (f64, f64),
) -> [Option<String>; 2] {
    let Some(null) = table.measure().spec().null else { return [None, None] };
    let l = &options.labels;
    [l.favours_low.clone().filter(|_| lo < null), l.favours_high.clone().filter(|_| hi > null)]
}

/// An effect on the analysis scale as it is read, with its unit.
pub(super) fn effect(table: &EffectTable, look: Look, x: f64) -> String {
    typeset::number(&look.with_unit(table.back(x).unwrap_or(x)))
}

/// The pooled estimate without its limits.
pub(super) fn pooled_estimate(result: &PoolResult) -> String {
    let Some(main) = result.main() else { return String::new() };
    let look = Look::pooled(result, None);
    format!("{}: {}", sentence::model_word(result), effect(&result.table, look, main.estimate))
}

/// The pooled estimate with its limits.
pub(super) fn pooled(result: &PoolResult) -> String {
    let Some(main) = result.main() else { return String::new() };
    let look = Look::pooled(result, None);
    let limit = |x: Option<f64>| {
        let read = |x: f64| typeset::number(&look.limit(result.table.back(x).unwrap_or(x)));
        x.map_or("unbounded".into(), read)
    };
    let (lower, upper) = (limit(main.lower), limit(main.upper));
    format!("{} ({}% CI {lower} to {upper})", pooled_estimate(result), result.settings.level)
}

/// How many studies there are, and the pooled estimate.
pub(super) fn studies_and_pooled(result: &PoolResult) -> String {
    format!("{} studies; {}", result.k, pooled(result))
}

/// How the result was computed.
pub(super) fn method(result: &PoolResult) -> String {
    format!("Method: {}", result.method_line())
}
