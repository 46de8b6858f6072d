//! All subsets of the studies, or a sample of them.

use serde::{Deserialize, Serialize};

/// What a study does to the cloud of subsets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Split {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Mean estimate of the subsets with it.
    pub estimate_with: f64,
    /// Mean estimate of those without it.
    pub estimate_without: f64,
    /// Mean I² with it.
    pub i2_with: f64,
    /// Mean I² without it.
    pub i2_without: f64,
    /// Distance between both centres, in standard deviations of the cloud.
    pub distance: f64,
}

/// A density of subsets over estimate and I².
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cloud {
    /// Range of the estimates.
    pub range: (f64, f64),
    /// Cells along the estimate.
    pub columns: usize,
    /// Cells along I², from 0 to 100.
    pub rows: usize,
    /// Subsets per cell, row by row from I² = 0.
    pub counts: Vec<u32>,
    /// For each cell, how many of its subsets hold the study that splits the cloud most.
    pub with_split: Vec<u32>,
    /// Subsets beyond the range.
    pub outside: u64,
}

/// All subsets, or a sample of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gosh {
    /// Subsets fitted.
    pub subsets: u64,
    /// Whether these are all.
    pub exhaustive: bool,
    /// Of the random numbers.
    pub seed: Option<u64>,
    /// Subsets that the model could not fit.
    pub failed: u64,
    /// Mean of the estimates.
    pub estimate_mean: f64,
    /// Their standard deviation.
    pub estimate_sd: f64,
    /// The least and the greatest.
    pub estimate_range: (f64, f64),
    /// Mean of I².
    pub i2_mean: f64,
    /// Standard deviation of I².
    pub i2_sd: f64,
    /// One per study, in order.
    pub splits: Vec<Split>,
    /// Which of them is widest.
    pub widest: usize,
    /// The picture of it.
    pub cloud: Cloud,
}

impl Gosh {
    /// The study that splits the cloud most.
    pub fn widest(&self) -> Option<&Split> {
        self.splits.get(self.widest)
    }
}
