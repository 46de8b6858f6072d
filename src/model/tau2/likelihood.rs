//! The kernel of ML and REML: a root of the score that is a maximum of the likelihood.
//!
//! Newton steps on the score with the observed information, kept inside a bracket that shrinks by the sign of the
//! score; where the observed information is not positive, the expected information. From a small and from a large
//! start, so that a likelihood with two peaks gives its higher one; the boundary τ² = 0 is compared as well.

use super::Between;
use crate::math::root::Stop;
use crate::model::kernel::{Sample, Sums};

/// What ML and REML do differently.
pub(crate) struct Likelihood {
    /// dℓ/dτ².
    pub score: fn(&Sums) -> f64,
    /// −d²ℓ/d(τ²)².
    pub observed: fn(&Sums) -> f64,
    /// Its expectation.
    pub expected: fn(&Sums) -> f64,
    /// ℓ at τ², up to a constant.
    pub value: fn(Sample<'_>, f64) -> f64,
}

/// A search for the maximum over one sample, that is told the slope at the τ² it asks for: alone, or beside others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ascent {
    spread: f64,
    zero: Option<Slope>,
    begun: bool,
    /// The peak above the small start.
    near: Option<Between>,
    climber: Climber,
}

impl Ascent {
    pub fn new(sample: Sample<'_>) -> Self {
        let (spread, mean) = sample.plain_moments();
        let first = spread - mean;
        let low = if first > 0.0 { first } else { 0.0 };
        Self { spread, zero: None, begun: false, near: None, climber: Climber::new(low) }
    }

    /// Where the slope is wanted.
    pub fn tau2(&self) -> f64 {
        if self.zero.is_none() { 0.0 } else { self.climber.tau2 }
    }

    /// Takes the slope at [`Self::tau2`]; gives the maximum once it is found.
    #[inline(always)]
    pub fn step(&mut self, mut slope: Slope, likelihood: &Likelihood, sample: Sample<'_>) -> Option<Between> {
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
                    self.climber = Climber::new(self.spread);
                    if self.spread > 0.0 {
                        return None;
                    }
                    slope = zero;
                    continue;
                };
                let best = if peak.tau2 > near.tau2 { peak } else { near };
                let higher = best.tau2 > 0.0
                    && (likelihood.value)(sample, best.tau2) > (likelihood.value)(sample, 0.0);
                let iterations = near.iterations + peak.iterations;
                return Some(if higher {
                    best
                } else {
                    Between { tau2: 0.0, iterations, stop: Stop::Boundary }
                });
            }
            if self.climber.tau2 != 0.0 {
                return None;
            }
            slope = zero;
        }
    }
}

impl Likelihood {
    pub(crate) fn maximise(&self, sample: Sample<'_>) -> Between {
        let range = sample.variance_range();
        if !is_handy(range) {
            return self.rescaled(sample, range);
        }
        self.search(sample)
    }

    /// In units in which the third powers of weights neither overflow nor vanish: powers of two, which are exact.
    fn rescaled(&self, sample: Sample<'_>, (least, most): (f64, f64)) -> Between {
        // s²√(least · most) ≈ 1
        let s = (-0.25 * (least.log2() + most.log2())).round().exp2();
        let c = sample.y[0];
        let y: Vec<f64> = sample.y.iter().map(|y| (y - c) * s).collect();
        let v: Vec<f64> = sample.v.iter().map(|v| v * s * s).collect();
        let found = self.search(Sample::new(&y, &v));
        Between { tau2: found.tau2 / s / s, ..found }
    }

    fn search(&self, sample: Sample<'_>) -> Between {
        let c = sample.y[0];
        let mut ascent = Ascent::new(sample);
        loop {
            if let Some(found) = ascent.step(self.slope(sample, c, ascent.tau2()), self, sample) {
                return found;
            }
        }
    }

    fn slope(&self, sample: Sample<'_>, c: f64, tau2: f64) -> Slope {
        self.slope_of(&sample.sums(tau2, c))
    }

    #[inline(always)]
    pub(super) fn slope_of(&self, s: &Sums) -> Slope {
        Slope { score: (self.score)(s), observed: (self.observed)(s), expected: (self.expected)(s) }
    }

    pub(crate) fn climb(&self, sample: Sample<'_>, c: f64, start: f64) -> Between {
        climb(|tau2| self.slope(sample, c, tau2), start)
    }
}

/// Whether third powers of weights fit into a number, given the least and the largest variance.
pub(super) fn is_handy((least, most): (f64, f64)) -> bool {
    least > 1e-90 && most < 1e90
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

/// From a start to the next root of the score where it changes from + to −, or to zero.
#[inline]
pub(crate) fn climb(slope: impl Fn(f64) -> Slope, start: f64) -> Between {
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
        let boundary = Some(Between { tau2: 0.0, iterations, stop: Stop::Boundary });
        if self.tau2 == 0.0 && score <= 0.0 {
            return boundary;
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
                return boundary;
            }
        }
        let change = (next - self.tau2).abs();
        self.tau2 = next;
        if change <= 1e-9 * next && observed > 0.0 || change <= 4.0 * f64::EPSILON * next {
            return Some(Between { tau2: next, iterations, stop: Stop::Converged });
        }
        if next < f64::MIN_POSITIVE {
            return boundary;
        }
        (iterations == PATIENCE).then_some(Between { tau2: next, iterations, stop: Stop::Patience })
    }
}

/// −½ Σ ln(v + τ²) − ½ Q(τ²).
pub(crate) fn full(sample: Sample<'_>, tau2: f64) -> f64 {
    let ln: f64 = sample.v.iter().map(|v| (v + tau2).ln()).sum();
    -0.5 * (ln + sample.q(tau2))
}

/// −½ Σ ln(v + τ²) − ½ ln Σw − ½ Q(τ²).
pub(crate) fn restricted(sample: Sample<'_>, tau2: f64) -> f64 {
    full(sample, tau2) - 0.5 * sample.mean_sums(tau2, 0.0).0.ln()
}
