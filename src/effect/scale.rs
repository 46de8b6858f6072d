//! Scales of analysis and the way back to the scale people read.

use crate::math::dist;
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// The scale on which an effect is pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Scale {
    /// Read as it is.
    Identity,
    /// Read after `exp`.
    Log,
    /// ln(p / (1 − p)) of a proportion.
    Logit,
    /// Normal quantile of a proportion.
    Probit,
    /// arcsin √p of a proportion.
    Arcsine,
    /// Freeman–Tukey double arcsine; the way back needs a number of patients.
    FreemanTukey,
    /// Fisher's z of a correlation.
    FisherZ,
    /// Square root of a rate.
    Root,
    /// Freeman–Tukey transformed rate; the way back needs a person-time.
    FreemanTukeyRate,
    /// 1 − (1 − α)^⅓ of a reliability.
    Hakstian,
    /// −ln(1 − α) of a reliability.
    Bonett,
}

impl Scale {
    /// From the analysis scale to the scale people read; `size` is the patients or person-time behind `x`.
    pub fn back(self, x: f64, size: Option<f64>) -> Option<f64> {
        let value = match self {
            Self::Identity => x,
            Self::Log => x.exp(),
            Self::Logit => {
                if x < 0.0 {
                    x.exp() / (1.0 + x.exp())
                } else {
                    1.0 / (1.0 + (-x).exp())
                }
            }
            Self::Probit => dist::normal_cdf(x),
            Self::Arcsine => x.clamp(0.0, FRAC_PI_2).sin().powi(2),
            Self::FreemanTukey => freeman_tukey_back(x, size?),
            Self::FisherZ => x.tanh(),
            Self::Root => x.max(0.0).powi(2),
            Self::FreemanTukeyRate => freeman_tukey_rate_back(x, size?),
            Self::Hakstian => 1.0 - (1.0 - x).powi(3),
            Self::Bonett => -(-x).exp_m1(),
        };
        Some(value).filter(|v| !v.is_nan())
    }

    /// From the scale people read to the analysis scale; infinite at the edges of logit, log and probit.
    pub fn forward(self, value: f64, size: Option<f64>) -> Option<f64> {
        let x = match self {
            Self::Identity => value,
            Self::Log => value.ln(),
            Self::Logit => (value / (1.0 - value)).ln(),
            Self::Probit if value <= 0.0 => f64::NEG_INFINITY,
            Self::Probit if value >= 1.0 => f64::INFINITY,
            Self::Probit => dist::normal_quantile(value),
            Self::Arcsine => value.sqrt().asin(),
            Self::FreemanTukey => freeman_tukey(value * size?, size?),
            Self::FisherZ => value.atanh(),
            Self::Root => value.sqrt(),
            Self::FreemanTukeyRate => 0.5 * (value.sqrt() + (value + 1.0 / size?).sqrt()),
            Self::Hakstian => 1.0 - (1.0 - value).cbrt(),
            Self::Bonett => -(-value).ln_1p(),
        };
        Some(x).filter(|v| !v.is_nan())
    }

    /// The slope of [`Scale::forward`] at a value that people read; 0 for the scales that need a size.
    pub fn derivative(self, value: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Log => 1.0 / value,
            Self::Logit => 1.0 / (value * (1.0 - value)),
            Self::Probit => 1.0 / dist::normal_pdf(dist::normal_quantile(value)),
            Self::Arcsine => 0.5 / (value * (1.0 - value)).sqrt(),
            Self::FisherZ => 1.0 / (1.0 - value * value),
            Self::Root => 0.5 / value.sqrt(),
            Self::Hakstian => (1.0 - value).powf(-2.0 / 3.0) / 3.0,
            Self::Bonett => 1.0 / (1.0 - value),
            Self::FreemanTukey | Self::FreemanTukeyRate => 0.0,
        }
    }

    /// The range of values people read.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Identity => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Log | Self::Root | Self::FreemanTukeyRate => (0.0, f64::INFINITY),
            Self::Logit | Self::Probit | Self::Arcsine | Self::FreemanTukey => (0.0, 1.0),
            Self::FisherZ => (-1.0, 1.0),
            Self::Hakstian | Self::Bonett => (f64::NEG_INFINITY, 1.0),
        }
    }

    /// Whether the way back needs a number of patients or a person-time.
    pub fn needs_size(self) -> bool {
        matches!(self, Self::FreemanTukey | Self::FreemanTukeyRate)
    }

    /// In words, for method lines.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "untransformed",
            Self::Log => "log",
            Self::Logit => "logit",
            Self::Probit => "probit",
            Self::Arcsine => "arcsine square root",
            Self::FreemanTukey => "Freeman-Tukey double arcsine",
            Self::FisherZ => "Fisher's z",
            Self::Root => "square root",
            Self::FreemanTukeyRate => "Freeman-Tukey",
            Self::Hakstian => "cube root",
            Self::Bonett => "log of the complement",
        }
    }
}

/// ½ (arcsin √(x/(n+1)) + arcsin √((x+1)/(n+1))). Reference: \[freeman1950\].
pub(super) fn freeman_tukey(x: f64, n: f64) -> f64 {
    0.5 * ((x / (n + 1.0)).sqrt().asin() + ((x + 1.0) / (n + 1.0)).sqrt().asin())
}

/// p = ½ (1 − sgn(cos 2x) √(1 − (sin 2x + (sin 2x − 1/sin 2x)/n)²)), clipped to [0, 1]. Reference: \[miller1978\].
fn freeman_tukey_back(x: f64, n: f64) -> f64 {
    if x <= freeman_tukey(0.0, n) {
        return 0.0;
    }
    if x >= freeman_tukey(n, n) {
        return 1.0;
    }
    let (s, c) = (2.0 * x).sin_cos();
    let inner = s + (s - 1.0 / s) / n;
    0.5 * (1.0 - c.signum() * (1.0 - inner * inner).max(0.0).sqrt())
}

/// λ = (4x² − 1/t)² / (16 x²), 0 below ½ √(1/t).
fn freeman_tukey_rate_back(x: f64, t: f64) -> f64 {
    if x <= 0.5 * (1.0 / t).sqrt() { 0.0 } else { (4.0 * x * x - 1.0 / t).powi(2) / (16.0 * x * x) }
}
