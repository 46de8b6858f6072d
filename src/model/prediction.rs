//! Prediction intervals for the effect in a new study.
//!
//! ```text
//! μ̂ ± q √(SE² + τ²)
//! ```
//! They differ in the quantile q and in the SE. References: \[higgins2009\], \[partlett2017\], \[inthout2016\].

use super::interval::{Fitted, kenward_roger};
pub use crate::choice::PredictionInterval;
use crate::error::Error;
use crate::result::Note;

impl PredictionInterval {
    /// (SE, degrees of freedom), infinite for the normal distribution.
    pub fn parts(self, f: &Fitted<'_>) -> (f64, f64) {
        match self {
            Self::HartungKnapp => (f.hartung_knapp_se(), f.df()),
            Self::HartungKnappAdHoc => (f.hartung_knapp_se().max(f.wald_se()), f.df()),
            Self::T => (f.wald_se(), f.df()),
            Self::Higgins => (f.wald_se(), f.df() - 1.0),
            Self::Normal => (f.wald_se(), f64::INFINITY),
            Self::HartungKnappPartlett => (f.hartung_knapp_se(), f.df() - 1.0),
            Self::KenwardRoger => kenward_roger(f),
            Self::KenwardRogerPartlett => {
                let (se, df) = kenward_roger(f);
                (se, df - 1.0)
            }
        }
    }
}

/// Limits that hold those of the mean: what is said of a new study is never narrower than what is said of the mean.
/// `None` where the mean has no limit.
pub(crate) fn covering(limits: (f64, f64), mean: (Option<f64>, Option<f64>)) -> Option<(f64, f64)> {
    Some((limits.0.min(mean.0?), limits.1.max(mean.1?)))
}

/// The note on a named prediction interval that is narrower than the confidence interval.
pub(crate) fn narrower(kind: &str, limits: (f64, f64), mean: (Option<f64>, Option<f64>)) -> Option<Note> {
    let (lower, upper) = (mean.0?, mean.1?);
    let narrower = limits.1 - limits.0 < (upper - lower) * (1.0 - 1e-9);
    narrower.then(|| Note::PredictionNarrower { kind: kind.to_string() })
}

/// Under equal effects a new study has the same effect as all others.
pub(crate) fn no_prediction() -> Error {
    Error::usage(
        "with equal effects (⟦tau2=EE⟧) a new study has the same effect: there is no prediction interval",
    )
    .with_hint("leave ⟦prediction⟧ out, or choose an estimator of τ²")
}
