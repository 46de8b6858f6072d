//! How studies are pooled: the options of all pooling models, and what each refuses.

use crate::choice::{GlmmModel, Interval, Model, PredictionInterval, Profile, Tau2, Tau2Interval};
use crate::effect::{Measure, check_level};
use crate::error::Error;
use crate::registry::Member;

/// How the pooling is done. Every field has the default of the profile unless set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelOptions {
    /// Pooling model; `None` takes the one that suits the measure.
    pub model: Option<Model>,
    /// Estimator of τ²; `None` takes REML.
    pub tau2: Option<Tau2>,
    /// A given τ², instead of an estimate.
    pub tau2_given: Option<f64>,
    /// Interval of the pooled effect; `None` takes the profile's.
    pub ci: Option<Interval>,
    /// Prediction interval; `None` takes the profile's, `Some(None)` gives none.
    pub prediction: Option<Option<PredictionInterval>>,
    /// Interval of τ²; `None` takes the model's, `Some(None)` gives none.
    pub tau2_ci: Option<Option<Tau2Interval>>,
    /// Mixed model of two groups of counts; `None` takes the first.
    pub glmm_model: Option<GlmmModel>,
    /// Whether UM.RS keeps studies without events in both groups.
    pub keep_double_zero: bool,
    /// Whether Mantel and Haenszel's sums are over corrected counts; `None` takes the profile's.
    pub pool_corrected: Option<bool>,
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
            prediction: None,
            tau2_ci: None,
            glmm_model: None,
            keep_double_zero: false,
            pool_corrected: None,
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
        self.tau2_ci.unwrap_or(Some(Tau2Interval::QProfile))
    }

    /// Whether Mantel and Haenszel's sums are over corrected counts.
    pub(super) fn pools_corrected(&self, measure: Measure) -> bool {
        self.pool_corrected.unwrap_or_else(|| self.profile.pools_corrected(measure))
    }

    /// Refuses the options of mixed models of two groups.
    pub(super) fn check_glmm_only(&self, model: Model) -> Result<(), Error> {
        let option = match (self.glmm_model, self.keep_double_zero) {
            (Some(_), _) => "glmm-model",
            (_, true) => "keep-double-zero",
            _ => return Ok(()),
        };
        Err(Error::usage(format!("⟦{option}⟧ is for the glmm model of two groups, not for {}", model.id()))
            .with_hint("add ⟦model=glmm⟧, or leave it out"))
    }

    /// Refuses an option of Mantel and Haenszel's sums.
    pub(super) fn check_sums_only(&self, model: Model) -> Result<(), Error> {
        if self.pool_corrected.is_none() {
            return Ok(());
        }
        Err(Error::usage(format!("⟦pool-corrected⟧ is for Mantel-Haenszel pooling, not for {}", model.id()))
            .with_hint("add ⟦model=mantel-haenszel⟧, or leave it out"))
    }

    pub(super) fn check_level(&self) -> Result<(), Error> {
        check_level("level", self.level)
    }
}
