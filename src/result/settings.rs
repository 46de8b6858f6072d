//! How a result was made: the choices themselves, and what a model put in the place of one.

use crate::choice::{GlmmModel, Interval, Model, PredictionInterval, Profile, Robust, Tau2, Tau2Interval};
use crate::registry::Member;
use serde::{Deserialize, Serialize};

/// How a result was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Settings {
    /// The pooling model; `None` where studies stand side by side and nothing is pooled.
    pub model: Option<Model>,
    /// Which mixed model of two groups.
    pub glmm_model: Option<GlmmModel>,
    /// Where τ² comes from.
    pub tau2: Tau2Source,
    /// Interval of the pooled effect.
    pub ci: IntervalSource,
    /// Prediction interval, `None` if none was asked for.
    pub prediction: Option<PredictionSource>,
    /// Interval of τ², `None` if none was asked for.
    pub tau2_ci: Option<Tau2Interval>,
    /// Confidence level in percent.
    pub level: f64,
    /// The software whose defaults are in force.
    pub profile: Profile,
}

impl Settings {
    /// Studies side by side, each with its own interval.
    pub fn listed(level: f64) -> Self {
        Self {
            model: None,
            glmm_model: None,
            tau2: Tau2Source::Nothing,
            ci: IntervalSource::Nothing,
            prediction: None,
            tau2_ci: None,
            level,
            profile: Profile::Metapool,
        }
    }

    /// Whether studies are taken to share one effect.
    pub fn is_equal_effects(&self) -> bool {
        matches!(self.tau2, Tau2Source::Estimated(Tau2::EqualEffects) | Tau2Source::CommonEffect)
    }

    /// Whether studies are weighted by the inverse of their variances.
    pub fn is_inverse_variance(&self) -> bool {
        self.model == Some(Model::InverseVariance)
    }
}

/// Where the between-study variance comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Tau2Source {
    /// From an estimator.
    Estimated(Tau2),
    /// It was given.
    Given(f64),
    /// The model has one effect for all studies.
    CommonEffect,
    /// With all other parameters of a likelihood of counts.
    CountLikelihood,
    /// Its logarithm is a function of moderators.
    Modelled {
        /// The estimator of its coefficients.
        estimator: Tau2,
        /// The moderators.
        formula: String,
    },
    /// Nothing is pooled.
    Nothing,
}

impl Tau2Source {
    /// The code in files.
    pub fn id(&self) -> String {
        match self {
            Self::Estimated(estimator) | Self::Modelled { estimator, .. } => estimator.id().into(),
            Self::Given(tau2) => tau2.to_string(),
            Self::CommonEffect => Tau2::EqualEffects.id().into(),
            Self::CountLikelihood => Tau2::MaximumLikelihood.id().into(),
            Self::Nothing => "none".into(),
        }
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Estimated(estimator) => estimator.title().into(),
            Self::Given(tau2) => format!("given as {tau2}"),
            Self::CommonEffect => "none (common effect)".into(),
            Self::CountLikelihood => Tau2::MaximumLikelihood.title().into(),
            Self::Modelled { estimator, formula } => format!("{}, ln τ² by {formula}", estimator.title()),
            Self::Nothing => "none".into(),
        }
    }
}

/// What the interval of the pooled effect is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum IntervalSource {
    /// As it was chosen.
    Of(Interval),
    /// Exact for one proportion or rate.
    ClopperPearson,
    /// Normal, of a risk difference with the variance of Greenland and Robins.
    GreenlandRobins,
    /// Robust to dependence within clusters.
    Robust {
        /// Its variance.
        kind: Robust,
        /// The column of clusters.
        column: String,
    },
    /// Nothing is pooled.
    Nothing,
}

impl IntervalSource {
    /// The code in files.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Of(interval) => interval.id(),
            Self::ClopperPearson => Interval::Exact.id(),
            Self::GreenlandRobins => Interval::Wald.id(),
            Self::Robust { kind, .. } => kind.id(),
            Self::Nothing => "none",
        }
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Of(interval) => interval.title().into(),
            Self::ClopperPearson => "Clopper-Pearson".into(),
            Self::GreenlandRobins => format!("{}, variance of Greenland and Robins", Interval::Wald.title()),
            Self::Robust { kind, column } => format!("{}, clusters by {column}", kind.title()),
            Self::Nothing => "none".into(),
        }
    }

    /// In words, where p coefficients are estimated instead of one mean.
    pub fn title_in_regression(&self) -> String {
        match self {
            Self::Of(interval) => interval.title_in_regression().into(),
            other => other.title(),
        }
    }
}

/// What the prediction interval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PredictionSource {
    /// As it was chosen.
    Of(PredictionInterval),
    /// Quantiles of the fitted beta distribution.
    BetaQuantiles,
}

impl PredictionSource {
    /// The code in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Of(interval) => interval.id(),
            Self::BetaQuantiles => "beta",
        }
    }

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Of(interval) => interval.title(),
            Self::BetaQuantiles => "quantiles of the fitted beta distribution",
        }
    }
}
