//! A normal random effect on the natural parameter of any distribution of counts.
//!
//! ```text
//! ℓᵢ = ln ∫ exp(ℓᵢ(μ + τ z)) φ(z) dz
//! ```
//! Integrated by Gauss–Hermite quadrature centred and scaled at each study's mode. References: \[stijnen2010\],
//! \[pinheiro1995\].

use super::{Likelihood, Separated, Value};
use crate::math::quadrature::{Rule, gauss_hermite};
use crate::math::root::concave_maximum;
use std::sync::OnceLock;

/// A concave function of a natural parameter η.
pub trait Concave {
    /// (ℓ, ∂ℓ/∂η, ∂²ℓ/∂η²), without a constant.
    fn terms(&self, eta: f64) -> (f64, f64, f64);
    /// (∂ℓ/∂η, ∂²ℓ/∂η²).
    fn slopes(&self, eta: f64) -> (f64, f64);
}

/// The log-likelihood of one study as a function of its natural parameter.
pub trait Kernel: Concave {
    /// What ℓ leaves out.
    fn constant(&self) -> f64;
    /// The study's own estimate of η; `None` where it is infinite.
    fn maximum(&self) -> Option<f64>;
    /// Supremum of ℓ over η, without the constant: a study whose estimate is infinite has probability one there.
    fn saturated(&self) -> f64 {
        self.maximum().map_or(0.0, |eta| self.terms(eta).0)
    }
    /// Where the supremum lies: at −∞ (−1), at +∞ (1) or at a finite η (0).
    fn side(&self) -> i8;
    /// A finite η near the study's own estimate.
    fn start(&self) -> f64;
}

/// Largest τ on a logit or log scale: it spreads proportions over all of 0 to 1.
pub(super) const TAU_LIMIT: f64 = 10.0;

/// The most quadrature nodes of a study.
const MOST_NODES: usize = 101;

/// The rule for a spread: the wider the random effect, the less its product with the counts looks like a bell.
///
/// Errors of ln L against brute force, worst of 0/10, 3/8, 12/12 and 40/200: 1e-9 to τ = 1.2, 1e-6 to τ = 3, 1e-5 at τ = 8.
pub(super) fn rule(spread: f64) -> &'static Rule {
    static RULES: [OnceLock<Rule>; 3] = [const { OnceLock::new() }; 3];
    let (slot, nodes) = match spread {
        s if s <= 1.2 => (0, 25),
        s if s <= 3.0 => (1, 45),
        _ => (2, MOST_NODES),
    };
    RULES[slot].get_or_init(|| bell_rule(nodes))
}

/// Gauss–Hermite with its weights times exp(x²), for integrands that carry their own bell.
pub(super) fn bell_rule(nodes: usize) -> Rule {
    let mut rule = gauss_hermite(nodes);
    for (x, w) in rule.nodes.iter().zip(&mut rule.weights) {
        *w *= (x * x).exp();
    }
    rule
}

/// A normal random effect over studies.
#[derive(Clone, Debug)]
pub struct Mixture<K> {
    studies: Vec<K>,
    constant: f64,
}

impl<K: Kernel> Mixture<K> {
    /// From studies that say something about η.
    pub fn of(studies: Vec<K>) -> Self {
        let constant = studies.iter().map(Kernel::constant).sum();
        Self { studies, constant }
    }

    /// The studies.
    pub fn studies(&self) -> &[K] {
        &self.studies
    }

    /// Number of studies.
    pub fn k(&self) -> usize {
        self.studies.len()
    }

    /// Twice the distance of the common-effect model from the saturated one: the likelihood-ratio statistic of
    /// heterogeneity, with k − 1 degrees of freedom.
    pub fn deviance(&self) -> f64 {
        let common = self.common();
        if !common.is_finite() {
            return 0.0;
        }
        let own: f64 = self.studies.iter().map(|s| s.terms(common).0).sum();
        let saturated: f64 = self.studies.iter().map(Kernel::saturated).sum();
        (2.0 * (saturated - own)).max(0.0)
    }

    /// The η that all studies share, if they do: the maximum at τ = 0; infinite where it lies there.
    pub fn common(&self) -> f64 {
        if let Some(separated) = self.separation() {
            return separated.side * f64::INFINITY;
        }
        let slopes = |eta: f64| {
            self.studies.iter().fold((0.0, 0.0), |sum, s| {
                let (d1, d2) = s.slopes(eta);
                (sum.0 + d1, sum.1 + d2)
            })
        };
        concave_maximum(slopes, self.average(), 3.0, 4.0 * f64::EPSILON)
    }

    /// Wald's statistic of heterogeneity: Cochran's Q of the studies' own estimates, weighted by their information, with
    /// its degrees of freedom; studies whose estimate is infinite are left out.
    pub fn wald(&self) -> Option<(f64, usize)> {
        let own = |s: &K| s.maximum().map(|eta| (eta, -s.slopes(eta).1));
        wald_q(self.studies.iter().filter_map(own).collect())
    }

