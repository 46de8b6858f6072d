//! What tests of bias may be told.

use super::{Alternative, Estimator, Excess, FailSafe, Predictor, RegressionModel, SelectionModel, Side};
use crate::model::Profile;

/// The model of Egger's line that a program takes unless it is told otherwise: metafor's `regtest` a meta-regression,
/// meta's `metabias` the test of 1997; RevMan has no test.
pub fn regression_model_of(profile: Profile) -> RegressionModel {
    match profile {
        Profile::Metafor => RegressionModel::Rma,
        Profile::Metapool | Profile::Meta | Profile::RevMan => RegressionModel::Lm,
    }
}

/// What tests may be told. `None` takes what suits the test.
#[derive(Clone, Debug, Default)]
pub struct BiasOptions {
    /// Model of Egger's line; `None` takes that of the profile.
    pub regression: Option<RegressionModel>,
    /// Predictor of Egger's line.
    pub predictor: Option<Predictor>,
    /// Estimator of the number of missing studies.
    pub estimator: Option<Estimator>,
    /// Which side studies are missing on; `None` takes it from the slope of Egger's line.
    pub side: Option<Side>,
    /// Kind of fail-safe number.
    pub fail_safe: Option<FailSafe>,
    /// Average effect that Orwin's number aims at, on the analysis scale.
    pub target: Option<f64>,
    /// Kind of selection model.
    pub selection: Option<SelectionModel>,
    /// Steps of p.
    pub steps: Vec<f64>,
    /// Side of p-values.
    pub alternative: Option<Alternative>,
    /// Distribution of the test of excess significance.
    pub excess: Option<Excess>,
    /// Level of significance, .05 two-sided where nothing is said.
    pub alpha: Option<f64>,
    /// Whether tests are done that do not suit the data.
    pub force: bool,
}
