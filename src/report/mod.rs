//! Results as text and files. Reads results; never computes statistics.

pub mod json;
pub mod output;
pub mod regression;
pub mod sheet;
pub mod summary;
