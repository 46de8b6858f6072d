//! Influence diagnostics, Baujat coordinates and predictions of study effects.
//!
//! ```text
//! t(−i)  = (yᵢ − μ̂₍₋ᵢ₎) / √(s²(vᵢ + τ²₍₋ᵢ₎) + SE²₍₋ᵢ₎)     s² = 1, or the Hartung–Knapp factor
//! DFFITS = (μ̂ − μ̂₍₋ᵢ₎) / √(s²₍₋ᵢ₎ hᵢ (vᵢ + τ²₍₋ᵢ₎)),        hᵢ = wᵢ/Σw
//! D      = (μ̂ − μ̂₍₋ᵢ₎)² / SE²
//! COVR   = SE²₍₋ᵢ₎ / SE²
//! DFBETA = (μ̂ − μ̂₍₋ᵢ₎) / √(s²₍₋ᵢ₎ / Σ 1/(v + τ²₍₋ᵢ₎))
//! ```
//! A study is flagged if |DFFITS| > 3√(1/(k−1)), χ²₁ at D above .5, h > 3/k, or |DFBETA| > 1. Models of counts have no
//! leverage; what needs it stays empty. References: \[viechtbauer2010b\], \[baujat2002\], \[raudenbush1985\].

use crate::effect::Natural;
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::critical;
use crate::model::refit::{PooledFit, Refit};
use crate::result::sensitivity::{Baujat, Blup, Flag, Influence, PartialFit};

/// Fits without each row, in order; `None` where the model cannot do without it.
pub fn deleted(fit: &dyn Refit) -> Vec<Option<PartialFit>> {
    fit.rows().iter().map(|&row| fit.without(&[row]).ok()).collect()
}

/// Diagnostics of every row; `without` from [`deleted`].
pub fn influence(fit: &dyn Refit, without: &[Option<PartialFit>]) -> Vec<Influence> {
    let Some(whole) = fit.whole() else { return vec![] };
    let rows = fit.rows().iter().enumerate().zip(without);
    rows.map(|((at, &row), deleted)| of_row(fit, &whole, (at, row), deleted.as_ref())).collect()
}

/// Of the row at a place among those that were fitted.
fn of_row(
    fit: &dyn Refit,
    whole: &PartialFit,
    (at, row): (usize, usize),
    deleted: Option<&PartialFit>,
) -> Influence {
    let (y, v) = fit.table().studies.get(row).map_or((None, None), |s| (s.y, s.v));
    let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
    let tau2_deleted = deleted.and_then(|d| d.tau2);
    // where the model has no τ² of its own, residuals stand against sampling variance alone
    let between = tau2_deleted.unwrap_or(0.0);
    let weight = fit.weight(row);
    let hat = weight.map(|w| w / 100.0);
    let shift = deleted.map(|d| whole.estimate - d.estimate);
    let sums = weights_without(fit, at, between);
    let s2 = deleted.map_or(1.0, |d| residual_factor(fit, d, sums.map(|s| s.others)));
    let rstudent = deleted.zip(y).zip(v).and_then(|((d, y), v)| {
        let se2 = d.se? * d.se?;
        Some((y - d.estimate) / (s2 * (v + between) + se2).sqrt())
    });
    let dffits = sums.and_then(|s| Some(shift? / (s2 * hat? * (s.v + between)).sqrt()));
    let dfbeta = match sums {
        Some(s) => shift.map(|x| x / (s2 / s.all).sqrt()),
        None => shift.zip(deleted.and_then(|d| d.se)).map(|(x, se)| x / se),
    };
    let residual = y.map(|y| y - whole.estimate);
    let standardized_residual = residual.zip(v).and_then(|(r, v)| Some(r / residual_se(fit, whole, v, hat)?));
    let mut out = Influence {
        study: fit.label(row),
        row,
        rstudent: finite(rstudent),
        dffits: finite(dffits),
        cook_distance: finite(shift.zip(whole.se).map(|(x, se)| (x / se) * (x / se))),
        covratio: finite(deleted.and_then(|d| d.se).zip(whole.se).map(|(a, b)| (a / b) * (a / b))),
        tau2_deleted,
        q_deleted: deleted.and_then(|d| d.q),
        hat,
        weight,
        dfbeta: finite(dfbeta),
        residual,
        standardized_residual: finite(standardized_residual),
        flags: vec![],
    };
    out.flags = flags(&out, fit.k());
    out
}

/// Sums of the weights at the τ² without a study.
#[derive(Clone, Copy)]
struct WeightsWithout {
    /// Its sampling variance.
    v: f64,
    /// Of all studies.
    all: f64,
    /// Of the others.
    others: f64,
}

/// `None` for fits whose estimate is no weighted mean.
fn weights_without(fit: &dyn Refit, at: usize, tau2: f64) -> Option<WeightsWithout> {
    let sample = fit.sample().filter(|_| fit.is_weighted_mean())?;
    let (v, all) = (sample.v[at], sample.mean_sums(tau2, 0.0).0);
    Some(WeightsWithout { v, all, others: all - 1.0 / (v + tau2) })
}

