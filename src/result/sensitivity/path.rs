//! Studies left out or added one after the other, and what each step concludes.

use crate::effect::Natural;
use serde::{Deserialize, Serialize};

/// Where an interval lies of no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conclusion {
    /// All of it below.
    Below,
    /// It holds no effect.
    Undecided,
    /// All of it above.
    Above,
}

impl Conclusion {
    /// Of an interval; `None` for measures without a value of no effect. Unbounded sides never exclude it.
    pub fn of(lower: Option<f64>, upper: Option<f64>, null: Option<f64>) -> Option<Self> {
        let null = null?;
        Some(match (lower, upper) {
            (Some(l), _) if l > null => Self::Above,
            (_, Some(u)) if u < null => Self::Below,
            _ => Self::Undecided,
        })
    }

    /// In words; `against` is the value that it is about, as it is read, if that is not the value of no effect.
    pub fn words(self, against: Option<f64>) -> String {
        let value = against.map_or("no effect".to_string(), |x| x.to_string());
        match self {
            Self::Below => format!("below {value}"),
            Self::Undecided => format!("{value} not excluded"),
            Self::Above => format!("above {value}"),
        }
    }
}

/// The pooled estimate of some of the studies, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartialFit {
    /// Studies pooled.
    pub k: usize,
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: Option<f64>,
    /// Test statistic against no effect.
    pub statistic: Option<f64>,
    /// Degrees of freedom; `None` for the normal distribution.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
    /// Lower confidence limit; `None` when unbounded.
    pub lower: Option<f64>,
    /// Upper confidence limit; `None` when unbounded.
    pub upper: Option<f64>,
    /// Cochran's Q, or the likelihood-ratio statistic.
    pub q: Option<f64>,
    /// Its p-value.
    pub q_p_value: Option<f64>,
    /// Between-study variance.
    pub tau2: Option<f64>,
    /// I² in percent.
    pub i2: Option<f64>,
    /// H².
    pub h2: Option<f64>,
    /// I², or the same share of the likelihood ratio where a model has no I²; in percent.
    pub inconsistency: Option<f64>,
}

/// The pooled estimate without, or up to, a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The study or cluster left out, or added.
    pub label: String,
    /// Its rows in the table.
    pub rows: Vec<usize>,
    /// Value of the column that orders a cumulative analysis.
    pub order: Option<String>,
    /// The estimate; `None` where it cannot be computed.
    pub fit: Option<PartialFit>,
    /// For reading.
    pub natural: Natural,
    /// Why there is no estimate.
    pub reason: Option<String>,
    /// Whether the conclusion differs: from that of all studies when one is left out, from the step before when one is added.
    pub turns: bool,
}

/// A study left out to lower heterogeneity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removal {
    /// Label; `None` for the start with all studies.
    pub study: Option<String>,
    /// Row of the table.
    pub row: Option<usize>,
    /// The estimate without it and those before it.
    pub fit: PartialFit,
    /// For reading.
    pub natural: Natural,
    /// Whether the conclusion differs from that of all studies.
    pub turns: bool,
}

/// Studies left out, one after the other, until I² is at most the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outliers {
    /// I² in percent that was aimed at.
    pub target: f64,
    /// All studies first, then one fewer each time.
    pub path: Vec<Removal>,
    /// Whether the target was reached.
    pub reached: bool,
}
