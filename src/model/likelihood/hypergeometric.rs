//! A 2 × 2 table with all margins held: Fisher's non-central hypergeometric distribution.
//!
//! ```text
//! P(j) = C(n₁, j) C(n₂, m − j) ψʲ / Σ_h C(n₁, h) C(n₂, m − h) ψʰ,   η = ln ψ
//! ℓ(η) = aη − ln Σ,   ℓ′ = a − E(j),   ℓ″ = −Var(j)
//! ```
//! Sums run outward from the mode by the ratio of neighbouring terms, so that nothing overflows and terms too small to
//! count are never met. The distribution is that of a sum of independent Bernoulli variables, so its variance is at
//! most the distance of its mean from either end; where the standard deviation is large it is therefore smooth, and a
//! sum over every h-th term is exact to machine precision (Poisson's summation formula) as long as h is a fraction of
//! it: tables of any size cost the same. References: \[liao2001\], \[stijnen2010\].

use super::mixture::{Concave, Kernel};
use super::probabilities::Probabilities;
use crate::math::root::concave_maximum;
use crate::math::special::{deviance, stirling_error};
use std::f64::consts::PI;

/// Events and sizes of two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Table {
    /// Events in the first group.
    pub a: f64,
    /// Patients in the first group.
    pub n1: f64,
    /// Events in the second group.
    pub c: f64,
    /// Patients in the second group.
    pub n2: f64,
}

/// Supports up to this size keep their ratios.
const MOST_KEPT: f64 = 4096.0;

/// Standard deviations above which terms are skipped, and how many terms there are to one.
const SMOOTH: f64 = 150.0;
const PER_DEVIATION: f64 = 4.0;

/// One study given its margins.
#[derive(Clone, Debug)]
pub struct Hypergeometric {
    table: Table,
    /// All events.
    m: f64,
    /// Ends of the support.
    lo: f64,
    hi: f64,
    /// `P(lo + i + 1) / P(lo + i)` at ψ = 1, for supports that are not too long.
    ratios: Vec<f64>,
    /// ln of the coefficient of each term, shifted; for the same supports.
    logs: Vec<f64>,
}

/// ln Σ relative to the coefficient of the observed table, mean and variance.
#[derive(Clone, Copy, Debug)]
struct Moments {
    log: f64,
    mean: f64,
    variance: f64,
}

impl Hypergeometric {
    /// From a table; `None` where the margins leave one table only, which says nothing about ψ.
    pub fn new(table: Table) -> Option<Self> {
        let m = table.a + table.c;
        let (lo, hi) = ((m - table.n2).max(0.0), m.min(table.n1));
        let mut study = Self { table, m, lo, hi, ratios: vec![], logs: vec![] };
        if hi <= lo {
            return None;
        }
        if hi - lo <= MOST_KEPT {
            let steps = (hi - lo) as usize;
            study.ratios = (0..steps).map(|i| study.ratio(lo + i as f64 + 1.0)).collect();
            study.logs = (0..=steps).map(|i| study.log_coefficient(lo + i as f64)).collect();
        }
        Some(study)
    }

    /// Mean and variance of the events in the first group at a log odds ratio.
    pub fn mean_and_variance(&self, eta: f64) -> (f64, f64) {
        let m = self.moments(eta, false);
        (m.mean, m.variance)
    }

    /// The observed table.
    pub(in crate::model) fn table(&self) -> &Table {
        &self.table
    }

    /// Coefficient of j over that of j − 1.
    fn ratio(&self, j: f64) -> f64 {
        let Table { n1, n2, .. } = self.table;
        (n1 - j + 1.0) * (self.m - j + 1.0) / (j * (n2 - self.m + j))
    }

    /// ln C(n₁, j) C(n₂, m − j), up to a constant of the study: as two binomial probabilities at p = m/(n₁ + n₂),
    /// whose saddle-point form keeps its digits at any size.
    fn log_coefficient(&self, j: f64) -> f64 {
        let Table { n1, n2, .. } = self.table;
        let p = self.m / (n1 + n2);
        log_binomial(j, n1, p) + log_binomial(self.m - j, n2, p)
    }

    /// ln of the term of j over that of the mode: the same with the groups' probabilities at the mode, so that nothing
    /// large is subtracted from anything large.
    fn log_from(&self, mode: f64, eta: f64, j: f64) -> f64 {
        let Table { n1, n2, .. } = self.table;
        let other = self.m - mode;
        let (p, q) = (mode / n1, other / n2);
        let tilt = eta - ((mode / (n1 - mode)).ln() - (other / (n2 - other)).ln());
        let at = |j: f64| log_binomial(j, n1, p) + log_binomial(self.m - j, n2, q);
        at(j) - at(mode) + (j - mode) * tilt
    }

