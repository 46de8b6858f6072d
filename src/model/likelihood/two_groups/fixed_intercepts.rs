//! UM.FS: a free intercept in every study, a normal random effect on the difference.

use super::{Pair, constant, starts};
use crate::model::likelihood::arm::Arm;
use crate::model::likelihood::joint::{FREE, Joint, Scores, maximise};
use crate::model::likelihood::mixture::{Concave, Kernel, TAU_LIMIT, mode, rule, wald_q};
use crate::model::likelihood::{Likelihood, Separated, Value, fit};
use std::cell::RefCell;
use std::f64::consts::PI;

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
            let (best, value) = maximise(|x| Self::study(pair, x), [location, spread, *gamma], &[FREE]);
            *gamma = best[2];
            sum.add(&value);
        }
        sum
    }

    fn spread_limit(&self) -> f64 {
        TAU_LIMIT
    }

    fn starts(&self) -> [f64; 2] {
        starts(&self.pairs)
    }

    fn separation(&self) -> Option<Separated> {
        let side = self.pairs.first()?.side();
        let all = side != 0 && self.pairs.iter().all(|p| p.side() == side);
        let saturated = || self.pairs.iter().map(|p| p.first.saturated() + p.second.saturated()).sum::<f64>();
        all.then(|| Separated { side: f64::from(side), log: self.constant + saturated() })
    }
}
