//! Estimators of the between-study variance τ².
//!
//! Two kernels: moments (closed forms and roots of Q) and likelihood (a safeguarded Newton iteration).

mod dersimonian_laird;
mod empirical_bayes;
mod equal_effects;
mod hedges;
mod hunter_schmidt;
mod lanes;
pub(crate) mod likelihood;
mod maximum_likelihood;
mod paule_mandel;
mod reml;
mod sidik_jonkman;

use super::kernel::{Sample, Sums, moments_all};
pub use crate::choice::Tau2;
use crate::math::{root::Stop, simd::widest};

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
    fn closed(tau2: f64) -> Self {
        let stop = if tau2 > 0.0 { Stop::Closed } else { Stop::Boundary };
        Self { tau2: tau2.max(0.0), iterations: 0, stop }
    }
}

/// What an estimator computes.
#[derive(Debug)]
pub struct Tau2Spec {
    /// Estimates τ² from two or more studies, truncated at zero.
    pub estimate: fn(Sample<'_>) -> Between,
    /// The untruncated estimate from k and the moments at τ² = 0, where these are all it needs.
    pub of_moments: Option<fn(f64, &Sums) -> f64>,
    /// Standard error of τ² at the estimate; `None` where there is none.
    pub standard_error: fn(Sample<'_>, f64) -> Option<f64>,
}

impl Tau2 {
    /// How it is computed.
    pub fn spec(self) -> &'static Tau2Spec {
        match self {
            Self::Reml => &reml::SPEC,
            Self::DerSimonianLaird => &dersimonian_laird::SPEC,
            Self::PauleMandel => &paule_mandel::SPEC,
            Self::MaximumLikelihood => &maximum_likelihood::SPEC,
            Self::EmpiricalBayes => &empirical_bayes::SPEC,
            Self::SidikJonkman => &sidik_jonkman::SPEC,
            Self::Hedges => &hedges::SPEC,
            Self::HunterSchmidt => &hunter_schmidt::SPEC,
            Self::HunterSchmidtCorrected => &hunter_schmidt::CORRECTED,
            Self::PauleMandelMedian => &paule_mandel::MEDIAN,
            Self::DerSimonianLairdIterated => &dersimonian_laird::ITERATED,
            Self::SidikJonkmanIterated => &sidik_jonkman::ITERATED,
            Self::EqualEffects => &equal_effects::SPEC,
        }
    }

    /// Estimates τ² of a sample whose moments at τ² = 0 are known.
    pub(crate) fn estimate_from(self, sample: Sample<'_>, common: &Sums) -> Between {
        match self.spec().of_moments {
            Some(closed) => Between::closed(closed(sample.k() as f64, common)),
            None => (self.spec().estimate)(sample),
        }
    }

    /// Estimates τ² of many samples of two or more studies; the iterations of ML and REML run side by side.
    pub fn estimate_all(self, samples: &[Sample<'_>]) -> Vec<Between> {
        let mut common = vec![];
        if self.spec().of_moments.is_some() {
            moments_all(samples, |_| 0.0, &mut common);
        }
        self.estimate_with(samples, &common)
    }

    /// The same, given the moments at τ² = 0 where the estimator is a closed form of them.
    pub(crate) fn estimate_with(self, samples: &[Sample<'_>], common: &[Sums]) -> Vec<Between> {
        if self.spec().of_moments.is_some() {
            return samples.iter().zip(common).map(|(s, c)| self.estimate_from(*s, c)).collect();
        }
        match self {
            Self::Reml => widest(
                #[inline(always)]
                || lanes::maximise_all(&reml::REML, samples),
            ),
            Self::MaximumLikelihood => widest(
                #[inline(always)]
                || lanes::maximise_all(&maximum_likelihood::ML, samples),
            ),
            _ => samples.iter().map(|s| (self.spec().estimate)(*s)).collect(),
        }
    }
}

/// Log-likelihood at τ² with μ maximised, full or restricted, as `metapool pool` reports it.
pub fn log_likelihood(sample: Sample<'_>, tau2: f64, reml: bool) -> f64 {
    let k = sample.k() as f64;
    let n = if reml { k - 1.0 } else { k };
    let constant = -0.5 * n * (2.0 * std::f64::consts::PI).ln();
    if reml {
        constant + likelihood::restricted(sample, tau2) + 0.5 * k.ln()
    } else {
        constant + likelihood::full(sample, tau2)
    }
}

/// Large-sample standard error of a root of Q: √(2k² / ((k−1) (Σw)²)).
fn root_standard_error(sample: Sample<'_>, tau2: f64) -> Option<f64> {
    let k = sample.k() as f64;
    let (w, _) = sample.mean_sums(tau2, 0.0);
    Some((2.0 * k * k / (k - 1.0)).sqrt() / w)
}

/// √(2(k−1) + 4τ² tr P + 2τ⁴ tr P²) at the common-effect weights.
fn moment_spread(sample: Sample<'_>, tau2: f64, p: &Sums) -> f64 {
    let df = sample.k() as f64 - 1.0;
    (2.0 * df + 4.0 * tau2 * p.trace_p() + 2.0 * tau2 * tau2 * p.trace_pp()).sqrt()
}

/// A fixed-point iteration that stops when τ² no longer changes relative to its own size and the variances.
fn iterate(sample: Sample<'_>, start: f64, next: impl Fn(f64) -> f64) -> Between {
    const PATIENCE: usize = 20_000;
    let (smallest, _) = sample.variance_range();
    let mut tau2 = start;
    for iterations in 1..=PATIENCE {
        let new = next(tau2);
        let change = (new - tau2).abs();
        tau2 = new;
        if tau2 <= 0.0 {
            return Between { tau2: 0.0, iterations, stop: Stop::Boundary };
        }
        if change <= 1e-14 * (tau2 + 1e-6 * smallest) {
            return Between { tau2, iterations, stop: Stop::Converged };
        }
    }
    Between { tau2, iterations: PATIENCE, stop: Stop::Patience }
}
