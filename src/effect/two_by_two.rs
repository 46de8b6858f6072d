//! Ratios and differences of risks and odds in two groups.
//!
//! ```text
//! p₁ = a/n₁,  p₂ = c/n₂
//! ```
//! References: \[greenland1985\], \[woolf1955\], \[yusuf1985\], \[rucker2009\].

use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::{StudyData, TwoByTwo};

impl TwoByTwo {
    /// Patients of the first group.
    pub fn n1(&self) -> f64 {
        self.a + self.b
    }

    /// Patients of the second group.
    pub fn n2(&self) -> f64 {
        self.c + self.d
    }

    /// Risk in the first group.
    pub fn p1(&self) -> f64 {
        self.a / self.n1()
    }

    /// Risk in the second group.
    pub fn p2(&self) -> f64 {
        self.c / self.n2()
    }
}

pub(super) const RR: MeasureSpec = plain(
    "RR",
    "Risk ratio",
    "Risk ratio",
    Scale::Log,
    Some(0.0),
    "y = ln(p₁/p₂), v = 1/a − 1/n₁ + 1/c − 1/n₂",
    "greenland1985",
    Compute::TwoByTwo(|t, _| Effect {
        y: t.p1().ln() - t.p2().ln(),
        v: 1.0 / t.a - 1.0 / t.n1() + 1.0 / t.c - 1.0 / t.n2(),
    }),
);

/// Log odds ratio and Woolf's variance.
pub(super) fn log_odds_ratio(t: &TwoByTwo) -> Effect {
    Effect { y: (t.a / t.b).ln() - (t.c / t.d).ln(), v: 1.0 / t.a + 1.0 / t.b + 1.0 / t.c + 1.0 / t.d }
}

pub(super) const OR: MeasureSpec = plain(
    "OR",
    "Odds ratio",
    "Odds ratio",
    Scale::Log,
    Some(0.0),
    "y = ln(ad/bc), v = 1/a + 1/b + 1/c + 1/d",
    "woolf1955",
    Compute::TwoByTwo(|t, _| log_odds_ratio(t)),
);

pub(super) const RD: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::UB, Variance::AV],
    average: Some(|data, _| match data {
        StudyData::TwoByTwo(t) => [(t.p1(), t.n1()), (t.p2(), t.n2())],
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "RD",
        "Risk difference",
        "Risk difference",
        Scale::Identity,
        Some(0.0),
        "y = p₁ − p₂, v = p₁(1−p₁)/n₁ + p₂(1−p₂)/n₂",
        "greenland1985",
        Compute::TwoByTwo(|t, context| {
            let (p1, p2, n1, n2) = (t.p1(), t.p2(), t.n1(), t.n2());
            let part = |p: f64, n: f64| p * (1.0 - p) / n;
            let [m1, m2] = context.mean;
            let v = match context.variance {
                Variance::UB => part(p1, n1 - 1.0) + part(p2, n2 - 1.0),
                Variance::AV => part(m1, n1) + part(m2, n2),
                _ => part(p1, n1) + part(p2, n2),
            };
            Effect { y: p1 - p2, v }
        }),
    )
};

pub(super) const AS: MeasureSpec = plain(
    "AS",
    "Arcsine difference",
    "Arcsine difference",
    Scale::Identity,
    Some(0.0),
    "y = arcsin √p₁ − arcsin √p₂, v = 1/4n₁ + 1/4n₂",
    "rucker2009",
    Compute::TwoByTwo(|t, _| Effect {
        y: t.p1().sqrt().asin() - t.p2().sqrt().asin(),
        v: 0.25 / t.n1() + 0.25 / t.n2(),
    }),
);

pub(super) const PETO: MeasureSpec = plain(
    "PETO",
    "Peto odds ratio",
    "Peto odds ratio",
    Scale::Log,
    Some(0.0),
    "y = (a − E)/V, v = 1/V, E = (a+c) n₁/N, V = (a+c)(b+d) n₁ n₂ / (N² (N−1))",
    "yusuf1985",
    Compute::TwoByTwo(|t, _| {
        let n = t.n1() + t.n2();
        let (events, others) = (t.a + t.c, t.b + t.d);
        let expected = events * t.n1() / n;
        let v = events * others * (t.n1() / n) * (t.n2() / n) / (n - 1.0);
        Effect { y: (t.a - expected) / v, v: 1.0 / v }
    }),
);