/// The Hartung–Knapp factor of a fit: its variance over that of the weighted mean.
fn residual_factor(fit: &dyn Refit, partial: &PartialFit, total: Option<f64>) -> f64 {
    match (fit.is_hartung_knapp(), partial.se, total) {
        (true, Some(se), Some(w)) => se * se * w,
        _ => 1.0,
    }
}

/// Standard error of yᵢ − μ̂; under inverse variance its square is (vᵢ + τ²)(1 − hᵢ).
fn residual_se(fit: &dyn Refit, whole: &PartialFit, v: f64, hat: Option<f64>) -> Option<f64> {
    let tau2 = whole.tau2.unwrap_or(0.0);
    let square = if fit.is_weighted_mean() && fit.sample().is_some() {
        (v + tau2) * (1.0 - hat?)
    } else {
        v + tau2 + whole.se? * whole.se?
    };
    Some(square.sqrt())
}

fn flags(d: &Influence, k: usize) -> Vec<Flag> {
    let k = k as f64;
    let mut out = vec![];
    let mut rule = |holds: bool, name| {
        if holds {
            out.push(name);
        }
    };
    rule(d.dffits.is_some_and(|x| x.abs() > 3.0 * (1.0 / (k - 1.0)).sqrt()), Flag::Dffits);
    rule(d.cook_distance.is_some_and(|x| dist::chi2_cdf(x, 1.0) > 0.5), Flag::CookDistance);
    rule(d.hat.is_some_and(|h| h > 3.0 / k), Flag::Leverage);
    rule(d.dfbeta.is_some_and(|x| x.abs() > 1.0), Flag::Dfbeta);
    out
}

/// Coordinates of a Baujat plot: squared Pearson residuals, and squared changes of the estimate over the variance
/// without the study.
pub fn baujat(fit: &dyn Refit, without: &[Option<PartialFit>]) -> Vec<Baujat> {
    let Some(whole) = fit.whole() else { return vec![] };
    let tau2 = whole.tau2.unwrap_or(0.0);
    let of_row = |(&row, deleted): (&usize, &Option<PartialFit>)| {
        let (y, v) = fit.table().studies.get(row).map_or((None, None), |s| (s.y, s.v));
        let influence = deleted.and_then(|d| {
            let se = d.se?;
            Some(((d.estimate - whole.estimate) / se).powi(2)).filter(|x| x.is_finite())
        });
        Baujat {
            study: fit.label(row),
            row,
            q_contribution: y.zip(v).map(|(y, v)| (y - whole.estimate).powi(2) / (v + tau2)),
            influence,
        }
    };
    fit.rows().iter().zip(without).map(of_row).collect()
}

/// Best linear unbiased predictions of the study effects.
///
/// ```text
/// λᵢ = τ²/(τ² + vᵢ),   θ̂ᵢ = λᵢ yᵢ + (1 − λᵢ) μ̂,   Var = λᵢ vᵢ + (1 − λᵢ)² SE²
/// ```
///
/// # Errors
/// The model has no τ², or no sampling variances.
pub fn blup(fit: &PooledFit<'_>) -> Result<Vec<Blup>, Error> {
    let result = fit.result();
    if fit.k() < 2 {
        return Err(Error::model("a single study: there is no mean to draw it towards")
            .with_hint("report the study's own interval"));
    }
    let unfit = || {
        Error::model(format!("the {} model has no predictions of study effects", result.model_title()))
            .with_hint("they need τ² and sampling variances: use ⟦model=inverse-variance⟧, or ⟦bayes:⟧")
    };
    let main = result.random.as_ref().ok_or_else(unfit)?;
    let tau2 = result.heterogeneity.and_then(|h| h.tau2).ok_or_else(unfit)?;
    let (sample, se) = fit.sample().zip(main.se).ok_or_else(unfit)?;
    // half the width of an interval in standard errors
    let half = critical(fit.level(), main.df.unwrap_or(f64::INFINITY));
    let one = |(i, &row): (usize, &usize)| {
        let (y, v) = (sample.y[i], sample.v[i]);
        let lambda = if tau2 == 0.0 { 0.0 } else { tau2 / (tau2 + v) };
        let estimate = lambda * y + (1.0 - lambda) * main.estimate;
        let error = (lambda * v + (1.0 - lambda).powi(2) * se * se).sqrt();
        let (lower, upper) = (estimate - half * error, estimate + half * error);
        let back = |x: f64| result.table.back(x);
        Blup {
            study: fit.label(row),
            row,
            estimate,
            se: error,
            lower,
            upper,
            natural: Natural { estimate: back(estimate), lower: back(lower), upper: back(upper) },
            shrinkage: 1.0 - lambda,
        }
    };
    Ok(fit.rows().iter().enumerate().map(one).collect())
}
