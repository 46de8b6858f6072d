//! The defaults of other software, so that their numbers can be reproduced.

use crate::choice::{Interval, PredictionInterval, Profile};
use crate::effect::{Compute, Measure};

impl Profile {
    /// The interval of the pooled effect.
    pub fn ci(self) -> Interval {
        match self {
            Self::Metafor | Self::Meta => Interval::Wald,
            Self::RevMan => Interval::HartungKnapp,
            // effects that happen to agree shrink the plain Hartung–Knapp SE to nothing
            Self::Metapool => Interval::HartungKnappAdHoc,
        }
    }

    /// The interval of models of counts.
    pub fn counts_ci(self) -> Interval {
        match self {
            Self::Metapool | Self::RevMan => Interval::Profile,
            Self::Metafor | Self::Meta => Interval::Wald,
        }
    }

    /// Whether Mantel and Haenszel's sums are over corrected counts: of patients, not of person-time.
    pub fn pools_corrected(self, measure: Measure) -> bool {
        matches!(self, Self::Meta | Self::RevMan) && !matches!(measure.spec().compute, Compute::TwoRates(_))
    }

    /// Whether the variance of Mantel and Haenszel's risk difference is Greenland and Robins', not Sato's.
    pub fn is_greenland_robins(self) -> bool {
        matches!(self, Self::Meta | Self::RevMan)
    }

    /// The prediction interval that goes with it.
    pub fn prediction(self, ci: Interval) -> Option<PredictionInterval> {
        match self {
            Self::Metapool => Some(PredictionInterval::partner(ci)),
            Self::Metafor if ci == Interval::Wald => Some(PredictionInterval::Normal),
            Self::Metafor => Some(PredictionInterval::partner(ci)),
            Self::Meta | Self::RevMan => None,
        }
    }
}
