//! What a meta-regression returns.

use super::{FitStatistics, Note, Prediction, Settings};
use crate::effect::{EffectTable, Natural, Scale};
use serde::{Deserialize, Serialize};

/// A coefficient, or a combination of several, with its test against zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coefficient {
    /// `intercept`, `ablat`, `alloc[random]`, `ablat:year`, or a combination as it was asked for.
    pub term: String,
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// z or t.
    pub statistic: f64,
    /// Degrees of freedom; `None` for the normal distribution.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: f64,
    /// Lower confidence limit.
    pub lower: f64,
    /// Upper confidence limit.
    pub upper: f64,
    /// Variance inflation factor; `None` for the intercept and combinations.
    pub vif: Option<f64>,
    /// p-value and confidence limits by permutation.
    pub permuted: Option<Permuted>,
    /// Confidence limits by bootstrap.
    pub bootstrap: Option<(f64, f64)>,
}

/// What a permutation test says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Permuted {
    /// Share of permutations at least as extreme.
    pub p_value: f64,
    /// Limits of the values that the test does not reject; `None` when it was not asked for or unbounded.
    pub limits: (Option<f64>, Option<f64>),
}

/// A test of several coefficients together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Omnibus {
    /// Name of the term, or `moderators`.
    pub term: String,
    /// χ², or F where there are denominator degrees of freedom.
    pub statistic: f64,
    /// Numerator degrees of freedom.
    pub df: usize,
    /// Denominator degrees of freedom.
    pub df_denominator: Option<f64>,
    /// p-value.
    pub p_value: f64,
    /// p-value by permutation.
    #[serde(rename = "permutation_p_value")]
    pub permuted: Option<f64>,
}

/// The value that the model predicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Predicted {
    /// Where: `ablat = 10`.
    pub at: String,
    /// Prediction on the analysis scale.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Confidence limits.
    pub lower: f64,
    /// Upper.
    pub upper: f64,
    /// For reading.
    pub natural: Natural,
    /// For a new study.
    pub prediction: Option<Prediction>,
}

/// A study against the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fitted {
    /// Row of the table.
    pub row: usize,
    /// Predicted effect.
    pub fitted: f64,
    /// Effect less prediction.
    pub residual: f64,
    /// Residual over its standard error.
    pub standardized: f64,
    /// Leverage.
    pub hat: f64,
    /// Percentage of all weights.
    pub weight: f64,
}

/// Residual heterogeneity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResidualHeterogeneity {
    /// Residual between-study variance.
    pub tau2: f64,
    /// Its standard error.
    pub tau2_se: Option<f64>,
    /// I² in percent.
    pub i2: f64,
    /// H².
    pub h2: f64,
    /// Confidence limits by bootstrap.
    pub tau2_bootstrap: Option<(f64, f64)>,
    /// Share of τ² that the moderators explain, in percent; `None` without heterogeneity or with a given τ².
    pub r2: Option<f64>,
    /// Weighted residual sum of squares at τ² = 0.
    pub qe: f64,
    /// Its degrees of freedom.
    pub qe_df: usize,
    /// Its p-value.
    pub qe_p_value: f64,
}

/// Two models by their likelihoods, both fitted by ML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The other formula.
    pub formula: String,
    /// Likelihood-ratio statistic.
    pub statistic: f64,
    /// Difference in the number of coefficients.
    pub df: usize,
    /// p-value.
    pub p_value: f64,
    /// Fit of this model.
    pub fit: FitStatistics,
    /// Fit of the other.
    #[serde(rename = "other_fit")]
    pub other: FitStatistics,
}

/// One of many models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// Its formula.
    pub formula: String,
    /// AICc, by ML.
    pub aicc: f64,
    /// Akaike weight.
    pub weight: f64,
    /// Residual between-study variance.
    pub tau2: f64,
}

/// All models with subsets of the terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// How many were fitted.
    pub models: usize,
    /// The best, by AICc.
    pub best: Vec<Candidate>,
    /// Sum of the weights of the models that have a term.
    pub importance: Vec<(String, f64)>,
}

/// How a permutation test was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PermutationRun {
    /// Permutations, the observed order included.
    pub permutations: usize,
    /// Whether they are all there are.
    pub exact: bool,
    /// Seed of the random ones.
    pub seed: Option<u64>,
}

/// Moderators of the between-study variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScaleModel {
    /// Formula of ln τ².
    pub formula: String,
    /// Its coefficients.
    pub coefficients: Vec<Coefficient>,
    /// All of them together; `None` without any.
    pub omnibus: Option<Omnibus>,
    /// τ² of each study used.
    pub tau2: Vec<f64>,
}

/// A meta-regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegressionResult {
    /// The effects.
    pub table: EffectTable,
    /// How.
    pub settings: Settings,
    /// The formula.
    pub formula: String,
    /// Studies used.
    pub k: usize,
    /// Coefficients.
    pub coefficients: Vec<Coefficient>,
    /// Covariance matrix of the coefficients, row by row.
    pub covariance: Vec<f64>,
    /// All moderators together; `None` without any.
    pub moderators: Option<Omnibus>,
    /// Each term by itself, where terms have more than one coefficient.
    pub terms: Vec<Omnibus>,
    /// What is left.
    pub heterogeneity: ResidualHeterogeneity,
    /// How well the model fits.
    pub fit: FitStatistics,
    /// Combinations that were asked for.
    pub contrasts: Vec<Coefficient>,
    /// Predictions that were asked for.
    pub predicted: Vec<Predicted>,
    /// Mean effect at every level of every factor.
    pub marginal_means: Vec<Predicted>,
    /// Studies against the model.
    pub studies: Vec<Fitted>,
    /// Against another formula.
    pub comparison: Option<Comparison>,
    /// Among all subsets of terms.
    pub selection: Option<Selection>,
    /// Moderators of the between-study variance.
    pub scale: Option<ScaleModel>,
    /// How permutations were made.
    pub permutation: Option<PermutationRun>,
    /// Caveats.
    pub notes: Vec<Note>,
}

impl RegressionResult {
    /// The line that says how the result was made.
    pub fn method_line(&self) -> String {
        let s = &self.settings;
        let mut parts = vec!["mixed-effects meta-regression, inverse variance".to_string()];
        if !s.is_equal_effects() {
            parts.push(format!("residual τ²: {}", s.tau2.title()));
        }
        parts.push(format!("CI: {}", s.ci.title_in_regression()));
        let scale = self.table.measure().spec().scale;
        if scale != Scale::Identity {
            parts.push(format!("on the {} scale", scale.title()));
        }
        parts.extend(self.table.correction());
        if self.table.studies.iter().any(|s| s.corrected) {
            parts.push(format!("continuity correction {}", self.table.options.continuity.title()));
        }
        parts.join("; ")
    }
}

/// Effects against one moderator, with what the model says along it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Along {
    /// The moderator.
    pub moderator: String,
    /// Its levels, if it is a factor; empty for numbers.
    pub levels: Vec<String>,
    /// Row of the table, value of the moderator (or index of its level) and index of the line.
    pub studies: Vec<(usize, f64, usize)>,
    /// Predictions along the moderator, one line for each level of a second factor.
    pub lines: Vec<Line>,
    /// What is held fixed: `year = 1964 (mean)`.
    pub held: Vec<String>,
}

/// Predictions along a moderator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Line {
    /// The level it belongs to; empty for a single line.
    pub label: String,
    /// Value of the moderator and prediction.
    pub points: Vec<(f64, Predicted)>,
}
