//! Before and after in one group.
//!
//! ```text
//! change = after − before,  s_d² = s₁² + s₂² − 2 r s₁ s₂
//! ```
//! The standardised forms hold natural change and regression to the mean as well as the treatment.
//! SMCR and SMCRH divide by the standard deviation that the field's software calls `sd1i`: here, by the roles
//! of `mean_post sd_post` (`m1i sd1i`), the one after; [`super::EffectOptions::standardise_by_pre`] takes the one before.
//! References: \[gibbons1993\], \[becker1988\], \[bonett2008\], \[cousineau2020\], \[lajeunesse2011\], \[senior2020\].

use super::{Compute, Context, Effect, HEDGES, MeasureSpec, SECOND_ORDER, Scale, Variance, corrected, plain};
use crate::dataset::PrePost;

type Outcome = Result<Effect, &'static str>;

/// The standard deviation of the change, reported or derived.
fn sd_change(p: &PrePost) -> Result<f64, &'static str> {
    p.sd_change.map(|(sd, _)| sd).ok_or(if p.pre.1.is_some() && p.post.1.is_some() {
        "neither the SD of the change is reported nor the correlation of before with after"
    } else {
        "the SD of the change is not reported, and nothing reported gives it"
    })
}

/// The standard deviations after and before.
fn sds(p: &PrePost) -> Result<(f64, f64), &'static str> {
    Ok((p.post.1.ok_or("sd_post is not reported")?, p.pre.1.ok_or("sd_pre is not reported")?))
}

fn means(p: &PrePost) -> Result<(f64, f64), &'static str> {
    Ok((p.post.0.ok_or("mean_post is not reported")?, p.pre.0.ok_or("mean_pre is not reported")?))
}

/// The correlation: reported, or the one that the standard deviation of the change implies.
fn correlation(p: &PrePost) -> Result<f64, &'static str> {
    if let Some(r) = p.r {
        return Ok(r);
    }
    let (s1, s2) = sds(p)?;
    let (sd, _) = p.sd_change.ok_or("neither the correlation nor the SD of the change is reported")?;
    let r = (s1 * s1 + s2 * s2 - sd * sd) / (2.0 * s1 * s2);
    if r.abs() <= 1.0 { Ok(r) } else { Err("the SD of the change contradicts the SDs before and after") }
}

pub(super) const MC: MeasureSpec = plain(
    "MC",
    "Mean change",
    "Mean change",
    Scale::Identity,
    Some(0.0),
    "y = m₁ − m₂, v = s_d²/n",
    "gibbons1993",
    Compute::PrePost(|p, _| {
        let sd = sd_change(p)?;
        Ok(Effect { y: p.change, v: sd * sd / p.n })
    }),
);

pub(super) const SMCC: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::LS2],
    correction: HEDGES,
    ..plain(
        "SMCC",
        "Mean change standardised by the SD of the change",
        "Standardised change",
        Scale::Identity,
        Some(0.0),
        "y = J(n−1) change/s_d, v = 1/n + y²/2n",
        "gibbons1993",
        Compute::PrePost(|p, context| {
            let sd = sd_change(p)?;
            let j = context.j(p.n - 1.0);
            let d = p.change / sd;
            let y = j * d;
            let v = match context.variance {
                Variance::LS2 => j * j * (1.0 / p.n + d * d / (2.0 * p.n)),
                _ => 1.0 / p.n + y * y / (2.0 * p.n),
            };
            Ok(Effect { y, v })
        }),
    )
};

pub(super) const SMCR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::LS2],
    correction: HEDGES,
    ..plain(
        "SMCR",
        "Mean change standardised by one SD",
        "Standardised change",
        Scale::Identity,
        Some(0.0),
        "y = J(n−1) change/s₁, v = 2(1−r)/n + y²/2n",
        "becker1988",
        Compute::PrePost(|p, context| {
            let s = p.post.1.ok_or("sd_post is not reported")?;
            let rest = 2.0 * (1.0 - correlation(p)?) / p.n;
            let j = context.j(p.n - 1.0);
            let d = p.change / s;
            let y = j * d;
            let v = match context.variance {
                Variance::LS2 => j * j * (rest + d * d / (2.0 * p.n)),
                _ => rest + y * y / (2.0 * p.n),
            };
            Ok(Effect { y, v })
        }),
    )
};

/// s_d² from both standard deviations and the correlation.
fn change_variance(p: &PrePost) -> Result<f64, &'static str> {
    let ((s1, s2), r) = (sds(p)?, correlation(p)?);
    Ok(s1 * s1 + s2 * s2 - 2.0 * r * s1 * s2)
}

pub(super) const SMCRH: MeasureSpec = corrected(
    HEDGES,
    plain(
        "SMCRH",
        "Mean change standardised by one SD, unequal variances",
        "Standardised change",
        Scale::Identity,
        Some(0.0),
        "y = J(n−1) change/s₁, v = s_d²/(s₁²(n−1)) + y²/2(n−1)",
        "bonett2008",
        Compute::PrePost(|p, context| {
            let (s, _) = sds(p)?;
            let f = p.n - 1.0;
            let y = context.j(f) * p.change / s;
            Ok(Effect { y, v: change_variance(p)? / (s * s * f) + y * y / (2.0 * f) })
        }),
    ),
);

