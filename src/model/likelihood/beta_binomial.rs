//! Proportions with a beta distribution.
//!
//! ```text
//! xᵢ ~ Binomial(nᵢ, p),  p ~ Beta(π/θ, (1−π)/θ),  logit π = m
//! ```
//! Reference: \[kuss2015\].

use super::arm::{Arm, Counts, Family};
use super::{Likelihood, Separated, Value};
use crate::math::quadrature::{Rule, gauss_legendre};
use std::sync::LazyLock;

/// One group: location is the logit of the mean, spread θ = 1/(a + b).
#[derive(Clone, Debug)]
pub struct BetaBinomial {
    studies: Vec<Counts>,
    constant: f64,
}

impl BetaBinomial {
    /// From counts.
    pub fn new(studies: Vec<Counts>) -> Self {
        let constant = studies.iter().map(|c| Family::Binomial.constant(c)).sum();
        Self { studies, constant }
    }

    /// All studies as one.
    pub(super) fn total(&self) -> Counts {
        self.studies
            .iter()
            .fold(Counts { x: 0.0, size: 0.0 }, |t, c| Counts { x: t.x + c.x, size: t.size + c.size })
    }
}

/// ln(p + jθ) with its derivatives by p and θ: (value, p, θ, pp, pθ, θθ).
fn term(j: f64, p: f64, theta: f64) -> [f64; 6] {
    let r = 1.0 / (p + j * theta);
    [-r.ln(), r, j * r, -r * r, -j * r * r, -j * j * r * r]
}

/// First, third and fifth derivative of [`term`] by j.
fn term_derivatives(j: f64, p: f64, t: f64) -> [[f64; 6]; 3] {
    let r = 1.0 / (p + j * t);
    let (tr, tr2) = (t * r, (t * r).powi(2));
    let pr = p * r;
    let jr = j * r;
    [
        [tr, -tr * r, pr * r, 2.0 * tr * r * r, -(pr - jr * t) * r * r, -2.0 * jr * pr * r],
        [
            2.0 * tr * tr2,
            -6.0 * tr * tr2 * r,
            6.0 * pr * tr2 * r,
            24.0 * tr * tr2 * r * r,
            -(24.0 * pr - 6.0) * tr2 * r * r,
            -2.0 * pr * tr * (12.0 * jr * t - 6.0) * r * r,
        ],
        [
            24.0 * tr * tr2 * tr2,
            -120.0 * tr * tr2 * tr2 * r,
            120.0 * pr * tr2 * tr2 * r,
            720.0 * tr * tr2 * tr2 * r * r,
            -(720.0 * pr - 120.0) * tr2 * tr2 * r * r,
            -2.0 * pr * tr * tr2 * (360.0 * jr * t - 240.0) * r * r,
        ],
    ]
}

/// Σ_{j<n} ln(p + jθ) with its derivatives by p and θ: (value, p, θ, pp, pθ, θθ).
///
/// The first terms one by one. From there on, where neighbours differ by less than one part in 64, the formula of
/// Euler and Maclaurin: the integral, over intervals that double, and corrections at the ends.
fn rising(n: f64, p: f64, theta: f64) -> [f64; 6] {
    const ONE_BY_ONE: f64 = 64.0;
    let mut out = [0.0; 6];
    let add = |out: &mut [f64; 6], factor: f64, term: [f64; 6]| {
        out.iter_mut().zip(term).for_each(|(o, t)| *o += factor * t);
    };
    let mut j = 0.0;
    // one logarithm for eight terms: r lies between 1e-4 and 1e27
    let mut product = 1.0;
    while j < n && (j < ONE_BY_ONE || n < 4.0 * ONE_BY_ONE) {
        let r = 1.0 / (p + j * theta);
        let jr = j * r;
        product *= r;
        out[1] += r;
        out[2] += jr;
        out[3] -= r * r;
        out[4] -= jr * r;
        out[5] -= jr * jr;
        j += 1.0;
        if j % 8.0 == 0.0 {
            out[0] -= product.ln();
            product = 1.0;
        }
    }
    out[0] -= product.ln();
    if j >= n {
        return out;
    }
    static RULE: LazyLock<Rule> = LazyLock::new(|| gauss_legendre(12));
    let mut from = j;
    while from < n {
        let to = (2.0 * from).min(n);
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        for (x, w) in RULE.nodes.iter().zip(&RULE.weights) {
            add(&mut out, half * w, term(middle + half * x, p, theta));
        }
        from = to;
    }
    for (sign, end) in [(-1.0, j), (1.0, n)] {
        add(&mut out, -0.5 * sign, term(end, p, theta));
        let derivatives = term_derivatives(end, p, theta);
        for (b, d) in [1.0 / 12.0, -1.0 / 720.0, 1.0 / 30_240.0].into_iter().zip(derivatives) {
            add(&mut out, sign * b, d);
        }
    }
    out
}

impl Likelihood for BetaBinomial {
    /// ln [Π_{j<x}(π + jθ) Π_{j<n−x}(1−π + jθ) / Π_{j<n}(1 + jθ)], smooth at θ = 0.
    fn at(&self, location: f64, spread: f64) -> Value {
        let pi = if location < 0.0 {
            location.exp() / (1.0 + location.exp())
        } else {
            1.0 / (1.0 + (-location).exp())
        };
        let rho = if location < 0.0 {
            1.0 / (1.0 + location.exp())
        } else {
            (-location).exp() / (1.0 + (-location).exp())
        };
        let (d1, d2) = (pi * rho, pi * rho * (rho - pi));
        let mut sum = Value { log: self.constant, ..Value::default() };
        for c in &self.studies {
            let a = rising(c.x, pi, spread);
            let b = rising(c.size - c.x, rho, spread);
            let n = rising(c.size, 1.0, spread);
            let slope = a[1] - b[1];
            sum.add(&Value {
                log: a[0] + b[0] - n[0],
                m: slope * d1,
                s: a[2] + b[2] - n[2],
                mm: (a[3] + b[3]) * d1 * d1 + slope * d2,
                ms: (a[4] - b[4]) * d1,
                ss: a[5] + b[5] - n[5],
            });
        }
        sum
    }

    /// θ = 20: an intraclass correlation of 0.95.
    fn spread_limit(&self) -> f64 {
        20.0
    }

    fn starts(&self) -> [f64; 2] {
        let start = |c: Counts| Arm::new(Family::Binomial, c.x, c.size).start();
        let k = self.studies.len() as f64;
        [start(self.total()), self.studies.iter().map(|c| start(*c)).sum::<f64>() / k]
    }

    fn separation(&self) -> Option<Separated> {
        let total = self.total();
        let side = Arm::new(Family::Binomial, total.x, total.size).side();
        (side != 0).then(|| Separated { side: f64::from(side), log: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_agree_with_their_terms() {
        for n in [300.0, 5000.0, 90_000.0] {
            for p in [1e-4, 0.3, 0.9999] {
                for theta in [0.0, 1e-7, 1e-3, 0.5, 20.0] {
                    let mut want = [0.0; 6];
                    let mut j = 0.0;
                    while j < n {
                        want.iter_mut().zip(term(j, p, theta)).for_each(|(w, t)| *w += t);
                        j += 1.0;
                    }
                    for (g, w) in rising(n, p, theta).into_iter().zip(want) {
                        assert!((g - w).abs() <= 1e-11 * w.abs(), "{n} {p} {theta}: {g} {w}");
                    }
                }
            }
        }
    }
}
