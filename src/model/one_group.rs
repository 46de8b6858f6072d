//! Likelihoods of events in one group: binomial-normal, Poisson-normal and beta-binomial.
//!
//! ```text
//! xᵢ ~ Binomial(nᵢ, p),  logit p = μ + τ z,  z ~ N(0, 1)
//! xᵢ ~ Poisson(tᵢ λ),    ln λ    = μ + τ z
//! xᵢ ~ Binomial(nᵢ, p),  p ~ Beta(π/θ, (1−π)/θ),  logit π = m
//! ```
//! The normal mixtures are integrated by Gauss–Hermite quadrature centred and scaled at each study's mode.
//! References: \[stijnen2010\], \[pinheiro1995\], \[kuss2015\].

use super::profile_likelihood::{Likelihood, Value};
use crate::effect::Scale;
use crate::math::quadrature::{Rule, gauss_hermite};
use crate::math::special::ln_gamma;
use std::sync::OnceLock;

/// Events among patients, or over person-time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// Events.
    pub x: f64,
    /// Patients or person-time.
    pub size: f64,
}

/// Which distribution the events have given their rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Events among patients.
    Binomial,
    /// Events over person-time.
    Poisson,
}

impl Family {
    /// (ℓ, ∂ℓ/∂η, ∂²ℓ/∂η²) of one study, without its constant.
    #[inline]
    fn terms(self, c: &Counts, eta: f64) -> (f64, f64, f64) {
        match self {
            Self::Binomial => {
                // ln(1 + e^η) and p without overflow; the logarithm of 1 + e costs half of ln_1p and loses two digits
                let e = (-eta.abs()).exp();
                let log1p = if e > 0.01 { (1.0 + e).ln() } else { e.ln_1p() } + eta.max(0.0);
                let p = if eta >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
                (c.x * eta - c.size * log1p, c.x - c.size * p, -c.size * p * (1.0 - p))
            }
            Self::Poisson => {
                let mean = c.size * eta.min(600.0).exp();
                (c.x * eta - mean, c.x - mean, -mean)
            }
        }
    }

    /// (∂ℓ/∂η, ∂²ℓ/∂η²) of one study.
    #[inline]
    fn slopes(self, c: &Counts, eta: f64) -> (f64, f64) {
        match self {
            Self::Binomial => {
                let e = (-eta.abs()).exp();
                let p = if eta >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
                (c.x - c.size * p, -c.size * p * (1.0 - p))
            }
            Self::Poisson => {
                let mean = c.size * eta.min(600.0).exp();
                (c.x - mean, -mean)
            }
        }
    }

    /// ln of the constant of one study.
    fn constant(self, c: &Counts) -> f64 {
        match self {
            Self::Binomial => ln_gamma(c.size + 1.0) - ln_gamma(c.x + 1.0) - ln_gamma(c.size - c.x + 1.0),
            Self::Poisson => c.x * c.size.ln() - ln_gamma(c.x + 1.0),
        }
    }

    /// ℓ of a study at its own rate: the saturated model.
    fn saturated(self, c: &Counts) -> f64 {
        let term = |x: f64, p: f64| if x > 0.0 { x * p.ln() } else { 0.0 };
        match self {
            Self::Binomial => term(c.x, c.x / c.size) + term(c.size - c.x, 1.0 - c.x / c.size),
            Self::Poisson => term(c.x, c.x / c.size) - c.x,
        }
    }

    /// The scale of the location.
    pub fn scale(self) -> Scale {
        match self {
            Self::Binomial => Scale::Logit,
            Self::Poisson => Scale::Log,
        }
    }
}

/// The most quadrature nodes of a study.
const MOST_NODES: usize = 101;

/// The rule for a spread: the wider the random effect, the less its product with the counts looks like a bell.
///
/// Errors of ln L against brute force, worst of 0/10, 3/8, 12/12 and 40/200: 1e-9 to τ = 1.2, 1e-6 to τ = 3, 1e-5 at τ = 8.
fn rule(spread: f64) -> &'static Rule {
    static RULES: [OnceLock<Rule>; 3] = [const { OnceLock::new() }; 3];
    let (slot, nodes) = match spread {
        s if s <= 1.2 => (0, 25),
        s if s <= 3.0 => (1, 45),
        _ => (2, MOST_NODES),
    };
    RULES[slot].get_or_init(|| {
        let mut rule = gauss_hermite(nodes);
        // weights times exp(x²), since the integrand carries its own bell
        for (x, w) in rule.nodes.iter().zip(&mut rule.weights) {
            *w *= (x * x).exp();
        }
        rule
    })
}

