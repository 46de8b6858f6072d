//! Columns of results on their way to a file.

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

impl Output {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(v) => v.len(),
            Self::Number(v) => v.len(),
            Self::Count(v) => v.len(),
        }
    }

    /// Appends values of the same kind.
    pub(super) fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Text(all), Self::Text(mut more)) => all.append(&mut more),
            (Self::Number(all), Self::Number(mut more)) => all.append(&mut more),
            (Self::Count(all), Self::Count(mut more)) => all.append(&mut more),
            (all, more) => debug_assert!(more.len() == 0, "{all:?} takes no {more:?}"),
        }
    }
}
