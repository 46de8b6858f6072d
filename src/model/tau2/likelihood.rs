//! The kernel of ML and REML: a root of the score that is a maximum of the likelihood.
//!
//! Newton steps on the score with the observed information, kept inside a bracket that shrinks by the sign of the
//! score; where the observed information is not positive, the expected information. From a small and from a large
//! start, so that a likelihood with two peaks gives its higher one; the boundary τ² = 0 is compared as well.

use super::Between;
use crate::math::root::Stop;
use crate::model::sums::{At, NormalModel, Quantities, Sample, Unweighted};

/// What ML and REML do differently.
pub(crate) trait Likelihood {
    /// Whether ℓ is the restricted one.
    const RESTRICTED: bool;

    /// The slope from the quantities at a τ².
    fn slope(s: &impl Quantities) -> Slope;
}

/// Derivatives of a log-likelihood by τ².
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slope {
    /// dℓ/dτ².
    pub score: f64,
    /// −d²ℓ/d(τ²)².
    pub observed: f64,
    /// Its expectation.
    pub expected: f64,
}

/// The τ² that maximises a likelihood.
pub(super) fn maximise<L: Likelihood>(model: &impl NormalModel) -> Between {
    let range = model.sample().variance_range();
    if is_handy(range) { search::<L>(model) } else { rescaled::<L>(model, range) }
}

/// Whether third powers of weights fit into a number, given the least and the largest variance.
pub(super) fn is_handy((least, most): (f64, f64)) -> bool {
    least > 1e-90 && most < 1e90
}

/// In units in which the third powers of weights neither overflow nor vanish: powers of two, which are exact.
fn rescaled<L: Likelihood>(model: &impl NormalModel, (least, most): (f64, f64)) -> Between {
    // s²√(least · most) ≈ 1
    let s = (-0.25 * (least.log2() + most.log2())).round().exp2();
    let Sample { y, v } = model.sample();
    let y: Vec<f64> = y.iter().map(|y| y * s).collect();
    let v: Vec<f64> = v.iter().map(|v| v * s * s).collect();
    let found = search::<L>(&model.renewed(Sample::new(&y, &v)));
    Between { tau2: found.tau2 / s / s, ..found }
}

fn search<L: Likelihood>(model: &impl NormalModel) -> Between {
    let mut ascent = Ascent::new(model.unweighted());
    loop {
        let slope = L::slope(&model.at(ascent.tau2()));
        if let Some(found) = ascent.step::<L>(slope, model) {
            return found;
        }
    }
}

/// A search for the maximum, that is told the slope at the τ² it asks for: alone, or beside others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ascent {
    /// The large start.
    far: f64,
    zero: Option<Slope>,
    begun: bool,
    /// The peak above the small start.
    near: Option<Between>,
    climber: Climber,
}

impl Ascent {
    /// From Hedges' estimate, then from all the variance there is.
    #[inline(always)]
    pub fn new(equal: Unweighted) -> Self {
        let first = equal.residual - equal.sampling;
        let low = if first > 0.0 { first } else { 0.0 };
        Self { far: equal.total, zero: None, begun: false, near: None, climber: Climber::new(low) }
    }

    /// Where the slope is wanted.
    #[inline(always)]
    pub fn tau2(&self) -> f64 {
        if self.zero.is_none() { 0.0 } else { self.climber.tau2 }
    }

    /// Takes the slope at [`Self::tau2`]; gives the maximum once it is found.
    #[inline(always)]
    pub fn step<L: Likelihood>(&mut self, mut slope: Slope, model: &impl NormalModel) -> Option<Between> {
        let zero = *self.zero.get_or_insert(slope);
        if !self.begun {
            self.begun = true;
            if self.climber.tau2 > 0.0 {
                return None;
            }
        }
        loop {
            if let Some(peak) = self.climber.step(slope, || zero.score) {
                let Some(near) = self.near else {
                    if peak.tau2 > 0.0 && zero.score > 0.0 {
                        return Some(peak);
                    }
                    // zero is a local maximum, or was reached: look for a peak further out
                    self.near = Some(peak);
                    self.climber = Climber::new(self.far);
                    if self.far > 0.0 {
                        return None;
                    }
                    slope = zero;
                    continue;
                };
                return Some(higher::<L>(model, near, peak));
            }
            if self.climber.tau2 != 0.0 {
                return None;
            }
            slope = zero;
        }
    }
}

/// The farther of two peaks, unless the likelihood is higher at zero.
fn higher<L: Likelihood>(model: &impl NormalModel, near: Between, far: Between) -> Between {
    let best = if far.tau2 > near.tau2 { far } else { near };
    let value = |tau2: f64| model.log_likelihood(tau2, L::RESTRICTED);
    if best.tau2 > 0.0 && value(best.tau2) > value(0.0) {
        best
    } else {
        Between::zero(near.iterations + far.iterations)
    }
}

/// From a start to the next root of the score where it changes from + to −, or to zero.
#[inline]
pub(crate) fn climb<L: Likelihood>(model: &impl At, start: f64) -> Between {
    let slope = |tau2: f64| L::slope(&model.at(tau2));
    let mut climber = Climber::new(start);
    loop {
        if let Some(found) = climber.step(slope(climber.tau2), || slope(0.0).score) {
            return found;
        }
    }
}

/// A climb that waits for the slope at its τ².
#[derive(Clone, Copy, Debug)]
struct Climber {
    lo: f64,
    hi: f64,
    tau2: f64,
    start: f64,
    iterations: usize,
}

impl Climber {
    #[inline(always)]
    fn new(start: f64) -> Self {
        Self { lo: 0.0, hi: f64::INFINITY, tau2: start, start, iterations: 0 }
    }

    /// Takes the slope at its τ², and the score at zero where it is wanted; gives the root once it is found.
    #[inline]
    fn step(&mut self, slope: Slope, zero: impl FnOnce() -> f64) -> Option<Between> {
        const PATIENCE: usize = 200;
        let Slope { score, observed, expected } = slope;
        self.iterations += 1;
        let iterations = self.iterations;
        if self.tau2 == 0.0 && score <= 0.0 {
            return Some(Between::zero(iterations));
        }
        if score >= 0.0 {
            self.lo = self.tau2;
        } else {
            self.hi = self.tau2;
        }
        let information = if observed > 0.0 { observed } else { expected };
        let mut next = self.tau2 + score / information;
        if !(next > self.lo && next < self.hi) && score != 0.0 {
            let closed = self.hi.is_finite();
            next = if closed { 0.5 * (self.lo + self.hi) } else { 2.0 * self.lo.max(self.tau2) };
            // a root at zero is approached by halving: try zero itself first
            if self.lo == 0.0 && closed && self.hi < 1e-3 * (self.start + self.hi) && zero() <= 0.0 {
                return Some(Between::zero(iterations));
            }
        }
        let change = (next - self.tau2).abs();
        self.tau2 = next;
        if change <= 1e-9 * next && observed > 0.0 || change <= 4.0 * f64::EPSILON * next {
            return Some(Between { tau2: next, iterations, stop: Stop::Converged });
        }
        if next < f64::MIN_POSITIVE {
            return Some(Between::zero(iterations));
        }
        (iterations == PATIENCE).then_some(Between { tau2: next, iterations, stop: Stop::Patience })
    }
}
