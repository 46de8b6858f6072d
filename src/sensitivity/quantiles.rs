//! Residuals against the quantiles of the normal distribution, with a simulated envelope.
//!
//! Residuals are externally standardised. The envelope is that of samples from the fitted model, standardised at its
//! τ². Reference: \[viechtbauer2021b\].

use crate::error::Error;
use crate::math::dist::normal_quantile;
use crate::math::random::{generator, normal};
use crate::model::refit::Refit;
use crate::result::format::studies;
use crate::result::sensitivity::{Influence, Quantiles};

const SAMPLES: usize = 1000;

/// Sorted residuals with their normal quantiles and envelope.
///
/// # Errors
/// There are fewer than three residuals, or the model has no sampling variances.
pub fn quantiles(fit: &dyn Refit, influence: &[Influence], seed: u64) -> Result<Quantiles, Error> {
    let mut residuals: Vec<(usize, f64)> =
        influence.iter().filter_map(|d| d.rstudent.map(|r| (d.row, r))).collect();
    let sample = fit.sample().filter(|_| residuals.len() >= 3).ok_or_else(|| {
        Error::model(format!("{} with residuals", studies(residuals.len())))
            .with_hint("a plot of quantiles needs three studies with sampling variances")
    })?;
    residuals.sort_by(|a, b| a.1.total_cmp(&b.1));
    let n = residuals.len();
    let tau2 = fit.whole().and_then(|f| f.tau2).unwrap_or(0.0);
    let w: Vec<f64> = sample.v.iter().map(|v| 1.0 / (v + tau2)).collect();
    let total: f64 = w.iter().sum();
    let mut random = generator(seed, 0);
    let mut draws = vec![vec![0.0; SAMPLES]; n];
    let mut own = vec![0.0; w.len()];
    for s in 0..SAMPLES {
        let y: Vec<f64> = w.iter().map(|w| normal(&mut random) / w.sqrt()).collect();
        let sum: f64 = w.iter().zip(&y).map(|(w, y)| w * y).sum();
        for i in 0..y.len() {
            let rest = total - w[i];
            let mean = (sum - w[i] * y[i]) / rest;
            own[i] = (y[i] - mean) / (1.0 / w[i] + 1.0 / rest).sqrt();
        }
        let mut sorted = own.clone();
        sorted.sort_by(f64::total_cmp);
        // studies without residual leave the middle of the samples
        for (i, draw) in draws.iter_mut().enumerate() {
            draw[s] = sorted[i * sorted.len() / n];
        }
    }
    let limits = |draw: &mut Vec<f64>| {
        draw.sort_by(f64::total_cmp);
        let tail = (100.0 - fit.level()) / 200.0;
        let at = |share: f64| draw[((share * SAMPLES as f64) as usize).min(SAMPLES - 1)];
        (at(tail), at(1.0 - tail))
    };
    let envelope = draws.iter_mut().map(limits).collect();
    // plotting positions as R's ppoints
    let a = if n <= 10 { 3.0 / 8.0 } else { 0.5 };
    let position = |i: usize| normal_quantile((i as f64 + 1.0 - a) / (n as f64 + 1.0 - 2.0 * a));
    let points = residuals.iter().enumerate().map(|(i, &(row, r))| (row, position(i), r)).collect();
    Ok(Quantiles { points, envelope, samples: SAMPLES, seed })
}