/// y = J(2(n−1)/(1+r²)) change/s_p with s_p² = (s₁² + s₂²)/2, and s_p².
fn by_pooled(p: &PrePost, context: &Context) -> Result<(f64, f64), &'static str> {
    let ((s1, s2), r) = (sds(p)?, correlation(p)?);
    let pooled = 0.5 * (s1 * s1 + s2 * s2);
    Ok((context.j(2.0 * (p.n - 1.0) / (1.0 + r * r)) * p.change / pooled.sqrt(), pooled))
}

pub(super) const SMCRP: MeasureSpec = corrected(
    HEDGES,
    plain(
        "SMCRP",
        "Mean change standardised by the pooled SD",
        "Standardised change",
        Scale::Identity,
        Some(0.0),
        "y = J(2(n−1)/(1+r²)) change/s_p, v = 2(1−r)/n + y²(1+r²)/4n",
        "cousineau2020",
        Compute::PrePost(|p, context| -> Outcome {
            let (y, _) = by_pooled(p, context)?;
            let r = correlation(p)?;
            Ok(Effect { y, v: 2.0 * (1.0 - r) / p.n + y * y * (1.0 + r * r) / (4.0 * p.n) })
        }),
    ),
);

pub(super) const SMCRPH: MeasureSpec = corrected(
    HEDGES,
    plain(
        "SMCRPH",
        "Mean change standardised by the pooled SD, unequal variances",
        "Standardised change",
        Scale::Identity,
        Some(0.0),
        "v = s_d²/(s_p²(n−1)) + y² (s₁⁴ + s₂⁴ + 2r²s₁²s₂²)/(8 s_p⁴ (n−1))",
        "bonett2008",
        Compute::PrePost(|p, context| -> Outcome {
            let (y, pooled) = by_pooled(p, context)?;
            let ((s1, s2), r) = (sds(p)?, correlation(p)?);
            let f = p.n - 1.0;
            let (v1, v2) = (s1 * s1, s2 * s2);
            let spread = (v1 * v1 + v2 * v2 + 2.0 * r * r * v1 * v2) / (8.0 * pooled * pooled * f);
            Ok(Effect { y, v: change_variance(p)? / (pooled * f) + y * y * spread })
        }),
    ),
);

pub(super) const ROMC: MeasureSpec = corrected(
    SECOND_ORDER,
    plain(
        "ROMC",
        "Ratio of means after and before",
        "Ratio of means",
        Scale::Log,
        Some(0.0),
        "y = ln(m₁/m₂) + (c₁² − c₂²)/2n, v = (c₁² + c₂² − 2 r c₁ c₂)/n, cᵢ = sᵢ/mᵢ",
        "lajeunesse2011",
        Compute::PrePost(|p, context| {
            let ((m1, m2), (s1, s2), r) = (means(p)?, sds(p)?, correlation(p)?);
            let (c1, c2) = (s1 / m1, s2 / m2);
            let bias = 0.5 * (c1 * c1 - c2 * c2) / p.n;
            Ok(Effect {
                y: (m1 / m2).ln() + context.correction(bias),
                v: (c1 * c1 + c2 * c2 - 2.0 * r * c1 * c2) / p.n,
            })
        }),
    ),
);

pub(super) const VRC: MeasureSpec = plain(
    "VRC",
    "Ratio of SDs after and before",
    "SD ratio",
    Scale::Log,
    Some(0.0),
    "y = ln(s₁/s₂), v = (1 − r²)/(n − 1)",
    "senior2020",
    Compute::PrePost(|p, _| {
        let ((s1, s2), r) = (sds(p)?, correlation(p)?);
        Ok(Effect { y: (s1 / s2).ln(), v: (1.0 - r * r) / (p.n - 1.0) })
    }),
);

pub(super) const CVRC: MeasureSpec = corrected(
    SECOND_ORDER,
    plain(
        "CVRC",
        "Ratio of coefficients of variation after and before",
        "CV ratio",
        Scale::Log,
        Some(0.0),
        "y = ln(c₁/c₂) − (c₁² − c₂²)/2n, v = (1−r²)/(n−1) + (c₁² + c₂² − 2 r c₁ c₂)/n, cᵢ = sᵢ/mᵢ",
        "senior2020",
        Compute::PrePost(|p, context| {
            let ((m1, m2), (s1, s2), r) = (means(p)?, sds(p)?, correlation(p)?);
            let (c1, c2) = (s1 / m1, s2 / m2);
            let v = (1.0 - r * r) / (p.n - 1.0) + (c1 * c1 + c2 * c2 - 2.0 * r * c1 * c2) / p.n;
            let bias = -0.5 * (c1 * c1 - c2 * c2) / p.n;
            Ok(Effect { y: c1.ln() - c2.ln() + context.correction(bias), v })
        }),
    ),
);
