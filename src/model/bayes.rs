//! Bayesian random-effects pooling of normal effects, by quadrature and without sampling.
//!
//! ```text
//! yᵢ ~ N(μ, vᵢ + τ²),  μ flat or N(m, s²),  τ with a prior of the list below
//! p(τ | y) ∝ p(τ) Π (vᵢ + τ²)^(−½) W^(−½) exp(−Q/2),   W = Σw (+ 1/s²)
//! μ | τ, y ~ N(μ̂(τ), 1/W(τ))
//! ```
//! The posterior of τ is integrated in the logarithm of τ (see `bayes_tau`); everything else is a mixture of normal
//! distributions over it. References: \[rover2020\], \[gelman2006\].

use super::bayes_tau::{Node, Posterior};
use super::kernel::Sample;
use crate::error::Error;
use crate::math::{dist, root};
use crate::result::{BayesResult, Marginal, Note, Shrinkage};

/// Prior of the between-study standard deviation τ, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TauPrior {
    /// Half-normal with this scale.
    HalfNormal(f64),
    /// Half-Cauchy with this scale.
    HalfCauchy(f64),
    /// Half-t with this scale and these degrees of freedom.
    HalfT(f64, f64),
    /// Flat; improper.
    Uniform,
    /// Jeffreys; improper.
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
        let positive = |x: f64| SQUARABLE.contains(&x);
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
                .with_hint("write half-normal(0.5), half-cauchy(0.5), half-t(0.5,4), uniform or jeffreys; scales from 1e-150 to 1e150")
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

    /// Its scale, if it has one.
    pub(super) fn scale(&self) -> Option<f64> {
        match self {
            Self::HalfNormal(s) | Self::HalfCauchy(s) | Self::HalfT(s, _) => Some(*s),
            Self::Uniform | Self::Jeffreys => None,
        }
    }

    /// Exponent of the tail τ⁻ᵃ of the density; `None` where it falls faster than any power.
    fn tail(&self) -> Option<f64> {
        match self {
            Self::HalfNormal(_) => None,
            Self::HalfCauchy(_) => Some(2.0),
            Self::HalfT(_, df) => Some(df + 1.0),
            Self::Uniform => Some(0.0),
            Self::Jeffreys => Some(1.0),
        }
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
    pub(super) fn log(&self, tau: f64, sample: Sample<'_>) -> f64 {
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
        let found = found.ok_or_else(|| {
            Error::usage(format!("`{text}` is no prior for μ"))
                .with_hint("write flat, or normal(0,4) with mean and SD")
        })?;
        match found {
            Self::Normal(m, s) if !SQUARABLE.contains(&s) || m.abs() > *SQUARABLE.end() => {
                Err(Error::usage(format!("`{text}`: its square is beyond the range of numbers"))
                    .with_hint("give a mean up to 1e150 and an SD from 1e-150 to 1e150, or write flat"))
            }
            Self::Normal(m, s) if s < 1e-13 * m.abs() => {
                Err(Error::usage(format!("`{text}`: its SD is lost in the rounding of its mean"))
                    .with_hint("give an SD of more than 1e-13 of the mean"))
            }
            _ => Ok(found),
        }
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Flat => "flat".into(),
            Self::Normal(m, s) => format!("normal({m}, {s})"),
        }
    }
}

/// Scales whose squares are numbers.
const SQUARABLE: std::ops::RangeInclusive<f64> = 1e-150..=1e150;

/// Which moments a posterior has.
///
/// ```text
/// p(τ | y) ~ τ^(−a − k + 1) for a flat μ, τ^(−a − k) for a proper one;   μ | τ then grows as τ, or stays
/// moment r exists for r < a + k − 2, or r < a + k − 1
/// ```
/// a is the exponent of the prior's tail; k counts the studies whose own effect is finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    /// The exponent that moments of τ and of a new effect must stay below.
    tau: f64,
    /// The same of μ.
    mu: f64,
}

impl Moments {
    /// Of k studies; `proper` says whether the prior of μ is.
    ///
    /// # Errors
    /// There is no posterior: its total is infinite.
    pub fn new(prior: &TauPrior, k: usize, proper: bool) -> Result<Self, Error> {
        let lost = if proper { 1.0 } else { 2.0 };
        let tau = prior.tail().map_or(f64::INFINITY, |a| a + k as f64 - lost);
        if tau <= 0.0 {
            let needed = (lost - prior.tail().unwrap_or(0.0)).floor() + 1.0;
            let studies = ["", "one study", "two studies", "three studies"][needed.clamp(1.0, 3.0) as usize];
            return Err(Error::model(format!(
                "the {} prior needs {studies} with a finite effect to give a posterior",
                prior.title()
            ))
            .with_hint("use a proper prior: ⟦tau-prior=\"half-normal(0.5)\"⟧"));
        }
        Ok(Self { tau, mu: if proper { f64::INFINITY } else { tau } })
    }

