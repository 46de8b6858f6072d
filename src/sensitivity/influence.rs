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

use super::subset::{Pooler, half_width};
use crate::effect::Natural;
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::Interval;
use crate::result::PoolResult;
use crate::result::sensitivity::{Baujat, Blup, Flag, Influence, Refit};

/// Fits without each study, in order; `None` where the model cannot do without it.
pub fn deleted(pooler: &Pooler<'_>) -> Vec<Option<Refit>> {
    (0..pooler.k()).map(|i| pooler.fit_without(&[i]).ok()).collect()
}

/// The Hartung–Knapp factor of a fit: its variance over that of the weighted mean.
fn scale(pooler: &Pooler<'_>, fit: &Refit, total: Option<f64>) -> f64 {
    let scaled =
        matches!(pooler.quick().map(|q| q.1), Some(Interval::HartungKnapp | Interval::HartungKnappAdHoc));
    match (scaled, fit.se, total) {
        (true, Some(se), Some(w)) => se * se * w,
        _ => 1.0,
    }
}

/// Diagnostics of every pooled study; `without` from [`deleted`].
pub fn influence(result: &PoolResult, pooler: &Pooler<'_>, without: &[Option<Refit>]) -> Vec<Influence> {
    let k = pooler.k();
    let Some(main) = result.main() else { return vec![] };
    let (mean, se) = (main.estimate, main.se);
    let tau2 = result.heterogeneity.and_then(|h| h.tau2).unwrap_or(0.0);
    let sample = pooler.sample().filter(|_| pooler.is_inverse_variance());
    let weights = result.main_weights();
    (0..k)
        .map(|i| {
            let row = pooler.rows[i];
            let study = &result.table.studies[row];
            let (y, v) = (study.y, study.v);
            let d = without[i].as_ref();
            let shift = d.map(|d| mean - d.estimate);
            let tau2_deleted = d.and_then(|d| d.tau2);
            // where the model has no τ² of its own, residuals stand against sampling variance alone
            let between = tau2_deleted.unwrap_or(0.0);
            let weight = weights.get(row).copied().flatten();
            let hat = weight.map(|w| w / 100.0);
            // weights of the others at the τ² without the study, and of all of them
            let sums = sample.map(|s| {
                let all = s.mean_sums(between, 0.0).0;
                (all, all - 1.0 / (s.v[i] + between))
            });
            let s2_deleted = d.map_or(1.0, |d| scale(pooler, d, sums.map(|s| s.1)));
            let rstudent = d.zip(y).zip(v).and_then(|((d, y), v)| {
                let se2 = d.se? * d.se?;
                Some((y - d.estimate) / (s2_deleted * (v + between) + se2).sqrt())
            });
            let dffits = sample.and_then(|s| Some(shift? / (s2_deleted * hat? * (s.v[i] + between)).sqrt()));
            let dfbeta = match sums {
                Some((all, _)) => shift.map(|x| x / (s2_deleted / all).sqrt()),
                None => shift.zip(d.and_then(|d| d.se)).map(|(x, se)| x / se),
            };
            let residual = y.map(|y| y - mean);
            let standardized_residual = residual.zip(v).and_then(|(r, v)| {
                // Var(yᵢ − μ̂) = (vᵢ + τ²)(1 − hᵢ) under inverse variance
                let h = if sample.is_some() {
                    hat?
                } else {
                    return se.map(|se| r / (v + tau2 + se * se).sqrt());
                };
                Some(r / ((v + tau2) * (1.0 - h)).sqrt())
            });
            let cook_distance = shift.zip(se).map(|(x, se)| (x / se) * (x / se));
            let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
            let mut row = Influence {
                study: study.study.clone(),
                row,
                rstudent: finite(rstudent),
                dffits: finite(dffits),
                cook_distance: finite(cook_distance),
                covratio: finite(d.and_then(|d| d.se).zip(se).map(|(a, b)| (a / b) * (a / b))),
                tau2_deleted,
                q_deleted: d.and_then(|d| d.q),
                hat,
                weight,
                dfbeta: finite(dfbeta),
                residual,
                standardized_residual: finite(standardized_residual),
                flags: vec![],
            };
            row.flags = flags(&row, k);
            row
        })
        .collect()
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
pub fn baujat(result: &PoolResult, pooler: &Pooler<'_>, without: &[Option<Refit>]) -> Vec<Baujat> {
    let Some(main) = result.main() else { return vec![] };
    let tau2 = result.heterogeneity.and_then(|h| h.tau2).unwrap_or(0.0);
    (0..pooler.k())
        .map(|i| {
            let row = pooler.rows[i];
            let s = &result.table.studies[row];
            let q = s.y.zip(s.v).map(|(y, v)| (y - main.estimate).powi(2) / (v + tau2));
            let influence = without[i].as_ref().and_then(|d| {
                let se = d.se?;
                Some(((d.estimate - main.estimate) / se).powi(2)).filter(|x| x.is_finite())
            });
            Baujat { study: s.study.clone(), row, q_contribution: q, influence }
        })
        .collect()
}

/// Best linear unbiased predictions of the study effects.
///
/// ```text
/// λᵢ = τ²/(τ² + vᵢ),   θ̂ᵢ = λᵢ yᵢ + (1 − λᵢ) μ̂,   Var = λᵢ vᵢ + (1 − λᵢ)² SE²
/// ```
///
/// # Errors
/// The model has no τ², or no sampling variances.
pub fn blup(result: &PoolResult, pooler: &Pooler<'_>) -> Result<Vec<Blup>, Error> {
    if pooler.k() < 2 {
        return Err(Error::model("a single study: there is no mean to draw it towards")
            .with_hint("report the study's own interval"));
    }
    let unfit = || {
        Error::model(format!("the {} model has no predictions of study effects", result.model_title()))
            .with_hint("they need τ² and sampling variances: use ⟦model=inverse-variance⟧, or ⟦bayes:⟧")
    };
    let main = result.random.as_ref().ok_or_else(unfit)?;
    let tau2 = result.heterogeneity.and_then(|h| h.tau2).ok_or_else(unfit)?;
    let (sample, se) = pooler.sample().zip(main.se).ok_or_else(unfit)?;
    let half = half_width(pooler.options.level, main.df);
    let one = |i: usize| {
        let (y, v) = (sample.y[i], sample.v[i]);
        let lambda = if tau2 == 0.0 { 0.0 } else { tau2 / (tau2 + v) };
        let estimate = lambda * y + (1.0 - lambda) * main.estimate;
        let error = (lambda * v + (1.0 - lambda).powi(2) * se * se).sqrt();
        let (lower, upper) = (estimate - half * error, estimate + half * error);
        let back = |x: f64| result.table.back(x);
        Blup {
            study: pooler.label(i),
            row: pooler.rows[i],
            estimate,
            se: error,
            lower,
            upper,
            natural: Natural { estimate: back(estimate), lower: back(lower), upper: back(upper) },
            shrinkage: 1.0 - lambda,
        }
    };
    Ok((0..pooler.k()).map(one).collect())
}
