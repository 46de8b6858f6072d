//! Rank tests: Begg and Mazumdar, and Schwarzer's for counts.
//!
//! ```text
//! Begg       τ of (yᵢ − μ̂)/√(vᵢ − 1/Σw) with vᵢ
//! Schwarzer  τ of (aᵢ − E aᵢ)/√Var aᵢ with 1/Var aᵢ, a non-central hypergeometric at the Mantel–Haenszel odds ratio
//! ```
//! References: \[begg1994\], \[schwarzer2007\].

use super::kendall::kendall;
use super::{Data, outcome};
use crate::bias::BiasTest;
use crate::error::Error;
use crate::model::likelihood::{Hypergeometric, Table};
use crate::result::bias::{BiasOutcome, Finding, Statistic};

fn constant() -> Error {
    Error::model("all values are the same: there is no rank correlation")
        .with_hint("the studies do not differ in precision; asymmetry cannot be seen")
}

pub(super) fn begg(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let total: f64 = data.v.iter().map(|v| 1.0 / v).sum();
    let mean = data.y.iter().zip(&data.v).map(|(y, v)| y / v).sum::<f64>() / total;
    let standardised: Vec<f64> = data
        .y
        .iter()
        .zip(&data.v)
        // positive by arithmetic, not always by rounding: a study that has all the weight
        .map(|(y, v)| (y - mean) / (v - 1.0 / total).max(f64::MIN_POSITIVE).sqrt())
        .collect();
    let k = kendall(&standardised, &data.v, true).ok_or_else(constant)?;
    let mut out = outcome(BiasTest::Begg, data.k());
    out.statistic = k.z;
    out.statistic_kind = Statistic::Z;
    out.p_value = Some(k.p_value);
    out.variant = if k.z.is_none() { "exact" } else { "normal approximation, for ties" }.into();
    out.finding = Finding::Rank { tau: k.tau, exact: k.z.is_none() };
    Ok(out)
}

pub(super) fn schwarzer(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let tables = data.two_by_two()?;
    let n = |t: &crate::dataset::TwoByTwo| t.n1() + t.n2();
    let top: f64 = tables.iter().map(|t| t.a * t.d / n(t)).sum();
    let bottom: f64 = tables.iter().map(|t| t.b * t.c / n(t)).sum();
    let ratio = top / bottom;
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Err(Error::model("the Mantel-Haenszel odds ratio is not finite")
            .with_hint("Schwarzer's test needs events and non-events in both groups"));
    }
    let mut standardised = vec![];
    let mut precision = vec![];
    for t in &tables {
        // tables whose margins leave one possibility say nothing
        let study = Hypergeometric::new(Table { a: t.a, n1: t.n1(), c: t.c, n2: t.n2() });
        let (mean, variance) = study.map_or((0.0, 0.0), |s| s.mean_and_variance(ratio.ln()));
        if variance > 0.0 {
            standardised.push((t.a - mean) / variance.sqrt());
            precision.push(1.0 / variance);
        }
    }
    let k = kendall(&standardised, &precision, false).ok_or_else(constant)?;
    let mut out = outcome(BiasTest::Schwarzer, standardised.len());
    out.statistic = k.z;
    out.statistic_kind = Statistic::Z;
    out.p_value = Some(k.p_value);
    out.finding = Finding::Rank { tau: k.tau, exact: k.z.is_none() };
    Ok(out)
}
