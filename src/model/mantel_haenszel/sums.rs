//! Mantel and Haenszel's weighted sums: the estimate, its variance and the weight of each study.
//!
//! ```text
//! OR   R = Σ ad/N, S = Σ bc/N, P = (a+d)/N, Q = (b+c)/N
//!      Var ln OR = ΣPR/2R² + Σ(PS+QR)/2RS + ΣQS/2S²
//! RR   R = Σ a n₂/N, S = Σ c n₁/N,     Var ln RR = Σ (n₁ n₂ (a+c)/N² − ac/N) / RS
//! RD   Σ (a n₂ − c n₁)/N / W,  W = Σ n₁ n₂/N
//!      Var RD = (RD Σ (c n₁² − a n₂² + n₁ n₂ (n₂−n₁)/2)/N² + Σ (ad + bc)/2N) / W²    (Sato)
//!      Var RD = Σ (ab n₂³ + cd n₁³)/(n₁ n₂ N²) / W²                                  (Greenland and Robins)
//! IRR  R = Σ x₁ t₂/T, S = Σ x₂ t₁/T,   Var ln IRR = Σ t₁ t₂ (x₁+x₂)/T² / RS
//! IRD  Σ (x₁ t₂ − x₂ t₁)/T / W,  W = Σ t₁ t₂/T,  Var IRD = Σ (t₁ t₂/T)² (x₁/t₁² + x₂/t₂²) / W²
//! ```
//! References: \[robins1986\], \[greenland1985\], \[sato1989\].

use crate::dataset::{TwoByTwo, TwoRates};
use crate::effect::Effect;

/// Sums over studies, and each study's weight.
#[derive(Debug, Default)]
struct Sums {
    /// Numerator and denominator: R and S of ratios, the weighted difference and W of differences.
    top: f64,
    bottom: f64,
    /// Terms of the variance.
    v: [f64; 3],
    weights: Vec<f64>,
}

impl Sums {
    fn add(&mut self, weight: f64, (top, bottom): (f64, f64), v: [f64; 3]) {
        self.top += top;
        self.bottom += bottom;
        self.v.iter_mut().zip(v).for_each(|(sum, x)| *sum += x);
        self.weights.push(weight);
    }

    fn log_ratio(&self, variance: f64) -> Effect {
        Effect { y: (self.top / self.bottom).ln(), v: variance }
    }
}

pub(super) fn odds_ratio(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let n = t.n1() + t.n2();
        let (r, q) = (t.a * t.d / n, t.b * t.c / n);
        let (p1, p2) = ((t.a + t.d) / n, (t.b + t.c) / n);
        s.add(q, (r, q), [p1 * r, p1 * q + p2 * r, p2 * q]);
    }
    let (r, q) = (s.top, s.bottom);
    let v = 0.5 * (s.v[0] / (r * r) + s.v[1] / (r * q) + s.v[2] / (q * q));
    (s.log_ratio(v), s.weights)
}

pub(super) fn risk_ratio(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let (n1, n2) = (t.n1(), t.n2());
        let n = n1 + n2;
        let (r, q) = (t.a * n2 / n, t.c * n1 / n);
        s.add(q, (r, q), [(n1 / n) * (n2 / n) * (t.a + t.c) - t.a * t.c / n, 0.0, 0.0]);
    }
    (s.log_ratio(s.v[0] / (s.top * s.bottom)), s.weights)
}

pub(super) fn risk_difference(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let (n1, n2) = (t.n1(), t.n2());
        let n = n1 + n2;
        let (f1, f2) = (n1 / n, n2 / n);
        let first = t.c * f1 * f1 - t.a * f2 * f2 + f1 * f2 * (n2 - n1) / 2.0;
        s.add(n1 * f2, (t.a * f2 - t.c * f1, n1 * f2), [first, (t.a * t.d + t.c * t.b) / (2.0 * n), 0.0]);
    }
    let y = s.top / s.bottom;
    (Effect { y, v: (y * s.v[0] + s.v[1]) / (s.bottom * s.bottom) }, s.weights)
}

/// Differences of the counts as reported, weights and Greenland and Robins' variance of the counts as pooled.
pub(super) fn risk_difference_of_profiles(reported: &[TwoByTwo], pooled: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for (raw, t) in reported.iter().zip(pooled) {
        let (n1, n2) = (t.n1(), t.n2());
        let (f1, f2) = (n1 / (n1 + n2), n2 / (n1 + n2));
        let w = n1 * f2;
        let v = t.a * (t.b / n1) * f2 * f2 + t.c * (t.d / n2) * f1 * f1;
        s.add(w, (w * (raw.a / raw.n1() - raw.c / raw.n2()), w), [v, 0.0, 0.0]);
    }
    (Effect { y: s.top / s.bottom, v: s.v[0] / (s.bottom * s.bottom) }, s.weights)
}

pub(super) fn rate_ratio(rates: &[TwoRates]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for r in rates {
        let t = r.t1 + r.t2;
        let (top, bottom) = (r.x1 * r.t2 / t, r.x2 * r.t1 / t);
        s.add(bottom, (top, bottom), [(r.t1 / t) * (r.t2 / t) * (r.x1 + r.x2), 0.0, 0.0]);
    }
    (s.log_ratio(s.v[0] / (s.top * s.bottom)), s.weights)
}

pub(super) fn rate_difference(rates: &[TwoRates]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for r in rates {
        let t = r.t1 + r.t2;
        let w = (r.t1 / t) * r.t2;
        let v = w * w * (r.x1 / (r.t1 * r.t1) + r.x2 / (r.t2 * r.t2));
        s.add(w, ((r.x1 * r.t2 - r.x2 * r.t1) / t, w), [v, 0.0, 0.0]);
    }
    (Effect { y: s.top / s.bottom, v: s.v[0] / (s.bottom * s.bottom) }, s.weights)
}
