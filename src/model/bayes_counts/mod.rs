//! Bayesian pooling of counts in one group by their own likelihood, by quadrature and without sampling.
//!
//! ```text
//! logit p = μ + τ z;   π = logit⁻¹(μ) uniform on (0, 1);   τ half-normal
//! ```
//! The uniform prior on the median proportion keeps the posterior proper where no event was seen. Gauss–Legendre over
//! τ and Simpson over μ.

mod joint;

use super::bayes::{Credible, Mixture, Moments, MuPrior, TauPrior, shortest};
use super::counts::OneGroup;
use super::likelihood::{Family, Kernel, Likelihood, NormalMixture};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::quadrature::gauss_legendre;
use crate::result::{BayesResult, Marginal, Note, Shrinkage};
use joint::{Joint, Place};

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
        let at = |q: f64| quantile(&self.locations, &cdf, &density, q);
        let back = |m: f64| 1.0 / (1.0 + (-m).exp());
        Posterior { median: back(at(0.5)), lower: back(at(tail)), upper: back(at(1.0 - tail)) }
    }
}

/// Where the posterior of μ can have mass: the likelihood there is above e⁻¹⁶ of its maximum, prior included.
fn range(model: &NormalMixture, scale: f64) -> (f64, f64) {
    let start = model.starts()[0];
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
    (walk(-1.0), walk(1.0))
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

/// The point below which a share `q` lies; within a step the density is taken as linear.
fn quantile(x: &[f64], cdf: &[f64], density: &[f64], q: f64) -> f64 {
    let i = cdf.partition_point(|c| *c < q).clamp(1, x.len() - 1);
    let share = ((q - cdf[i - 1]) / (cdf[i] - cdf[i - 1]).max(1e-300)).clamp(0.0, 1.0);
    let (a, b) = (density[i - 1], density[i]);
    // a t + (b − a) t²/2 = share (a + b)/2, in the form without cancellation
    let root = (a * a + (b * b - a * a) * share).max(0.0).sqrt();
    let t = if a + root > 0.0 { share * (a + b) / (a + root) } else { share };
    x[i - 1] + t.clamp(0.0, 1.0) * (x[i] - x[i - 1])
}

/// Points of the joint grid of the whole analysis (odd): on μ at least, and on τ.
const FINE_LOCATIONS: usize = 161;
const MOST_LOCATIONS: usize = 1001;
const FINE_SPREADS: usize = 121;

/// Densities below e⁻³⁰ of the largest are nothing.
const NOTHING: f64 = 30.0;

/// Points of the density of one study's effect (odd).
const MIXTURE_POINTS: usize = 401;

/// The density of a quantity on an increasing grid, with its cumulative integral.
struct Curve {
    x: Vec<f64>,
    density: Vec<f64>,
    cdf: Vec<f64>,
}

impl Curve {
    /// `density` is per step of the grid's index, so that any spacing may be used.
    fn new(x: Vec<f64>, density: Vec<f64>) -> Self {
        Self { cdf: cumulative(&density), density, x }
    }

    /// The density of a mixture, from far below it to far above.
    fn of(mixture: &Mixture) -> Self {
        let (mean, sd) = mixture.moments();
        let half = (MIXTURE_POINTS / 2) as f64;
        let step = 12.0 * sd / half;
        let x: Vec<f64> = (0..MIXTURE_POINTS).map(|i| mean + (i as f64 - half) * step).collect();
        let density = x.iter().map(|x| mixture.density(*x)).collect();
        Self::new(x, density)
    }

    fn quantile(&self, q: f64) -> f64 {
        quantile(&self.x, &self.cdf, &self.density, q)
    }

    /// ∫ f(x) of the density, by Simpson's rule.
    fn integral(&self, f: impl Fn(f64) -> f64) -> f64 {
        let n = self.x.len();
        (0..n).map(|i| simpson(i, n) * self.density[i] * f(self.x[i])).sum()
    }

    /// Its summary, with moments up to the highest that exists.
    fn marginal(&self, level: f64, credible: Credible, highest: i32) -> Marginal {
        let mass = level / 100.0;
        let total = self.integral(|_| 1.0);
        // from the middle of the grid, so that a narrow one loses no digits
        let start = self.x[self.x.len() / 2];
        let shift = self.integral(|x| x - start) / total;
        let variance = self.integral(|x| (x - start - shift).powi(2)) / total;
        let (lower, upper) = match credible {
            Credible::Central => (self.quantile(0.5 - 0.5 * mass), self.quantile(0.5 + 0.5 * mass)),
            Credible::Shortest => shortest(|q| self.quantile(q), mass),
        };
        Marginal {
            mean: (highest > 0).then_some(start + shift),
            median: self.quantile(0.5),
            sd: (highest > 1).then(|| variance.max(0.0).sqrt()),
            lower,
            upper,
        }
    }
}

/// Weights of Simpson's rule, three times over.
fn simpson(i: usize, n: usize) -> f64 {
    match i {
        0 => 1.0,
        _ if i + 1 == n => 1.0,
        _ if i % 2 == 1 => 4.0,
        _ => 2.0,
    }
}

/// The whole analysis of a table of counts in one group; `None` for other tables.
///
/// A flat prior of μ means a uniform median proportion (flat on the log rate for rates). Intervals of single studies
/// take their conditional distribution given μ and τ as normal; everything else is exact up to the grid.
///
/// # Errors
/// The prior of τ is Jeffreys', which needs sampling variances; is improper with fewer than three studies; or the
/// prior of μ is flat for rates without events.
pub fn fit_counts(
    table: &EffectTable,
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    level: f64,
    credible: Credible,
) -> Option<Result<BayesResult, Error>> {
    let data = OneGroup::of(table).filter(|d| !d.counts.is_empty())?;
    Some(fit_known(&data, tau_prior, mu_prior, level, credible))
}

/// A posterior that does not add up to a positive number is no answer.
fn nothing() -> Error {
    Error::model("the counts and the priors are so far apart that their product is no number")
        .with_hint("give the priors wider scales, or a mean on the analysis scale")
}

/// The share of the posterior at every point of the grid, by τ and then μ; `None` where there is no posterior.
fn weights(log: &[Vec<f64>], stretch: &[f64], jacobian: &[f64]) -> Option<Vec<Vec<f64>>> {
    let points = stretch.len();
    let top = log.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut joint = vec![vec![0.0; points]; FINE_SPREADS];
    let mut total = 0.0;
    for (i, row) in joint.iter_mut().enumerate() {
        for (j, w) in row.iter_mut().enumerate() {
            *w = simpson(i, FINE_SPREADS)
                * simpson(j, points)
                * jacobian[i]
                * stretch[j]
                * (log[i][j] - top).exp();
            total += *w;
        }
    }
    if !(top.is_finite() && total > 0.0 && total.is_finite()) {
        return None;
    }
    joint.iter_mut().flatten().for_each(|w| *w /= total);
    Some(joint)
}

fn fit_known(
    data: &OneGroup,
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    level: f64,
    credible: Credible,
) -> Result<BayesResult, Error> {
    let model = NormalMixture::new(data.family, &data.counts);
    if tau_prior.log_plain(0.0).is_none() {
        return Err(Error::usage(
            "Jeffreys' prior is defined by sampling variances, which counts do not have",
        )
        .with_hint("use half-normal, half-cauchy, half-t or uniform, or ⟦normal⟧"));
    }
    let proportion = data.family == Family::Binomial;
    if !proportion && data.totals().0 == 0.0 && mu_prior == MuPrior::Flat {
        return Err(Error::model("no event and a flat prior of the log rate give no posterior")
            .with_hint("use ⟦mu-prior=\"normal(MEAN,SD)\"⟧"));
    }
    // no events, or nothing but events, have no finite effect of their own: they do not hold τ back
    let finite = model.studies().iter().filter(|s| s.maximum().is_some()).count();
    let moments = Moments::new(&tau_prior, finite, proportion || mu_prior != MuPrior::Flat)?;
    let joint = Joint { model: &model, tau_prior, mu_prior, proportion };
    let Place { locations, stretch, spreads, jacobian } = joint.place().ok_or_else(nothing)?;
    let points = locations.len();
    let log: Vec<Vec<f64>> =
        spreads.iter().map(|&s| locations.iter().map(|&m| joint.log(m, s)).collect()).collect();
    let joint = weights(&log, &stretch, &jacobian).ok_or_else(nothing)?;
    let mu_density: Vec<f64> = (0..points)
        .map(|j| (0..FINE_SPREADS).map(|i| joint[i][j]).sum::<f64>() / simpson(j, points))
        .collect();
    let tau_density: Vec<f64> =
        (0..FINE_SPREADS).map(|i| joint[i].iter().sum::<f64>() / simpson(i, FINE_SPREADS)).collect();
    let mixture = |f: &dyn Fn(f64, f64) -> (f64, f64)| {
        let mut parts = vec![];
        for (i, row) in joint.iter().enumerate() {
            for (j, w) in row.iter().enumerate().filter(|(_, w)| **w > 1e-11) {
                let (m, variance) = f(locations[j], spreads[i]);
                parts.push((*w, m, variance.max(0.0).sqrt()));
            }
        }
        let sum: f64 = parts.iter().map(|p| p.0).sum();
        parts.iter_mut().for_each(|p| p.0 /= sum);
        Mixture(parts)
    };
    let mu = Curve::new(locations.clone(), mu_density);
    let predictive = mixture(&|m, s| (m, s * s));
    let shrunk = |c: usize| {
        let parts = mixture(&|m, s| model.conditional(c, m, s));
        let Marginal { lower, upper, .. } = Curve::of(&parts).marginal(level, credible, 2);
        Shrinkage { mean: parts.moments().0, lower, upper }
    };
    let tau = Curve::new(spreads.clone(), tau_density);
    let mut notes = moments.notes();
    // what lies beyond the limit of the model is left out
    let (end, beyond) =
        (spreads[FINE_SPREADS - 1], tau.density[FINE_SPREADS - 1] / jacobian[FINE_SPREADS - 1]);
    if end >= model.spread_limit() && beyond * end > 1e-3 * tau.integral(|_| 1.0) / 3.0 {
        notes.push(Note::SpreadAtLimit);
    }
    let below = mu.cdf[mu.x.partition_point(|x| *x < 0.0).min(points - 1)];
    Ok(BayesResult {
        mu: mu.marginal(level, credible, moments.of_mu()),
        tau: tau.marginal(level, credible, moments.of_tau()),
        predictive_below_null: predictive.cdf(0.0),
        predictive: predictive.marginal(level, credible, moments.of_tau()),
        mu_below_null: below,
        shrinkage: (0..model.k()).map(shrunk).collect(),
        tau_prior: tau_prior.title(),
        mu_prior: if proportion && mu_prior == MuPrior::Flat {
            "uniform median proportion".into()
        } else {
            mu_prior.title()
        },
        level,
        shortest: credible == Credible::Shortest,
        notes,
    })
}
