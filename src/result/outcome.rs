//! Any result.

use super::bias::BiasResult;
use super::regression::RegressionResult;
use super::sensitivity::SensitivityResult;
use super::{BayesAnalysis, EffectsResult, PoolResult};
use serde::{Deserialize, Serialize};

/// The result of an analysis, of whatever kind: what can be stored, read back and shown without the model that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::large_enum_variant, reason = "a result is made once")]
#[non_exhaustive]
pub enum Outcome {
    /// Studies pooled into one estimate.
    Pool(PoolResult),
    /// Effects of studies.
    Effects(EffectsResult),
    /// Effects explained by moderators.
    Regression(RegressionResult),
    /// Tests of small-study effects, and estimates that allow for them.
    Bias(BiasResult),
    /// What the estimate owes to single studies and to choices.
    Sensitivity(SensitivityResult),
    /// Posteriors.
    Bayes(BayesAnalysis),
}
