//! What every result says, each in a file: its document for people ([`Report`]), its answer for programs (JSON) and its tidy
//! table (CSV). Reads results; never computes statistics.
//!
//! [`Report`]: crate::document::Report

mod answer;
mod bayes;
mod bias;
pub(crate) mod cells;
mod effects;
mod outcome;
#[cfg(feature = "files")]
pub mod output;
pub mod pool;
mod regression;
mod sensitivity;
mod tidy;

pub use answer::text as json_text;
pub use effects::studies_file;