/// A normal random effect on the logit or on the log rate.
#[derive(Clone, Debug)]
pub struct NormalMixture {
    family: Family,
    studies: Vec<Counts>,
    constant: f64,
}

impl NormalMixture {
    /// From counts.
    pub fn new(family: Family, studies: Vec<Counts>) -> Self {
        let constant = studies.iter().map(|c| family.constant(c)).sum();
        Self { family, studies, constant }
    }

    /// Twice the distance of the common-rate model from the saturated one: the likelihood-ratio statistic of
    /// heterogeneity, with k − 1 degrees of freedom.
    pub fn deviance(&self, common: f64) -> f64 {
        let saturated: f64 = self.studies.iter().map(|c| self.family.saturated(c)).sum();
        if !common.is_finite() {
            return 0.0;
        }
        let own: f64 = self.studies.iter().map(|c| self.family.terms(c, common).0).sum();
        (2.0 * (saturated - own)).max(0.0)
    }

    /// The logit or log rate of all studies together.
    pub fn pooled(&self) -> f64 {
        let (x, size) = totals(&self.studies);
        match self.family {
            Family::Binomial => (x / (size - x)).ln(),
            Family::Poisson => (x / size).ln(),
        }
    }

    /// One study's contribution: ln ∫ exp(ℓ(μ + τz)) φ(z) dz and its derivatives, as moments of the posterior of z.
    fn study(&self, c: &Counts, location: f64, spread: f64) -> Value {
        if spread == 0.0 {
            let (log, d1, d2) = self.family.terms(c, location);
            // ∂/∂τ vanishes by symmetry; ∂²/∂τ² = ℓ′² + ℓ″
            return Value { log, m: d1, s: 0.0, mm: d2, ms: 0.0, ss: d1 * d1 + d2 };
        }
        let (centre, width) = self.mode(c, location, spread);
        let rule = rule(spread);
        // no node lies higher than the mode
        let top = self.family.terms(c, location + spread * centre).0 - 0.5 * centre * centre;
        let (mut total, mut s1, mut sz, mut s2, mut s2z, mut s2zz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, w) in rule.nodes.iter().zip(&rule.weights) {
            let z = centre + width * x;
            let (log, d1, d2) = self.family.terms(c, location + spread * z);
            let p = w * (log - 0.5 * z * z - top).exp();
            let q = d1 * d1 + d2;
            total += p;
            s1 += p * d1;
            sz += p * d1 * z;
            s2 += p * q;
            s2z += p * q * z;
            s2zz += p * q * z * z;
        }
        let (m, s) = (s1 / total, sz / total);
        // √2π from φ; the width from the substitution
        let log = top + (total * width / (2.0 * std::f64::consts::PI).sqrt()).ln();
        // E[(s² + s′)·] − products of first moments; ∂(s z)/∂μ = s′ z
        Value { log, m, s, mm: s2 / total - m * m, ms: s2z / total - m * s, ss: s2zz / total - s * s }
    }

    /// Mean and variance of one study's logit or log rate μ + τz given its count.
    pub fn conditional(&self, study: usize, location: f64, spread: f64) -> (f64, f64) {
        let c = &self.studies[study];
        if spread == 0.0 {
            return (location, 0.0);
        }
        let (centre, width) = self.mode(c, location, spread);
        let rule = rule(spread);
        let log = |z: f64| self.family.terms(c, location + spread * z).0 - 0.5 * z * z;
        let top = log(centre);
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for (x, w) in rule.nodes.iter().zip(&rule.weights) {
            let z = centre + width * x;
            let p = w * (log(z) - top).exp();
            total += p;
            first += p * z;
            second += p * z * z;
        }
        let mean = first / total;
        (location + spread * mean, spread * spread * (second / total - mean * mean))
    }

    /// Number of studies.
    pub fn k(&self) -> usize {
        self.studies.len()
    }

    /// Mode of the posterior of z and √2 times its standard deviation there.
    fn mode(&self, c: &Counts, location: f64, spread: f64) -> (f64, f64) {
        let mut z = 0.0;
        let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut curvature = 1.0;
        for _ in 0..50 {
            let (d1, d2) = self.family.slopes(c, location + spread * z);
            let slope = spread * d1 - z;
            curvature = 1.0 - spread * spread * d2;
            if slope >= 0.0 {
                lo = z;
            } else {
                hi = z;
            }
            let newton = z + slope / curvature;
            let next = if newton > lo && newton < hi {
                newton
            } else if lo.is_finite() && hi.is_finite() {
                0.5 * (lo + hi)
            } else {
                z + slope.signum()
            };
            let change = (next - z).abs();
            z = next;
            if change < 1e-3 {
                break;
            }
        }
        (z, (2.0 / curvature).sqrt())
    }
}

