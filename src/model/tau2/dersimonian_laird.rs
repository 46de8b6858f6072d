//! DerSimonian–Laird: method of moments with inverse-variance weights, once or iterated.
//!
//! ```text
//! τ² = max(0, (Q − (k − 1)) / (Σw − Σw²/Σw)),   w = 1/v
//! ```
//! Closed form, k ≥ 2; biased low for large τ². Iterated, the weights become 1/(v + τ²) until τ² is stable.
//! Reference: \[dersimonian1986\].

use super::{Between, Tau2Spec, iterate, moment_spread, root_standard_error};
use crate::model::kernel::{Sample, Sums};

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| Between::closed(moments(sample)),
    of_moments: Some(of_moments),
    standard_error: |sample, tau2| {
        let p = sample.sums(0.0, 0.0);
        Some(moment_spread(sample, tau2, &p) / p.trace_p())
    },
};

/// The untruncated estimate.
pub(super) fn moments(sample: Sample<'_>) -> f64 {
    of_moments(sample.k() as f64, &sample.moments(0.0, sample.y[0]))
}

fn of_moments(k: f64, s: &Sums) -> f64 {
    (s.q() - (k - 1.0)) / s.trace_p()
}

pub(super) const ITERATED: Tau2Spec = Tau2Spec {
    estimate: |sample| {
        let start = moments(sample).max(0.0);
        if start <= 0.0 {
            return Between::closed(0.0);
        }
        // (yᵀPy − tr PV)/tr P with P at the current τ², tr PV = k − 1 − τ² tr P
        iterate(sample, start, |tau2| {
            let s = sample.sums(tau2, sample.mean(tau2));
            tau2 + (s.q() - (sample.k() as f64 - 1.0)) / s.trace_p()
        })
    },
    of_moments: None,
    // the weights hold τ² already: what is solved is Q(τ²) = k − 1, the equation of Paule and Mandel
    standard_error: root_standard_error,
};
