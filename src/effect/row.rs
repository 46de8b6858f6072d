//! A row of the effect table: what was reported, what it gives, and what became of it.

use super::Effect;
use crate::dataset::StudyData;
use serde::{Deserialize, Serialize};

/// What became of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It has an effect and a variance.
    Estimable,
    /// It stays in every table, without weight.
    NotEstimable,
    /// Left out on request.
    Excluded,
    /// Its variance was imputed: it stays out of the primary analysis.
    Imputed,
}

impl Status {
    /// The word in outputs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Estimable => "estimable",
            Self::NotEstimable => "not-estimable",
            Self::Excluded => "excluded",
            Self::Imputed => "imputed",
        }
    }
}

/// Two confidence limits; `None` where a limit is infinite or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Lower.
    pub lower: Option<f64>,
    /// Upper.
    pub upper: Option<f64>,
}

/// A quantity on the scale people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Natural {
    /// Estimate.
    pub estimate: Option<f64>,
    /// Lower confidence limit.
    #[serde(rename = "ci_lower")]
    pub lower: Option<f64>,
    /// Upper confidence limit.
    #[serde(rename = "ci_upper")]
    pub upper: Option<f64>,
}

/// One row of the effect table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyEffect {
    /// Label.
    pub study: String,
    /// Which of several effects of the study: an outcome, a time, a comparison; `None` where there is one.
    pub item: Option<String>,
    /// The arm of the study, where rows are arms.
    pub arm: Option<String>,
    /// Line in the file.
    pub line: usize,
    /// Estimate on the analysis scale.
    pub y: Option<f64>,
    /// Sampling variance.
    pub v: Option<f64>,
    /// Confidence limits on the analysis scale.
    pub limits: Limits,
    /// The same for reading.
    pub natural: Natural,
    /// Whether it can be pooled.
    pub status: Status,
    /// Why not, in words.
    pub reason: Option<String>,
    /// What was reported, before any correction.
    pub data: Option<StudyData>,
    /// Whether a continuity correction was added.
    pub corrected: bool,
    /// Patients, or person-time for rates.
    pub size: Option<f64>,
    /// Events known only within bounds: fewest and most.
    pub bounds: Option<(f64, f64)>,
    /// Degrees of freedom of the study's own interval and test; `None` for the normal distribution.
    pub df: Option<f64>,
}

impl StudyEffect {
    /// A row of which nothing but its place is known.
    pub(super) fn unknown(study: &str, line: usize) -> Self {
        Self {
            study: study.to_string(),
            item: None,
            arm: None,
            line,
            y: None,
            v: None,
            limits: Limits::default(),
            natural: Natural::default(),
            status: Status::NotEstimable,
            reason: None,
            data: None,
            corrected: false,
            size: None,
            bounds: None,
            df: None,
        }
    }

    /// Patients of all groups together; `None` where they are not known.
    pub fn patients(&self) -> Option<f64> {
        match self.data {
            Some(StudyData::TwoByTwo(t)) => Some(t.n1() + t.n2()),
            Some(StudyData::TwoMeans(m)) => Some(m.n1 + m.n2),
            // person-time is no number of patients
            Some(StudyData::Rate(_) | StudyData::TwoRates(_)) => None,
            _ => self.size,
        }
    }

    /// Takes the effect away: to some models the row says nothing.
    pub(super) fn hide_effect(&mut self) {
        (self.y, self.v) = (None, None);
        self.limits = Limits::default();
        self.natural = Natural::default();
    }

    /// The effect, if it can be pooled.
    pub fn effect(&self) -> Option<Effect> {
        match (self.status, self.y, self.v) {
            (Status::Estimable, Some(y), Some(v)) => Some(Effect { y, v }),
            _ => None,
        }
    }
}
