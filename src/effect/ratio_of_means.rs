//! Ratios of means and of variability in two groups.
//!
//! References: \[hedges1999\], \[lajeunesse2015\], \[nakagawa2015\], \[senior2020\].

use super::mean_difference::pooled_sd;
use super::{
    Compute, Context, Effect, MeasureSpec, SECOND_ORDER, SMALL_SAMPLE, Scale, Variance, corrected, plain,
};
use crate::dataset::StudyData;

pub(super) const ROM: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::HO, Variance::AV, Variance::AVHO],
    correction: SECOND_ORDER,
    average: Some(|data, context| match data {
        StudyData::TwoMeans(t) => {
            let (c1, c2) = (t.sd1 / t.m1, t.sd2 / t.m2);
            if context.variance == Variance::AVHO {
                let n = t.n1 + t.n2;
                [((t.n1 * c1 + t.n2 * c2) / n, n), (0.0, 0.0)]
            } else {
                [(c1, t.n1), (c2, t.n2)]
            }
        }
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "ROM",
        "Ratio of means",
        "Ratio of means",
        Scale::Log,
        Some(0.0),
        "y = ln(m₁/m₂) + s₁²/2n₁m₁² − s₂²/2n₂m₂², v = s₁²/(n₁m₁²) + s₂²/(n₂m₂²)",
        "hedges1999",
        Compute::TwoMeans(|t, context| {
            let part = |sd: f64, m: f64, n: f64| sd * sd / (n * m * m);
            let [c1, c2] = context.mean;
            let v = match context.variance {
                Variance::HO => part(pooled_sd(t), t.m1, t.n1) + part(pooled_sd(t), t.m2, t.n2),
                Variance::AV => c1 * c1 / t.n1 + c2 * c2 / t.n2,
                Variance::AVHO => c1 * c1 * (1.0 / t.n1 + 1.0 / t.n2),
                _ => part(t.sd1, t.m1, t.n1) + part(t.sd2, t.m2, t.n2),
            };
            // half the squared relative standard errors correct the bias of the logarithms
            let bias = 0.5 * (part(t.sd1, t.m1, t.n1) - part(t.sd2, t.m2, t.n2));
            Effect { y: (t.m1 / t.m2).ln() + context.correction(bias), v }
        }),
    )
};

impl Context {
    /// A term that corrects for bias, or 0 where none is wanted.
    pub(super) fn correction(&self, bias: f64) -> f64 {
        if self.correct { bias } else { 0.0 }
    }
}

/// ln s with its correction for bias and its variance: ln s + 1/2(n−1), 1/2(n−1).
pub(super) fn log_sd(sd: f64, n: f64, context: &Context) -> Effect {
    let half = 0.5 / (n - 1.0);
    Effect { y: sd.ln() + context.correction(half), v: half }
}

pub(super) const VR: MeasureSpec = corrected(
    SMALL_SAMPLE,
    plain(
        "VR",
        "Ratio of standard deviations",
        "SD ratio",
        Scale::Log,
        Some(0.0),
        "y = ln(s₁/s₂) + 1/2(n₁−1) − 1/2(n₂−1), v = 1/2(n₁−1) + 1/2(n₂−1)",
        "nakagawa2015",
        Compute::TwoMeans(|t, context| {
            let (one, two) = (log_sd(t.sd1, t.n1, context), log_sd(t.sd2, t.n2, context));
            Effect { y: one.y - two.y, v: one.v + two.v }
        }),
    ),
);

pub(super) const CVR: MeasureSpec = corrected(
    SECOND_ORDER,
    plain(
        "CVR",
        "Ratio of coefficients of variation",
        "CV ratio",
        Scale::Log,
        Some(0.0),
        "y = Σ ±(ln(sᵢ/mᵢ) + 1/2(nᵢ−1) − sᵢ²/2nᵢmᵢ²), v = Σ 1/2(nᵢ−1) + sᵢ²/(nᵢmᵢ²)",
        "nakagawa2015",
        Compute::TwoMeans(|t, context| {
            let part = |m: f64, sd: f64, n: f64| {
                let s = log_sd(sd, n, context);
                let relative = sd * sd / (n * m * m);
                Effect { y: s.y - m.ln() - context.correction(0.5 * relative), v: s.v + relative }
            };
            let (one, two) = (part(t.m1, t.sd1, t.n1), part(t.m2, t.sd2, t.n2));
            Effect { y: one.y - two.y, v: one.v + two.v }
        }),
    ),
);
