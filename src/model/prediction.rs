//! Prediction intervals for the effect in a new study.
//!
//! ```text
//! μ̂ ± q √(SE² + τ²)
//! ```
//! They differ in the quantile q and in the SE. References: \[higgins2009\], \[partlett2017\], \[inthout2016\].

use super::interval::kenward_roger;
use super::interval::{Fitted, Interval};
use crate::error::Error;
use crate::result::Note;

/// The definition of a [`PredictionInterval`].
#[derive(Debug)]
pub struct PredictionSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// Name in reports.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// (SE, degrees of freedom), infinite for the normal distribution.
    pub parts: fn(&Fitted<'_>) -> (f64, f64),
}

const fn spec(
    id: &'static str,
    title: &'static str,
    reference: &'static str,
    parts: fn(&Fitted<'_>) -> (f64, f64),
) -> PredictionSpec {
    PredictionSpec { id, aliases: &[], title, reference, parts }
}

registry! {
    /// The prediction interval.
    PredictionInterval(PredictionSpec) = "prediction interval" {
        /// t with k − 1 degrees of freedom, Hartung–Knapp SE.
        HartungKnapp => HKSJ,
        /// The same, SE never below Wald's.
        HartungKnappAdHoc => HKSJ_ADHOC,
        /// t with k − 1 degrees of freedom, Wald SE.
        T => T,
        /// t with k − 2 degrees of freedom, Wald SE.
        Higgins => HTS,
        /// Normal, Wald SE.
        Normal => NORMAL,
        /// t with k − 2 degrees of freedom, Hartung–Knapp SE.
        HartungKnappPartlett => HKSJ_PR,
        /// Kenward–Roger.
        KenwardRoger => KR,
        /// Kenward–Roger, one degree of freedom fewer.
        KenwardRogerPartlett => KR_PR,
    }
}

const HKSJ: PredictionSpec =
    spec("hksj", "t (k − 1), Hartung-Knapp SE", "inthout2016", |f| (f.hartung_knapp_se(), f.df()));
const HKSJ_ADHOC: PredictionSpec =
    spec("hksj-adhoc", "t (k − 1), Hartung-Knapp SE never below Wald's", "rover2015", |f| {
        (f.hartung_knapp_se().max(f.wald_se()), f.df())
    });
const T: PredictionSpec = spec("t", "t (k − 1)", "higgins2009", |f| (f.wald_se(), f.df()));
const HTS: PredictionSpec = spec("hts", "Higgins-Thompson-Spiegelhalter, t (k − 2)", "higgins2009", |f| {
    (f.wald_se(), f.df() - 1.0)
});
const NORMAL: PredictionSpec = spec("normal", "normal", "riley2011", |f| (f.wald_se(), f64::INFINITY));
const HKSJ_PR: PredictionSpec = spec("hksj-pr", "t (k − 2), Hartung-Knapp SE", "partlett2017", |f| {
    (f.hartung_knapp_se(), f.df() - 1.0)
});
const KR: PredictionSpec = spec("kr", "Kenward-Roger", "partlett2017", kenward_roger);
const KR_PR: PredictionSpec =
    spec("kr-pr", "Kenward-Roger, one degree of freedom fewer", "partlett2017", |f| {
        let (se, df) = kenward_roger(f);
        (se, df - 1.0)
    });

impl PredictionInterval {
    /// The interval that goes with a confidence interval.
    pub fn partner(ci: Interval) -> Self {
        match ci {
            Interval::HartungKnapp => Self::HartungKnapp,
            Interval::HartungKnappAdHoc => Self::HartungKnappAdHoc,
            Interval::Wald | Interval::T | Interval::Profile | Interval::Exact | Interval::MidP => Self::T,
            Interval::KenwardRoger => Self::KenwardRoger,
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
