//! Millions of independent meta-analyses from one large table: one pass, bounded memory, the numbers of `pool`.
//!
//! Rows come in portions from text, Parquet or Arrow files, turn into effects, and are grouped: by runs where the input is
//! sorted by group, else in memory by number, or through partitions on disk once memory has no room for them. Results are
//! in the order in which groups first appear, whatever the number of workers, and appear only when complete.

mod fit;
mod gather;
mod genomic_control;
mod group;
mod job;
mod keys;
mod options;
mod output;
mod partial;
mod partition;
mod plan;
mod reading;
mod record;
mod result_columns;
mod resume;
mod rows;
mod run;
mod sorted;

use crate::effect::Measure;
pub use fit::{CODES, Group, Input, Method, Pools, Random, groups};
pub use options::{MassOptions, Order};
pub use partial::{merged, partial};
pub use run::run;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub rows: u64,
    /// Rows without a group, which were left out.
    pub without_group: u64,
    /// Groups written.
    pub groups: u64,
    /// Whether the input was taken as sorted.
    pub sorted: bool,
    /// Whether rows went to disk.
    pub spilled: bool,
    /// Whether an earlier, interrupted run was continued.
    pub resumed: bool,
    /// Genomic control factor of each file.
    pub genomic_control: Vec<(String, f64)>,
    /// Groups that have each note.
    pub notes: Vec<(&'static str, u64)>,
    /// The measure in force.
    pub measure: Option<Measure>,
}

/// Called with the share that is done and the rows read.
pub type Progress<'a> = &'a (dyn Fn(f64, u64) + Sync);