    fn log_at(&self, j: f64) -> f64 {
        self.logs.get((j - self.lo) as usize).copied().unwrap_or_else(|| self.log_coefficient(j))
    }

    /// The most probable j.
    ///
    /// ```text
    /// (ψ − 1) j² − ((n₁ + m + 2) ψ + n₂ − m) j + ψ (n₁ + 1)(m + 1) = 0
    /// ```
    fn mode(&self, psi: f64) -> f64 {
        let Table { n1, n2, .. } = self.table;
        // both sides divided by ψ where it is large
        let (high, low) = if psi > 1.0 { (1.0, 1.0 / psi) } else { (psi, 1.0) };
        let a = high - low;
        let b = -((self.m + n1 + 2.0) * high + (n2 - self.m) * low);
        let c = high * (n1 + 1.0) * (self.m + 1.0);
        let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
        (2.0 * c / (-b + root)).floor().clamp(self.lo, self.hi)
    }

    /// Sums over the support outward from the mode: (Σ t, Σ t d, Σ t d²) with d the distance from the mode.
    fn sums(&self, psi: f64, mode: f64) -> (f64, f64, f64) {
        /// Terms this far below the largest no longer count.
        const NEGLIGIBLE: f64 = 1e-19;
        let kept = !self.ratios.is_empty();
        let (mut total, mut first, mut second) = (1.0, 0.0, 0.0);
        let at = (mode - self.lo) as usize;
        let (mut term, mut j) = (1.0, mode);
        let mut i = at;
        while j < self.hi {
            j += 1.0;
            term *= psi * if kept { self.ratios[i] } else { self.ratio(j) };
            i += 1;
            let d = j - mode;
            total += term;
            first += term * d;
            second += term * d * d;
            if term < NEGLIGIBLE * total {
                break;
            }
        }
        let (mut term, mut j) = (1.0, mode);
        let mut i = at;
        while j > self.lo {
            term /= psi * if kept { self.ratios[i - 1] } else { self.ratio(j) };
            i = i.saturating_sub(1);
            j -= 1.0;
            let d = j - mode;
            total += term;
            first += term * d;
            second += term * d * d;
            if term < NEGLIGIBLE * total {
                break;
            }
        }
        (total, first, second)
    }

    /// The same by every `stride`-th term, for distributions much wider than it.
    fn strided(&self, eta: f64, mode: f64, stride: f64) -> (f64, f64, f64) {
        const REACH: f64 = 10.0;
        let terms = (REACH * PER_DEVIATION) as i32;
        let mut sums = (0.0, 0.0, 0.0);
        for i in -terms..=terms {
            let d = f64::from(i) * stride;
            let j = mode + d;
            if j < self.lo || j > self.hi {
                continue;
            }
            let term = self.log_from(mode, eta, j).exp() * stride;
            sums = (sums.0 + term, sums.1 + term * d, sums.2 + term * d * d);
        }
        sums
    }

    /// −1 / (d²/dj² of the log of a term): nearly the variance.
    fn spread(&self, j: f64) -> f64 {
        let Table { n1, n2, .. } = self.table;
        let part = |x: f64| 1.0 / x.max(0.5);
        1.0 / (part(j) + part(n1 - j) + part(self.m - j) + part(n2 - self.m + j))
    }

    fn moments(&self, eta: f64, with_log: bool) -> Moments {
        let eta = eta.clamp(-700.0, 700.0);
        let psi = eta.exp();
        let mode = self.mode(psi);
        let deviation = self.spread(mode).sqrt();
        let (total, first, second) = if deviation > SMOOTH {
            self.strided(eta, mode, (deviation / PER_DEVIATION).floor())
        } else {
            self.sums(psi, mode)
        };
        let shift = first / total;
        let log = if with_log {
            let a = self.table.a;
            total.ln() + self.log_at(mode) - self.log_at(a) + (mode - a) * eta
        } else {
            0.0
        };
        Moments { log, mean: mode + shift, variance: (second / total - shift * shift).max(0.0) }
    }

    /// Probabilities of the numbers of events in the first group at η, from the first number that counts.
    pub(in crate::model) fn distribution(&self, eta: f64) -> Probabilities {
        let psi = eta.exp();
        Probabilities::outward(self.mode(psi), (self.lo, self.hi), |j| psi * self.ratio(j))
    }
}

