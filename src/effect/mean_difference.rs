//! Differences of means, raw and standardised.
//!
//! ```text
//! s² = ((n₁−1) s₁² + (n₂−1) s₂²) / m,  m = n₁ + n₂ − 2
//! J(m) = Γ(m/2) / (√(m/2) Γ((m−1)/2)),  1 where no correction is wanted
//! ```
//! References: \[hedges1981\], \[hedges1985\], \[bonett2008\], \[bonett2009\].

use super::{Compute, Context, Effect, HEDGES, MeasureSpec, Scale, Variance, corrected, plain};
use crate::dataset::{StudyData, TwoMeans};
use crate::math::special::stirling_error;

/// ln J(m) of Hedges' exact small-sample correction, for m > 1 degrees of freedom.
///
/// ```text
/// ln J = −(m/2 − 1) ln(1 − 1/m) − ½ + δ(m/2) − δ((m−1)/2),   δ the error of Stirling's formula
///      = −Σ (j + 2)/(2j(j + 1) mʲ) + δ(m/2) − δ((m−1)/2)     without cancellation for large m
/// ```
fn ln_hedges(m: f64) -> f64 {
    if m.is_nan() || m <= 1.0 {
        return f64::NAN;
    }
    let stirling = stirling_error(0.5 * m) - stirling_error(0.5 * (m - 1.0));
    if m < 30.0 {
        return -(0.5 * m - 1.0) * (-1.0 / m).ln_1p() - 0.5 + stirling;
    }
    let (mut sum, mut power) = (0.0, 1.0);
    for j in (1..).map(f64::from) {
        power /= m;
        let term = (j + 2.0) / (2.0 * j * (j + 1.0)) * power;
        sum += term;
        if term <= 1e-17 * sum {
            break;
        }
    }
    stirling - sum
}

impl Context {
    /// ln J(m), or 0 where no correction is wanted.
    fn ln_j(&self, m: f64) -> f64 {
        if self.correct || m.is_nan() || m <= 1.0 { ln_hedges(m) } else { 0.0 }
    }

    /// Hedges' J(m), or 1 where no correction is wanted.
    pub(super) fn j(&self, m: f64) -> f64 {
        self.ln_j(m).exp()
    }
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
fn standardised(t: &TwoMeans, sd: f64, m: f64, n: f64, context: &Context) -> Effect {
    let (j, mean) = (context.j(m), context.mean[0]);
    let d = (t.m1 - t.m2) / sd;
    let y = j * d;
    let base = 1.0 / t.n1 + 1.0 / t.n2;
    let v = match context.variance {
        // 1 − (m − 2)/(m J²)
        Variance::UB => base - ((-2.0 / m).ln_1p() - 2.0 * context.ln_j(m)).exp_m1() * y * y,
        Variance::LS2 => j * j * (base + d * d / (2.0 * n)),
        Variance::AV => base + mean * mean / (2.0 * n),
        _ => base + y * y / (2.0 * n),
    };
    Effect { y, v }
}

const SMD_VARIANCES: &[Variance] = &[Variance::LS, Variance::UB, Variance::LS2, Variance::AV];

fn smd(t: &TwoMeans, context: &Context) -> Effect {
    let n = t.n1 + t.n2;
    standardised(t, pooled_sd(t), n - 2.0, n, context)
}

fn smd1(t: &TwoMeans, context: &Context) -> Effect {
    standardised(t, t.sd2, t.n2 - 1.0, t.n2, context)
}

pub(super) const SMD: MeasureSpec = MeasureSpec {
    variances: SMD_VARIANCES,
    correction: HEDGES,
    average: Some(|data, context| match data {
        StudyData::TwoMeans(t) => [(smd(t, context).y, t.n1 + t.n2), (0.0, 0.0)],
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
        Compute::TwoMeans(smd),
    )
};

pub(super) const SMDH: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::LS2],
    correction: HEDGES,
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
            let j = context.j(t.n1 + t.n2 - 2.0);
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
    correction: HEDGES,
    average: Some(|data, context| match data {
        StudyData::TwoMeans(t) => [(smd1(t, context).y, t.n1 + t.n2), (0.0, 0.0)],
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
        Compute::TwoMeans(smd1),
    )
};

pub(super) const SMD1H: MeasureSpec = corrected(
    HEDGES,
    plain(
        "SMD1H",
        "Mean difference standardised by the second group, unequal variances",
        "SMD",
        Scale::Identity,
        Some(0.0),
        "y = J(n₂−1) (m₁ − m₂)/s₂, v = (s₁²/s₂²)/(n₁−1) + 1/(n₂−1) + y²/2(n₂−1)",
        "bonett2009",
        Compute::TwoMeans(|t, context| {
            let y = context.j(t.n2 - 1.0) * (t.m1 - t.m2) / t.sd2;
            let f2 = t.n2 - 1.0;
            Effect { y, v: (t.sd1 / t.sd2).powi(2) / (t.n1 - 1.0) + 1.0 / f2 + y * y / (2.0 * f2) }
        }),
    ),
);
