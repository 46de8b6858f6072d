//! Events in one group given their rate: binomial and Poisson.

use super::mixture::{Concave, Kernel, Mixture};
use super::probabilities::Probabilities;
use crate::effect::Scale;
use crate::math::special::ln_gamma;

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
    pub(super) fn terms(self, c: &Counts, eta: f64) -> (f64, f64, f64) {
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
    pub(super) fn slopes(self, c: &Counts, eta: f64) -> (f64, f64) {
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
    pub(super) fn constant(self, c: &Counts) -> f64 {
        match self {
            Self::Binomial => ln_gamma(c.size + 1.0) - ln_gamma(c.x + 1.0) - ln_gamma(c.size - c.x + 1.0),
            Self::Poisson => c.x * c.size.ln() - ln_gamma(c.x + 1.0),
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

/// A group with the place where its rate is measured from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// Distribution of the events.
    pub family: Family,
    /// The counts.
    pub counts: Counts,
    /// Added to the logit or log rate.
    pub offset: f64,
}

impl Arm {
    /// Without offset.
    pub fn new(family: Family, x: f64, size: f64) -> Self {
        Self { family, counts: Counts { x, size }, offset: 0.0 }
    }

    /// Logit or log rate, with half an event added where there are none (or nothing else).
    pub(super) fn start(&self) -> f64 {
        let Counts { x, size } = self.counts;
        let (x, others) = match self.family {
            Family::Binomial if x == 0.0 || x == size => (x + 0.5, size - x + 0.5),
            Family::Binomial => (x, size - x),
            Family::Poisson => (x.max(0.5), size),
        };
        (x / others).ln() - self.offset
    }

    /// Whether no event (−1) or nothing but events (1) was seen, else 0.
    pub(super) fn side(&self) -> i8 {
        let Counts { x, size } = self.counts;
        if x == 0.0 {
            -1
        } else if self.family == Family::Binomial && x == size {
            1
        } else {
            0
        }
    }
}

impl Concave for Arm {
    #[inline]
    fn terms(&self, eta: f64) -> (f64, f64, f64) {
        self.family.terms(&self.counts, eta + self.offset)
    }

    #[inline]
    fn slopes(&self, eta: f64) -> (f64, f64) {
        self.family.slopes(&self.counts, eta + self.offset)
    }
}

impl Kernel for Arm {
    fn constant(&self) -> f64 {
        self.family.constant(&self.counts)
    }

    fn maximum(&self) -> Option<f64> {
        (self.side() == 0).then(|| self.start())
    }

    fn side(&self) -> i8 {
        Self::side(self)
    }

    fn start(&self) -> f64 {
        Self::start(self)
    }
}

impl Arm {
    /// Probabilities of the numbers of events at η, of a binomial distribution.
    pub(in crate::model) fn distribution(&self, eta: f64) -> Probabilities {
        let n = self.counts.size;
        let odds = (eta + self.offset).exp();
        let mode = ((n + 1.0) * odds / (1.0 + odds)).floor().clamp(0.0, n);
        Probabilities::outward(mode, (0.0, n), |j| (n - j + 1.0) / j * odds)
    }
}

/// A normal random effect on the logit or on the log rate.
pub type NormalMixture = Mixture<Arm>;

impl Mixture<Arm> {
    /// From counts of one family.
    pub fn new(family: Family, studies: &[Counts]) -> Self {
        Self::of(studies.iter().map(|c| Arm::new(family, c.x, c.size)).collect())
    }
}
