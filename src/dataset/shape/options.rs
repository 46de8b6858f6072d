//! Options that decide how rows are read.

use crate::choice::Denominator;
use crate::error::Error;

/// A scale with its ends and its smallest step, such as 0 to 10 in steps of ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuringScale {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Step between values of one patient.
    pub step: f64,
}

impl MeasuringScale {
    /// Parses `LOW:HIGH:STEP`; without a step, any value is possible.
    ///
    /// # Errors
    /// It is not of that form, or the ends are not in order.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts: Vec<Option<f64>> = text.split(':').map(|p| p.trim().parse().ok()).collect();
        let wrong = || {
            Error::usage(format!("`{text}` is no scale"))
                .with_hint("write its ends and its step: `0:10:0.5`; moderators of ln τ² are ⟦tau2-mods⟧")
        };
        match parts[..] {
            [Some(low), Some(high), Some(step)] if low < high && step > 0.0 && step <= high - low => {
                Ok(Self { low, high, step })
            }
            [Some(low), Some(high)] if low < high => Ok(Self { low, high, step: f64::MIN_POSITIVE }),
            _ => Err(wrong()),
        }
    }
}

/// Options that decide how rows are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapeOptions {
    /// Which patients a proportion is of.
    pub denominator: Denominator,
    /// The scale of means, to check them against.
    pub scale: Option<MeasuringScale>,
    /// Accept counts that are not whole numbers.
    pub fractional_counts: bool,
    /// Level of given confidence limits in percent, where no column tells it.
    pub ci_level: f64,
}

impl Default for ShapeOptions {
    fn default() -> Self {
        Self { denominator: Denominator::Evaluated, scale: None, fractional_counts: false, ci_level: 95.0 }
    }
}
