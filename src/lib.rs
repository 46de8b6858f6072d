//! Statistical meta-analysis in one direction: dataset → effect table → model → result → plot, report.
//!
//! ```
//! use metapool::prelude::*;
//!
//! let bcg = StudyTable::open("@bcg")?.effects(Measure::RiskRatio)?;
//! let fit = RandomEffects::reml().interval(Interval::HartungKnapp).fit(&bcg)?;
//! println!("{fit}");
//! let svg = Forest::of(&fit).favours("BCG", "no BCG").svg()?;
//! # assert!(fit.to_string().contains("0.49") && svg.contains("no BCG"));
//! # Ok::<(), metapool::Error>(())
//! ```
//!
//! Estimates are on the analysis scale of their measure (logarithms for ratios); `natural` holds them for reading.
//! Keys in square brackets, such as \[dersimonian1986\], are those of `references.bib`.

#![warn(clippy::unwrap_used)]

mod error;
#[cfg(feature = "files")]
mod file;
#[macro_use]
mod registry;

pub mod analysis;
pub mod bias;
pub mod choice;
#[cfg(feature = "cli")]
pub mod cli;
pub mod dataset;
pub mod document;
pub mod effect;
#[cfg(feature = "mass")]
pub mod mass;
pub mod math;
pub mod model;
pub mod plot;
pub mod report;
pub mod result;
#[cfg(feature = "files")]
pub mod review;
pub mod sensitivity;

pub use error::{Error, ErrorKind, Place};
pub use registry::Member;

/// The names a five-line program needs.
pub mod prelude {
    pub use crate::analysis::{Request, StudyTable};
    pub use crate::choice::{Interval, Model, PredictionInterval, Profile, Tau2};
    pub use crate::dataset::Dataset;
    pub use crate::effect::{EffectOptions, EffectTable, Measure};
    pub use crate::model::{InverseVariance, ModelOptions, RandomEffects, pool};
    pub use crate::plot::forest::Forest;
    pub use crate::registry::Member;
    pub use crate::result::PoolResult;
}