    /// The highest moment of τ and of a new effect, up to the second.
    pub fn of_tau(&self) -> i32 {
        highest(self.tau)
    }

    /// The same of μ.
    pub fn of_mu(&self) -> i32 {
        highest(self.mu)
    }

    /// What is missing, in words.
    pub fn notes(&self) -> Vec<Note> {
        let what = match self.of_tau() {
            0 => "mean and SD",
            1 => "SD",
            _ => return vec![],
        };
        let of = if self.of_mu() < 2 {
            "the mean effect, of τ and of the effect in a new study"
        } else {
            "τ and of the effect in a new study"
        };
        vec![Note::NoMoments { what, of }]
    }
}

fn highest(below: f64) -> i32 {
    if below > 2.0 { 2 } else { i32::from(below > 1.0) }
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
        // from one of the means: equal ones lose no digits
        let start = self.middle().0;
        let mean: f64 = start + self.0.iter().map(|(w, m, _)| w * (m - start)).sum::<f64>();
        let variance: f64 = self.0.iter().map(|(w, m, s)| w * (s * s + (m - mean).powi(2))).sum();
        (mean, variance.sqrt())
    }

    /// Mean and SD of the component in the middle of the weights, in their order: near the middle of the mixture, also
    /// where its moments do not exist.
    fn middle(&self) -> (f64, f64) {
        let half = 0.5 * self.0.iter().map(|p| p.0).sum::<f64>();
        let mut sum = 0.0;
        let found = self.0.iter().find(|p| {
            sum += p.0;
            sum >= half
        });
        found.map_or((0.0, 1.0), |p| (p.1, p.2))
    }

    fn quantile(&self, q: f64, (centre, width): (f64, f64)) -> f64 {
        let mut reach = 4.0 * width.max(1e-300);
        for _ in 0..1000 {
            if self.cdf(centre - reach) < q && self.cdf(centre + reach) > q {
                break;
            }
            reach *= 2.0;
        }
        root::brent(|x| self.cdf(x) - q, centre - reach, centre + reach).unwrap_or(f64::NAN)
    }

    /// Its summary, with moments up to the highest that exists.
    pub fn marginal(&self, level: f64, credible: Credible, highest: i32) -> Marginal {
        let (mean, sd) = self.moments();
        let middle = self.middle();
        let q = |p: f64| self.quantile(p, middle);
        let mass = level / 100.0;
        let (lower, upper) = match credible {
            Credible::Central => (q(0.5 - 0.5 * mass), q(0.5 + 0.5 * mass)),
            Credible::Shortest => shortest(q, mass),
        };
        Marginal {
            mean: (highest > 0).then_some(mean),
            median: q(0.5),
            sd: (highest > 1).then_some(sd),
            lower,
            upper,
        }
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
        return Err(
            Error::model("no study can be pooled").with_hint("⟦effects:⟧ shows every study with its reason")
        );
    }
    let moments = Moments::new(&tau_prior, y.len(), mu_prior != MuPrior::Flat)?;
    let p = Posterior::new(sample, tau_prior, mu_prior, moments)?;
    let mixture = |f: &dyn Fn(&Node) -> (f64, f64)| {
        Mixture(
            p.nodes
                .iter()
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
        // drawn to its own effect as τ grows, it keeps its moments
        let Marginal { lower, upper, .. } = m.marginal(level, credible, 2);
        Shrinkage { mean: m.moments().0, lower, upper }
    };
    Ok(BayesResult {
        mu: mu.marginal(level, credible, moments.of_mu()),
        tau: p.tau_marginal(level, credible),
        predictive: predictive.marginal(level, credible, moments.of_tau()),
        predictive_below_null: predictive.cdf(0.0),
        mu_below_null: below,
        shrinkage: (0..y.len()).map(shrunk).collect(),
        tau_prior: tau_prior.title(),
        mu_prior: mu_prior.title(),
        level,
        shortest: credible == Credible::Shortest,
        notes: moments.notes(),
    })
}