    /// Standard error of the common η from the information of all studies.
    pub fn common_se(&self) -> Option<f64> {
        let common = self.common();
        let information: f64 = self.studies.iter().map(|s| -s.slopes(common).1).sum();
        common.is_finite().then(|| information.sqrt().recip())
    }

    /// The average of the studies' own estimates.
    fn average(&self) -> f64 {
        self.studies.iter().map(Kernel::start).sum::<f64>() / self.studies.len() as f64
    }

    /// One study's contribution and its derivatives, as moments of the posterior of z.
    fn study(study: &K, location: f64, spread: f64) -> Value {
        if spread == 0.0 {
            let (log, d1, d2) = study.terms(location);
            // ∂/∂τ vanishes by symmetry; ∂²/∂τ² = ℓ′² + ℓ″
            return Value { log, m: d1, s: 0.0, mm: d2, ms: 0.0, ss: d1 * d1 + d2 };
        }
        let (mut total, mut s1, mut sz, mut s2, mut s2z, mut s2zz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        let scale = each_node(study, location, spread, |p, z, d1, d2| {
            let q = d1 * d1 + d2;
            total += p;
            s1 += p * d1;
            sz += p * d1 * z;
            s2 += p * q;
            s2z += p * q * z;
            s2zz += p * q * z * z;
        });
        let (m, s) = (s1 / total, sz / total);
        // E[(s² + s′)·] − products of first moments; ∂(s z)/∂μ = s′ z
        Value {
            log: scale + total.ln(),
            m,
            s,
            mm: s2 / total - m * m,
            ms: s2z / total - m * s,
            ss: s2zz / total - s * s,
        }
    }

    /// Mean and variance of one study's η = μ + τz given its counts.
    pub fn conditional(&self, study: usize, location: f64, spread: f64) -> (f64, f64) {
        if spread == 0.0 {
            return (location, 0.0);
        }
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        each_node(&self.studies[study], location, spread, |p, z, _, _| {
            total += p;
            first += p * z;
            second += p * z * z;
        });
        let mean = first / total;
        (location + spread * mean, spread * spread * (second / total - mean * mean))
    }
}

/// Σ w (η − η̄)² and k − 1 from estimates and weights; `None` for fewer than two.
pub(super) fn wald_q(own: Vec<(f64, f64)>) -> Option<(f64, usize)> {
    let total: f64 = own.iter().map(|o| o.1).sum();
    let mean = own.iter().map(|o| o.0 * o.1).sum::<f64>() / total;
    let q = own.iter().map(|o| o.1 * (o.0 - mean).powi(2)).sum();
    (own.len() > 1).then_some((q, own.len().saturating_sub(1)))
}

/// Visits the nodes with (weight, z, ℓ′, ℓ″); gives the logarithm of what the sum of the weights leaves out.
#[inline]
fn each_node(
    study: &impl Kernel,
    location: f64,
    spread: f64,
    mut visit: impl FnMut(f64, f64, f64, f64),
) -> f64 {
    let (centre, width) = mode(study, location, spread);
    let rule = rule(spread);
    // no node lies higher than the mode
    let top = study.terms(location + spread * centre).0 - 0.5 * centre * centre;
    for (x, w) in rule.nodes.iter().zip(&rule.weights) {
        let z = centre + width * x;
        let (log, d1, d2) = study.terms(location + spread * z);
        visit(w * (log - 0.5 * z * z - top).exp(), z, d1, d2);
    }
    // √2π from φ; the width from the substitution
    top + (width / (2.0 * std::f64::consts::PI).sqrt()).ln()
}

/// Mode of the posterior of z and √2 times its standard deviation there.
pub(super) fn mode(study: &impl Concave, location: f64, spread: f64) -> (f64, f64) {
    let slopes = |z: f64| {
        let (d1, d2) = study.slopes(location + spread * z);
        (spread * d1 - z, spread * spread * d2 - 1.0)
    };
    let z = concave_maximum(slopes, 0.0, f64::INFINITY, 1e-3);
    (z, (-2.0 / slopes(z).1).sqrt())
}

impl<K: Kernel> Likelihood for Mixture<K> {
    fn at(&self, location: f64, spread: f64) -> Value {
        let mut sum = Value { log: self.constant, ..Value::default() };
        for study in &self.studies {
            sum.add(&Self::study(study, location, spread));
        }
        sum
    }

    fn spread_limit(&self) -> f64 {
        TAU_LIMIT
    }

    fn starts(&self) -> [f64; 2] {
        let (common, average) = (self.common(), self.average());
        [if common.is_finite() { common } else { average }, average]
    }

    fn separation(&self) -> Option<Separated> {
        let side = self.studies.first()?.side();
        let all = side != 0 && self.studies.iter().all(|s| s.side() == side);
        all.then(|| Separated { side: f64::from(side), log: 0.0 })
    }
}
