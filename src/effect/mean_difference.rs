//! Differences of means, raw and standardised.
//!
//! ```text
//! s² = ((n₁−1) s₁² + (n₂−1) s₂²) / m,  m = n₁ + n₂ − 2
//! J(m) = Γ(m/2) / (√(m/2) Γ((m−1)/2))
//! ```
//! References: \[hedges1981\], \[hedges1985\], \[bonett2008\], \[bonett2009\].

use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::{StudyData, TwoMeans};
use crate::math::special::ln_gamma;

/// Hedges' exact small-sample correction J(m), for m > 1 degrees of freedom.
pub(super) fn hedges_correction(m: f64) -> f64 {
    if m <= 1.0 {
        return f64::NAN;
    }
    (ln_gamma(0.5 * m) - ln_gamma(0.5 * (m - 1.0))).exp() / (0.5 * m).sqrt()
}

/// The pooled standard deviation of both groups.
pub(super) fn pooled_sd(t: &TwoMeans) -> f64 {
    (((t.n1 - 1.0) * t.sd1 * t.sd1 + (t.n2 - 1.0) * t.sd2 * t.sd2) / (t.n1 + t.n2 - 2.0)).sqrt()
}

pub(super) const MD: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::UB, Variance::HO],
    ..plain(
        "MD",
        "Mean difference",
        "Mean difference",
        Scale::Identity,
        Some(0.0),
        "y = m₁ − m₂, v = s₁²/n₁ + s₂²/n₂",
        "hedges1985",
        Compute::TwoMeans(|t, context| {
            let v = match context.variance {
                Variance::HO => pooled_sd(t).powi(2) * (1.0 / t.n1 + 1.0 / t.n2),
                _ => t.sd1 * t.sd1 / t.n1 + t.sd2 * t.sd2 / t.n2,
            };
            Effect { y: t.m1 - t.m2, v }
        }),
    )
};

/// y = J d and its variance; `m` degrees of freedom and `n` patients behind the standardiser.
fn standardised(t: &TwoMeans, sd: f64, m: f64, n: f64, variance: Variance, mean: f64) -> Effect {
    let j = hedges_correction(m);
    let d = (t.m1 - t.m2) / sd;
    let y = j * d;
    let base = 1.0 / t.n1 + 1.0 / t.n2;
    let v = match variance {
        Variance::UB => base + (1.0 - (m - 2.0) / (m * j * j)) * y * y,
        Variance::LS2 => j * j * (base + d * d / (2.0 * n)),
        Variance::AV => base + mean * mean / (2.0 * n),
        _ => base + y * y / (2.0 * n),
    };
    Effect { y, v }
}

const SMD_VARIANCES: &[Variance] = &[Variance::LS, Variance::UB, Variance::LS2, Variance::AV];

fn smd(t: &TwoMeans, variance: Variance, mean: f64) -> Effect {
    let n = t.n1 + t.n2;
    standardised(t, pooled_sd(t), n - 2.0, n, variance, mean)
}

fn smd1(t: &TwoMeans, variance: Variance, mean: f64) -> Effect {
    standardised(t, t.sd2, t.n2 - 1.0, t.n2, variance, mean)
}

pub(super) const SMD: MeasureSpec = MeasureSpec {
    variances: SMD_VARIANCES,
    average: Some(|data, _| match data {
        StudyData::TwoMeans(t) => [(smd(t, Variance::LS, 0.0).y, t.n1 + t.n2), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "SMD",
        "Standardised mean difference (Hedges' g)",
        "SMD",
        Scale::Identity,
        Some(0.0),
        "y = J(m) (m₁ − m₂)/s, v = 1/n₁ + 1/n₂ + y²/2(n₁+n₂)",
        "hedges1981",
        Compute::TwoMeans(|t, context| smd(t, context.variance, context.mean[0])),
    )
};

pub(super) const SMDH: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::LS2],
    ..plain(
        "SMDH",
        "Standardised mean difference, unequal variances",
        "SMD",
        Scale::Identity,
        Some(0.0),
        "y = J(m) (m₁ − m₂)/√((s₁²+s₂²)/2)",
        "bonett2008",
        Compute::TwoMeans(|t, context| {
            let (v1, v2) = (t.sd1 * t.sd1, t.sd2 * t.sd2);
            let sum = v1 + v2;
            let j = hedges_correction(t.n1 + t.n2 - 2.0);
            let y = j * (t.m1 - t.m2) / (0.5 * sum).sqrt();
            let v = match context.variance {
                Variance::LS2 => {
                    y * y * (v1 * v1 / t.n1 + v2 * v2 / t.n2) / (2.0 * sum * sum)
                        + 2.0 * (v1 / t.n1 + v2 / t.n2) / sum
                }
                _ => {
                    let (f1, f2) = (t.n1 - 1.0, t.n2 - 1.0);
                    y * y * (v1 * v1 / f1 + v2 * v2 / f2) / (2.0 * sum * sum)
                        + (v1 / f1 + v2 / f2) / (0.5 * sum)
                }
            };
            Effect { y, v }
        }),
    )
};

pub(super) const SMD1: MeasureSpec = MeasureSpec {
    variances: SMD_VARIANCES,
    average: Some(|data, _| match data {
        StudyData::TwoMeans(t) => [(smd1(t, Variance::LS, 0.0).y, t.n1 + t.n2), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "SMD1",
        "Mean difference standardised by the second group",
        "SMD",
        Scale::Identity,
        Some(0.0),
        "y = J(n₂−1) (m₁ − m₂)/s₂, v = 1/n₁ + 1/n₂ + y²/2n₂",
        "hedges1981",
        Compute::TwoMeans(|t, context| smd1(t, context.variance, context.mean[0])),
    )
};

pub(super) const SMD1H: MeasureSpec = plain(
    "SMD1H",
    "Mean difference standardised by the second group, unequal variances",
    "SMD",
    Scale::Identity,
    Some(0.0),
    "y = J(n₂−1) (m₁ − m₂)/s₂, v = (s₁²/s₂²)/(n₁−1) + 1/(n₂−1) + y²/2(n₂−1)",
    "bonett2009",
    Compute::TwoMeans(|t, _| {
        let y = hedges_correction(t.n2 - 1.0) * (t.m1 - t.m2) / t.sd2;
        let f2 = t.n2 - 1.0;
        Effect { y, v: (t.sd1 / t.sd2).powi(2) / (t.n1 - 1.0) + 1.0 / f2 + y * y / (2.0 * f2) }
    }),
);
