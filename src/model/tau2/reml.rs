//! Restricted maximum likelihood.
//!
//! ```text
//! dℓ/dτ² = −½ tr P + ½ yᵀP²y
//! −d²ℓ/d(τ²)² = −½ tr P² + yᵀP³y,   expectation ½ tr P²
//! ```
//! The default: nearly unbiased and efficient. Reference: \[viechtbauer2005\].

use super::likelihood::{Likelihood, Slope, maximise};
use super::{Between, Estimator, lanes};
use crate::model::sums::{Moments, NormalModel, Quantities, Sample};

pub(super) struct Reml;

impl Likelihood for Reml {
    const RESTRICTED: bool = true;

    #[inline(always)]
    fn slope(s: &impl Quantities) -> Slope {
        Slope {
            score: 0.5 * (s.ypp_y() - s.trace_p()),
            observed: s.yppp_y() - 0.5 * s.trace_pp(),
            expected: 0.5 * s.trace_pp(),
        }
    }
}

impl Estimator for Reml {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        maximise::<Self>(model)
    }

    fn estimate_all(samples: &[Sample<'_>], _: Option<&[Moments]>) -> Vec<Between> {
        lanes::maximise_all::<Self>(samples)
    }

    /// √(1/information).
    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        Some((2.0 / model.at(tau2).trace_pp()).sqrt())
    }
}
