//! What one study reported, as numbers.

use serde::{Deserialize, Serialize};

/// Counts of a two-by-two table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoByTwo {
    /// Events, first group.
    pub a: f64,
    /// Non-events, first group.
    pub b: f64,
    /// Events, second group.
    pub c: f64,
    /// Non-events, second group.
    pub d: f64,
}

/// Events and person-time in two groups.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoRates {
    /// Events, first group.
    pub x1: f64,
    /// Person-time, first group.
    pub t1: f64,
    /// Events, second group.
    pub x2: f64,
    /// Person-time, second group.
    pub t2: f64,
}

/// Means in two groups.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoMeans {
    /// Mean, first group.
    pub m1: f64,
    /// Standard deviation, first group.
    pub sd1: f64,
    /// Patients, first group.
    pub n1: f64,
    /// Mean, second group.
    pub m2: f64,
    /// Standard deviation, second group.
    pub sd2: f64,
    /// Patients, second group.
    pub n2: f64,
}

/// Matched pairs, by outcome of the first and of the second member.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// Event in both.
    pub both: f64,
    /// Event in the first alone.
    pub first: f64,
    /// Event in the second alone.
    pub second: f64,
    /// Event in neither.
    pub neither: f64,
}

/// Events among the patients of one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// Events.
    pub x: f64,
    /// Patients.
    pub n: f64,
}

/// Events over person-time in one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Events.
    pub x: f64,
    /// Person-time.
    pub t: f64,
}

/// A mean in one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// Mean.
    pub m: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Patients.
    pub n: f64,
}

/// Where the standard deviation of a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SdSource {
    /// Reported as it is.
    Reported,
    /// From a standard error of the change.
    StandardError,
    /// From a confidence interval of the change.
    Interval,
    /// From the t statistic of a paired test.
    TStatistic,
    /// From the p-value of a paired t test.
    PValue,
    /// From the two standard deviations and a reported correlation.
    Correlation,
    /// From the two standard deviations and an assumed correlation.
    Assumed,
    /// Taken from another study.
    Borrowed,
    /// A bound that the scale sets.
    ScaleBound,
}

impl SdSource {
    /// In words, for tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::StandardError => "from the SE",
            Self::Interval => "from the CI",
            Self::TStatistic => "from t",
            Self::PValue => "from p",
            Self::Correlation => "from both SDs and r",
            Self::Assumed => "from both SDs and an assumed r",
            Self::Borrowed => "borrowed from another study",
            Self::ScaleBound => "a bound set by the scale",
        }
    }

    /// Whether the number was assumed rather than reported or derived: such rows stay out of the primary analysis.
    pub fn is_imputed(self) -> bool {
        matches!(self, Self::Assumed | Self::Borrowed | Self::ScaleBound)
    }
}

/// Before and after in one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrePost {
    /// Patients measured twice.
    pub n: f64,
    /// Mean after minus mean before.
    pub change: f64,
    /// Mean and standard deviation before.
    pub pre: (Option<f64>, Option<f64>),
    /// Mean and standard deviation after.
    pub post: (Option<f64>, Option<f64>),
    /// Correlation of before with after.
    pub r: Option<f64>,
    /// Standard deviation of the change and its source.
    pub sd_change: Option<(f64, SdSource)>,
}

/// A correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// Correlation coefficient.
    pub r: f64,
    /// Patients.
    pub n: f64,
}

/// A partial or semi-partial correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    /// t statistic of the coefficient.
    pub t: f64,
    /// Patients.
    pub n: f64,
    /// Predictors in the regression.
    pub predictors: f64,
    /// R² of the regression.
    pub r2: Option<f64>,
}

/// A reliability coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Cronbach's alpha.
    pub alpha: f64,
    /// Items of the scale.
    pub items: f64,
    /// Patients.
    pub n: f64,
}

/// How precisely a ready effect is known, from the first of these that is reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Precision {
    /// Its sampling variance.
    Variance(f64),
    /// Its standard error.
    StandardError(f64),
    /// Its confidence limits.
    Limits,
    /// The two-sided p-value of no effect.
    PValue(f64),
}

/// Reported confidence limits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedLimits {
    /// Lower.
    pub lower: f64,
    /// Upper.
    pub upper: f64,
    /// Their level in percent.
    pub level: f64,
}

/// An effect computed elsewhere, as reported: on which scale it stands is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    /// The estimate.
    pub estimate: f64,
    /// What its variance comes from.
    pub precision: Precision,
    /// Confidence limits, where reported.
    pub limits: Option<ReportedLimits>,
}

/// What one study reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each variant is documented at its type")]
pub enum StudyData {
    TwoByTwo(TwoByTwo),
    TwoRates(TwoRates),
    TwoMeans(TwoMeans),
    Pairs(Pairs),
    Events(Events),
    Rate(Rate),
    Mean(Mean),
    PrePost(PrePost),
    Correlation(Correlation),
    Partial(Partial),
    Reliability(Reliability),
    Ready(Ready),
}
