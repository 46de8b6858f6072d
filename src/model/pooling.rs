//! The pooling models, each with the options that only it has.

use crate::choice::{GlmmModel, Model};

/// A pooling model, and what only it may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Weights from the sampling variances.
    InverseVariance,
    /// Binomial-normal or Poisson-normal mixed model.
    Glmm(MixedModel),
    /// Risks with a beta distribution.
    BetaBinomial,
    /// One effect for all studies, by the exact distribution of counts.
    Exact,
    /// Weighted sums of counts in two groups.
    MantelHaenszel(MantelHaenszel),
    /// Observed minus expected events.
    Peto,
}

/// What a mixed model of two groups may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MixedModel {
    /// Which one; `None` takes the first.
    pub variant: Option<GlmmModel>,
    /// Whether UM.RS keeps studies without events in both groups.
    pub keep_double_zero: bool,
}

/// What Mantel and Haenszel's sums may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MantelHaenszel {
    /// Whether they are over corrected counts; `None` takes the profile's.
    pub corrected: Option<bool>,
}

impl Pooling {
    /// This mixed model of two groups.
    pub fn glmm(variant: GlmmModel) -> Self {
        Self::Glmm(MixedModel { variant: Some(variant), ..MixedModel::default() })
    }

    /// The model, whatever it is told.
    pub fn model(self) -> Model {
        match self {
            Self::InverseVariance => Model::InverseVariance,
            Self::Glmm(_) => Model::Glmm,
            Self::BetaBinomial => Model::BetaBinomial,
            Self::Exact => Model::Exact,
            Self::MantelHaenszel(_) => Model::MantelHaenszel,
            Self::Peto => Model::Peto,
        }
    }
}

impl From<Model> for Pooling {
    /// The model with nothing told.
    fn from(model: Model) -> Self {
        match model {
            Model::InverseVariance => Self::InverseVariance,
            Model::Glmm => Self::Glmm(MixedModel::default()),
            Model::BetaBinomial => Self::BetaBinomial,
            Model::Exact => Self::Exact,
            Model::MantelHaenszel => Self::MantelHaenszel(MantelHaenszel::default()),
            Model::Peto => Self::Peto,
        }
    }
}
