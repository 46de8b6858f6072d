//! Profile likelihood of the pooled effect, τ² maximised at every μ.
//!
//! ```text
//! {μ : 2 (ℓ(μ̂, τ̂²) − max over τ² of ℓ(μ, τ²)) ≤ χ²₁}
//! ```
//! Reference: \[hardy1996\].

use super::{Fitted, Kind};
use crate::math::{dist, root};
use crate::model::kernel::Sample;
use crate::model::tau2::likelihood::{Likelihood, full};

pub(super) const SPEC: Kind = Kind::Profile;

/// The likelihood of τ² at a fixed mean: sums are taken from that mean.
const FIXED: Likelihood = Likelihood {
    score: |s| 0.5 * (s.w2dd - s.w),
    observed: |s| s.w3dd - 0.5 * s.w2,
    expected: |s| 0.5 * s.w2,
    value: |_, _| f64::NAN,
};

fn profile(sample: Sample<'_>, mu: f64) -> f64 {
    let value = |tau2: f64| {
        -0.5 * sample
            .y
            .iter()
            .zip(sample.v)
            .map(|(y, v)| (v + tau2).ln() + (y - mu) * (y - mu) / (v + tau2))
            .sum::<f64>()
    };
    let far = sample.y.iter().map(|y| (y - mu) * (y - mu)).sum::<f64>() / sample.k() as f64;
    let (near, away) = (FIXED.climb(sample, mu, 0.0).tau2, FIXED.climb(sample, mu, far).tau2);
    value(near).max(value(away)).max(value(0.0))
}

/// Limits at a level in percent, and the likelihood-ratio statistic against `null`.
pub(crate) fn profile_limits(f: &Fitted<'_>, level: f64, null: f64) -> (f64, f64, f64) {
    let top = full(f.sample, f.tau2);
    let cut = 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let above = |mu: f64| profile(f.sample, mu) - top + cut;
    let side = |sign: f64| {
        let out = root::expand_until_negative(|w| above(f.mean + sign * w), 0.0, f.wald_se());
        out.and_then(|w| root::brent(|x| above(f.mean + sign * x), 0.0, w))
            .map_or(sign * f64::INFINITY, |w| f.mean + sign * w)
    };
    (side(-1.0), side(1.0), (2.0 * (top - profile(f.sample, null))).max(0.0))
}
