//! What results say of numbers that were not reported: counts known within bounds, standard deviations imputed or missing.

use serde::{Deserialize, Serialize};

/// One end of a range, for reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RangeEnd {
    /// Estimate.
    pub estimate: f64,
    /// Lower confidence limit.
    #[serde(rename = "ci_lower")]
    pub lower: Option<f64>,
    /// Upper confidence limit.
    #[serde(rename = "ci_upper")]
    pub upper: Option<f64>,
}

/// The pooled estimate when counts that are known only within bounds take every value, for reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoundedRange {
    /// The least estimate.
    pub low: RangeEnd,
    /// The greatest.
    pub high: RangeEnd,
    /// Studies with bounds.
    pub studies: Vec<String>,
    /// Studies pooled, those with bounds included.
    pub k: usize,
    /// Whether every combination of counts was pooled; otherwise only the ends of the bounds were.
    pub exhaustive: bool,
}

/// The pooled estimate under one assumption on what was not reported, on the analysis scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImputedResult {
    /// The assumption in words.
    #[serde(rename = "assumption")]
    pub label: String,
    /// The correlation assumed, if it is one.
    pub correlation: Option<f64>,
    /// Studies pooled.
    pub k: usize,
    /// Estimate.
    pub estimate: f64,
    /// Lower confidence limit.
    #[serde(rename = "ci_lower")]
    pub lower: Option<f64>,
    /// Upper confidence limit.
    #[serde(rename = "ci_upper")]
    pub upper: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
}

/// What imputed rows would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Imputation {
    /// How many rows were imputed.
    pub studies: usize,
    /// The estimate under each assumption.
    pub results: Vec<ImputedResult>,
    /// Correlation at which the conclusion changes, if there is one.
    pub tipping_point: Option<f64>,
    /// Studies whose standard deviation no correlation can give.
    pub missing_sds: Vec<MissingSd>,
}

/// A study that lacks the standard deviation of its change, and the values of it that would decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MissingSd {
    /// Label.
    pub study: String,
    /// Mean change.
    pub change: f64,
    /// Patients.
    pub n: f64,
    /// Confidence level of its own interval, in percent.
    pub level: f64,
    /// Below it the study's own interval (t, n − 1 degrees of freedom) excludes no change.
    pub own_tipping_sd: Option<f64>,
    /// Studies pooled with it.
    pub k: Option<usize>,
    /// The standard deviation at which the pooled conclusion with the study changes, if there is one.
    pub tipping_sd: Option<f64>,
    /// Whether the pooled interval with the study excludes no change at the least standard deviation tried.
    pub excludes_at_least: Option<bool>,
}
