//! Maximum likelihood.
//!
//! ```text
//! dℓ/dτ² = −½ Σw + ½ yᵀP²y
//! −d²ℓ/d(τ²)² = −½ Σw² + yᵀP³y,   expectation ½ Σw²
//! ```
//! Biased low, since the mean is estimated from the same data. Reference: \[hardy1996\].

use super::Tau2Spec;
use super::likelihood::{Likelihood, full};

pub(super) const ML: Likelihood = Likelihood {
    score: |s| 0.5 * (s.ypp_y() - s.w),
    observed: |s| s.yppp_y() - 0.5 * s.w2,
    expected: |s| 0.5 * s.w2,
    value: full,
};

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| ML.maximise(sample),
    of_moments: None,
    standard_error: |sample, tau2| Some((2.0 / sample.sums(tau2, 0.0).w2).sqrt()),
};
