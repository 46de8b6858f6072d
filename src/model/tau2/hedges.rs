//! Hedges: method of moments with equal weights.
//!
//! ```text
//! τ² = max(0, Σ(y − ȳ)²/(k − 1) − Σv/k)
//! ```
//! Closed form and unbiased before truncation; inefficient when sampling variances differ.
//! References: \[hedges1985\], \[cochran1954\].

use super::{Between, Tau2Spec};
use crate::model::kernel::Sample;

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| Between::closed(moments(sample)),
    of_moments: None,
    standard_error: |sample, tau2| {
        let k = sample.k() as f64;
        let v: f64 = sample.v.iter().sum();
        let v2: f64 = sample.v.iter().map(|v| v * v).sum();
        // with P = I − 11ᵀ/k: tr PVPV and tr PV
        let pvpv = v2 * (1.0 - 2.0 / k) + v * v / (k * k);
        let pv = v * (1.0 - 1.0 / k);
        Some((2.0 * pvpv + 4.0 * tau2 * pv + 2.0 * tau2 * tau2 * (k - 1.0)).sqrt() / (k - 1.0))
    },
};

/// The untruncated estimate.
pub(super) fn moments(sample: Sample<'_>) -> f64 {
    let (variance, mean) = sample.plain_moments();
    variance - mean
}
