//! Linear algebra of small dense matrices, row by row in slices.
//!
//! One factor of a positive definite matrix ([`cholesky`]), one orthonormal basis of columns with its rank ([`basis`]),
//! one decomposition of a symmetric matrix ([`eigen`]). The functions on slices allocate nothing and are inlined, so
//! that callers that know the size at compile time get loops without bounds.

pub mod basis;
pub mod cholesky;
pub mod eigen;

pub use basis::Basis;
pub use cholesky::{inverse, solve};
pub use eigen::inverse_root;

/// Σ a b.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// M x of a matrix with rows as long as x.
pub fn times(m: &[f64], x: &[f64]) -> Vec<f64> {
    m.chunks_exact(x.len().max(1)).map(|row| dot(row, x)).collect()
}

/// xᵀ M x.
pub fn quadratic(m: &[f64], x: &[f64]) -> f64 {
    m.chunks_exact(x.len().max(1)).zip(x).map(|(row, a)| a * dot(row, x)).sum()
}

/// Product of two n × n matrices.
pub fn multiply(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    let width = n.max(1);
    for (row, own) in out.chunks_exact_mut(width).zip(a.chunks_exact(width)) {
        for (x, other) in own.iter().zip(b.chunks_exact(width)) {
            row.iter_mut().zip(other).for_each(|(o, y)| *o += x * y);
        }
    }
    out
}

/// Adds `factor` x xᵀ to a matrix with rows as long as x.
pub fn add_square(m: &mut [f64], factor: f64, x: &[f64]) {
    for (row, a) in m.chunks_exact_mut(x.len().max(1)).zip(x) {
        row.iter_mut().zip(x).for_each(|(o, b)| *o += factor * a * b);
    }
}

/// The block of a square matrix whose rows and columns are the chosen ones.
pub fn block(m: &[f64], n: usize, chosen: &[usize]) -> Vec<f64> {
    chosen.iter().flat_map(|&i| chosen.iter().map(move |&j| m[i * n + j])).collect()
}
