//! Results as text and files. Reads results; never computes statistics.

pub mod bias;
pub mod json;
#[cfg(feature = "files")]
pub mod output;
pub mod regression;
pub mod sensitivity;
pub mod sheet;
pub mod summary;
pub mod tidy;
