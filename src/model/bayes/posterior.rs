//! The posterior of τ, by Gauss–Legendre on panels of a logarithm.
//!
//! ```text
//! ln τ = x + exp(x − x₂) − exp(x₁ − x)
//! ```
//! Between x₁ and x₂, the logarithms of the least and the largest scale of data and priors, x is the logarithm of τ, so
//! that a standard error a thousand times smaller than others costs a few panels and no digit; beyond them it runs to
//! zero and infinity so fast that tails of any power end within a few panels. Reference: \[takahasi1974\].

use super::mixture::{Credible, shortest};
use super::moments::Moments;
use super::prior::{MuPrior, TauPrior};
use crate::error::Error;
use crate::math::quadrature::{Rule, gauss_legendre};
use crate::math::root;
use crate::model::sums::Sample;
use crate::result::Marginal;

/// μ given τ: mean and variance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditional {
    pub mean: f64,
    pub variance: f64,
}

/// A quadrature node of τ with its posterior weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub tau: f64,
    pub weight: f64,
    pub mu: Conditional,
}

/// The posterior on panels.
pub(super) struct Posterior<'a> {
    sample: Sample<'a>,
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    moments: Moments,
    /// x₁ and x₂.
    core: (f64, f64),
    /// Largest log density in x, subtracted everywhere.
    top: f64,
    /// Ends of the panels in x, with the share of the posterior below each.
    edges: Vec<(f64, f64)>,
    /// ∫ of the density in x, relative to its top.
    total: f64,
    pub nodes: Vec<Node>,
    rule: Rule,
}

/// Logarithms of τ whose squares are numbers.
const LOGARITHMS: std::ops::RangeInclusive<f64> = -700.0..=340.0;

/// Densities below e⁻⁴⁵ of the largest are nothing.
const NOTHING: f64 = 45.0;

/// Step of the search for where the posterior is.
const STEP: f64 = 0.25;

impl<'a> Posterior<'a> {
    /// # Errors
    /// Prior and data lie so far apart that their product is no number.
    pub fn new(
        sample: Sample<'a>,
        tau_prior: TauPrior,
        mu_prior: MuPrior,
        moments: Moments,
    ) -> Result<Self, Error> {
        let core = core(sample, tau_prior, mu_prior);
        let rule = gauss_legendre(10);
        let (edges, nodes) = (vec![], vec![]);
        let mut p =
            Self { sample, tau_prior, mu_prior, moments, core, top: 0.0, edges, total: 1.0, nodes, rule };
        let (from, to, width) = p.range().ok_or_else(|| {
            Error::model("the data and the prior of μ are so far apart that their product is no number")
                .with_hint("give the prior a wider SD, or a mean on the analysis scale")
        })?;
        let panels = ((to - from) / width).ceil().clamp(1.0, 5000.0);
        let end = |i: usize| from + (to - from) * i as f64 / panels;
        let mut raw = vec![];
        let mut sum = 0.0;
        p.edges.push((from, 0.0));
        for i in 0..panels as usize {
            let (a, b) = (end(i), end(i + 1));
            for (x, w) in p.rule.nodes.iter().zip(&p.rule.weights) {
                let x = a + 0.5 * (b - a) * (x + 1.0);
                let weight = 0.5 * (b - a) * w * p.density(x);
                sum += weight;
                raw.push((p.log_tau(x).exp(), weight));
            }
            p.edges.push((b, sum));
        }
        p.total = sum;
        p.edges.iter_mut().for_each(|e| e.1 /= sum);
        p.nodes = raw
            .into_iter()
            .filter(|(_, w)| *w > 0.0)
            .map(|(tau, w)| Node { tau, weight: w / sum, mu: p.mu(tau) })
            .collect();
        Ok(p)
    }

