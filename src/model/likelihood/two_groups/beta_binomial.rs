//! Beta-binomial in both groups: one intraclass correlation, a common odds ratio of the mean risks.

use super::{Pair, middle, separated_groups, starts};
use crate::model::likelihood::arm::Arm;
use crate::model::likelihood::beta_binomial::BetaBinomial;
use crate::model::likelihood::joint::{FREE, Joint, maximise};
use crate::model::likelihood::{Likelihood, Separated, Value, fit};
use std::cell::Cell;

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
        Self { first, second, intercept: Cell::new(middle(&pairs)), pairs }
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
        let (best, value) = maximise(evaluate, [location, spread, self.intercept.get()], &[FREE]);
        self.intercept.set(best[2]);
        value
    }

    fn spread_limit(&self) -> f64 {
        self.first.spread_limit()
    }

    fn starts(&self) -> [f64; 2] {
        starts(&self.pairs)
    }

    fn separation(&self) -> Option<Separated> {
        let (side, rest) = separated_groups(&self.pairs)?;
        Some(Separated { side, log: fit(&BetaBinomial::new(rest), false).log })
    }
}