fn totals(studies: &[Counts]) -> (f64, f64) {
    studies.iter().fold((0.0, 0.0), |t, c| (t.0 + c.x, t.1 + c.size))
}

/// Whether events are all (1), none (−1) or neither (0).
fn separation(studies: &[Counts], family: Family) -> i8 {
    let (x, size) = totals(studies);
    if x == 0.0 {
        -1
    } else if family == Family::Binomial && x == size {
        1
    } else {
        0
    }
}

/// Logit or log rate of all studies together and the average over studies, with half an event where there are none.
fn starts(studies: &[Counts], family: Family) -> [f64; 2] {
    let at = |x: f64, size: f64| match family {
        Family::Binomial => ((x + 0.5) / (size - x + 0.5)).ln(),
        Family::Poisson => ((x + 0.5) / size).ln(),
    };
    let (x, size) = totals(studies);
    [at(x, size), studies.iter().map(|c| at(c.x, c.size)).sum::<f64>() / studies.len() as f64]
}

impl Likelihood for NormalMixture {
    fn at(&self, location: f64, spread: f64) -> Value {
        let mut sum = Value { log: self.constant, ..Value::default() };
        for c in &self.studies {
            sum.add(&self.study(c, location, spread));
        }
        sum
    }

    /// τ = 10 spreads proportions over all of 0 to 1.
    fn spread_limit(&self) -> f64 {
        10.0
    }

    fn starts(&self) -> [f64; 2] {
        starts(&self.studies, self.family)
    }

    fn separation(&self) -> i8 {
        separation(&self.studies, self.family)
    }
}

/// Proportions with a beta distribution: location is the logit of the mean, spread θ = 1/(a + b).
#[derive(Clone, Debug)]
pub struct BetaBinomial {
    studies: Vec<Counts>,
    constant: f64,
}

impl BetaBinomial {
    /// From counts.
    pub fn new(studies: Vec<Counts>) -> Self {
        let constant = studies.iter().map(|c| Family::Binomial.constant(c)).sum();
        Self { studies, constant }
    }
}

/// Σ_{j<n} ln(p + jθ) with its derivatives by p and θ: (value, p, θ, pp, pθ, θθ).
fn rising(n: f64, p: f64, theta: f64) -> [f64; 6] {
    let mut out = [0.0; 6];
    let mut j = 0.0;
    while j < n {
        let r = 1.0 / (p + j * theta);
        out[0] -= r.ln();
        out[1] += r;
        out[2] += j * r;
        out[3] -= r * r;
        out[4] -= j * r * r;
        out[5] -= j * j * r * r;
        j += 1.0;
    }
    out
}

impl Likelihood for BetaBinomial {
    /// ln [Π_{j<x}(π + jθ) Π_{j<n−x}(1−π + jθ) / Π_{j<n}(1 + jθ)], smooth at θ = 0.
    fn at(&self, location: f64, spread: f64) -> Value {
        let pi = if location < 0.0 {
            location.exp() / (1.0 + location.exp())
        } else {
            1.0 / (1.0 + (-location).exp())
        };
        let rho = if location < 0.0 {
            1.0 / (1.0 + location.exp())
        } else {
            (-location).exp() / (1.0 + (-location).exp())
        };
        let (d1, d2) = (pi * rho, pi * rho * (rho - pi));
        let mut sum = Value { log: self.constant, ..Value::default() };
        for c in &self.studies {
            let a = rising(c.x, pi, spread);
            let b = rising(c.size - c.x, rho, spread);
            let n = rising(c.size, 1.0, spread);
            let slope = a[1] - b[1];
            sum.add(&Value {
                log: a[0] + b[0] - n[0],
                m: slope * d1,
                s: a[2] + b[2] - n[2],
                mm: (a[3] + b[3]) * d1 * d1 + slope * d2,
                ms: (a[4] - b[4]) * d1,
                ss: a[5] + b[5] - n[5],
            });
        }
        sum
    }

    /// θ = 20: an intraclass correlation of 0.95.
    fn spread_limit(&self) -> f64 {
        20.0
    }

    fn starts(&self) -> [f64; 2] {
        starts(&self.studies, Family::Binomial)
    }

    fn separation(&self) -> i8 {
        separation(&self.studies, Family::Binomial)
    }
}
