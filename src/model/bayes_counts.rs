//! Bayesian pooling of counts in one group by quadrature, for the agreement panel.
//!
//! ```text
//! logit p = μ + τ z;   π = logit⁻¹(μ) uniform on (0, 1);   τ half-normal
//! ```
//! The uniform prior on the median proportion keeps the posterior proper where no event was seen. No sampling:
//! Gauss–Legendre over τ and Simpson over μ.

use super::one_group::NormalMixture;
use super::profile_likelihood::Likelihood;
use crate::math::quadrature::gauss_legendre;

/// Points on μ (odd) and on τ.
const LOCATIONS: usize = 121;
const SPREADS: usize = 20;

/// The log-likelihood on a grid, shared by several priors.
pub(super) struct Grid {
    locations: Vec<f64>,
    spreads: Vec<(f64, f64)>, // τ and quadrature weight
    log: Vec<Vec<f64>>,       // by spread, then location
}

/// Median and central interval of the median proportion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posterior {
    pub median: f64,
    pub lower: f64,
    pub upper: f64,
}

impl Grid {
    /// Evaluates the likelihood where a prior of scale up to `scale` on τ can put mass.
    pub fn new(model: &NormalMixture, scale: f64) -> Self {
        let top = 4.5 * scale;
        let rule = gauss_legendre(SPREADS);
        let spreads: Vec<(f64, f64)> = rule
            .nodes
            .iter()
            .zip(&rule.weights)
            .map(|(x, w)| (0.5 * top * (x + 1.0), 0.5 * top * w))
            .collect();
        let (lo, hi) = range(model, scale);
        let step = (hi - lo) / (LOCATIONS - 1) as f64;
        let locations: Vec<f64> = (0..LOCATIONS).map(|i| lo + i as f64 * step).collect();
        let log =
            spreads.iter().map(|(s, _)| locations.iter().map(|m| model.at(*m, *s).log).collect()).collect();
        Self { locations, spreads, log }
    }

    /// The posterior under a half-normal prior of this scale; level in percent.
    pub fn half_normal(&self, scale: f64, level: f64) -> Posterior {
        let top = self.log.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        let density: Vec<f64> = (0..LOCATIONS)
            .map(|j| {
                let m = self.locations[j];
                // π(1 − π) is the uniform prior of π on the logit scale
                let prior = (-m.abs()).exp() / (1.0 + (-m.abs()).exp()).powi(2);
                let mixed = |(i, (s, w)): (usize, &(f64, f64))| {
                    w * (-0.5 * (s / scale).powi(2)).exp() * (self.log[i][j] - top).exp()
                };
                prior * self.spreads.iter().enumerate().map(mixed).sum::<f64>()
            })
            .collect();
        let cdf = cumulative(&density);
        let tail = 0.5 - level / 200.0;
        let at = |q: f64| quantile(&self.locations, &cdf, q);
        let back = |m: f64| 1.0 / (1.0 + (-m).exp());
        Posterior { median: back(at(0.5)), lower: back(at(tail)), upper: back(at(1.0 - tail)) }
    }
}

/// Where the posterior of μ can have mass: the likelihood there is above e⁻¹⁶ of its maximum, prior included.
fn range(model: &NormalMixture, scale: f64) -> (f64, f64) {
    let start = model.start();
    let value = |m: f64| {
        let l = model.at(m, 0.7 * scale).log.max(model.at(m, 0.0).log).max(model.at(m, 2.5 * scale).log);
        l - m.abs()
    };
    let mut best = value(start);
    let mut walk = |sign: f64| {
        let mut m = start;
        loop {
            let next = m + sign * 0.5;
            let v = value(next);
            best = best.max(v);
            if v < best - 16.0 || next.abs() > 30.0 {
                return next;
            }
            m = next;
        }
    };
    let (lo, hi) = (walk(-1.0), walk(1.0));
    (lo, hi)
}

/// Cumulative integral by Simpson's rule on pairs and the parabola through three points inside them, scaled to one.
fn cumulative(density: &[f64]) -> Vec<f64> {
    let mut cdf = vec![0.0; density.len()];
    for i in (0..density.len() - 2).step_by(2) {
        let (a, b, c) = (density[i], density[i + 1], density[i + 2]);
        cdf[i + 1] = cdf[i] + (5.0 * a + 8.0 * b - c) / 12.0;
        cdf[i + 2] = cdf[i] + (a + 4.0 * b + c) / 3.0;
    }
    let total = cdf[cdf.len() - 1];
    cdf.iter_mut().for_each(|c| *c /= total);
    cdf
}

fn quantile(x: &[f64], cdf: &[f64], q: f64) -> f64 {
    let i = cdf.partition_point(|c| *c < q).clamp(1, x.len() - 1);
    let share = (q - cdf[i - 1]) / (cdf[i] - cdf[i - 1]).max(1e-300);
    x[i - 1] + share.clamp(0.0, 1.0) * (x[i] - x[i - 1])
}
