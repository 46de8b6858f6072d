//! Correlations, odds ratios and probabilities of superiority from means in two groups.
//!
//! ```text
//! d = (m₁ − m₂)/s,  h = m/n₁ + m/n₂,  r = d/√(d² + h)
//! ```
//! References: \[tate1954\], \[soper1914\], \[jacobs2017\], \[chinn2000\], \[cox1989\], \[mcgraw1992\].

use super::association::fisher;
use super::mean_difference::pooled_sd;
use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::TwoMeans;
use crate::math::dist;
use std::f64::consts::PI;

fn d(t: &TwoMeans) -> f64 {
    (t.m1 - t.m2) / pooled_sd(t)
}

fn h(t: &TwoMeans) -> f64 {
    let m = t.n1 + t.n2 - 2.0;
    m / t.n1 + m / t.n2
}

fn point_biserial(t: &TwoMeans, variance: Variance) -> Effect {
    let (d, h, n) = (d(t), h(t), t.n1 + t.n2);
    let r = d / (d * d + h).sqrt();
    let v = match variance {
        Variance::CS => {
            (1.0 - r * r).powi(2) * (n * r * r / (4.0 * t.n1 * t.n2) + (2.0 - 3.0 * r * r) / (2.0 * n))
        }
        _ => h * h / (h + d * d).powi(3) * (1.0 / t.n1 + 1.0 / t.n2 + d * d / (2.0 * n)),
    };
    Effect { y: r, v }
}

fn biserial(t: &TwoMeans) -> Effect {
    let n = t.n1 + t.n2;
    let (p, q) = (t.n1 / n, t.n2 / n);
    let z = -dist::normal_quantile(p);
    let f = dist::normal_pdf(z);
    let y = (p * q).sqrt() / f * point_biserial(t, Variance::ST).y;
    let r = y.clamp(-1.0, 1.0);
    let inner = 1.5 + (1.0 - p * z / f) * (1.0 + q * z / f);
    Effect { y, v: (p * q / (f * f) - inner * r * r + r.powi(4)) / (n - 1.0) }
}

const R_VARIANCES: &[Variance] = &[Variance::ST, Variance::LS, Variance::CS];

pub(super) const RPB: MeasureSpec = MeasureSpec {
    variances: R_VARIANCES,
    ..plain(
        "RPB",
        "Point-biserial correlation",
        "Correlation",
        Scale::Identity,
        Some(0.0),
        "y = d/√(d² + h), v = h²/(h + d²)³ (1/n₁ + 1/n₂ + d²/2n)",
        "tate1954",
        Compute::TwoMeans(|t, context| point_biserial(t, context.variance)),
    )
};

pub(super) const ZPB: MeasureSpec = MeasureSpec {
    variances: R_VARIANCES,
    ..plain(
        "ZPB",
        "Point-biserial correlation (Fisher's z)",
        "Correlation",
        Scale::FisherZ,
        Some(0.0),
        "y = artanh r, v = v(r)/(1 − r²)²",
        "tate1954",
        Compute::TwoMeans(|t, context| fisher(point_biserial(t, context.variance))),
    )
};

pub(super) const RBIS: MeasureSpec = plain(
    "RBIS",
    "Biserial correlation",
    "Correlation",
    Scale::Identity,
    Some(0.0),
    "y = √(pq)/f(z) · r, with the normal density f at the cut z",
    "soper1914",
    Compute::TwoMeans(|t, _| biserial(t)),
);

pub(super) const ZBIS: MeasureSpec = plain(
    "ZBIS",
    "Biserial correlation (Fisher's z)",
    "Correlation",
    Scale::FisherZ,
    Some(0.0),
    "y = artanh r, v = v(r)/(1 − r²)²",
    "jacobs2017",
    Compute::TwoMeans(|t, _| fisher(biserial(t))),
);

fn odds(t: &TwoMeans, factor: f64) -> Effect {
    let d = d(t);
    let v = 1.0 / t.n1 + 1.0 / t.n2 + d * d / (2.0 * (t.n1 + t.n2));
    Effect { y: factor * d, v: factor * factor * v }
}

pub(super) const D2ORN: MeasureSpec = plain(
    "D2ORN",
    "Odds ratio from a standardised difference (normal)",
    "Odds ratio",
    Scale::Log,
    Some(0.0),
    "y = 1.65 d, v = 1.65² (1/n₁ + 1/n₂ + d²/2n)",
    "cox1989",
    Compute::TwoMeans(|t, _| odds(t, 1.65)),
);

pub(super) const D2ORL: MeasureSpec = MeasureSpec {
    aliases: &["D2OR"],
    ..plain(
        "D2ORL",
        "Odds ratio from a standardised difference (logistic)",
        "Odds ratio",
        Scale::Log,
        Some(0.0),
        "y = (π/√3) d, v = (π²/3) (1/n₁ + 1/n₂ + d²/2n)",
        "chinn2000",
        Compute::TwoMeans(|t, _| odds(t, PI / 3f64.sqrt())),
    )
};

pub(super) const CLES: MeasureSpec = MeasureSpec {
    aliases: &["CLESN"],
    variances: &[Variance::LS, Variance::HO],
    ..plain(
        "CLES",
        "Probability of superiority (normal theory)",
        "P(superiority)",
        Scale::Identity,
        Some(0.5),
        "y = Φ(δ), δ = (m₁ − m₂)/√(s₁² + s₂²), v = φ(δ)² v(δ)",
        "mcgraw1992",
        Compute::TwoMeans(|t, context| {
            let (v1, v2) = match context.variance {
                Variance::HO => (pooled_sd(t).powi(2), pooled_sd(t).powi(2)),
                _ => (t.sd1 * t.sd1, t.sd2 * t.sd2),
            };
            let sum = v1 + v2;
            let delta = (t.m1 - t.m2) / sum.sqrt();
            let spread = match context.variance {
                Variance::HO => delta * delta / (2.0 * (t.n1 + t.n2 - 2.0)),
                _ => delta * delta / (2.0 * sum * sum) * (v1 * v1 / (t.n1 - 1.0) + v2 * v2 / (t.n2 - 1.0)),
            };
            let (f1, f2) = match context.variance {
                Variance::HO => (t.n1, t.n2),
                _ => (t.n1 - 1.0, t.n2 - 1.0),
            };
            let v = (v1 / f1 + v2 / f2) / sum + spread;
            Effect { y: dist::normal_cdf(delta), v: dist::normal_pdf(delta).powi(2) * v }
        }),
    )
};
