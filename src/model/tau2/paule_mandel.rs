//! Paule–Mandel: the root of Q(τ²) = k − 1; and its median-unbiased form, Q(τ²) = median of χ²(k − 1).
//!
//! Q falls as τ² grows, so the root is unique and bracketed. References: \[paule1982\], \[viechtbauer2021\].

use super::{Between, Tau2Spec, root_standard_error};
use crate::math::{dist, root::Stop};
use crate::model::kernel::Sample;

/// The root of Q(τ²) = target: Newton from below never overshoots, since Q is convex and falling.
pub(super) fn solve(sample: Sample<'_>, target: f64) -> Between {
    let mut tau2 = 0.0;
    for iterations in 0..500 {
        let s = sample.sums(tau2, sample.mean(tau2));
        let gap = s.q() - target;
        if gap <= 0.0 && iterations == 0 {
            return Between::closed(0.0);
        }
        // dQ/dτ² = −yᵀP²y
        let step = gap / s.ypp_y();
        let new = tau2 + step;
        if step.abs() <= 4.0 * f64::EPSILON * new || new == tau2 {
            return Between { tau2: new.max(0.0), iterations: iterations + 1, stop: Stop::Converged };
        }
        tau2 = new.max(0.0);
    }
    Between { tau2, iterations: 500, stop: Stop::Patience }
}

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| solve(sample, sample.k() as f64 - 1.0),
    of_moments: None,
    standard_error: root_standard_error,
};

pub(super) const MEDIAN: Tau2Spec = Tau2Spec {
    estimate: |sample| solve(sample, dist::chi2_quantile(0.5, sample.k() as f64 - 1.0)),
    of_moments: None,
    standard_error: root_standard_error,
};
