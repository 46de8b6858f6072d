//! Correlations, partial and semi-partial.
//!
//! References: \[olkin1958\], \[fisher1921\], \[aloe2012\].

use super::association::fisher;
use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::{Correlation, Partial, StudyData};
use crate::math::hypergeometric::gauss_2f1;

/// Unbiased estimate r ₂F₁(½, ½; (n−2)/2; 1−r²), for n > 4.
fn unbiased(c: &Correlation) -> f64 {
    if c.n <= 4.0 { f64::NAN } else { c.r * gauss_2f1(0.5, 0.5, 0.5 * (c.n - 2.0), 1.0 - c.r * c.r) }
}

fn average(data: &StudyData, value: fn(&Correlation) -> f64) -> [(f64, f64); 2] {
    match data {
        StudyData::Correlation(c) => [(value(c), c.n), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }
}

/// (1 − ρ²)²/(n − 1).
fn large_sample(rho: f64, n: f64) -> f64 {
    (1.0 - rho * rho).powi(2) / (n - 1.0)
}

pub(super) const COR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::AV],
    average: Some(|data, _| average(data, |c| c.r)),
    ..plain(
        "COR",
        "Correlation",
        "Correlation",
        Scale::Identity,
        Some(0.0),
        "y = r, v = (1 − r²)²/(n − 1)",
        "olkin1958",
        Compute::Correlation(|c, context| {
            let rho = if context.variance == Variance::AV { context.mean[0] } else { c.r };
            Effect { y: c.r, v: large_sample(rho, c.n) }
        }),
    )
};

pub(super) const UCOR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::UB, Variance::AV],
    average: Some(|data, _| average(data, unbiased)),
    ..plain(
        "UCOR",
        "Correlation corrected for bias",
        "Correlation",
        Scale::Identity,
        Some(0.0),
        "y = r ₂F₁(½, ½; (n−2)/2; 1−r²), v = (1 − y²)²/(n − 1)",
        "olkin1958",
        Compute::Correlation(|c, context| {
            let y = unbiased(c);
            let rest = 1.0 - c.r * c.r;
            let v = match context.variance {
                Variance::UB => {
                    y * y - 1.0 + (c.n - 3.0) / (c.n - 2.0) * rest * gauss_2f1(1.0, 1.0, 0.5 * c.n, rest)
                }
                Variance::AV => large_sample(context.mean[0], c.n),
                _ => large_sample(y, c.n),
            };
            Effect { y, v }
        }),
    )
};

pub(super) const ZCOR: MeasureSpec = plain(
    "ZCOR",
    "Correlation (Fisher's z)",
    "Correlation",
    Scale::FisherZ,
    Some(0.0),
    "y = artanh r, v = 1/(n − 3)",
    "fisher1921",
    Compute::Correlation(|c, _| Effect {
        y: c.r.atanh(),
        v: if c.n > 3.0 { 1.0 / (c.n - 3.0) } else { f64::INFINITY },
    }),
);

fn df(p: &Partial) -> f64 {
    p.n - p.predictors - 1.0
}

fn partial(p: &Partial) -> f64 {
    p.t / (p.t * p.t + df(p)).sqrt()
}

pub(super) const PCOR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::AV],
    average: Some(|data, _| match data {
        StudyData::Partial(p) => [(partial(p), p.n), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "PCOR",
        "Partial correlation",
        "Partial correlation",
        Scale::Identity,
        Some(0.0),
        "y = t/√(t² + n − m − 1), v = (1 − y²)²/(n − m)",
        "aloe2012",
        Compute::Partial(|p, context| {
            let y = partial(p);
            let rho = if context.variance == Variance::AV { context.mean[0] } else { y };
            // one predictor gives back the variance of a correlation, with n − 1
            Ok(Effect { y, v: large_sample(rho, p.n - p.predictors + 1.0) })
        }),
    )
};

pub(super) const ZPCOR: MeasureSpec = plain(
    "ZPCOR",
    "Partial correlation (Fisher's z)",
    "Partial correlation",
    Scale::FisherZ,
    Some(0.0),
    "y = artanh r, v = 1/(n − m − 2)",
    "fisher1921",
    Compute::Partial(|p, _| {
        let rest = df(p) - 1.0;
        Ok(Effect { y: partial(p).atanh(), v: if rest > 0.0 { 1.0 / rest } else { f64::INFINITY } })
    }),
);

fn semi_partial(p: &Partial) -> Result<Effect, &'static str> {
    let r2 = p.r2.ok_or("r2 is not reported")?;
    let y = p.t * (1.0 - r2).sqrt() / df(p).sqrt();
    Ok(Effect { y, v: semi_partial_variance(r2, y, p.n) })
}

/// (R⁴ − 2R² + (R² − y²) + 1 − (R² − y²)²)/n.
fn semi_partial_variance(r2: f64, y: f64, n: f64) -> f64 {
    let rest = r2 - y * y;
    (r2 * r2 - 2.0 * r2 + rest + 1.0 - rest * rest) / n
}

pub(super) const SPCOR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::AV],
    average: Some(|data, _| match data {
        StudyData::Partial(p) => [semi_partial(p).map_or((0.0, 0.0), |e| (e.y, p.n)), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }),
    ..plain(
        "SPCOR",
        "Semi-partial correlation",
        "Semi-partial correlation",
        Scale::Identity,
        Some(0.0),
        "y = t √(1 − R²)/√(n − m − 1), v = (R⁴ − 2R² + (R² − y²) + 1 − (R² − y²)²)/n",
        "aloe2012",
        Compute::Partial(|p, context| {
            let e = semi_partial(p)?;
            match (context.variance, p.r2) {
                (Variance::AV, Some(r2)) => {
                    Ok(Effect { v: semi_partial_variance(r2, context.mean[0], p.n), ..e })
                }
                _ => Ok(e),
            }
        }),
    )
};

pub(super) const ZSPCOR: MeasureSpec = plain(
    "ZSPCOR",
    "Semi-partial correlation (Fisher's z)",
    "Semi-partial correlation",
    Scale::FisherZ,
    Some(0.0),
    "y = artanh r, v = v(r)/(1 − r²)²",
    "aloe2012",
    Compute::Partial(|p, _| semi_partial(p).map(fisher)),
);
