//! Hunter–Schmidt, plain and with Brannick's small-sample correction.
//!
//! ```text
//! τ² = max(0, (Q − k)/Σw)          w = 1/v
//! τ² = max(0, (k/(k−1) Q − k)/Σw)
//! ```
//! References: \[hunter2004\], \[brannick2019\].

use super::{Between, Tau2Spec, moment_spread};
use crate::model::kernel::Sample;

fn estimate(sample: Sample<'_>, factor: f64) -> Between {
    let s = sample.sums(0.0, sample.mean(0.0));
    Between::closed((factor * s.q() - sample.k() as f64) / s.w)
}

fn standard_error(sample: Sample<'_>, tau2: f64, factor: f64) -> Option<f64> {
    let p = sample.sums(0.0, 0.0);
    Some(factor * moment_spread(sample, tau2, &p) / p.w)
}

fn correction(sample: Sample<'_>) -> f64 {
    let k = sample.k() as f64;
    k / (k - 1.0)
}

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| estimate(sample, 1.0),
    of_moments: Some(|k, s| (s.q() - k) / s.w),
    standard_error: |sample, tau2| standard_error(sample, tau2, 1.0),
};

pub(super) const CORRECTED: Tau2Spec = Tau2Spec {
    estimate: |sample| estimate(sample, correction(sample)),
    of_moments: Some(|k, s| (k / (k - 1.0) * s.q() - k) / s.w),
    standard_error: |sample, tau2| standard_error(sample, tau2, correction(sample)),
};
