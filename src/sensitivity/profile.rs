//! The likelihood of τ², μ maximised at each value.
//!
//! ```text
//! ℓ(τ²) = max over μ of the (restricted) log-likelihood;   {τ² : 2(ℓ̂ − ℓ(τ²)) ≤ χ²₁}
//! ```
//! Reference: \[viechtbauer2007\].

use crate::error::Error;
use crate::math::{dist, root};
use crate::model::Sample;
use crate::model::refit::{PooledFit, Refit};
use crate::model::tau2::{Tau2, log_likelihood};
use crate::result::sensitivity::ProfileCurve;

const POINTS: usize = 241;

/// The curve from zero to beyond the upper limit.
///
/// # Errors
/// There are fewer than two studies, or the model has no likelihood of τ².
pub fn profile(fit: &PooledFit<'_>) -> Result<ProfileCurve, Error> {
    let (estimator, sample) = fit.estimator().zip(fit.sample()).ok_or_else(|| {
        Error::usage("the likelihood of τ² is drawn for inverse-variance models")
            .with_hint("add ⟦model=inverse-variance⟧")
    })?;
    if sample.k() < 2 {
        return Err(Error::model("one study says nothing of τ²").with_hint("it takes two studies at least"));
    }
    // the estimators by moments are shown on the restricted likelihood, too
    let restricted = estimator != Tau2::MaximumLikelihood;
    let estimator = if restricted { Tau2::Reml } else { Tau2::MaximumLikelihood };
    let value = |tau2: f64| log_likelihood(&sample, tau2, restricted);
    let best = estimator.estimate(sample).tau2;
    let top = value(best);
    let cut = top - 0.5 * dist::chi2_quantile(fit.level() / 100.0, 1.0);
    let above = |tau2: f64| value(tau2) - cut;
    let unit = best.max(typical(sample));
    let reach = root::expand_until_negative(above, best, unit);
    let upper = reach.and_then(|far| root::brent(above, best, far));
    let lower = if above(0.0) >= 0.0 { None } else { root::brent(above, 0.0, best) };
    let end = upper.map_or(20.0 * unit, |u| 1.35 * u);
    let mut places: Vec<f64> = (0..POINTS)
        // denser near zero, where the curve bends most
        .map(|i| (i as f64 / (POINTS - 1) as f64).powi(2) * end)
        .chain([best])
        .chain(lower)
        .chain(upper)
        .collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let points = places.into_iter().map(|t| (t, value(t))).collect();
    Ok(ProfileCurve { points, peak: (best, top), cut, lower, upper, restricted })
}

fn typical(sample: Sample<'_>) -> f64 {
    sample.v.iter().sum::<f64>() / sample.k() as f64
}
