//! Likelihoods of two groups in every study, without holding their margins.
//!
//! ```text
//! η₁ = γ + δ/2,  η₂ = γ − δ/2,  δ = θ + τ z,  z ~ N(0, 1)
//! UM.FS  γᵢ free in every study
//! UM.RS  γᵢ ~ N(μ, σ²), independent of z
//! beta-binomial  logit π₁ = β + θ/2, logit π₂ = β − θ/2, one spread for both groups, no random effects
//! ```
//! η is a logit or a log rate. Random effects are integrated by adaptive Gauss–Hermite quadrature, in two dimensions
//! for UM.RS (lme4 has Laplace's approximation there). References: \[jackson2018\], \[kuss2015\].

mod beta_binomial;
mod fixed_intercepts;
mod random_intercepts;

use super::arm::{Arm, Counts, Family};
use super::mixture::{Concave, Kernel, Mixture};
pub use beta_binomial::BetaBinomialPair;
pub use fixed_intercepts::FixedIntercepts;
pub use random_intercepts::RandomIntercepts;

/// The two groups of a study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// First group.
    pub first: Arm,
    /// Second group.
    pub second: Arm,
}

impl Pair {
    /// From counts of one family.
    pub fn new(family: Family, first: Counts, second: Counts) -> Self {
        let arm = |c: Counts| Arm::new(family, c.x, c.size);
        Self { first: arm(first), second: arm(second) }
    }

    /// Difference of the groups' own logits or log rates.
    fn contrast(&self) -> f64 {
        self.first.start() - self.second.start()
    }

    /// Where the difference is largest: −∞ (−1), +∞ (1) or inside (0).
    fn side(&self) -> i8 {
        match (self.first.side(), self.second.side()) {
            (-1, _) | (_, 1) => -1,
            (1, _) | (_, -1) => 1,
            _ => 0,
        }
    }

    /// Whether the study says something about the difference when γ is free.
    pub fn is_informative(&self) -> bool {
        let (first, second) = (self.first.side(), self.second.side());
        first == 0 || first != second
    }

    /// (ℓ′, ℓ″) of both groups and ℓ of them together.
    #[inline]
    fn terms(&self, gamma: f64, delta: f64) -> (f64, [(f64, f64); 2]) {
        let (l1, u1, h1) = self.first.terms(gamma + 0.5 * delta);
        let (l2, u2, h2) = self.second.terms(gamma - 0.5 * delta);
        (l1 + l2, [(u1, h1), (u2, h2)])
    }
}

/// Locations to start from: of all studies as one, and of the studies' average.
fn starts(pairs: &[Pair]) -> [f64; 2] {
    let common = total(pairs, |p| p.first).start() - total(pairs, |p| p.second).start();
    [common, average(pairs)]
}

/// Half the sum of both groups' own logits or log rates, all studies as one.
fn middle(pairs: &[Pair]) -> f64 {
    0.5 * (total(pairs, |p| p.first).start() + total(pairs, |p| p.second).start())
}

fn average(pairs: &[Pair]) -> f64 {
    pairs.iter().map(Pair::contrast).sum::<f64>() / pairs.len() as f64
}

fn constant(pairs: &[Pair]) -> f64 {
    pairs.iter().map(|p| p.first.constant() + p.second.constant()).sum()
}

/// All studies of a group as one.
fn total(pairs: &[Pair], group: impl Fn(&Pair) -> Arm) -> Arm {
    let (x, size) = pairs.iter().fold((0.0, 0.0), |t, p| {
        let c = group(p).counts;
        (t.0 + c.x, t.1 + c.size)
    });
    Arm::new(pairs.first().map_or(Family::Binomial, |p| group(p).family), x, size)
}

/// Whether a group as a whole has no events or nothing but events: which side, and the group that still has a
/// likelihood.
fn separated_groups(pairs: &[Pair]) -> Option<(f64, Vec<Counts>)> {
    let both = Pair { first: total(pairs, |p| p.first), second: total(pairs, |p| p.second) };
    let side = f64::from(both.side());
    let rest = if both.first.side() != 0 { |p: &Pair| p.second } else { |p: &Pair| p.first };
    (side != 0.0).then(|| (side, pairs.iter().map(|p| rest(p).counts).collect()))
}

/// A normal random effect on the difference given the events of both groups together: binomial, which is exact for
/// rates (CM.EL) and approximate for rare events among patients (CM.AL).
///
/// ```text
/// x₁ | x₁ + x₂ ~ Binomial(x₁ + x₂, p),  logit p = δ + ln(s₁/s₂)
/// ```
pub fn conditional_binomial(pairs: &[Pair]) -> Mixture<Arm> {
    let arm = |p: &Pair| {
        let (first, second) = (p.first.counts, p.second.counts);
        let offset = (first.size / second.size).ln();
        Arm { offset, ..Arm::new(Family::Binomial, first.x, first.x + second.x) }
    };
    Mixture::of(pairs.iter().map(arm).collect())
}
