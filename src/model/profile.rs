//! The defaults of other software, so that their numbers can be reproduced.

use super::interval::Interval;
use super::prediction::PredictionInterval;
use crate::effect::{Compute, Measure};

/// Which software's defaults are in force.
#[derive(Debug)]
pub struct ProfileSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
}

const fn spec(id: &'static str, title: &'static str, reference: &'static str) -> ProfileSpec {
    ProfileSpec { id, aliases: &[], title, reference }
}

const METAPOOL: ProfileSpec =
    spec("metapool", "metapool: REML, Hartung-Knapp never narrower than Wald, prediction interval", "");
const METAFOR: ProfileSpec =
    spec("metafor", "metafor: REML, Wald, normal prediction interval", "viechtbauer2010");
const META: ProfileSpec = spec("meta", "meta: REML, Wald, no prediction interval", "balduzzi2019");
const REVMAN: ProfileSpec = spec("revman", "RevMan: REML, Hartung-Knapp, no prediction interval", "");

registry! {
    /// The software whose defaults are in force.
    Profile(ProfileSpec) = "profile" {
        /// Our own.
        Metapool => METAPOOL,
        /// R package metafor.
        Metafor => METAFOR,
        /// R package meta.
        Meta => META,
        /// Cochrane's RevMan.
        RevMan => REVMAN,
    }
}

#[allow(clippy::derivable_impls, reason = "the registry makes the enum")]
impl Default for Profile {
    fn default() -> Self {
        Self::Metapool
    }
}

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
