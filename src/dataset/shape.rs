//! What one study can report. A shape names its roles and builds one typed row.

use super::Fields;
use crate::error::Error;
use serde::{Deserialize, Serialize};

mod build;

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

/// Why a row gives no [`StudyData`].
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// Something is not reported: the study stays, as not estimable, with this reason.
    Missing(String),
    /// A value is impossible: role, message, hint.
    Invalid(&'static str, String, String),
}

/// Which patients a proportion is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Denominator {
    /// Those evaluated (`n`).
    #[default]
    Evaluated,
    /// Those enrolled (`n_enrolled`), where reported: the ones not evaluated count as without event.
    Enrolled,
}

/// A scale with its ends and its smallest step, such as 0 to 10 in steps of ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuringScale {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Step between values of one patient.
    pub step: f64,
}

impl MeasuringScale {
    /// Parses `LOW:HIGH:STEP`; without a step, any value is possible.
    ///
    /// # Errors
    /// It is not of that form, or the ends are not in order.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts: Vec<Option<f64>> = text.split(':').map(|p| p.trim().parse().ok()).collect();
        let wrong = || {
            Error::usage(format!("`{text}` is no scale")).with_hint("write its ends and its step: `0:10:0.5`")
        };
        match parts[..] {
            [Some(low), Some(high), Some(step)] if low < high && step > 0.0 && step <= high - low => {
                Ok(Self { low, high, step })
            }
            [Some(low), Some(high)] if low < high => Ok(Self { low, high, step: f64::MIN_POSITIVE }),
            _ => Err(wrong()),
        }
    }
}

/// Options that decide how rows are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapeOptions {
    /// Which patients a proportion is of.
    pub denominator: Denominator,
    /// The scale of means, to check them against.
    pub scale: Option<MeasuringScale>,
    /// Accept counts that are not whole numbers.
    pub fractional_counts: bool,
    /// Level of given confidence limits in percent, where no column tells it.
    pub ci_level: f64,
}

impl Default for ShapeOptions {
    fn default() -> Self {
        Self { denominator: Denominator::Evaluated, scale: None, fractional_counts: false, ci_level: 95.0 }
    }
}

/// One row before it is turned into an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRow {
    /// Label.
    pub study: String,
    /// Line in the file.
    pub line: usize,
    /// The data, or why there are none.
    pub data: Result<StudyData, String>,
    /// Patients in all groups, where the shape tells.
    pub n: Option<f64>,
    /// Events known only within bounds: fewest and most.
    pub bounds: Option<(f64, f64)>,
}

/// Looks a role's number up in the current row.
pub(super) type Cells<'c> = &'c dyn Fn(&str) -> Option<f64>;

/// A role and the names that mean the same.
pub type Role = (&'static str, &'static [&'static str]);

/// The definition of a [`Shape`].
#[derive(Debug)]
pub struct ShapeSpec {
    /// Name in descriptions.
    pub id: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// In messages.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// All roles, with aliases.
    pub roles: &'static [Role],
    /// Sets of roles of which one must be complete.
    pub needs: &'static [&'static [&'static str]],
    build: fn(Cells<'_>, &ShapeOptions) -> Result<StudyData, Gap>,
}

impl ShapeSpec {
    /// The role with this name or alias.
    pub fn role(&self, name: &str) -> Option<&'static str> {
        self.roles.iter().find(|(r, aliases)| *r == name || aliases.contains(&name)).map(|r| r.0)
    }

    /// All role names, for hints.
    pub fn role_names(&self) -> String {
        self.roles.iter().map(|r| r.0).collect::<Vec<_>>().join(", ")
    }

    /// The alternatives in words.
    pub fn needs_text(&self) -> String {
        self.needs.iter().map(|n| n.join(", ")).collect::<Vec<_>>().join("; or ")
    }
}

registry! {
    /// What a row of a study table describes.
    Shape(ShapeSpec) = "kind of data" {
        /// Events in two groups.
        TwoByTwo => build::TWO_BY_TWO,
        /// Means in two groups.
        TwoMeans => build::TWO_MEANS,
        /// Events over person-time in two groups.
        TwoRates => build::TWO_RATES,
        /// Matched pairs.
        Pairs => build::PAIRS,
        /// Before and after in one group.
        PrePost => build::PRE_POST,
        /// Events in one group.
        Events => build::EVENTS,
        /// Events over person-time in one group.
        Rate => build::RATE,
        /// A mean in one group.
        Mean => build::MEAN,
        /// A correlation.
        Correlation => build::CORRELATION,
        /// A partial correlation.
        Partial => build::PARTIAL,
        /// A reliability coefficient.
        Reliability => build::RELIABILITY,
        /// Effects computed elsewhere.
        Ready => build::READY,
    }
}

impl Shape {
    /// Reads every row.
    ///
    /// # Errors
    /// A cell is no number, or its value is impossible; the error names file, line, column and study.
    pub fn rows(
        self,
        fields: &Fields<'_>,
        labels: Vec<String>,
        options: &ShapeOptions,
    ) -> Result<Vec<StudyRow>, Error> {
        let roles: Vec<&str> = self.spec().roles.iter().map(|r| r.0).filter(|r| fields.has(r)).collect();
        let mut rows = Vec::with_capacity(labels.len());
        let mut numbers = vec![None; roles.len()];
        for (i, study) in labels.into_iter().enumerate() {
            let line = fields.dataset.lines[i];
            for (slot, role) in numbers.iter_mut().zip(&roles) {
                *slot = fields.number(role, i).map_err(|e| e.of_study(&study))?;
            }
            let cell = |role: &str| roles.iter().position(|r| *r == role).and_then(|p| numbers[p]);
            let data = match (self.spec().build)(&cell, options) {
                Ok(data) => Ok(data),
                Err(Gap::Missing(reason)) => Err(reason),
                Err(Gap::Invalid(role, message, hint)) => {
                    return Err(Error::data(message)
                        .in_file(&fields.dataset.source)
                        .at_line(line)
                        .in_column(&fields.column_name(role))
                        .of_study(&study)
                        .with_hint(hint));
                }
            };
            let n = patients(&cell);
            // whole when the row is well formed, which the build has checked
            let bounds = if data.is_err() {
                cell("events_min").zip(cell("events_max")).filter(|_| n.is_some())
            } else {
                None
            };
            rows.push(StudyRow { study, line, data, n, bounds });
        }
        Ok(rows)
    }
}

fn patients(cell: Cells<'_>) -> Option<f64> {
    match (cell("n1"), cell("n2")) {
        (Some(n1), Some(n2)) => Some(n1 + n2),
        _ => cell("n"),
    }
}