/// ln of a binomial probability.
fn log_binomial(x: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if x == 0.0 {
        return n * (-p).ln_1p();
    }
    if x == n {
        return n * p.ln();
    }
    stirling_error(n)
        - stirling_error(x)
        - stirling_error(n - x)
        - deviance(x, n * p)
        - deviance(n - x, n * q)
        + 0.5 * (n / (2.0 * PI * x * (n - x))).ln()
}

impl Concave for Hypergeometric {
    fn terms(&self, eta: f64) -> (f64, f64, f64) {
        let m = self.moments(eta, true);
        (-m.log, self.table.a - m.mean, -m.variance)
    }

    fn slopes(&self, eta: f64) -> (f64, f64) {
        let m = self.moments(eta, false);
        (self.table.a - m.mean, -m.variance)
    }
}

impl Kernel for Hypergeometric {
    /// Nothing is left out.
    fn constant(&self) -> f64 {
        0.0
    }

    /// The η that makes the observed table the expected one.
    fn maximum(&self) -> Option<f64> {
        if self.side() != 0 {
            return None;
        }
        Some(concave_maximum(|eta| self.slopes(eta), self.start(), 3.0, 1e-13))
    }

    fn side(&self) -> i8 {
        if self.table.a == self.lo {
            -1
        } else if self.table.a == self.hi {
            1
        } else {
            0
        }
    }

    fn start(&self) -> f64 {
        let Table { a, n1, c, n2 } = self.table;
        let half = if a == 0.0 || a == n1 || c == 0.0 || c == n2 { 0.5 } else { 0.0 };
        ((a + half) / (n1 - a + half)).ln() - ((c + half) / (n2 - c + half)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::special::ln_gamma;

    fn brute(t: Table, eta: f64) -> (f64, f64, f64) {
        let m = t.a + t.c;
        let (lo, hi) = ((m - t.n2).max(0.0) as i64, m.min(t.n1) as i64);
        let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
        let log = |j: f64| choose(t.n1, j) + choose(t.n2, m - j) + j * eta;
        let top = (lo..=hi).map(|j| log(j as f64)).fold(f64::NEG_INFINITY, f64::max);
        let terms: Vec<(f64, f64)> = (lo..=hi).map(|j| (j as f64, (log(j as f64) - top).exp())).collect();
        let total: f64 = terms.iter().map(|t| t.1).sum();
        let mean = terms.iter().map(|(j, w)| j * w).sum::<f64>() / total;
        let variance = terms.iter().map(|(j, w)| (j - mean).powi(2) * w).sum::<f64>() / total;
        (log(t.a) - top - total.ln(), t.a - mean, -variance)
    }

    #[test]
    fn moments_agree_with_enumeration() {
        for (a, n1, c, n2) in [
            (3.0, 10.0, 5.0, 12.0),
            (0.0, 20.0, 4.0, 18.0),
            (20.0, 20.0, 4.0, 18.0),
            (300.0, 2000.0, 500.0, 2100.0),
            // wide enough for strides
            (60_000.0, 150_000.0, 50_000.0, 150_000.0),
            (90_000.0, 100_000.0, 95_000.0, 100_000.0),
        ] {
            let table = Table { a, n1, c, n2 };
            let study = Hypergeometric::new(table).expect("informative");
            for eta in [-3.0, -0.7, 0.0, 0.4, 2.5] {
                let (got, want) = (study.terms(eta), brute(table, eta));
                // the enumeration itself loses digits: ln Γ of 1e5 has an error of 1e-10
                let tolerance = 1e-11 + 1e-14 * n1;
                for (g, w) in [(got.0, want.0), (got.1, want.1), (got.2, want.2)] {
                    assert!((g - w).abs() <= tolerance * (1.0 + w.abs()), "{table:?} {eta}: {g} {w}");
                }
            }
        }
    }

    #[test]
    fn tables_of_a_million_million_cost_no_more() {
        let table = Table { a: 4e11, n1: 1e12, c: 3e11, n2: 1e12 };
        let study = Hypergeometric::new(table).expect("informative");
        let eta = study.maximum().expect("inside");
        // for large tables the conditional estimate is the ratio of the odds
        let odds = (4.0f64 / 6.0).ln() - (3.0f64 / 7.0).ln();
        assert!((eta - odds).abs() < 1e-9, "{eta} {odds}");
        let woolf: f64 = [4e11f64, 6e11, 3e11, 7e11].iter().map(|x| 1.0 / x).sum();
        assert!((study.slopes(eta).1 * woolf + 1.0).abs() < 1e-9);
    }
}
