//! Effects computed elsewhere: on which scale they stand, and how they become an effect on the analysis scale.
//!
//! ```text
//! y = g(θ̂),  v = SE²  or  ((g(U) − g(L)) / 2z)²  or  (y / z_p)²  or  (SE_natural · g′(θ̂))²
//! ```
//! g is the transformation of the measure where values are natural, the identity where they are on the analysis scale.
//! Standard errors stand on the analysis scale unless told otherwise (delta method). Reference: \[parmar1998\].

mod named;
mod refusals;
mod scale;
mod symmetry;

use super::{Compute, Effect, EffectOptions, Limits, MeasureSpec, Scale, plain};
use crate::choice::Values;
use crate::dataset::{Precision, Ready};
use crate::math::dist;
pub use scale::read_scale;
use serde::{Deserialize, Serialize};

pub(super) const HR: MeasureSpec = plain(
    "HR",
    "Hazard ratio",
    "Hazard ratio",
    Scale::Log,
    Some(0.0),
    "y = ln HR or log hazard ratio as given",
    "parmar1998",
    Compute::Ready,
);

pub(super) const GEN: MeasureSpec = plain(
    "GEN",
    "Effect as given",
    "Effect",
    Scale::Identity,
    Some(0.0),
    "y and v as given",
    "",
    Compute::Ready,
);

/// What told the scale of ready values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScaleEvidence {
    /// The user did, or the measure is not transformed.
    #[default]
    Said,
    /// The limits are symmetric about the estimates on this scale and not on the other.
    Limits,
    /// A value is impossible on the other scale.
    Range,
    /// The name of the column.
    Name,
}

/// How ready values are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyScale {
    /// Scale of estimates and limits.
    pub values: Values,
    /// Scale of standard errors and variances.
    pub se: Values,
    /// What told the scale of the values.
    pub evidence: ScaleEvidence,
}

/// What a user said of ready values, and what their column is called.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadyRequest<'a> {
    /// Scale of estimates and limits.
    pub values: Option<Values>,
    /// Scale of standard errors and variances.
    pub se: Option<Values>,
    /// The column of estimates.
    pub column: &'a str,
}

/// The effect of a ready row.
pub(super) fn effect(r: &Ready, options: &EffectOptions) -> Result<Effect, &'static str> {
    let spec = options.measure.spec();
    let to = Transform { scale: spec.scale, values: options.ready.values };
    let y = to.forward(r.estimate).ok_or("the estimate is impossible on its scale")?;
    if !y.is_finite() {
        return Err("the estimate lies at the edge of its scale, where the transformed value is infinite");
    }
    let slope = match options.ready.se {
        Values::Analysis => 1.0,
        Values::Natural => {
            let natural = to.natural(r.estimate).ok_or("the estimate is impossible on its scale")?;
            spec.scale.derivative(natural)
        }
    };
    Ok(Effect { y, v: variance(r, y, slope, to)? })
}

/// The sampling variance on the scale of analysis, from whatever is reported.
fn variance(r: &Ready, y: f64, slope: f64, to: Transform) -> Result<f64, &'static str> {
    match (r.precision, r.limits) {
        (Precision::Variance(v), _) => Ok(v * slope * slope),
        (Precision::StandardError(se), _) => Ok((se * slope).powi(2)),
        (Precision::Limits, Some(l)) => {
            let width = to.width(l.lower, l.upper).ok_or("a confidence limit is impossible on its scale")?;
            if !width.is_finite() {
                return Err("a confidence limit is infinite on the scale of analysis");
            }
            Ok((width / (2.0 * quantile(l.level))).powi(2))
        }
        (Precision::PValue(p), _) => {
            if y == 0.0 || p == 1.0 {
                return Err("an estimate of no effect or a p-value of 1 does not tell the standard error");
            }
            Ok((y / dist::normal_quantile(p / 2.0)).powi(2))
        }
        (Precision::Limits, None) => Err("no limits are reported"),
    }
}

/// The limits that a study reported, where its variance comes from them and they are of the level asked for.
pub(super) fn reported_limits(r: &Ready, options: &EffectOptions) -> Option<Limits> {
    let limits = r.limits.filter(|l| r.precision == Precision::Limits && l.level == options.level)?;
    let to = Transform { scale: options.measure.spec().scale, values: options.ready.values };
    Some(Limits { lower: to.forward(limits.lower), upper: to.forward(limits.upper) })
}

/// Whether the limits of a row are far from symmetric about its estimate on the scale of analysis.
pub fn is_asymmetric(r: &Ready, options: &EffectOptions) -> bool {
    let to = Transform { scale: options.measure.spec().scale, values: options.ready.values };
    let parts = || {
        let l = r.limits?;
        Some((to.forward(r.estimate)?, to.forward(l.lower)?, to.forward(l.upper)?))
    };
    parts().is_some_and(|(y, lower, upper)| (y - 0.5 * (lower + upper)).abs() > 0.05 * (upper - lower))
}

fn quantile(level: f64) -> f64 {
    -dist::normal_quantile(0.5 - level / 200.0)
}

/// From the scale of the values to the scale of analysis.
#[derive(Clone, Copy)]
struct Transform {
    scale: Scale,
    values: Values,
}

impl Transform {
    fn forward(self, x: f64) -> Option<f64> {
        match self.values {
            Values::Analysis => Some(x),
            Values::Natural => self.scale.forward(x, None),
        }
    }

    fn natural(self, x: f64) -> Option<f64> {
        match self.values {
            Values::Analysis => self.scale.back(x, None),
            Values::Natural => Some(x),
        }
    }

    fn width(self, lower: f64, upper: f64) -> Option<f64> {
        Some(self.forward(upper)? - self.forward(lower)?)
    }
}
