//! Sidik–Jonkman, once or iterated.
//!
//! ```text
//! τ₀² = Σ(y − ȳ)²/k,   τ² = τ₀² yᵀPy/(k − 1) with P at τ₀²
//! ```
//! Never zero unless all effects are equal; biased high for small τ². Iterated, τ₀² is replaced until stable.
//! Reference: \[sidik2005\].

use super::{Between, Tau2Spec, iterate, root_standard_error};
use crate::model::kernel::Sample;

fn start(sample: Sample<'_>) -> f64 {
    let k = sample.k() as f64;
    sample.plain_variance() * (k - 1.0) / k
}

fn step(sample: Sample<'_>, tau2: f64) -> f64 {
    if tau2 <= 0.0 {
        return 0.0;
    }
    tau2 * sample.sums(tau2, sample.mean(tau2)).q() / (sample.k() as f64 - 1.0)
}

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| Between::closed(step(sample, start(sample))),
    of_moments: None,
    standard_error: |sample, tau2| {
        let first = start(sample);
        let s = sample.sums(first, 0.0);
        let (mut v1, mut v2, mut v3, mut v4) = (0.0, 0.0, 0.0, 0.0); // Σ w²v, Σ w²v², Σ w³v, Σ w³v²
        for &v in sample.v {
            let w = 1.0 / (v + first);
            v1 += w * w * v;
            v2 += w * w * v * v;
            v3 += w * w * w * v;
            v4 += w * w * w * v * v;
        }
        let pvpv = v2 - 2.0 * v4 / s.w + (v1 / s.w).powi(2);
        let pvp = v1 - 2.0 * v3 / s.w + v1 * s.w2 / (s.w * s.w);
        let spread = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2 * tau2 * s.trace_pp();
        Some(first / (sample.k() as f64 - 1.0) * spread.sqrt())
    },
};

pub(super) const ITERATED: Tau2Spec = Tau2Spec {
    estimate: |sample| {
        let first = start(sample);
        // the fixed point satisfies Q(τ²) = k − 1; below it the iteration only creeps towards zero
        if sample.q(0.0) <= sample.k() as f64 - 1.0 || first <= 0.0 {
            return Between::closed(0.0);
        }
        iterate(sample, first, |tau2| step(sample, tau2))
    },
    of_moments: None,
    standard_error: root_standard_error,
};
