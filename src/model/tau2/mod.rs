//! Estimators of the between-study variance τ².
//!
//! Each is written once over `NormalModel`, and serves pooling, meta-regression and the lanes of mass analyses. Two
//! kernels: `moments` (closed forms and roots of Q) and `likelihood` (a safeguarded Newton iteration).

mod dersimonian_laird;
mod empirical_bayes;
mod equal_effects;
mod hedges;
mod hunter_schmidt;
mod lanes;
pub(crate) mod likelihood;
mod maximum_likelihood;
mod moments;
mod paule_mandel;
mod reml;
mod sidik_jonkman;

use super::sums::{Moments, NormalModel, Sample};
pub use crate::choice::Tau2;
use crate::math::root::Stop;
pub(crate) use maximum_likelihood::MaximumLikelihood;

/// An estimate of τ² and how it was reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// τ² ≥ 0.
    pub tau2: f64,
    /// Iterations used.
    pub iterations: usize,
    /// How they ended.
    pub stop: Stop,
}

impl Between {
    /// From a closed form, which may lie below zero.
    fn closed(tau2: f64) -> Self {
        let stop = if tau2 > 0.0 { Stop::Closed } else { Stop::Boundary };
        Self { tau2: tau2.max(0.0), iterations: 0, stop }
    }

    /// What is given rather than estimated.
    pub(crate) fn given(tau2: f64) -> Self {
        Self { tau2, iterations: 0, stop: Stop::Closed }
    }

    fn zero(iterations: usize) -> Self {
        Self { tau2: 0.0, iterations, stop: Stop::Boundary }
    }
}

/// What an estimator does, whatever the model.
trait Estimator {
    /// τ² of a model of more studies than coefficients, truncated at zero; `common` gives its moments at τ² = 0.
    fn estimate<M: NormalModel>(model: &M, common: impl FnOnce() -> M::Moments) -> Between;

    /// τ² of many samples, with their moments at τ² = 0 where the caller has them.
    fn estimate_all(samples: &[Sample<'_>], common: Option<&[Moments]>) -> Vec<Between> {
        let moments = |i: usize| common.map_or_else(|| samples[i].moments(0.0), |c| c[i]);
        samples.iter().enumerate().map(|(i, sample)| Self::estimate(sample, || moments(i))).collect()
    }

    /// Large-sample standard error at the estimate; `None` where there is none.
    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64>;
}

/// The type that computes each estimator.
macro_rules! estimators {
    ($($variant:ident => $estimator:path;)+) => {
        impl Tau2 {
            /// Estimates τ² of a model; `common` gives its moments at τ² = 0.
            #[inline]
            fn of<M: NormalModel>(self, model: &M, common: impl FnOnce() -> M::Moments) -> Between {
                match self { $(Self::$variant => <$estimator as Estimator>::estimate(model, common),)+ }
            }

            /// The same of many samples side by side.
            fn of_all(self, samples: &[Sample<'_>], common: Option<&[Moments]>) -> Vec<Between> {
                match self { $(Self::$variant => <$estimator as Estimator>::estimate_all(samples, common),)+ }
            }

            fn error_of<M: NormalModel>(self, model: &M, tau2: f64) -> Option<f64> {
                match self { $(Self::$variant => <$estimator as Estimator>::standard_error(model, tau2),)+ }
            }
        }
    };
}

estimators! {
    Reml => reml::Reml;
    DerSimonianLaird => dersimonian_laird::DerSimonianLaird;
    PauleMandel => paule_mandel::PauleMandel;
    MaximumLikelihood => maximum_likelihood::MaximumLikelihood;
    EmpiricalBayes => empirical_bayes::EmpiricalBayes;
    SidikJonkman => sidik_jonkman::SidikJonkman;
    Hedges => hedges::Hedges;
    HunterSchmidt => hunter_schmidt::HunterSchmidt;
    HunterSchmidtCorrected => hunter_schmidt::Corrected;
    PauleMandelMedian => paule_mandel::MedianUnbiased;
    DerSimonianLairdIterated => dersimonian_laird::Iterated;
    SidikJonkmanIterated => sidik_jonkman::Iterated;
    EqualEffects => equal_effects::EqualEffects;
}

impl Tau2 {
    /// Estimates τ², truncated at zero; one study says nothing of it and gives zero.
    pub fn estimate(self, sample: Sample<'_>) -> Between {
        self.estimate_in(&sample)
    }

    /// The same of any model, whose moments at τ² = 0 the caller often has.
    #[inline]
    pub(crate) fn estimate_of<M: NormalModel>(
        self,
        model: &M,
        common: impl FnOnce() -> M::Moments,
    ) -> Between {
        if model.k() > model.p() { self.of(model, common) } else { Between::zero(0) }
    }

    /// The same of a model whose moments nobody has yet.
    pub(crate) fn estimate_in(self, model: &impl NormalModel) -> Between {
        self.estimate_of(model, || model.moments(0.0))
    }

    /// Estimates τ² of many samples of two or more studies; the iterations of ML and REML run side by side.
    pub fn estimate_all(self, samples: &[Sample<'_>]) -> Vec<Between> {
        self.of_all(samples, None)
    }

    /// The same, given the moments of each at τ² = 0.
    #[cfg(feature = "mass")]
    pub(crate) fn estimate_with(self, samples: &[Sample<'_>], common: &[Moments]) -> Vec<Between> {
        self.of_all(samples, Some(common))
    }

    /// Large-sample standard error of an estimate; `None` where there is none.
    pub(crate) fn standard_error<M: NormalModel>(self, model: &M, tau2: f64) -> Option<f64> {
        self.error_of(model, tau2).filter(|s| s.is_finite())
    }
}

/// Log-likelihood at τ² with the means maximised, full or restricted, with all its constants:
///
/// ```text
/// −½ n ln 2π − ½ Σ ln(v + τ²) − ½ Q,   n = k;   restricted n = k − p and + ½ ln |XᵀX| − ½ ln |XᵀWX|
/// ```
pub(crate) fn log_likelihood(model: &impl NormalModel, tau2: f64, restricted: bool) -> f64 {
    let n = if restricted { model.df() } else { model.k() as f64 };
    let constant = -0.5 * n * (2.0 * std::f64::consts::PI).ln();
    let of_design = if restricted { 0.5 * model.log_design() } else { 0.0 };
    constant + model.log_likelihood(tau2, restricted) + of_design
}
