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

use super::arm::{Arm, Counts, Family, NormalMixture};
use super::beta_binomial::BetaBinomial;
use super::joint::{Joint, Scores, maximise};
use super::mixture::{Concave, Kernel, Mixture, TAU_LIMIT, bell_rule, mode, rule, wald_q};
use super::{Likelihood, Separated, Value, fit};
use crate::math::quadrature::Rule;
use std::cell::{Cell, RefCell};
use std::f64::consts::PI;
use std::sync::OnceLock;

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

/// A pair at a fixed γ: a function of δ.
struct At<'a> {
    pair: &'a Pair,
    gamma: f64,
}

impl Concave for At<'_> {
    fn terms(&self, eta: f64) -> (f64, f64, f64) {
        let (log, [(u1, h1), (u2, h2)]) = self.pair.terms(self.gamma, eta);
        (log, 0.5 * (u1 - u2), 0.25 * (h1 + h2))
    }

    fn slopes(&self, eta: f64) -> (f64, f64) {
        let (u1, h1) = self.pair.first.slopes(self.gamma + 0.5 * eta);
        let (u2, h2) = self.pair.second.slopes(self.gamma - 0.5 * eta);
        (0.5 * (u1 - u2), 0.25 * (h1 + h2))
    }
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
    Arm::new(group(&pairs[0]).family, x, size)
}

/// Whether a group as a whole has no events or nothing but events: which side, and the group that still has a
/// likelihood.
fn separated_groups(pairs: &[Pair]) -> Option<(f64, Vec<Counts>)> {
    let both = Pair { first: total(pairs, |p| p.first), second: total(pairs, |p| p.second) };
    let side = f64::from(both.side());
    let rest = if both.first.side() != 0 { |p: &Pair| p.second } else { |p: &Pair| p.first };
    (side != 0.0).then(|| (side, pairs.iter().map(|p| rest(p).counts).collect()))
}

/// UM.FS: a free intercept in every study, a normal random effect on the difference.
#[derive(Debug)]
pub struct FixedIntercepts {
    pairs: Vec<Pair>,
    constant: f64,
    /// The best intercepts so far, from where the next search starts.
    intercepts: RefCell<Vec<f64>>,
}

impl FixedIntercepts {
    /// From studies with events in one group and others than events in the other.
    pub fn new(pairs: Vec<Pair>) -> Self {
        let middle = |p: &Pair| 0.5 * (p.first.start() + p.second.start());
        let intercepts = RefCell::new(pairs.iter().map(middle).collect());
        Self { constant: constant(&pairs), pairs, intercepts }
    }

    fn study(pair: &Pair, parameters: &[f64; 3]) -> Joint<3> {
        let [theta, tau, gamma] = *parameters;
        let mut scores = Scores::new();
        let gradients = |z: f64| [[0.5, 0.5 * z, 1.0], [-0.5, -0.5 * z, 1.0]];
        if tau == 0.0 {
            let (log, [first, second]) = pair.terms(gamma, theta);
            // ∂/∂τ vanishes by symmetry, and z² has the mean 1
            let [g1, g2] = gradients(0.0);
            scores.add(1.0, [(first, g1), (second, g2)]);
            let mut joint = scores.joint(log);
            let slope = 0.5 * (first.0 - second.0);
            joint.hessian[1][1] = slope * slope + 0.25 * (first.1 + second.1);
            return joint;
        }
        let at = At { pair, gamma };
        let (centre, width) = mode(&at, theta, tau);
        let rule = rule(tau);
        let top = at.terms(theta + tau * centre).0 - 0.5 * centre * centre;
        for (x, w) in rule.nodes.iter().zip(&rule.weights) {
            let z = centre + width * x;
            let (log, [first, second]) = pair.terms(gamma, theta + tau * z);
            let [g1, g2] = gradients(z);
            scores.add(w * (log - 0.5 * z * z - top).exp(), [(first, g1), (second, g2)]);
        }
        scores.joint(top + (width / (2.0 * PI).sqrt()).ln())
    }

