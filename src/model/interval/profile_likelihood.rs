//! Profile likelihood of the pooled effect, τ² maximised at every μ.
//!
//! ```text
//! {μ : 2 (ℓ(μ̂, τ̂²) − max over τ² of ℓ(μ, τ²)) ≤ χ²₁}
//! ```
//! Reference: \[hardy1996\].

use super::{Fitted, Kind};
use crate::math::{dist, root};
use crate::model::sums::{FixedMean, NormalModel, Sample};
use crate::model::tau2::MaximumLikelihood;
use crate::model::tau2::likelihood::climb;

pub(super) const SPEC: Kind = Kind::Profile;

/// ℓ at a mean, τ² at its best: the higher of the peaks from a small and from a large start, and zero.
fn profile(sample: Sample<'_>, mean: f64) -> f64 {
    let model = FixedMean { sample, mean };
    let peak = |start: f64| climb::<MaximumLikelihood>(&model, start).tau2;
    let value = |tau2: f64| model.log_likelihood(tau2);
    value(peak(0.0)).max(value(peak(model.mean_square()))).max(value(0.0))
}

/// Limits at a level in percent, and the likelihood-ratio statistic against `null`.
pub(crate) fn profile_limits(f: &Fitted<'_>, level: f64, null: f64) -> (f64, f64, f64) {
    let top = f.sample.log_likelihood(f.tau2, false);
    let cut = 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let above = |mu: f64| profile(f.sample, mu) - top + cut;
    let side = |sign: f64| {
        let out = root::expand_until_negative(|w| above(f.mean + sign * w), 0.0, f.wald_se());
        out.and_then(|w| root::brent(|x| above(f.mean + sign * x), 0.0, w))
            .map_or(sign * f64::INFINITY, |w| f.mean + sign * w)
    };
    (side(-1.0), side(1.0), (2.0 * (top - profile(f.sample, null))).max(0.0))
}
