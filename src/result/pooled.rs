//! Estimates, heterogeneity and fit: the values that results are made of.

use crate::choice::Interval;
use crate::effect::Natural;
use crate::math::root::Stop;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A pooled effect on the analysis scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pooled {
    /// Point estimate.
    pub estimate: f64,
    /// Standard error; `None` where the method has none.
    pub se: Option<f64>,
    /// z, t or likelihood-ratio statistic against no effect; `None` where the measure has no such value.
    pub statistic: Option<f64>,
    /// Degrees of freedom; `None` for the normal distribution.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
    /// Lower confidence limit; `None` when unbounded.
    pub lower: Option<f64>,
    /// Upper confidence limit; `None` when unbounded.
    pub upper: Option<f64>,
    /// Estimate and limits for reading.
    pub natural: Natural,
    /// Prediction interval for the effect in a new study.
    pub prediction: Option<Prediction>,
}

/// A prediction interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prediction {
    /// Lower limit on the analysis scale.
    pub lower: f64,
    /// Upper limit on the analysis scale.
    pub upper: f64,
    /// Limits for reading; its estimate is empty.
    pub natural: Natural,
}

/// What the statistic Q is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QKind {
    /// Cochran's Q.
    #[default]
    Cochran,
    /// Likelihood ratio of the common against the saturated model.
    LikelihoodRatio,
}

/// How much studies differ beyond chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Heterogeneity {
    /// Cochran's Q, or the likelihood-ratio statistic.
    pub q: f64,
    /// Which of them.
    pub q_kind: QKind,
    /// Degrees of freedom of Q.
    pub q_df: usize,
    /// p-value of Q.
    pub q_p_value: f64,
    /// Between-study variance τ²; `None` where the model has another parameter, or the data none.
    pub tau2: Option<f64>,
    /// Its standard error.
    pub tau2_se: Option<f64>,
    /// Lower confidence limit of τ².
    pub tau2_lower: Option<f64>,
    /// Upper confidence limit of τ²; `None` when unbounded.
    pub tau2_upper: Option<f64>,
    /// I² in percent, from τ² and the typical sampling variance.
    pub i2: Option<f64>,
    /// Lower confidence limit of I².
    pub i2_lower: Option<f64>,
    /// Upper confidence limit of I².
    pub i2_upper: Option<f64>,
    /// I² in percent, from Q.
    pub i2_q: Option<f64>,
    /// H² from τ².
    pub h2: Option<f64>,
    /// Intraclass correlation of the beta-binomial model.
    pub intraclass: Option<f64>,
}

/// How well the model fits, and how the fitting ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FitStatistics {
    /// Log-likelihood: restricted for REML, full otherwise.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Akaike's criterion for small samples.
    pub aicc: f64,
    /// Iterations used for τ².
    pub iterations: usize,
    /// How they ended.
    pub stop: Stop,
}

impl FitStatistics {
    /// From a log-likelihood of `parameters` on `n` observations (k, or k − p under REML).
    pub fn new(log_likelihood: f64, parameters: f64, n: f64, iterations: usize, stop: Stop) -> Self {
        let size = n.max(parameters + 2.0);
        Self {
            log_likelihood,
            aic: -2.0 * log_likelihood + 2.0 * parameters,
            bic: -2.0 * log_likelihood + parameters * n.ln(),
            aicc: -2.0 * log_likelihood + 2.0 * parameters * size / (size - parameters - 1.0),
            iterations,
            stop,
        }
    }
}

/// A test beside those of the estimate and of heterogeneity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Test {
    /// The interval of the effect that it belongs to, if it does to one.
    pub of: Option<Interval>,
    /// A stable code.
    pub id: Cow<'static, str>,
    /// In words.
    pub title: Cow<'static, str>,
    /// χ²; `None` for exact tests.
    pub statistic: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<usize>,
    /// p-value.
    pub p_value: f64,
}
