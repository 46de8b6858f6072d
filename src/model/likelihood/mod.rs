//! A location and a nuisance parameter that cannot be negative: fit, profile intervals, always with an answer.
//!
//! Models give value, gradient and curvature; this room finds the maximum and walks along the profile. Every
//! iteration is bracketed. Reference: \[hardy1996\].

mod arm;
mod beta_binomial;
mod fit;
mod hypergeometric;
mod joint;
mod mixture;
mod probabilities;
mod profile;
mod two_groups;

pub use arm::{Arm, Counts, Family, NormalMixture};
pub use beta_binomial::BetaBinomial;
pub use fit::fit;
pub use hypergeometric::{Hypergeometric, Table};
pub use mixture::{Concave, Kernel, Mixture};
pub(super) use probabilities::Probabilities;
pub use profile::{location_limits, spread_limits};
pub use two_groups::{BetaBinomialPair, FixedIntercepts, Pair, RandomIntercepts, conditional_binomial};

use crate::math::root::Stop;

/// Log-likelihood with first and second derivatives at (location m, spread s).
#[derive(Clone, Copy, Debug, Default)]
pub struct Value {
    /// ℓ.
    pub log: f64,
    /// ∂ℓ/∂m.
    pub m: f64,
    /// ∂ℓ/∂s.
    pub s: f64,
    /// ∂²ℓ/∂m².
    pub mm: f64,
    /// ∂²ℓ/∂m∂s.
    pub ms: f64,
    /// ∂²ℓ/∂s².
    pub ss: f64,
}

impl Value {
    /// Adds the contribution of another study.
    pub fn add(&mut self, other: &Self) {
        self.log += other.log;
        self.m += other.m;
        self.s += other.s;
        self.mm += other.mm;
        self.ms += other.ms;
        self.ss += other.ss;
    }
}

/// A likelihood of a location and a spread.
pub trait Likelihood {
    /// ℓ and its derivatives; `spread` ≥ 0.
    fn at(&self, location: f64, spread: f64) -> Value;
    /// Largest spread considered; beyond it data of this kind say nothing.
    fn spread_limit(&self) -> f64;
    /// Locations to start from, within the range of the data: of all studies as one, and of the studies' average.
    fn starts(&self) -> [f64; 2];
    /// Steps shorter than this, relative to 1 + |x|, are lost in the errors of the likelihood itself.
    fn precision(&self) -> f64 {
        0.0
    }
    /// The supremum, if it lies at an infinite location: no event, or nothing but events, was seen.
    fn separation(&self) -> Option<Separated>;
}

/// A supremum at an infinite location.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Separated {
    /// −1 or 1.
    pub side: f64,
    /// ℓ there.
    pub log: f64,
}

/// The fitted model.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// Location; infinite under separation.
    pub location: f64,
    /// Spread.
    pub spread: f64,
    /// ℓ at the maximum.
    pub log: f64,
    /// Standard error of the location from the observed information; `None` under separation.
    pub se: Option<f64>,
    /// Evaluations used.
    pub iterations: usize,
    /// How the iteration ended.
    pub stop: Stop,
    /// Whether the spread is fixed at zero (a single study).
    pub no_spread: bool,
}
