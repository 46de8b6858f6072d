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

impl Likelihood {
    pub(crate) fn maximise(&self, sample: Sample<'_>) -> Between {
        let c = sample.y[0];
        let (spread, mean) = sample.plain_moments();
        let first = spread - mean;
        let at_zero = sample.sums(0.0, c);
        let low = if first > 0.0 { first } else { 0.0 };
        let climb = self.climb(sample, c, low);
        if climb.tau2 > 0.0 && (self.score)(&at_zero) > 0.0 {
            return climb;
        }
        // zero is a local maximum, or was reached: look for a peak further out
        let far = self.climb(sample, c, spread);
        let best = if far.tau2 > climb.tau2 { far } else { climb };
        if best.tau2 > 0.0 && (self.value)(sample, best.tau2) > (self.value)(sample, 0.0) {
            return best;
        }
        Between { tau2: 0.0, iterations: climb.iterations + far.iterations, stop: Stop::Boundary }
    }

    fn slope(&self, sample: Sample<'_>, c: f64, tau2: f64) -> Slope {
        let s = sample.sums(tau2, c);
        Slope { score: (self.score)(&s), observed: (self.observed)(&s), expected: (self.expected)(&s) }
    }

    pub(crate) fn climb(&self, sample: Sample<'_>, c: f64, start: f64) -> Between {
        climb(|tau2| self.slope(sample, c, tau2), start)
    }
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
    const PATIENCE: usize = 200;
    let (mut lo, mut hi, mut tau2) = (0.0, f64::INFINITY, start);
    for iterations in 1..=PATIENCE {
        let Slope { score, observed, expected } = slope(tau2);
        if tau2 == 0.0 && score <= 0.0 {
            return Between { tau2, iterations, stop: Stop::Boundary };
        }
        if score >= 0.0 {
            lo = tau2;
        } else {
            hi = tau2;
        }
        let information = if observed > 0.0 { observed } else { expected };
        let step = score / information;
        let mut next = tau2 + step;
        if !(next > lo && next < hi) && score != 0.0 {
            next = if hi.is_finite() { 0.5 * (lo + hi) } else { 2.0 * lo.max(tau2) };
            // a root at zero is approached by halving: try zero itself first
            if lo == 0.0 && hi.is_finite() && slope(0.0).score <= 0.0 && hi < 1e-3 * (start + hi) {
                return Between { tau2: 0.0, iterations, stop: Stop::Boundary };
            }
        }
        let change = (next - tau2).abs();
        tau2 = next;
        if change <= 1e-9 * tau2 && observed > 0.0 || change <= 4.0 * f64::EPSILON * tau2 {
            return Between { tau2, iterations, stop: Stop::Converged };
        }
        if tau2 < f64::MIN_POSITIVE {
            return Between { tau2: 0.0, iterations, stop: Stop::Boundary };
        }
    }
    Between { tau2, iterations: PATIENCE, stop: Stop::Patience }
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
