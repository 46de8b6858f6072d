//! Ready rows with their places, and the words for them.

use crate::choice::Values;
use crate::dataset::{Ready, StudyData, StudyRow};
use crate::effect::{MeasureSpec, Scale};

/// A ready row with its place.
pub(super) struct ReadyRow<'a> {
    pub study: &'a str,
    pub line: usize,
    pub ready: Ready,
}

/// The rows that hold ready effects.
pub(super) fn ready_rows(rows: &[StudyRow]) -> Vec<ReadyRow<'_>> {
    let ready = |r: &'_ StudyRow| match r.data {
        Ok(StudyData::Ready(ready)) => Some(ready),
        _ => None,
    };
    rows.iter().filter_map(|r| Some(ReadyRow { study: &r.study, line: r.line, ready: ready(r)? })).collect()
}

impl ReadyRow<'_> {
    /// The estimate and its limits, where reported.
    pub fn numbers(&self) -> impl Iterator<Item = f64> + use<> {
        let limits = self.ready.limits.map(|l| [l.lower, l.upper]);
        std::iter::once(self.ready.estimate).chain(limits.into_iter().flatten())
    }

    /// Whether every number may be a natural value.
    pub fn is_possible(&self, scale: Scale) -> bool {
        let (low, high) = scale.range();
        self.numbers().all(|x| x >= low && x <= high)
    }

    /// Whether the estimate lies outside its limits.
    pub fn is_outside(&self) -> bool {
        let r = &self.ready;
        r.limits.is_some_and(|l| r.estimate < l.lower || r.estimate > l.upper)
    }
}

/// Some rows by label and line.
pub(super) fn named<'a>(rows: impl Iterator<Item = &'a ReadyRow<'a>>) -> String {
    let all: Vec<String> = rows.map(|r| format!("{} (line {})", r.study, r.line)).collect();
    let more = all.len().saturating_sub(6);
    let shown = all[..all.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// What values are called once transformed.
pub(super) fn transformed(scale: Scale) -> &'static str {
    match scale {
        Scale::Log | Scale::Bonett => "logarithms",
        Scale::Logit => "logits (logarithms of odds)",
        Scale::Probit => "probits",
        Scale::FisherZ => "Fisher's z values",
        Scale::Arcsine | Scale::FreemanTukey => "arcsines",
        Scale::Root | Scale::FreemanTukeyRate => "square roots",
        Scale::Hakstian => "cube roots",
        Scale::Identity => "values",
    }
}

/// A range in words.
pub(super) fn range_text((low, high): (f64, f64)) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("lie between {low} and {high}"),
        (true, false) => format!("are {low} or more"),
        (false, true) => format!("are {high} or less"),
        (false, false) => "have no bounds".into(),
    }
}

/// The other scale.
pub(super) fn other(values: Values) -> Values {
    if values == Values::Natural { Values::Analysis } else { Values::Natural }
}

/// Whether a column is called as one of transformed values.
pub(super) fn says_transformed(name: &str, measure: &MeasureSpec) -> bool {
    let by_scale: &[&str] = match measure.scale {
        Scale::Log => &["log", "ln"],
        Scale::Logit => &["logit"],
        Scale::Probit => &["probit"],
        Scale::FisherZ => &["fisherz", "fishersz", "zr", "zcor"],
        Scale::Arcsine => &["arcsine", "asin"],
        _ => &[],
    };
    by_scale.iter().any(|w| name.starts_with(w))
}

/// Whether a column is called as one of correlations.
pub(super) fn says_correlation(name: &str) -> bool {
    ["r", "ri", "cor", "corr", "correlation", "rho", "pearson", "pearsonr"].contains(&name)
}
