//! Results on their way to a file.

/// A column of results.
#[derive(Debug)]
pub enum Output {
    /// Text.
    Text(Vec<String>),
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Whole numbers.
    Count(Vec<u32>),
}