    /// Where the posterior is in x, and the width of panels that resolves it.
    fn range(&mut self) -> Option<(f64, f64, f64)> {
        let (lo, hi) = (self.core.0 - 6.7, self.core.1 + 6.7);
        let count = ((hi - lo) / STEP).ceil() as usize;
        // the highest moment that exists must be covered as well
        let r = f64::from(self.moments.of_tau());
        let points: Vec<(f64, f64, f64)> = (0..=count)
            .map(|i| lo + STEP * i as f64)
            .filter(|x| LOGARITHMS.contains(&self.log_tau(*x)))
            .map(|x| (x, self.log_density_in_x(x)))
            .filter(|(_, f)| f.is_finite())
            .map(|(x, f)| (x, f, f + r * self.log_tau(x)))
            .collect();
        let most =
            |f: &dyn Fn(&(f64, f64, f64)) -> f64| points.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
        let (top, weighted) = (most(&|p| p.1), most(&|p| p.2));
        let kept = |p: &&(f64, f64, f64)| p.1 > top - NOTHING || p.2 > weighted - NOTHING;
        let (first, last) = (points.iter().find(kept)?.0, points.iter().rev().find(kept)?.0);
        let at = points.iter().find(|p| p.1 == top)?.0;
        // golden section to the peak between the points beside it
        let (mut a, mut b) = (at - STEP, at + STEP);
        for _ in 0..40 {
            let (c, d) = (a + 0.382 * (b - a), b - 0.382 * (b - a));
            if self.log_density_in_x(c) > self.log_density_in_x(d) { b = d } else { a = c }
        }
        let peak = 0.5 * (a + b);
        self.top = self.log_density_in_x(peak).max(top);
        // the drop half a step away says how sharp the peak is
        let h = 0.02;
        let drop =
            (2.0 * self.top - self.log_density_in_x(peak - h) - self.log_density_in_x(peak + h)).max(1e-6);
        let width = (1.5 * h / drop.sqrt()).min(0.5);
        let inside = |x: f64| LOGARITHMS.contains(&self.log_tau(x));
        let from = if inside(first - STEP) { first - STEP } else { first };
        let to = if inside(last + STEP) { last + STEP } else { last };
        Some((from, to, width))
    }

    fn log_tau(&self, x: f64) -> f64 {
        x + (x - self.core.1).exp() - (self.core.0 - x).exp()
    }

    /// μ | τ. With the prior N(m, s²): mean m + B (μ̂ − m), variance B/W, B = s²W/(1 + s²W).
    fn mu(&self, tau: f64) -> Conditional {
        let (w, mean) = self.weighted(tau);
        match self.mu_prior {
            MuPrior::Flat => Conditional { mean, variance: 1.0 / w },
            MuPrior::Normal(m, s) => {
                let rest = 1.0 / (s * s * w);
                let variance = if rest < 1.0 { 1.0 / (w * (1.0 + rest)) } else { s * s / (1.0 + 1.0 / rest) };
                Conditional { mean: m + (mean - m) / (1.0 + rest), variance }
            }
        }
    }

    /// W and μ̂ at τ.
    fn weighted(&self, tau: f64) -> (f64, f64) {
        let c = self.sample.y[0];
        let (w, wd) = self.sample.mean_sums(tau * tau, c);
        (w, c + wd / w)
    }

    /// ln p(τ | y): ln p(τ) − ½ Σ ln(v + τ²) − ½ Q − ½ ln W, or with the prior of μ − ½ ln(1 + s²W) − ½ (μ̂ − m)²/(s² + 1/W).
    fn log_density(&self, tau: f64) -> f64 {
        let tau2 = tau * tau;
        let (w, mean) = self.weighted(tau);
        let mut log = self.tau_prior.log(tau, self.sample);
        for (y, v) in self.sample.y.iter().zip(self.sample.v) {
            log -= 0.5 * ((v + tau2).ln() + (y - mean).powi(2) / (v + tau2));
        }
        log - match self.mu_prior {
            MuPrior::Flat => 0.5 * w.ln(),
            MuPrior::Normal(m, s) => {
                let rest = 1.0 / (s * s * w);
                let spread =
                    if rest < 1.0 { 2.0 * s.ln() + w.ln() + rest.ln_1p() } else { (1.0 / rest).ln_1p() };
                0.5 * (spread + (mean - m).powi(2) / (s * s + 1.0 / w))
            }
        }
    }

