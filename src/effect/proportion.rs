//! Proportions of one group.
//!
//! ```text
//! p = x/n
//! ```
//! References: \[freeman1950\], \[miller1978\], \[stijnen2010\].

use super::scale::freeman_tukey;
use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::StudyData;
use crate::math::dist;
use std::f64::consts::PI;

fn overall(data: &StudyData, _: &super::Context) -> [(f64, f64); 2] {
    match data {
        StudyData::Events(e) => [(e.x / e.n, e.n), (0.0, 0.0)],
        _ => [(0.0, 0.0); 2],
    }
}

pub(super) const PR: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::UB, Variance::AV],
    average: Some(overall),
    ..plain(
        "PR",
        "Proportion",
        "Proportion",
        Scale::Identity,
        None,
        "y = p, v = p(1−p)/n",
        "",
        Compute::Events(|e, context| {
            let p = e.x / e.n;
            let v = match context.variance {
                Variance::UB => p * (1.0 - p) / (e.n - 1.0),
                Variance::AV => context.mean[0] * (1.0 - context.mean[0]) / e.n,
                _ => p * (1.0 - p) / e.n,
            };
            Effect { y: p, v }
        }),
    )
};

pub(super) const PLN: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::AV],
    average: Some(overall),
    ..plain(
        "PLN",
        "Proportion (log)",
        "Proportion",
        Scale::Log,
        None,
        "y = ln p, v = 1/x − 1/n",
        "",
        Compute::Events(|e, context| {
            let v = match context.variance {
                Variance::AV => 1.0 / (context.mean[0] * e.n) - 1.0 / e.n,
                _ => 1.0 / e.x - 1.0 / e.n,
            };
            Effect { y: (e.x / e.n).ln(), v }
        }),
    )
};

pub(super) const PLO: MeasureSpec = MeasureSpec {
    variances: &[Variance::LS, Variance::AV],
    average: Some(overall),
    ..plain(
        "PLO",
        "Proportion (logit)",
        "Proportion",
        Scale::Logit,
        None,
        "y = ln(p/(1−p)), v = 1/x + 1/(n−x)",
        "stijnen2010",
        Compute::Events(|e, context| {
            let m = context.mean[0];
            let v = match context.variance {
                Variance::AV => 1.0 / (m * e.n) + 1.0 / ((1.0 - m) * e.n),
                _ => 1.0 / e.x + 1.0 / (e.n - e.x),
            };
            Effect { y: (e.x / (e.n - e.x)).ln(), v }
        }),
    )
};

pub(super) const PRZ: MeasureSpec = plain(
    "PRZ",
    "Proportion (probit)",
    "Proportion",
    Scale::Probit,
    None,
    "y = Φ⁻¹(p), v = 2π p(1−p) exp(y²)/n",
    "sanchez2003",
    Compute::Events(|e, _| {
        let p = e.x / e.n;
        if p <= 0.0 || p >= 1.0 {
            return Effect { y: f64::NAN, v: f64::NAN };
        }
        let y = dist::normal_quantile(p);
        Effect { y, v: 2.0 * PI * p * (1.0 - p) * (y * y).exp() / e.n }
    }),
);

pub(super) const PAS: MeasureSpec = plain(
    "PAS",
    "Proportion (arcsine square root)",
    "Proportion",
    Scale::Arcsine,
    None,
    "y = arcsin √p, v = 1/4n",
    "rucker2009",
    Compute::Events(|e, _| Effect { y: (e.x / e.n).sqrt().asin(), v: 0.25 / e.n }),
);

pub(super) const PFT: MeasureSpec = plain(
    "PFT",
    "Proportion (Freeman-Tukey double arcsine)",
    "Proportion",
    Scale::FreemanTukey,
    None,
    "y = ½ (arcsin √(x/(n+1)) + arcsin √((x+1)/(n+1))), v = 1/(4n + 2)",
    "freeman1950",
    Compute::Events(|e, _| Effect { y: freeman_tukey(e.x, e.n), v: 1.0 / (4.0 * e.n + 2.0) }),
);
