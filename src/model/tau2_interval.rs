//! Confidence intervals of τ².
//!
//! References: \[viechtbauer2007\], \[hardy1996\].

use super::sums::{NormalModel, Sample};
use super::tau2::Tau2;
pub use crate::choice::Tau2Interval;
use crate::math::{dist, root};

/// Lower and upper limit; the upper is `None` when unbounded. Both `None`: no value of τ² fits, the interval is empty.
pub type Tau2Limits = (Option<f64>, Option<f64>);

impl Tau2Interval {
    /// Limits at a level in percent, about the τ² of an estimator.
    pub fn limits(self, sample: Sample<'_>, estimator: Tau2, tau2: f64, level: f64) -> Tau2Limits {
        match self {
            Self::QProfile => q_profile(sample, level),
            Self::ProfileLikelihood => profile_likelihood(sample, estimator, tau2, level),
        }
    }
}

/// {τ² : χ²(k−1; α/2) ≤ Q(τ²) ≤ χ²(k−1; 1 − α/2)}.
fn q_profile(sample: Sample<'_>, level: f64) -> Tau2Limits {
    let df = sample.k() as f64 - 1.0;
    let tail = 0.5 - level / 200.0;
    let (low, high) = (dist::chi2_quantile(tail, df), dist::chi2_upper_quantile(tail, df));
    let q0 = sample.q(0.0);
    if q0 < low {
        return (None, None);
    }
    let lower = if q0 > high { crossing(sample, high) } else { Some(0.0) };
    (lower, crossing(sample, low))
}

/// The τ² at which Q falls to a target.
fn crossing(sample: Sample<'_>, target: f64) -> Option<f64> {
    let f = |tau2: f64| sample.q(tau2) - target;
    let (smallest, _) = sample.variance_range();
    let hi = root::expand_until_negative(f, 0.0, smallest.max(sample.plain_variance()))?;
    root::brent(f, 0.0, hi)
}

/// {τ² : 2 (ℓ(τ̂²) − ℓ(τ²)) ≤ χ²₁}, restricted likelihood for REML.
fn profile_likelihood(sample: Sample<'_>, estimator: Tau2, tau2: f64, level: f64) -> Tau2Limits {
    let value = |tau2: f64| sample.log_likelihood(tau2, estimator == Tau2::Reml);
    let cut = value(tau2) - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let f = |t: f64| value(t) - cut;
    let lower = if f(0.0) >= 0.0 { Some(0.0) } else { root::brent(f, 0.0, tau2) };
    let (smallest, _) = sample.variance_range();
    let upper = root::expand_until_negative(f, tau2, smallest.max(sample.plain_variance()))
        .and_then(|hi| root::brent(f, tau2, hi));
    (lower, upper)
}
