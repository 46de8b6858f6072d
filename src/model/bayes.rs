//! Bayesian random-effects pooling of normal effects, by quadrature and without sampling.
//!
//! ```text
//! yᵢ ~ N(μ, vᵢ + τ²),  μ flat or N(m, s²),  τ with a prior of the list below
//! p(τ | y) ∝ p(τ) Π (vᵢ + τ²)^(−½) W^(−½) exp(−Q/2),   W = Σw (+ 1/s²)
//! μ | τ, y ~ N(μ̂(τ), 1/W(τ))
//! ```
//! The posterior of τ is integrated by Gauss–Legendre after τ = c u/(1 − u); everything else is a mixture of normal
//! distributions over it. References: \[rover2020\], \[gelman2006\].

use super::kernel::Sample;
use crate::error::Error;
use crate::math::quadrature::{Rule, gauss_legendre};
use crate::math::{dist, root};
use crate::result::{BayesResult, Marginal, Shrinkage};

/// Prior of the between-study standard deviation τ, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TauPrior {
    /// Half-normal with this scale.
    HalfNormal(f64),
    /// Half-Cauchy with this scale.
    HalfCauchy(f64),
    /// Half-t with this scale and these degrees of freedom.
    HalfT(f64, f64),
    /// Flat; improper, needs three studies.
    Uniform,
    /// Jeffreys; improper, needs three studies.
    Jeffreys,
}

/// Prior of the mean μ, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MuPrior {
    /// Flat.
    Flat,
    /// Normal with mean and standard deviation.
    Normal(f64, f64),
}

/// Which interval summarises a posterior.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credible {
    /// The shortest.
    #[default]
    Shortest,
    /// Equal tails.
    Central,
}

/// The numbers of `name(a, b)`.
fn arguments(text: &str) -> Option<(String, Vec<f64>)> {
    let text = text.trim().to_lowercase();
    match text.split_once('(') {
        None => Some((text, vec![])),
        Some((name, rest)) => {
            let numbers: Option<Vec<f64>> =
                rest.strip_suffix(')')?.split(',').map(|n| n.trim().parse().ok()).collect();
            Some((name.trim().to_string(), numbers?))
        }
    }
}

impl TauPrior {
    /// Parses `half-normal(0.5)`, `half-cauchy(0.5)`, `half-t(0.5,4)`, `uniform` or `jeffreys`.
    ///
    /// # Errors
    /// It is none of them, or a scale is not positive.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let found = arguments(text).and_then(|(name, a)| match (name.as_str(), &a[..]) {
            ("half-normal" | "halfnormal", &[s]) if positive(s) => Some(Self::HalfNormal(s)),
            ("half-cauchy" | "halfcauchy", &[s]) if positive(s) => Some(Self::HalfCauchy(s)),
            ("half-t", &[s, df]) if positive(s) && positive(df) => Some(Self::HalfT(s, df)),
            ("uniform", []) => Some(Self::Uniform),
            ("jeffreys", []) => Some(Self::Jeffreys),
            _ => None,
        });
        found.ok_or_else(|| {
            Error::usage(format!("`{text}` is no prior for τ"))
                .with_hint("write half-normal(0.5), half-cauchy(0.5), half-t(0.5,4), uniform or jeffreys")
        })
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::HalfNormal(s) => format!("half-normal({s})"),
            Self::HalfCauchy(s) => format!("half-cauchy({s})"),
            Self::HalfT(s, df) => format!("half-t({s}, {df})"),
            Self::Uniform => "uniform".into(),
            Self::Jeffreys => "jeffreys".into(),
        }
    }

    /// Whether `k` studies give a posterior under this prior.
    pub(super) fn check_studies(&self, k: usize) -> Result<(), Error> {
        if k >= 3 || !matches!(self, Self::Uniform | Self::Jeffreys) {
            return Ok(());
        }
        Err(Error::model(format!("the {} prior needs three studies to give a posterior", self.title()))
            .with_hint("use a proper prior: `--tau-prior \"half-normal(0.5)\"`"))
    }

    /// ln p(τ), up to a constant, where it does not depend on the data.
    pub(super) fn log_plain(&self, tau: f64) -> Option<f64> {
        match self {
            Self::HalfNormal(s) => Some(-0.5 * (tau / s).powi(2)),
            Self::HalfCauchy(s) => Some(-(tau / s).powi(2).ln_1p()),
            Self::HalfT(s, df) => Some(-0.5 * (df + 1.0) * ((tau / s).powi(2) / df).ln_1p()),
            Self::Uniform => Some(0.0),
            Self::Jeffreys => None,
        }
    }

    /// ln p(τ), up to a constant; Jeffreys: √ of the Fisher information of τ, Σ (τ/(v + τ²))².
    fn log(&self, tau: f64, sample: Sample<'_>) -> f64 {
        let jeffreys = || 0.5 * sample.v.iter().map(|v| (tau / (v + tau * tau)).powi(2)).sum::<f64>().ln();
        self.log_plain(tau).unwrap_or_else(jeffreys)
    }
}

