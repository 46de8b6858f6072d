//! Confidence intervals of τ².
//!
//! References: \[viechtbauer2007\], \[hardy1996\].

use super::kernel::Sample;
use super::tau2::{Tau2, likelihood};
use crate::math::{dist, root};

/// Lower and upper limit; the upper is `None` when unbounded. Both `None`: no value of τ² fits, the interval is empty.
pub type Tau2Limits = (Option<f64>, Option<f64>);

/// The definition of a [`Tau2Interval`].
#[derive(Debug)]
pub struct Tau2IntervalSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// Name in reports.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// Whether it is defined for this estimator.
    pub suits: fn(Tau2) -> bool,
    /// Limits at a level in percent.
    pub limits: fn(Sample<'_>, Tau2, f64, f64) -> Tau2Limits,
}

registry! {
    /// The confidence interval of τ².
    Tau2Interval(Tau2IntervalSpec) = "interval for τ²" {
        /// Q-profile.
        QProfile => QP,
        /// Profile likelihood.
        ProfileLikelihood => PL,
    }
}

/// {τ² : χ²(k−1; α/2) ≤ Q(τ²) ≤ χ²(k−1; 1 − α/2)}.
const QP: Tau2IntervalSpec = Tau2IntervalSpec {
    id: "QP",
    aliases: &["q-profile"],
    title: "Q-profile",
    reference: "viechtbauer2007",
    suits: |_| true,
    limits: |sample, _, _, level| {
        let df = sample.k() as f64 - 1.0;
        let tail = 0.5 - level / 200.0;
        let (low, high) = (dist::chi2_quantile(tail, df), dist::chi2_upper_quantile(tail, df));
        let q0 = sample.q(0.0);
        if q0 < low {
            return (None, None);
        }
        let lower = if q0 > high { crossing(sample, high) } else { Some(0.0) };
        (lower, crossing(sample, low))
    },
};

/// The τ² at which Q falls to a target.
fn crossing(sample: Sample<'_>, target: f64) -> Option<f64> {
    let f = |tau2: f64| sample.q(tau2) - target;
    let (smallest, _) = sample.variance_range();
    let hi = root::expand_until_negative(f, 0.0, smallest.max(sample.plain_variance()))?;
    root::brent(f, 0.0, hi)
}

/// {τ² : 2 (ℓ(τ̂²) − ℓ(τ²)) ≤ χ²₁}, restricted likelihood for REML.
const PL: Tau2IntervalSpec = Tau2IntervalSpec {
    id: "PL",
    aliases: &["profile-likelihood"],
    title: "profile likelihood",
    reference: "hardy1996",
    suits: |tau2| matches!(tau2, Tau2::Reml | Tau2::MaximumLikelihood),
    limits: |sample, estimator, tau2, level| {
        let value = match estimator {
            Tau2::Reml => likelihood::restricted,
            _ => likelihood::full,
        };
        let cut = value(sample, tau2) - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
        let f = |t: f64| value(sample, t) - cut;
        let lower = if f(0.0) >= 0.0 { Some(0.0) } else { root::brent(f, 0.0, tau2) };
        let (smallest, _) = sample.variance_range();
        let upper = root::expand_until_negative(f, tau2, smallest.max(sample.plain_variance()))
            .and_then(|hi| root::brent(f, tau2, hi));
        (lower, upper)
    },
};
