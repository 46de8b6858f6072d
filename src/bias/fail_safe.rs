//! Fail-safe numbers: how many studies of no effect would remove the finding.
//!
//! ```text
//! Rosenthal  N = k (z̄/z_α)² − k,            z̄ = |Σ zᵢ|/√k,  one-sided α
//! Orwin      N = k (|ȳ| − |target|)/|target|, plain mean ȳ, target half of it unless given
//! Rosenberg  N = k ((Σwy/z_{α/2})² − Σw)/Σw,  w = 1/v
//! ```
//! They say nothing on how likely such studies are and take no account of heterogeneity; kept because reviews report
//! them. References: \[rosenthal1979\], \[orwin1983\], \[rosenberg2005\].

use super::{BiasTest, Data, FailSafe, not_estimable, outcome};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use crate::result::Note;
use crate::result::bias::{BiasOutcome, Finding, Statistic};
use crate::result::format::significant;

pub(super) fn fail_safe(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let kind = data.options.fail_safe.unwrap_or(FailSafe::Rosenthal);
    let alpha = data.options.alpha.unwrap_or(0.05);
    let k = data.k() as f64;
    if data.k() == 0 {
        return Err(Error::model("no study has an effect"));
    }
    let y: Vec<f64> = data.y.iter().map(|y| y - data.null()).collect();
    let mut out = outcome(BiasTest::FailSafe, data.k());
    out.variant = format!("{}: {}", kind.id(), kind.title());
    out.statistic_kind = Statistic::Z;
    let (n, target, average) = match kind {
        FailSafe::Rosenthal => {
            let z = y.iter().zip(&data.v).map(|(y, v)| y / v.sqrt()).sum::<f64>().abs() / k.sqrt();
            out.statistic = Some(z);
            out.p_value = Some(dist::normal_sf(z));
            out.one_sided = true;
            let cut = dist::normal_quantile(1.0 - alpha);
            (k * (z / cut).powi(2) - k, None, None)
        }
        FailSafe::Rosenberg => {
            let w: f64 = data.v.iter().map(|v| 1.0 / v).sum();
            let sum: f64 = y.iter().zip(&data.v).map(|(y, v)| y / v).sum();
            let z = sum / w.sqrt();
            out.statistic = Some(z);
            out.p_value = Some(dist::normal_two_sided(z));
            let cut = dist::normal_quantile(1.0 - 0.5 * alpha);
            (k * ((sum / cut).powi(2) - w) / w, None, Some(sum / w))
        }
        FailSafe::Orwin => {
            let mean = y.iter().sum::<f64>() / k;
            let target = data.options.target.unwrap_or(0.5 * mean);
            if mean == 0.0 {
                return Err(not_estimable("the mean effect is 0: there is no finding to be made safe")
                    .with_hint("report the mean as it is"));
            }
            if target == 0.0 {
                return Err(Error::usage(
                    "a target of no effect is never reached by adding studies of no effect",
                )
                .with_hint("give the smallest effect that matters, on the analysis scale: ⟦target=0.1⟧"));
            }
            if target.signum() != mean.signum() {
                return Err(not_estimable(format!(
                    "studies of no effect bring the mean of {} towards 0, never beyond it to {}",
                    significant(mean, 3),
                    significant(target, 3)
                ))
                .with_hint("give a target between no effect and the mean, on the analysis scale: ⟦target⟧"));
            }
            let reached = target.abs() >= mean.abs();
            let n = if reached { 0.0 } else { k * (mean.abs() - target.abs()) / target.abs() };
            (n, Some(target), Some(mean))
        }
    };
    if !n.is_finite() {
        return Err(not_estimable("the number is beyond all bounds")
            .with_hint("an effect lies far beyond its standard error: check the data for typing errors"));
    }
    // what rounding adds to a whole number does not make one more
    let n = (n.max(0.0) * (1.0 - 1e-12)).ceil();
    out.notes.push(Note::FailSafeWeak);
    out.finding = Finding::FailSafe { n, target, average };
    Ok(out)
}
