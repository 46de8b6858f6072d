//! An orthonormal basis of the columns of a design matrix, by Gram and Schmidt's method done twice.
//!
//! ```text
//! X = Z R,  ZᵀZ = I,  β = R⁻¹γ
//! ```
//! A model is fitted in Z, so that neither years near 2000 nor products of columns cost digits. Columns that are
//! combinations of earlier ones are found on the way and left out.

use super::{dot, multiply};

/// Z with the inverse of R.
#[derive(Clone, Debug)]
pub struct Basis {
    /// Rows.
    pub k: usize,
    /// Columns that are not combinations of others.
    pub p: usize,
    /// Rows of Z, one after the other.
    pub z: Vec<f64>,
    /// Inverse of R, an upper triangle, row by row, p × p.
    pub inverse: Vec<f64>,
}

/// Columns whose part outside the earlier ones is smaller than this share of them are combinations of these.
const ALIASED: f64 = 1e-7;

impl Basis {
    /// From rows; also gives the columns that are combinations of earlier ones.
    pub fn new(rows: &[Vec<f64>]) -> (Self, Vec<usize>) {
        let all = rows.first().map_or(0, Vec::len);
        let mut columns: Vec<Vec<f64>> = vec![];
        let mut shares: Vec<Vec<f64>> = vec![];
        let mut aliased = vec![];
        for j in 0..all {
            let mut x: Vec<f64> = rows.iter().map(|r| r[j]).collect();
            let size = norm(&x);
            let mut inside = take_out(&mut x, &columns);
            let rest = norm(&x);
            if rest.is_nan() || rest <= ALIASED * size {
                aliased.push(j);
                continue;
            }
            x.iter_mut().for_each(|a| *a /= rest);
            inside.push(rest);
            columns.push(x);
            shares.push(inside);
        }
        let (k, p) = (rows.len(), columns.len());
        let r = by_rows(&shares, p, p);
        (Self { k, p, z: by_rows(&columns, k, p), inverse: invert_upper(&r, p) }, aliased)
    }

    /// One column of ones: the model of a single mean.
    pub fn constant(k: usize) -> Self {
        let root = (k as f64).sqrt();
        Self { k, p: 1, z: vec![1.0 / root; k], inverse: vec![1.0 / root] }
    }

    /// A row of Z.
    #[inline(always)]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.z[i * self.p..(i + 1) * self.p]
    }

    /// A row of R⁻¹: the coordinates of a coefficient.
    pub fn coefficient(&self, i: usize) -> &[f64] {
        &self.inverse[i * self.p..(i + 1) * self.p]
    }

    /// Coordinates of a row of X in the basis: R⁻ᵀ x.
    pub fn coordinates(&self, x: &[f64]) -> Vec<f64> {
        (0..self.p).map(|j| (0..=j).map(|i| self.inverse[i * self.p + j] * x[i]).sum()).collect()
    }

    /// β = R⁻¹γ.
    pub fn coefficients(&self, gamma: &[f64]) -> Vec<f64> {
        (0..self.p).map(|i| (i..self.p).map(|j| self.inverse[i * self.p + j] * gamma[j]).sum()).collect()
    }

    /// R⁻¹ V R⁻ᵀ.
    pub fn covariance(&self, v: &[f64]) -> Vec<f64> {
        let half = multiply(&self.inverse, v, self.p);
        let cross = |row: &[f64]| (0..self.p).map(|j| dot(row, self.coefficient(j))).collect::<Vec<_>>();
        half.chunks_exact(self.p.max(1)).flat_map(cross).collect()
    }

    /// Whether all columns lie in the space of another basis of the same rows.
    pub fn lies_within(&self, other: &Self) -> bool {
        (0..self.p).all(|j| {
            let column = |i: usize| self.z[i * self.p + j];
            let share = |l: usize| (0..self.k).map(|i| other.z[i * other.p + l] * column(i)).sum::<f64>();
            (0..other.p).map(|l| share(l).powi(2)).sum::<f64>() > 1.0 - 1e-9
        })
    }
}

/// Takes from x its parts along orthonormal columns, and gives them.
fn take_out(x: &mut [f64], columns: &[Vec<f64>]) -> Vec<f64> {
    let mut inside = vec![0.0; columns.len()];
    // twice is enough for orthogonality to rounding
    for _ in 0..2 {
        for (share, z) in inside.iter_mut().zip(columns) {
            let along = dot(x, z);
            *share += along;
            x.iter_mut().zip(z).for_each(|(a, b)| *a -= along * b);
        }
    }
    inside
}

/// Columns, some of which may be short, as rows one after the other.
fn by_rows(columns: &[Vec<f64>], k: usize, p: usize) -> Vec<f64> {
    let mut out = vec![0.0; k * p];
    for (j, column) in columns.iter().enumerate() {
        column.iter().enumerate().for_each(|(i, x)| out[i * p + j] = *x);
    }
    out
}

/// √Σx² of any size.
fn norm(x: &[f64]) -> f64 {
    let top = x.iter().fold(0.0f64, |m, a| m.max(a.abs()));
    if top == 0.0 { 0.0 } else { top * x.iter().map(|a| (a / top).powi(2)).sum::<f64>().sqrt() }
}

fn invert_upper(r: &[f64], p: usize) -> Vec<f64> {
    let mut out = vec![0.0; p * p];
    for j in 0..p {
        out[j * p + j] = 1.0 / r[j * p + j];
        for i in (0..j).rev() {
            let sum: f64 = (i + 1..=j).map(|l| r[i * p + l] * out[l * p + j]).sum();
            out[i * p + j] = -sum / r[i * p + i];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_is_orthonormal_and_finds_what_is_a_combination() {
        let row = |i: usize| {
            let x = 2000.0 + i as f64;
            vec![1.0, x, 3.0 - 2.0 * x, (x - 2003.0).powi(2)]
        };
        let rows: Vec<Vec<f64>> = (0..8).map(row).collect();
        let (basis, aliased) = Basis::new(&rows);
        assert_eq!((basis.p, aliased), (3, vec![2]));
        for a in 0..3 {
            for b in 0..3 {
                let product: f64 = (0..8).map(|i| basis.row(i)[a] * basis.row(i)[b]).sum();
                assert!((product - f64::from(u8::from(a == b))).abs() < 1e-14);
            }
        }
        let z = basis.coordinates(&[1.0, 2004.0, 1.0]);
        z.iter().zip(basis.row(4)).for_each(|(a, b)| assert!((a - b).abs() < 1e-9, "{a} {b}"));
        let ones = Basis::constant(8);
        assert!(ones.lies_within(&basis) && !basis.lies_within(&ones));
    }
}