    /// Twice the distance of the common-effect model from the saturated one.
    pub fn deviance(&self) -> f64 {
        let Some(common) = self.common() else { return 0.0 };
        let saturated: f64 = self.pairs.iter().map(|p| p.first.saturated() + p.second.saturated()).sum();
        (2.0 * (saturated + self.constant - self.at(common, 0.0).log)).max(0.0)
    }

    /// Wald's statistic of heterogeneity from the studies' own differences, with its degrees of freedom.
    pub fn wald(&self) -> Option<(f64, usize)> {
        let own = |p: &Pair| {
            let variance = |arm: &Arm| -1.0 / arm.slopes(arm.start()).1;
            let inside = p.first.side() == 0 && p.second.side() == 0;
            inside.then(|| (p.contrast(), 1.0 / (variance(&p.first) + variance(&p.second))))
        };
        wald_q(self.pairs.iter().filter_map(own).collect())
    }

    /// θ̂ at τ = 0; `None` where it is infinite.
    fn common(&self) -> Option<f64> {
        Some(fit(self, true).location).filter(|m| m.is_finite())
    }
}

impl Likelihood for FixedIntercepts {
    fn at(&self, location: f64, spread: f64) -> Value {
        let mut sum = Value { log: self.constant, ..Value::default() };
        for (pair, gamma) in self.pairs.iter().zip(self.intercepts.borrow_mut().iter_mut()) {
            let (best, value) = maximise(|x| Self::study(pair, x), [location, spread, *gamma], |_| true);
            *gamma = best[2];
            sum.add(&value);
        }
        sum
    }

    fn spread_limit(&self) -> f64 {
        TAU_LIMIT
    }

    fn starts(&self) -> [f64; 2] {
        let common = total(&self.pairs, |p| p.first).start() - total(&self.pairs, |p| p.second).start();
        [common, average(&self.pairs)]
    }

    fn separation(&self) -> Option<Separated> {
        let side = self.pairs.first()?.side();
        let all = side != 0 && self.pairs.iter().all(|p| p.side() == side);
        let saturated = || self.pairs.iter().map(|p| p.first.saturated() + p.second.saturated()).sum::<f64>();
        all.then(|| Separated { side: f64::from(side), log: self.constant + saturated() })
    }
}

/// The rule of one of two dimensions.
fn plane_rule(spread: f64) -> &'static Rule {
    static RULES: [OnceLock<Rule>; 3] = [const { OnceLock::new() }; 3];
    let (slot, nodes) = match spread {
        s if s <= 1.2 => (0, 15),
        s if s <= 3.0 => (1, 25),
        _ => (2, 41),
    };
    RULES[slot].get_or_init(|| bell_rule(nodes))
}

/// UM.RS: normal random effects on the intercept and, independent of them, on the difference.
#[derive(Debug)]
pub struct RandomIntercepts {
    pairs: Vec<Pair>,
    constant: f64,
    /// The best mean and standard deviation of the intercepts so far.
    intercept: Cell<(f64, f64)>,
}

/// Mode of the two random effects, the Cholesky factor of 2 (−H)⁻¹ there, and the height.
struct Peak {
    z: [f64; 2],
    /// Lower triangle: (l₁₁, l₂₁, l₂₂).
    scale: [f64; 3],
    top: f64,
}

impl RandomIntercepts {
    /// From all studies with two groups.
    pub fn new(pairs: Vec<Pair>) -> Self {
        let middle = total(&pairs, |p| p.first).start() + total(&pairs, |p| p.second).start();
        Self { constant: constant(&pairs), pairs, intercept: Cell::new((0.5 * middle, 0.5)) }
    }

    /// Mean and standard deviation of the intercepts at a location and spread.
    pub fn intercepts(&self, location: f64, spread: f64) -> (f64, f64) {
        self.at(location, spread);
        let (mean, sd) = self.intercept.get();
        (mean, sd.abs())
    }

