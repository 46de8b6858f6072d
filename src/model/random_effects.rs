//! The random-effects model as a program says it: an estimator of τ², then what departs from the defaults.

use super::{InverseVariance, ModelOptions};
use crate::choice::{Chosen, Interval, PredictionInterval, Profile, Tau2};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::result::PoolResult;

/// Pools effects by inverse variance, with a variance τ² between studies.
///
/// ```
/// use metapool::prelude::*;
///
/// let effects = EffectTable::from([(-0.89, 0.33), (-1.59, 0.19), (-0.44, 0.07)]);
/// let fit = RandomEffects::reml().interval(Interval::Wald).fit(&effects)?;
/// assert_eq!(fit.k, 3);
/// # Ok::<(), metapool::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RandomEffects {
    options: ModelOptions,
}

impl RandomEffects {
    /// With an estimator of τ².
    pub fn new(estimator: Tau2) -> Self {
        Self { options: ModelOptions { tau2: Some(estimator), ..ModelOptions::default() } }
    }

    /// With restricted maximum likelihood.
    pub fn reml() -> Self {
        Self::new(Tau2::Reml)
    }

    /// With τ² given instead of estimated.
    pub fn given(tau2: f64) -> Self {
        let options = Self::new(Tau2::MaximumLikelihood).options;
        Self { options: ModelOptions { tau2_given: Some(tau2), ..options } }
    }

    /// With this confidence interval instead of that of the profile.
    #[must_use]
    pub fn interval(self, interval: Interval) -> Self {
        Self { options: ModelOptions { ci: Some(interval), ..self.options } }
    }

    /// With this prediction interval instead of the partner of the confidence interval.
    #[must_use]
    pub fn prediction(self, interval: PredictionInterval) -> Self {
        Self { options: ModelOptions { prediction: Chosen::Of(interval), ..self.options } }
    }

    /// With this confidence level, in percent.
    #[must_use]
    pub fn level(self, level: f64) -> Self {
        Self { options: ModelOptions { level, ..self.options } }
    }

    /// With the defaults of another program where nothing else is said.
    #[must_use]
    pub fn profile(self, profile: Profile) -> Self {
        Self { options: ModelOptions { profile, ..self.options } }
    }

    /// Pools the effects.
    ///
    /// # Errors
    /// The options contradict each other, or no study can be pooled.
    pub fn fit(&self, effects: &EffectTable) -> Result<PoolResult, Error> {
        InverseVariance::new(self.options).pool(effects.clone())
    }
}
