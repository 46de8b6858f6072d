//! Bayesian pooling of counts in one group by their own likelihood, by quadrature and without sampling.
//!
//! ```text
//! logit p = μ + τ z;   π = logit⁻¹(μ) uniform on (0, 1);   τ half-normal
//! ```
//! The uniform prior on the median proportion keeps the posterior proper where no event was seen. Gauss–Legendre over
//! τ and Simpson over μ.

use super::bayes::{Credible, Mixture, Moments, MuPrior, TauPrior, shortest};
use super::counts::OneGroup;
use super::likelihood::{Family, Kernel, Likelihood, NormalMixture};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::quadrature::gauss_legendre;
use crate::math::root::concave_maximum;
use crate::result::{BayesResult, Marginal, Note, Shrinkage};

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

/// ln p(μ) with its first and second derivative, up to a constant.
fn log_mu(prior: MuPrior, proportion: bool, m: f64) -> (f64, f64, f64) {
    match prior {
        // π(1 − π) is the uniform prior of π on the logit scale
        MuPrior::Flat if proportion => {
            let e = (-m.abs()).exp();
            (-m.abs() - 2.0 * e.ln_1p(), -m.signum() * (1.0 - e) / (1.0 + e), -2.0 * e / (1.0 + e).powi(2))
        }
        MuPrior::Flat => (0.0, 0.0, 0.0),
        MuPrior::Normal(mean, sd) => {
            let z = (m - mean) / sd;
            (-0.5 * z * z, -z / sd, -1.0 / (sd * sd))
        }
    }
}

/// The joint density of μ and τ.
struct Joint<'a> {
    model: &'a NormalMixture,
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    proportion: bool,
}

/// The peak over μ at a τ.
struct Ridge {
    tau: f64,
    peak: f64,
    sd: f64,
    /// Height of the peak, and of the area under it.
    log: f64,
    area: f64,
}

/// Where the posterior has mass: values of μ and of τ, with dμ and dτ by index.
struct Place {
    locations: Vec<f64>,
    stretch: Vec<f64>,
    spreads: Vec<f64>,
    jacobian: Vec<f64>,
}

impl Joint<'_> {
    fn log(&self, m: f64, s: f64) -> f64 {
        self.model.at(m, s).log
            + self.tau_prior.log_plain(s).unwrap_or(0.0)
            + log_mu(self.mu_prior, self.proportion, m).0
    }

    fn ridge(&self, tau: f64, start: f64) -> Ridge {
        let slopes = |m: f64| {
            let (v, prior) = (self.model.at(m, tau), log_mu(self.mu_prior, self.proportion, m));
            (v.m + prior.1, (v.mm + prior.2).min(-1e-12))
        };
        let peak = concave_maximum(slopes, start, 3.0, 1e-9);
        let sd = (-1.0 / slopes(peak).1).sqrt();
        let log = self.log(peak, tau);
        Ridge { tau, peak, sd, log, area: log + sd.ln() }
    }

    /// How far from a peak the density still counts.
    fn reach(&self, r: &Ridge, sign: f64, top: f64) -> f64 {
        let mut step = 2.0 * r.sd;
        let mut m = r.peak;
        for _ in 0..60 {
            m += sign * step;
            if self.log(m, r.tau) < top - NOTHING {
                break;
            }
            step *= 1.3;
        }
        m
    }

    fn place(&self) -> Option<Place> {
        /// Values of τ that are tried, in steps of this factor.
        const FACTOR: f64 = 1.3;
        let limit = self.model.spread_limit();
        let least = 1e-3 * self.tau_prior.scale().unwrap_or(1.0).min(1.0);
        let mut start = match self.mu_prior {
            MuPrior::Normal(m, s) if s < 1.0 => m,
            _ => self.model.starts()[1],
        };
        let mut ridges = vec![];
        let mut tau = least;
        while tau < limit * FACTOR {
            let r = self.ridge(tau.min(limit), start);
            start = r.peak;
            ridges.push(r);
            tau *= FACTOR;
        }
        // areas in ln τ: a step is everywhere of the same width
        let height = |r: &Ridge| r.area + r.tau.ln();
        let most = |f: &dyn Fn(&Ridge) -> f64| ridges.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
        let (top, peak) = (most(&height), most(&|r| r.log));
        if !top.is_finite() {
            return None;
        }
        let kept: Vec<usize> = (0..ridges.len()).filter(|&i| height(&ridges[i]) > top - NOTHING).collect();
        let (first, last) = (kept[0].saturating_sub(1), (kept[kept.len() - 1] + 1).min(ridges.len() - 1));
        let used = &ridges[first..=last];
        let lo = used.iter().map(|r| self.reach(r, -1.0, peak)).fold(f64::INFINITY, f64::min);
        let hi = used.iter().map(|r| self.reach(r, 1.0, peak)).fold(f64::NEG_INFINITY, f64::max);
        let weighty = used.iter().filter(|r| height(r) > top - 12.0);
        let (locations, stretch) = spaced(lo, hi, weighty.min_by(|a, b| a.sd.total_cmp(&b.sd))?);
        let n = (FINE_SPREADS - 1) as f64;
        let index = 0..FINE_SPREADS;
        let (spreads, jacobian) = if first == 0 {
            // τ = c sinh u: even where the density rises to its peak, by equal factors beyond, where the tail may be long
            let highest =
                |f: &dyn Fn(&Ridge) -> f64| used.iter().max_by(|a, b| f(a).total_cmp(&f(b))).map(|r| r.tau);
            let c = highest(&|r| r.area)?.max(0.05 * highest(&height)?);
            let end = (used[used.len() - 1].tau / c).asinh();
            let u = |i: usize| end * i as f64 / n;
            index.map(|i| (c * u(i).sinh(), u(i).cosh())).unzip()
        } else {
            let (a, b) = (used[0].tau.ln(), used[used.len() - 1].tau.ln());
            index.map(|i| (a + (b - a) * i as f64 / n).exp()).map(|t| (t, t)).unzip()
        };
        Some(Place { locations, stretch, spreads, jacobian })
    }
}

/// Values of μ from `lo` to `hi`, with dμ by index: evenly spaced where that is fine enough for the narrowest of the
/// ridges that count; else crowded about its peak, μ = c + w sinh u. Large studies give ridges of any width: at a τ of
/// next to nothing that of all patients as one, at a large τ that of a few studies.
fn spaced(lo: f64, hi: f64, narrowest: &Ridge) -> (Vec<f64>, Vec<f64>) {
    let (c, w) = (narrowest.peak, narrowest.sd);
    let wanted = 3.0 * (hi - lo) / w;
    if wanted <= MOST_LOCATIONS as f64 {
        let points = wanted.max(FINE_LOCATIONS as f64) as usize | 1;
        let step = (hi - lo) / (points - 1) as f64;
        return (0..points).map(|j| (lo + j as f64 * step, 1.0)).unzip();
    }
    let (from, to) = (((lo - c) / w).asinh(), ((hi - c) / w).asinh());
    let step = (to - from) / (MOST_LOCATIONS - 1) as f64;
    let at = |j: usize| from + j as f64 * step;
    (0..MOST_LOCATIONS).map(|j| (c + w * at(j).sinh(), at(j).cosh())).unzip()
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
        return Err(nothing());
    }
    joint.iter_mut().flatten().for_each(|w| *w /= total);
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