impl MuPrior {
    /// Parses `flat` or `normal(MEAN,SD)`.
    ///
    /// # Errors
    /// It is neither, or the SD is not positive.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let found = arguments(text).and_then(|(name, a)| match (name.as_str(), &a[..]) {
            ("flat" | "uniform", []) => Some(Self::Flat),
            ("normal", [m, s]) if *s > 0.0 && m.is_finite() && s.is_finite() => Some(Self::Normal(*m, *s)),
            _ => None,
        });
        found.ok_or_else(|| {
            Error::usage(format!("`{text}` is no prior for μ"))
                .with_hint("write flat, or normal(0,4) with mean and SD")
        })
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Flat => "flat".into(),
            Self::Normal(m, s) => format!("normal({m}, {s})"),
        }
    }

    /// Precision and precision-weighted mean that the prior adds.
    fn information(&self) -> (f64, f64) {
        match self {
            Self::Flat => (0.0, 0.0),
            Self::Normal(m, s) => (1.0 / (s * s), m / (s * s)),
        }
    }
}

/// μ given τ: mean and variance.
#[derive(Clone, Copy, Debug)]
struct Conditional {
    mean: f64,
    variance: f64,
}

/// A quadrature node of τ with its posterior weight.
#[derive(Clone, Copy, Debug)]
struct Node {
    tau: f64,
    weight: f64,
    mu: Conditional,
}

/// The posterior on a grid.
struct Posterior<'a> {
    sample: Sample<'a>,
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    /// Scale of the substitution.
    scale: f64,
    /// Largest log density, subtracted everywhere.
    top: f64,
    /// ∫ of the density in u, relative to its top.
    total: f64,
    nodes: Vec<Node>,
    rule: Rule,
}

impl<'a> Posterior<'a> {
    fn new(sample: Sample<'a>, tau_prior: TauPrior, mu_prior: MuPrior) -> Self {
        // a scale near where the posterior of τ lives: spread of the effects or their standard errors
        let typical = sample.v.iter().map(|v| v.sqrt()).sum::<f64>() / sample.k() as f64;
        let spread = if sample.k() > 1 { sample.plain_variance().sqrt() } else { 0.0 };
        let scale = match tau_prior {
            TauPrior::HalfNormal(s) | TauPrior::HalfCauchy(s) | TauPrior::HalfT(s, _) => {
                s.min(spread + typical)
            }
            TauPrior::Uniform | TauPrior::Jeffreys => 0.5 * (spread + typical),
        };
        let mut p = Self {
            sample,
            tau_prior,
            mu_prior,
            scale,
            top: 0.0,
            total: 1.0,
            nodes: vec![],
            rule: gauss_legendre(120),
        };
        let outer = gauss_legendre(240);
        let at: Vec<(f64, f64)> =
            outer.nodes.iter().zip(&outer.weights).map(|(x, w)| (0.5 * (x + 1.0), 0.5 * w)).collect();
        p.top = at.iter().map(|(u, _)| p.log_density(p.tau(*u))).fold(f64::NEG_INFINITY, f64::max);
        let raw: Vec<(f64, f64)> = at.iter().map(|(u, w)| (p.tau(*u), w * p.density_in_u(*u))).collect();
        p.total = raw.iter().map(|r| r.1).sum();
        p.nodes = raw
            .into_iter()
            .filter(|(_, w)| *w > 0.0)
            .map(|(tau, w)| Node { tau, weight: w / p.total, mu: p.mu(tau) })
            .collect();
        p
    }

