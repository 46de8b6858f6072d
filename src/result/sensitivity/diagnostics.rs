//! What each study does to the fit, and to the likelihood of τ² or the quantiles of residuals.

use crate::effect::Natural;
use serde::{Deserialize, Serialize};

words! {
    /// A rule that flags a study.
    pub enum Flag {
        /// |DFFITS| above 3 √(1/(k − 1)).
        Dffits => "DFFITS",
        /// Cook's distance beyond the median of χ² with one degree of freedom.
        CookDistance => "Cook's distance",
        /// Leverage above three times its mean.
        Leverage => "leverage",
        /// |DFBETA| above 1.
        Dfbeta => "DFBETA",
    }
}

/// Diagnostics of one study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Influence {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Externally standardised residual: against the estimate without the study.
    pub rstudent: Option<f64>,
    /// Change of the estimate in standard errors of the fitted value; `None` for models without leverage.
    pub dffits: Option<f64>,
    /// Cook's distance.
    pub cook_distance: Option<f64>,
    /// Variance of the estimate without the study over that with it.
    pub covratio: Option<f64>,
    /// τ² without the study.
    pub tau2_deleted: Option<f64>,
    /// Q without the study.
    pub q_deleted: Option<f64>,
    /// Leverage; `None` for models without weights.
    pub hat: Option<f64>,
    /// Weight in percent; `None` for models without weights.
    pub weight: Option<f64>,
    /// Change of the estimate in standard errors without the study.
    pub dfbeta: Option<f64>,
    /// Raw residual.
    pub residual: Option<f64>,
    /// Internally standardised residual.
    pub standardized_residual: Option<f64>,
    /// Which rules flag it; empty for none.
    pub flags: Vec<Flag>,
}

impl Influence {
    /// The rules that flag it, in words.
    pub fn flagged_by(&self) -> String {
        self.flags.iter().map(|f| f.id()).collect::<Vec<_>>().join(", ")
    }
}

/// Coordinates of a study in a Baujat plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Baujat {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Squared Pearson residual: its contribution to Q.
    pub q_contribution: Option<f64>,
    /// Squared change of the estimate over its variance without the study.
    pub influence: Option<f64>,
}

/// A study's effect drawn towards the mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Blup {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Prediction.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// For reading.
    pub natural: Natural,
    /// How far it was drawn, 0 for not at all to 1 for all the way.
    pub shrinkage: f64,
}

/// The likelihood over τ², μ maximised at each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProfileCurve {
    /// τ² and log-likelihood, increasing in τ².
    pub points: Vec<(f64, f64)>,
    /// τ² at the maximum, and the log-likelihood there.
    pub peak: (f64, f64),
    /// Log-likelihood below which τ² is outside the interval.
    pub cut: f64,
    /// Lower limit of τ²; `None` where the likelihood never falls below the cut on that side.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Whether it is restricted.
    pub restricted: bool,
}

/// Quantiles of residuals against those of the normal distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quantiles {
    /// Row of the table, normal quantile, residual; sorted.
    pub points: Vec<(usize, f64, f64)>,
    /// Simulated limits at each point.
    pub envelope: Vec<(f64, f64)>,
    /// Samples drawn.
    pub samples: usize,
    /// Of the random numbers.
    pub seed: u64,
}
