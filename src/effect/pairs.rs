//! Matched pairs: marginal comparisons of the first with the second member.
//!
//! ```text
//! p₁₂ = first alone / n,  p₂₁ = second alone / n,  p₁ = (both + first)/n,  p₂ = (both + second)/n
//! ```
//! References: \[may1997\], \[zou2007\], \[curtin2002\].

use super::{Compute, Effect, MeasureSpec, Scale, plain};
use crate::dataset::Pairs;

struct Shares {
    n: f64,
    p12: f64,
    p21: f64,
    p1: f64,
    p2: f64,
}

fn shares(p: &Pairs) -> Shares {
    let n = p.both + p.first + p.second + p.neither;
    Shares { n, p12: p.first / n, p21: p.second / n, p1: (p.both + p.first) / n, p2: (p.both + p.second) / n }
}

pub(super) const MPRD: MeasureSpec = plain(
    "MPRD",
    "Risk difference of matched pairs",
    "Risk difference",
    Scale::Identity,
    Some(0.0),
    "y = p₁ − p₂, v = (p₁₂(1−p₁₂) + 2 p₁₂ p₂₁ + p₂₁(1−p₂₁)) / n",
    "may1997",
    Compute::Pairs(|p, _| {
        let s = shares(p);
        let v = (s.p12 * (1.0 - s.p12) + 2.0 * s.p12 * s.p21 + s.p21 * (1.0 - s.p21)) / s.n;
        Effect { y: s.p1 - s.p2, v }
    }),
);

pub(super) const MPRR: MeasureSpec = plain(
    "MPRR",
    "Risk ratio of matched pairs",
    "Risk ratio",
    Scale::Log,
    Some(0.0),
    "y = ln(p₁/p₂), v = (p₁₂ + p₂₁) / (n p₁ p₂)",
    "zou2007",
    Compute::Pairs(|p, _| {
        let s = shares(p);
        Effect { y: s.p1.ln() - s.p2.ln(), v: (s.p12 + s.p21) / (s.n * s.p1 * s.p2) }
    }),
);

pub(super) const MPOR: MeasureSpec = plain(
    "MPOR",
    "Odds ratio of matched pairs",
    "Odds ratio",
    Scale::Log,
    Some(0.0),
    "y = logit p₁ − logit p₂, v = (p₁₂(1−p₁₂) + p₂₁(1−p₂₁) + 2 p₁₂ p₂₁) / (n p₁(1−p₁) p₂(1−p₂))",
    "zou2007",
    Compute::Pairs(|p, _| {
        let s = shares(p);
        let (q1, q2) = (1.0 - s.p1, 1.0 - s.p2);
        let top = s.p12 * (1.0 - s.p12) + s.p21 * (1.0 - s.p21) + 2.0 * s.p12 * s.p21;
        Effect { y: (s.p1 / q1).ln() - (s.p2 / q2).ln(), v: top / (s.n * s.p1 * q1 * s.p2 * q2) }
    }),
);

pub(super) const MPPETO: MeasureSpec = plain(
    "MPPETO",
    "Peto odds ratio of matched pairs",
    "Peto odds ratio",
    Scale::Log,
    Some(0.0),
    "y = (b − E)/V, v = 1/V, E = (b+c)/2, V = (b+c)/4 with the discordant pairs b, c",
    "curtin2002",
    Compute::Pairs(|p, _| {
        let v = (p.first + p.second) / 4.0;
        Effect { y: (p.first - 2.0 * v) / v, v: 1.0 / v }
    }),
);