    fn tau(&self, u: f64) -> f64 {
        self.scale * u / (1.0 - u)
    }

    fn mu(&self, tau: f64) -> Conditional {
        let (precision, weighted) = self.mu_prior.information();
        let c = self.sample.y[0];
        let (w, wd) = self.sample.mean_sums(tau * tau, c);
        let total = w + precision;
        Conditional { mean: c + (wd + weighted - precision * c) / total, variance: 1.0 / total }
    }

    fn log_density(&self, tau: f64) -> f64 {
        let tau2 = tau * tau;
        let mu = self.mu(tau);
        let mut log = self.tau_prior.log(tau, self.sample) + 0.5 * mu.variance.ln();
        for (y, v) in self.sample.y.iter().zip(self.sample.v) {
            log -= 0.5 * ((v + tau2).ln() + (y - mu.mean).powi(2) / (v + tau2));
        }
        if let MuPrior::Normal(m, s) = self.mu_prior {
            log -= 0.5 * ((mu.mean - m) / s).powi(2);
        }
        log
    }

    /// Density of u = τ/(c + τ).
    fn density_in_u(&self, u: f64) -> f64 {
        let jacobian = self.scale / (1.0 - u).powi(2);
        let value = (self.log_density(self.tau(u)) - self.top).exp() * jacobian;
        if value.is_finite() { value } else { 0.0 }
    }

    fn tau_density(&self, tau: f64) -> f64 {
        (self.log_density(tau) - self.top).exp() / self.total
    }

    fn tau_cdf(&self, tau: f64) -> f64 {
        let u = tau / (self.scale + tau);
        let area: f64 = self
            .rule
            .nodes
            .iter()
            .zip(&self.rule.weights)
            .map(|(x, w)| w * self.density_in_u(0.5 * u * (x + 1.0)))
            .sum();
        (0.5 * u * area / self.total).min(1.0)
    }

    fn tau_quantile(&self, q: f64) -> f64 {
        root::brent(|u| self.tau_cdf(self.tau(u)) - q, 0.0, 1.0 - 1e-9).map_or(0.0, |u| self.tau(u))
    }

    /// Summary of τ.
    fn tau_marginal(&self, level: f64, credible: Credible) -> Marginal {
        let mean: f64 = self.nodes.iter().map(|n| n.weight * n.tau).sum();
        let square: f64 = self.nodes.iter().map(|n| n.weight * n.tau * n.tau).sum();
        let mass = level / 100.0;
        let (lower, upper) = match credible {
            Credible::Central => (self.tau_quantile(0.5 - 0.5 * mass), self.tau_quantile(0.5 + 0.5 * mass)),
            Credible::Shortest => {
                let upper = self.tau_quantile(mass);
                // from zero if the density there is above that at the other end
                if self.tau_density(1e-12 * self.scale) >= self.tau_density(upper) {
                    (0.0, upper)
                } else {
                    shortest(|q| self.tau_quantile(q), mass)
                }
            }
        };
        Marginal {
            mean,
            median: self.tau_quantile(0.5),
            sd: (square - mean * mean).max(0.0).sqrt(),
            lower,
            upper,
        }
    }
}

/// A mixture of normal distributions.
pub(super) struct Mixture(pub Vec<(f64, f64, f64)>); // weight, mean, sd

impl Mixture {
    pub fn cdf(&self, x: f64) -> f64 {
        self.0
            .iter()
            .map(
                |(w, m, s)| {
                    if *s > 0.0 {
                        w * dist::normal_cdf((x - m) / s)
                    } else {
                        w * f64::from(u8::from(x >= *m))
                    }
                },
            )
            .sum()
    }

    /// Where a component is a point the density is not defined; it is then given a width of 1e-6.
    pub fn density(&self, x: f64) -> f64 {
        let at = |(w, m, s): &(f64, f64, f64)| {
            let s = s.max(1e-6);
            w * (-0.5 * ((x - m) / s).powi(2)).exp() / s
        };
        self.0.iter().map(at).sum()
    }