    fn peak(pair: &Pair, [theta, tau, mean, sd]: [f64; 4]) -> Peak {
        let height = |z: [f64; 2]| {
            let (log, terms) = pair.terms(mean + sd * z[0], theta + tau * z[1]);
            (log - 0.5 * (z[0] * z[0] + z[1] * z[1]), terms)
        };
        let mut z = [0.0; 2];
        let (mut top, mut terms) = height(z);
        let mut curvature = [1.0, 0.0, 1.0];
        for _ in 0..100 {
            let [(u1, h1), (u2, h2)] = terms;
            let slope = [sd * (u1 + u2) - z[0], 0.5 * tau * (u1 - u2) - z[1]];
            // −H
            curvature =
                [1.0 - sd * sd * (h1 + h2), -0.5 * sd * tau * (h1 - h2), 1.0 - 0.25 * tau * tau * (h1 + h2)];
            let [a, b, c] = curvature;
            let det = a * c - b * b;
            let step = [(c * slope[0] - b * slope[1]) / det, (a * slope[1] - b * slope[0]) / det];
            if step[0].abs() + step[1].abs() < 1e-3 {
                break;
            }
            let mut share = 1.0;
            loop {
                let next = [z[0] + share * step[0], z[1] + share * step[1]];
                let (log, t) = height(next);
                if log >= top || share < 1e-6 {
                    z = next;
                    top = log;
                    terms = t;
                    break;
                }
                share *= 0.5;
            }
        }
        // (−H)⁻¹ = L Lᵀ / 2
        let [a, b, c] = curvature;
        let det = a * c - b * b;
        let (v11, v12, v22) = (2.0 * c / det, -2.0 * b / det, 2.0 * a / det);
        let l11 = v11.sqrt();
        let l21 = v12 / l11;
        Peak { z, scale: [l11, l21, (v22 - l21 * l21).sqrt()], top }
    }

    fn study(pair: &Pair, parameters: &[f64; 4]) -> Joint<4> {
        let [theta, tau, mean, sd] = *parameters;
        let peak = Self::peak(pair, *parameters);
        let [l11, l21, l22] = peak.scale;
        let (outer, inner) = (plane_rule(sd.abs()), plane_rule(tau));
        let mut scores = Scores::new();
        for (x, v) in outer.nodes.iter().zip(&outer.weights) {
            let z1 = peak.z[0] + l11 * x;
            for (y, w) in inner.nodes.iter().zip(&inner.weights) {
                let z2 = peak.z[1] + l21 * x + l22 * y;
                let (log, [first, second]) = pair.terms(mean + sd * z1, theta + tau * z2);
                let p = v * w * (log - 0.5 * (z1 * z1 + z2 * z2) - peak.top).exp();
                scores.add(p, [(first, [0.5, 0.5 * z2, 1.0, z1]), (second, [-0.5, -0.5 * z2, 1.0, z1])]);
            }
        }
        scores.joint(peak.top + (l11 * l22 / (2.0 * PI)).ln())
    }
}

