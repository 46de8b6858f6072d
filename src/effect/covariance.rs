//! The sampling covariance of the effects: a variance in every row, or blocks of rows that covary.
//!
//! ```text
//! y ~ N(θ, V),   V = diag(v₁ … v_k)   or   V = blockdiag(V₁ … V_m), symmetric and positive definite
//! ```
//! Several effects of one study (outcomes, times, comparisons with a shared control group) are not independent. Rows
//! of a block need not stand side by side; a row in no block is independent of all others. References: \[gleser2009\].

use crate::error::Error;
use crate::math::linalg::cholesky;
use serde::{Deserialize, Serialize};

/// How far from symmetry, relative to the variances, rounding of reported covariances may take a block.
const ASYMMETRY: f64 = 1e-8;

/// A pivot of the factor, as a share of its variance, below which effects are taken to determine each other.
const LEAST_PIVOT: f64 = 1e-12;

/// Rows whose effects covary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    rows: Vec<usize>,
    /// Row by row, `rows.len()` squared.
    values: Vec<f64>,
}

impl Block {
    /// From rows of the table and their covariances, row by row.
    ///
    /// # Errors
    /// The sizes differ, a row stands twice, or the matrix is not symmetric and positive definite.
    pub fn new(rows: Vec<usize>, values: Vec<f64>) -> Result<Self, Error> {
        let m = rows.len();
        if m == 0 || values.len() != m * m {
            return Err(Error::data(format!("{} covariances of {m} effects", values.len()))
                .with_hint(format!("give {m} × {m} = {} of them, row by row", m * m)));
        }
        if let Some(row) = rows.iter().enumerate().find_map(|(i, r)| rows[..i].contains(r).then_some(r)) {
            return Err(Error::data(format!(
                "row {} stands twice in a block of covariances",
                row.saturating_add(1)
            ))
            .with_hint("name every row once"));
        }
        let block = Self { rows, values };
        block.check_symmetric()?;
        if !block.is_positive_definite() {
            return Err(Error::data("the covariances of a block are not positive definite").with_hint(
                "correlations of sampling errors lie strictly between -1 and 1 and must fit together",
            ));
        }
        Ok(block)
    }

    /// From variances and one correlation of all pairs.
    ///
    /// ```text
    /// Vᵢⱼ = ρ √(vᵢ vⱼ)
    /// ```
    ///
    /// # Errors
    /// As [`Block::new`].
    pub fn of_correlation(rows: Vec<usize>, v: &[f64], rho: f64) -> Result<Self, Error> {
        let cell = |i: usize, j: usize| if i == j { v[i] } else { rho * (v[i] * v[j]).sqrt() };
        let values = (0..v.len()).flat_map(|i| (0..v.len()).map(move |j| cell(i, j))).collect();
        Self::new(rows, values)
    }

    /// Rows of the table, in the order of the matrix.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The covariances, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Sampling variances, in the order of the rows.
    pub fn variances(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().copied().step_by(self.rows.len() + 1)
    }

    fn check_symmetric(&self) -> Result<(), Error> {
        let m = self.rows.len();
        let scale = |i: usize, j: usize| (self.values[i * m + i] * self.values[j * m + j]).abs().sqrt();
        for i in 0..m {
            for j in 0..i {
                let (one, other) = (self.values[i * m + j], self.values[j * m + i]);
                // written so that a value which is no number is refused as well
                let alike = (one - other).abs() <= ASYMMETRY * scale(i, j);
                if !alike {
                    return Err(Error::data(format!(
                        "the covariance of rows {} and {} is {one} one way and {other} the other",
                        self.rows[i].saturating_add(1),
                        self.rows[j].saturating_add(1)
                    ))
                    .with_hint("a covariance is the same both ways: mend one of them"));
                }
            }
        }
        Ok(())
    }

    fn is_positive_definite(&self) -> bool {
        cholesky::factor(&mut self.values.clone(), self.rows.len(), LEAST_PIVOT)
    }

    /// The block of those of its rows that are kept; `place` gives their new rows.
    fn part(&self, place: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        let m = self.rows.len();
        let kept: Vec<(usize, usize)> =
            self.rows.iter().enumerate().filter_map(|(i, &row)| Some((i, place(row)?))).collect();
        let values = kept.iter().flat_map(|&(i, _)| kept.iter().map(move |&(j, _)| self.values[i * m + j]));
        (!kept.is_empty())
            .then(|| Self { values: values.collect(), rows: kept.iter().map(|k| k.1).collect() })
    }
}

/// The sampling covariance of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Covariance {
    /// Effects are independent given their true values; variances stand in the rows.
    #[default]
    Diagonal,
    /// Some covary.
    Blocks(Vec<Block>),
}

impl Covariance {
    /// Of these blocks in a table with so many rows.
    ///
    /// # Errors
    /// A block reaches beyond the table, or two blocks share a row.
    pub fn of_blocks(blocks: Vec<Block>, rows: usize) -> Result<Self, Error> {
        let mut taken = vec![false; rows];
        for &row in blocks.iter().flat_map(|b| &b.rows) {
            match taken.get_mut(row) {
                None => {
                    return Err(Error::data(format!(
                        "covariances of row {}, and the table has {rows}",
                        row.saturating_add(1)
                    ))
                    .with_hint("rows are counted from 0 in the order of the effects"));
                }
                Some(true) => {
                    return Err(Error::data(format!("row {} is in two blocks of covariances", row + 1))
                        .with_hint("join the blocks: all rows that covary with each other are one block"));
                }
                Some(free) => *free = true,
            }
        }
        let covary = blocks.iter().any(|b| b.rows.len() > 1);
        Ok(if covary { Self::Blocks(blocks) } else { Self::Diagonal })
    }

    /// The first block of several rows, if there is one.
    pub fn first_block(&self) -> Option<&Block> {
        match self {
            Self::Diagonal => None,
            Self::Blocks(blocks) => blocks.iter().find(|b| b.rows.len() > 1),
        }
    }

    /// That of some of the rows, in their new order.
    ///
    /// # Errors
    /// A row of a block stands twice: two copies of an effect would covary perfectly.
    pub(super) fn part(&self, rows: &[usize]) -> Result<Self, Error> {
        let Self::Blocks(blocks) = self else { return Ok(Self::Diagonal) };
        let twice = |row: &usize| rows.iter().filter(|r| *r == row).count() > 1;
        if let Some(row) = blocks.iter().flat_map(|b| &b.rows).find(|row| twice(row)) {
            return Err(Error::data(format!(
                "row {} is drawn twice, and its effect covaries with others",
                row + 1
            ))
            .with_hint("draw whole studies rather than rows"));
        }
        let place = |row: usize| rows.iter().position(|&r| r == row);
        Self::of_blocks(blocks.iter().filter_map(|b| b.part(place)).collect(), rows.len())
    }
}