    /// Mean and standard deviation.
    pub fn moments(&self) -> (f64, f64) {
        let mean: f64 = self.0.iter().map(|(w, m, _)| w * m).sum();
        let variance: f64 = self.0.iter().map(|(w, m, s)| w * (s * s + (m - mean).powi(2))).sum();
        (mean, variance.sqrt())
    }

    fn quantile(&self, q: f64, centre: f64, width: f64) -> f64 {
        let mut reach = 10.0 * width.max(1e-300);
        for _ in 0..60 {
            if self.cdf(centre - reach) < q && self.cdf(centre + reach) > q {
                break;
            }
            reach *= 2.0;
        }
        root::brent(|x| self.cdf(x) - q, centre - reach, centre + reach).unwrap_or(f64::NAN)
    }

    pub fn marginal(&self, level: f64, credible: Credible) -> Marginal {
        let (mean, sd) = self.moments();
        let q = |p: f64| self.quantile(p, mean, sd);
        let mass = level / 100.0;
        let (lower, upper) = match credible {
            Credible::Central => (q(0.5 - 0.5 * mass), q(0.5 + 0.5 * mass)),
            Credible::Shortest => shortest(q, mass),
        };
        Marginal { mean, median: q(0.5), sd, lower, upper }
    }
}

/// The shortest interval that holds `mass`, by golden section on the probability below it.
pub(super) fn shortest(quantile: impl Fn(f64) -> f64, mass: f64) -> (f64, f64) {
    let length = |p: f64| quantile(p + mass) - quantile(p);
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (1e-7, 1.0 - mass - 1e-7);
    let (mut c, mut d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut fc, mut fd) = (length(c), length(d));
    for _ in 0..40 {
        if fc < fd {
            (b, d, fd) = (d, c, fc);
            c = b - GOLDEN * (b - a);
            fc = length(c);
        } else {
            (a, c, fc) = (c, d, fd);
            d = a + GOLDEN * (b - a);
            fd = length(d);
        }
        if b - a < 1e-7 {
            break;
        }
    }
    let p = 0.5 * (a + b);
    (quantile(p), quantile(p + mass))
}

/// Fits the model.
///
/// # Errors
/// No effect, or an improper prior with fewer than three studies.
pub fn fit(
    y: &[f64],
    v: &[f64],
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    level: f64,
    credible: Credible,
) -> Result<BayesResult, Error> {
    let sample = Sample::new(y, v);
    if y.is_empty() {
        return Err(Error::model("no study can be pooled")
            .with_hint("`metapool effects` shows every study with its reason"));
    }
    tau_prior.check_studies(y.len())?;
    let p = Posterior::new(sample, tau_prior, mu_prior);
    let mixture = |f: &dyn Fn(&Node) -> (f64, f64)| {
        Mixture(
            p.nodes
                .iter()
                .filter(|n| n.weight > 1e-16)
                .map(|n| {
                    let (m, s2) = f(n);
                    (n.weight, m, s2.max(0.0).sqrt())
                })
                .collect(),
        )
    };
    let mu = mixture(&|n| (n.mu.mean, n.mu.variance));
    let below = mu.cdf(0.0);
    let predictive = mixture(&|n| (n.mu.mean, n.mu.variance + n.tau * n.tau));
    let shrunk = |i: usize| {
        // B = vᵢ/(vᵢ + τ²) is the share of the mean in the study's own effect
        let m = mixture(&|n| {
            let tau2 = n.tau * n.tau;
            let b = v[i] / (v[i] + tau2);
            ((1.0 - b) * y[i] + b * n.mu.mean, b * tau2 + b * b * n.mu.variance)
        });
        let m = m.marginal(level, credible);
        Shrinkage { mean: m.mean, lower: m.lower, upper: m.upper }
    };
    Ok(BayesResult {
        mu: mu.marginal(level, credible),
        tau: p.tau_marginal(level, credible),
        predictive: predictive.marginal(level, credible),
        predictive_below_null: predictive.cdf(0.0),
        mu_below_null: below,
        shrinkage: (0..y.len()).map(shrunk).collect(),
        tau_prior: tau_prior.title(),
        mu_prior: mu_prior.title(),
        level,
        shortest: credible == Credible::Shortest,
    })
}
