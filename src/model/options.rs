//! How studies are pooled: the options that pooling models share.

use super::pooling::{MantelHaenszel, MixedModel, Pooling};
use crate::choice::{Chosen, Interval, Model, PredictionInterval, Profile, Tau2, Tau2Interval};
use crate::effect::{EffectTable, Measure, check_level};
use crate::error::Error;

/// How the pooling is done. Every field has the default of the profile unless set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelOptions {
    /// Pooling model; `None` takes the one that suits the measure.
    pub model: Option<Pooling>,
    /// Estimator of τ²; `None` takes REML.
    pub tau2: Option<Tau2>,
    /// A given τ², instead of an estimate.
    pub tau2_given: Option<f64>,
    /// Interval of the pooled effect; `None` takes the profile's.
    pub ci: Option<Interval>,
    /// Prediction interval; `auto` is the profile's.
    pub prediction: Chosen<PredictionInterval>,
    /// Interval of τ²; `auto` is the model's.
    pub tau2_ci: Chosen<Tau2Interval>,
    /// Confidence level in percent.
    pub level: f64,
    /// Whose defaults.
    pub profile: Profile,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            model: None,
            tau2: None,
            tau2_given: None,
            ci: None,
            prediction: Chosen::Auto,
            tau2_ci: Chosen::Auto,
            level: 95.0,
            profile: Profile::Metapool,
        }
    }
}

impl ModelOptions {
    /// The estimator of τ² in force.
    pub fn estimator(&self) -> Tau2 {
        self.tau2.unwrap_or(Tau2::Reml)
    }

    /// Whether all studies are taken to have the same effect.
    pub(crate) fn equal_effects(&self) -> bool {
        self.estimator() == Tau2::EqualEffects && self.tau2_given.is_none()
    }

    /// The interval of τ² of the inverse-variance model: Q-profile unless told otherwise.
    pub(super) fn tau2_interval(&self) -> Option<Tau2Interval> {
        self.tau2_ci.or_else(|| Some(Tau2Interval::QProfile))
    }

    /// The model that was asked for, or the one that suits the table.
    pub fn model_for(&self, table: &EffectTable) -> Model {
        self.model.map_or_else(|| Model::for_table(table), Pooling::model)
    }

    /// What a mixed model is told.
    pub(super) fn mixed_model(&self) -> MixedModel {
        match self.model {
            Some(Pooling::Glmm(told)) => told,
            _ => MixedModel::default(),
        }
    }

    /// Whether Mantel and Haenszel's sums are over corrected counts.
    pub(super) fn pools_corrected(&self, measure: Measure) -> bool {
        match self.model {
            Some(Pooling::MantelHaenszel(MantelHaenszel { corrected: Some(corrected) })) => corrected,
            _ => self.profile.pools_corrected(measure),
        }
    }

    pub(super) fn check_level(&self) -> Result<(), Error> {
        check_level("level", self.level)
    }
}
