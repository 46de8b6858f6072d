//! Maximum likelihood.
//!
//! ```text
//! dℓ/dτ² = −½ Σw + ½ yᵀP²y
//! −d²ℓ/d(τ²)² = −½ Σw² + yᵀP³y,   expectation ½ Σw²
//! ```
//! Biased low, since the mean is estimated from the same data. Reference: \[hardy1996\].

use super::likelihood::{Likelihood, Slope, maximise};
use super::{Between, Estimator, lanes};
use crate::model::sums::{FirstOrder, Moments, NormalModel, Quantities, Sample};

pub(crate) struct MaximumLikelihood;

impl Likelihood for MaximumLikelihood {
    const RESTRICTED: bool = false;

    #[inline(always)]
    fn slope(s: &impl Quantities) -> Slope {
        Slope {
            score: 0.5 * (s.ypp_y() - s.w()),
            observed: s.yppp_y() - 0.5 * s.w2(),
            expected: 0.5 * s.w2(),
        }
    }
}

impl Estimator for MaximumLikelihood {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        maximise::<Self>(model)
    }

    fn estimate_all(samples: &[Sample<'_>], _: Option<&[Moments]>) -> Vec<Between> {
        lanes::maximise_all::<Self>(samples)
    }

    /// √(1/information).
    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        Some((2.0 / model.moments(tau2).w2()).sqrt())
    }
}
