//! UM.RS: normal random effects on the intercept and, independent of them, on the difference.

use super::{Pair, constant, middle, separated_groups, starts};
use crate::math::quadrature::Rule;
use crate::model::likelihood::arm::NormalMixture;
use crate::model::likelihood::joint::{FREE, Joint, Scores, maximise};
use crate::model::likelihood::mixture::{TAU_LIMIT, bell_rule};
use crate::model::likelihood::{Likelihood, Separated, Value, fit};
use std::cell::Cell;
use std::f64::consts::PI;
use std::sync::OnceLock;

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
        Self { constant: constant(&pairs), intercept: Cell::new((middle(&pairs), 0.5)), pairs }
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
        let bounds = [FREE, (-TAU_LIMIT, TAU_LIMIT)];
        let (best, value) = maximise(evaluate, [location, spread, mean, sd], &bounds);
        self.intercept.set((best[2], best[3]));
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
        starts(&self.pairs)
    }

    fn separation(&self) -> Option<Separated> {
        let (side, rest) = separated_groups(&self.pairs)?;
        let family = self.pairs.first()?.first.family;
        Some(Separated { side, log: fit(&NormalMixture::new(family, &rest), false).log })
    }
}
