//! Limit meta-analysis: the effect of a study without sampling error, small-study effects allowed for.
//!
//! ```text
//! yᵢ = β + √(vᵢ + τ²) (α + εᵢ),  ε ~ N(0, 1)      a line in the radial plot: yᵢ/sᵢ on 1/sᵢ, sᵢ = √(vᵢ + τ²)
//! limit  β + τα,   SE² = (τ, 1) (XᵀX)⁻¹ (τ, 1)ᵀ   given τ²
//! studies  β_lim + √(τ²/(vᵢ + τ²)) (yᵢ − β_lim)
//! Q = Q_small + Q_remaining   from the radial line at τ² = 0
//! G² = 1 − squared correlation of the studies' limits with their radial line
//! ```
//! The standard error is that of the model, with the variance of ε known; τ² is that of the pooled result. Reference:
//! \[rucker2011\].

use super::{BiasTest, Data, outcome};
use crate::error::Error;
use crate::math::dist;
use crate::model::regression::{Dispersion, Line, line};
use crate::registry::Member;
use crate::result::bias::{BiasOutcome, Finding, Statistic};
use crate::result::format::studies;

/// Least squares of y/s on 1/s: intercept α, slope β, with unit variance.
fn radial(data: &Data<'_>, tau2: f64) -> Option<(Line, f64)> {
    let s: Vec<f64> = data.v.iter().map(|v| (v + tau2).sqrt()).collect();
    let y: Vec<f64> = data.y.iter().zip(&s).map(|(y, s)| (y - data.null()) / s).collect();
    let x: Vec<f64> = s.iter().map(|s| 1.0 / s).collect();
    let ones = vec![1.0; y.len()];
    // τ² of zero: the variance of ε is one, as the model says
    let known = Dispersion::Additive {
        tau2: crate::model::tau2::Tau2::EqualEffects,
        given: Some(0.0),
        ci: crate::model::interval::Interval::Wald,
    };
    let l = line(&y, &ones, &x, known)?;
    let rest = y.iter().zip(&x).map(|(y, x)| (y - l.intercept - l.slope * x).powi(2)).sum();
    Some((l, rest))
}

pub(super) fn limit(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let k = data.k();
    let estimator = data.model.estimator();
    let sample = crate::model::Sample::new(&data.y, &data.v);
    let unfit = || {
        Error::model(format!("{}: three that differ in precision are needed", studies(k)))
            .with_hint("without them there is no line to an infinitely precise study")
    };
    if k < 3 {
        return Err(unfit());
    }
    let tau2 = data.model.tau2_given.unwrap_or_else(|| estimator.estimate(sample).tau2);
    let (l, _) = radial(data, tau2).ok_or_else(unfit)?;
    let (_, q_remaining) = radial(data, 0.0).ok_or_else(unfit)?;
    let tau = tau2.sqrt();
    let estimate = l.slope + tau * l.intercept;
    let variance = l.slope_se.powi(2) + tau2 * l.intercept_se.powi(2) + 2.0 * tau * l.covariance;
    let q = sample.q(0.0);
    let df = k - 2;
    let null = data.null();
    let shrunken: Vec<(usize, f64)> = (0..k)
        .map(|i| {
            let share = (tau2 / (data.v[i] + tau2)).sqrt();
            let share = if share.is_finite() { share } else { 0.0 };
            (data.rows[i], null + estimate + share * (data.y[i] - null - estimate))
        })
        .collect();
    // how much of the spread of limits in the radial plot is not on a line
    let g2 = {
        let s: Vec<f64> = data.v.iter().map(|v| (v + tau2).sqrt()).collect();
        let y: Vec<f64> = shrunken.iter().zip(&s).map(|((_, y), s)| (y - null) / s).collect();
        let x: Vec<f64> = s.iter().map(|s| 1.0 / s).collect();
        squared_correlation(&x, &y).map(|r2| 100.0 * (1.0 - r2))
    };
    let mut out = outcome(BiasTest::Limit, k);
    out.statistic = Some(l.intercept / l.intercept_se).filter(|s| s.is_finite());
    out.statistic_kind = Statistic::Z;
    out.p_value = out.statistic.map(dist::normal_two_sided);
    out.variant = format!("τ² by {}", estimator.title());
    out.adjusted = Some(data.adjusted(null + estimate, variance.max(0.0).sqrt(), f64::INFINITY, Some(tau2)));
    out.finding = Finding::Limit {
        alpha: l.intercept,
        q_small: (q - q_remaining).max(0.0),
        q_remaining,
        df_remaining: df,
        p_remaining: dist::chi2_sf(q_remaining, df as f64),
        g2,
        shrunken,
    };
    Ok(out)
}

/// `None` where one of both does not vary.
fn squared_correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xx += (x - mx) * (x - mx);
        xy += (x - mx) * (y - my);
        yy += (y - my) * (y - my);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy * xy / (xx * yy)).min(1.0))
}
