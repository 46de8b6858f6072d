//! One odds ratio (or rate ratio) for all studies, given the margins of every table: exact inference.
//!
//! ```text
//! T = Σ aᵢ,   P(T = t | ψ) ∝ c_t ψᵗ,   c = convolution of the studies' coefficients
//! exact  P(T ≥ t | ψ_L) = α/2,  P(T ≤ t | ψ_U) = α/2
//! mid-p  the same with half of P(T = t)
//! ```
//! The probabilities are convolved at one ψ and tilted to others, so that nothing overflows. The estimate is the
//! conditional maximum of the likelihood; p-values are twice the smaller tail, in keeping with the interval.
//! Reference: \[mehta1985\].

use super::Limits;
use crate::error::Error;
use crate::math::root;
use crate::model::likelihood::{Arm, Hypergeometric, Kernel, Probabilities};

/// One study given its margins.
pub(super) trait Stratum: Kernel {
    /// Events in the first group.
    fn events(&self) -> f64;
    /// Probabilities of that number at η.
    fn probabilities(&self, eta: f64) -> Probabilities;
}

impl Stratum for Hypergeometric {
    fn events(&self) -> f64 {
        self.table().a
    }

    fn probabilities(&self, eta: f64) -> Probabilities {
        self.distribution(eta)
    }
}

impl Stratum for Arm {
    fn events(&self) -> f64 {
        self.counts.x
    }

    fn probabilities(&self, eta: f64) -> Probabilities {
        self.distribution(eta)
    }
}

/// The distribution of all events in the first groups.
pub(super) struct Conditional {
    sum: Probabilities,
    /// η at which it was computed.
    at: f64,
    /// Events seen.
    events: f64,
    /// Whether no more, or no fewer, are possible.
    side: i8,
}

/// Most multiplications of a convolution: some seconds.
const MOST_WORK: f64 = 5e9;

impl Conditional {
    /// Convolves the studies.
    ///
    /// # Errors
    /// The tables are so large that this would take longer than anybody waits.
    pub fn new<K: Stratum>(studies: &[K], side: i8, at: f64) -> Result<Self, Error> {
        // a list holds some 42 standard deviations
        let width = |s: &K| 42.0 * (-s.slopes(at).1).sqrt() + 20.0;
        let (mut total, mut work) = (0.0f64, 0.0);
        for s in studies {
            let w = width(s);
            work += total.hypot(w) * w;
            total = total.hypot(w);
        }
        if work > MOST_WORK {
            return Err(Error::model("the tables are too large for exact enumeration")
                .with_hint("use ⟦model=glmm‖glmm-model=CM.EL⟧, which takes tables of any size, or ⟦model=mantel-haenszel⟧"));
        }
        let sum = studies.iter().fold(Probabilities::certain(0.0), |sum, s| sum.sum(&s.probabilities(at)));
        Ok(Self { sum, at, events: studies.iter().map(Stratum::events).sum(), side })
    }

    /// Probabilities of fewer, as many and more events at η.
    fn tails(&self, eta: f64) -> [f64; 3] {
        self.sum.split(self.events, eta - self.at)
    }

    /// Limits of η; `half` counts half of the observed number in the tail (mid-p), else all of it.
    pub fn limits(&self, level: f64, half: bool) -> Limits {
        let tail = 0.5 - level / 200.0;
        let share = if half { 0.5 } else { 1.0 };
        let upper_tail = |eta: f64| {
            let [_, same, more] = self.tails(eta);
            more + share * same - tail
        };
        let lower_tail = |eta: f64| {
            let [fewer, same, _] = self.tails(eta);
            fewer + share * same - tail
        };
        let solve = |f: &dyn Fn(f64) -> f64| root::brent(f, self.at - FAR, self.at + FAR);
        let lower = if self.side < 0 { None } else { solve(&upper_tail) };
        let upper = if self.side > 0 { None } else { solve(&lower_tail) };
        (lower, upper)
    }

    /// Two-sided p-values of η = 0: exact and mid-p.
    pub fn p_values(&self) -> (f64, f64) {
        let [fewer, same, more] = self.tails(0.0);
        let twice = |share: f64| (2.0 * (fewer.min(more) + share * same)).min(1.0);
        (twice(1.0), twice(0.5))
    }
}

/// How far limits are sought: a factor of e⁶⁰ in the ratio.
const FAR: f64 = 60.0;
