//! Restricted maximum likelihood.
//!
//! ```text
//! dℓ/dτ² = −½ tr P + ½ yᵀP²y
//! −d²ℓ/d(τ²)² = −½ tr P² + yᵀP³y,   expectation ½ tr P²
//! ```
//! The default: nearly unbiased and efficient. Reference: \[viechtbauer2005\].

use super::Tau2Spec;
use super::likelihood::{Likelihood, restricted};

pub(super) const REML: Likelihood = Likelihood {
    score: |s| 0.5 * (s.ypp_y() - s.trace_p()),
    observed: |s| s.yppp_y() - 0.5 * s.trace_pp(),
    expected: |s| 0.5 * s.trace_pp(),
    value: restricted,
};

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| REML.maximise(sample),
    of_moments: None,
    standard_error: |sample, tau2| Some((2.0 / sample.sums(tau2, 0.0).trace_pp()).sqrt()),
};