    fn log_density_in_x(&self, x: f64) -> f64 {
        let (up, down) = ((x - self.core.1).exp(), (self.core.0 - x).exp());
        let log_tau = x + up - down;
        self.log_density(log_tau.exp()) + log_tau + (up + down).ln_1p()
    }

    /// Density in x, relative to its top.
    fn density(&self, x: f64) -> f64 {
        let value = (self.log_density_in_x(x) - self.top).exp();
        if value.is_finite() { value } else { 0.0 }
    }

    fn quantile(&self, q: f64) -> f64 {
        let i = self.edges.partition_point(|e| e.1 < q).clamp(1, self.edges.len() - 1);
        let ((a, below), (b, _)) = (self.edges[i - 1], self.edges[i]);
        let share = |x: f64| {
            let half = 0.5 * (x - a);
            let sum = self.rule.nodes.iter().zip(&self.rule.weights);
            let area: f64 = sum.map(|(t, w)| w * self.density(a + half * (t + 1.0))).sum();
            below + half * area / self.total - q
        };
        let x = root::brent(share, a, b).unwrap_or(if share(b) < 0.0 { b } else { a });
        self.log_tau(x).exp()
    }

    /// Summary of τ.
    pub fn tau_marginal(&self, level: f64, credible: Credible) -> Marginal {
        let mean: f64 = self.nodes.iter().map(|n| n.weight * n.tau).sum();
        let variance: f64 = self.nodes.iter().map(|n| n.weight * (n.tau - mean).powi(2)).sum();
        let mass = level / 100.0;
        let (lower, upper) = match credible {
            Credible::Central => (self.quantile(0.5 - 0.5 * mass), self.quantile(0.5 + 0.5 * mass)),
            Credible::Shortest => {
                let upper = self.quantile(mass);
                // from zero if the density there is above that at the other end
                if self.log_density(0.0) >= self.log_density(upper) {
                    (0.0, upper)
                } else {
                    shortest(|q| self.quantile(q), mass)
                }
            }
        };
        let highest = self.moments.of_tau();
        Marginal {
            mean: (highest > 0).then_some(mean),
            median: self.quantile(0.5),
            sd: (highest > 1).then_some(variance.sqrt()),
            lower,
            upper,
        }
    }
}

/// Logarithms of the least and the largest scale at which the posterior of τ can bend.
fn core(sample: Sample<'_>, tau_prior: TauPrior, mu_prior: MuPrior) -> (f64, f64) {
    let k = sample.k() as f64;
    let mut scales: Vec<f64> = sample.v.iter().map(|v| v.sqrt()).collect();
    if sample.k() > 1 {
        scales.push(sample.plain_variance().sqrt());
    }
    match tau_prior {
        TauPrior::HalfNormal(s) | TauPrior::HalfCauchy(s) => scales.push(s),
        TauPrior::HalfT(s, df) => scales.extend([s, s * df.sqrt()]),
        TauPrior::Uniform | TauPrior::Jeffreys => {}
    }
    if let MuPrior::Normal(m, s) = mu_prior {
        scales.push(s * k.sqrt());
        scales.extend(sample.y.iter().map(|y| (y - m).abs()));
    }
    let used = scales.into_iter().filter(|s| *s > 0.0 && s.is_finite());
    let (lo, hi) = used.fold((f64::INFINITY, 0.0f64), |h, s| (h.0.min(s), h.1.max(s)));
    (lo.ln() - 1.0, hi.ln() + 1.0)
}
