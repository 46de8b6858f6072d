//! Rows that are arms of a study, and the comparisons made of them.
//!
//! ```text
//! like arms  x = x₁ + x₂,  n = n₁ + n₂;  mean (n₁m₁ + n₂m₂)/n,
//!            sd² = ((n₁−1)s₁² + (n₂−1)s₂² + n₁n₂/n (m₁−m₂)²)/(n−1)
//! shared control among m comparisons  x/m of n/m
//! ```
//! Reference: \[higgins2019\], 6.5.2.10 and 23.3.4.

mod columns;
mod compare;
mod data;
mod levels;
mod suspect;

use super::{Noticed, Shape, StudyRow};
use crate::choice::SharedControl;
pub(crate) use columns::shared_columns;
pub(crate) use compare::compare;
pub(crate) use suspect::{refusal, suspected};

/// How rows that are arms become comparisons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmRequest {
    /// Column that names the arm.
    pub column: String,
    /// Level that the others are compared with.
    pub reference: Option<String>,
    /// What becomes of a control group that several arms share.
    pub shared: Option<SharedControl>,
    /// Levels that are alike: each list becomes one arm.
    pub combine: Vec<Vec<String>>,
}

/// What rows with the same label are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Arms {
    /// Not said: rows that look like arms are refused.
    #[default]
    Unsaid,
    /// Studies of their own.
    Studies,
    /// Arms, to be compared.
    Compare(ArmRequest),
}

/// Comparisons made of arms.
#[derive(Debug)]
pub(crate) struct Comparisons {
    /// One row per comparison.
    pub rows: Vec<StudyRow>,
    /// The row of the data whose columns go with it.
    pub at: Vec<usize>,
    /// All rows of its study.
    pub members: Vec<Vec<usize>>,
    /// What kind of data they are.
    pub shape: Shape,
    /// What to tell of it.
    pub noticed: Vec<Noticed>,
    /// Name of the first group, where all comparisons share it, and of the second.
    pub groups: (Option<String>, String),
}

/// The data of two groups that arms of a shape make.
pub(crate) fn paired_shape(one_group: Shape) -> Option<Shape> {
    match one_group {
        Shape::Events => Some(Shape::TwoByTwo),
        Shape::Rate => Some(Shape::TwoRates),
        Shape::Mean | Shape::PrePost => Some(Shape::TwoMeans),
        _ => None,
    }
}