impl Likelihood for RandomIntercepts {
    fn at(&self, location: f64, spread: f64) -> Value {
        let evaluate = |x: &[f64; 4]| {
            let mut sum = Joint::zero();
            sum.log = self.constant;
            self.pairs.iter().for_each(|p| sum.add(&Self::study(p, x)));
            // by symmetry of z the slope by a spread vanishes where it is zero
            for i in [1, 3] {
                if x[i] == 0.0 {
                    sum.gradient[i] = 0.0;
                    for j in (0..4).filter(|j| *j != i) {
                        sum.hessian[i][j] = 0.0;
                        sum.hessian[j][i] = 0.0;
                    }
                }
            }
            sum
        };
        // ℓ is even in σ: the search need not stop at zero, and must not start there
        let (mean, sd) = self.intercept.get();
        let sd = if sd == 0.0 { 0.1 } else { sd.clamp(-0.5 * TAU_LIMIT, 0.5 * TAU_LIMIT) };
        let within = |x: &[f64; 4]| x[3].abs() < TAU_LIMIT;
        let (best, value) = maximise(evaluate, [location, spread, mean, sd], within);
        if within(&best) {
            self.intercept.set((best[2], best[3]));
            return value;
        }
        // intercepts as far apart as they may be
        let held = |x: &[f64; 3]| {
            let whole = evaluate(&[x[0], x[1], x[2], TAU_LIMIT]);
            Joint {
                log: whole.log,
                gradient: std::array::from_fn(|i| whole.gradient[i]),
                hessian: std::array::from_fn(|i| std::array::from_fn(|j| whole.hessian[i][j])),
            }
        };
        let (best, value) = maximise(held, [location, spread, best[2]], |_| true);
        self.intercept.set((best[2], TAU_LIMIT));
        value
    }

    /// Of two nested searches and a quadrature in two dimensions.
    fn precision(&self) -> f64 {
        1e-6
    }

    fn spread_limit(&self) -> f64 {
        TAU_LIMIT
    }

    fn starts(&self) -> [f64; 2] {
        let common = total(&self.pairs, |p| p.first).start() - total(&self.pairs, |p| p.second).start();
        [common, average(&self.pairs)]
    }

    fn separation(&self) -> Option<Separated> {
        let (side, rest) = separated_groups(&self.pairs)?;
        Some(Separated { side, log: fit(&NormalMixture::new(self.pairs[0].first.family, &rest), false).log })
    }
}

/// Beta-binomial in both groups: one intraclass correlation, a common odds ratio of the mean risks.
#[derive(Debug)]
pub struct BetaBinomialPair {
    pairs: Vec<Pair>,
    first: BetaBinomial,
    second: BetaBinomial,
    intercept: Cell<f64>,
}

impl BetaBinomialPair {
    /// From all studies with two groups.
    pub fn new(pairs: Vec<Pair>) -> Self {
        let group = |arm: fn(&Pair) -> Arm| BetaBinomial::new(pairs.iter().map(|p| arm(p).counts).collect());
        let (first, second) = (group(|p| p.first), group(|p| p.second));
        let middle = total(&pairs, |p| p.first).start() + total(&pairs, |p| p.second).start();
        Self { first, second, pairs, intercept: Cell::new(0.5 * middle) }
    }
}

impl Likelihood for BetaBinomialPair {
    fn at(&self, location: f64, spread: f64) -> Value {
        let evaluate = |x: &[f64; 3]| {
            let [theta, spread, beta] = *x;
            let v = self.first.at(beta + 0.5 * theta, spread);
            let w = self.second.at(beta - 0.5 * theta, spread);
            let cross = 0.5 * (v.mm - w.mm);
            let mixed = 0.5 * (v.ms - w.ms);
            Joint {
                log: v.log + w.log,
                gradient: [0.5 * (v.m - w.m), v.s + w.s, v.m + w.m],
                hessian: [
                    [0.25 * (v.mm + w.mm), mixed, cross],
                    [mixed, v.ss + w.ss, v.ms + w.ms],
                    [cross, v.ms + w.ms, v.mm + w.mm],
                ],
            }
        };
        let (best, value) = maximise(evaluate, [location, spread, self.intercept.get()], |_| true);
        self.intercept.set(best[2]);
        value
    }

    fn spread_limit(&self) -> f64 {
        self.first.spread_limit()
    }

    fn starts(&self) -> [f64; 2] {
        let common = total(&self.pairs, |p| p.first).start() - total(&self.pairs, |p| p.second).start();
        [common, average(&self.pairs)]
    }

    fn separation(&self) -> Option<Separated> {
        let (side, rest) = separated_groups(&self.pairs)?;
        Some(Separated { side, log: fit(&BetaBinomial::new(rest), false).log })
    }
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
