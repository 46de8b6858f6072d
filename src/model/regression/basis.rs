//! An orthonormal basis of the columns of a design matrix.
//!
//! ```text
//! X = Z R,  ZᵀZ = I,  β = R⁻¹γ
//! ```
//! The model is fitted in Z, so that neither years near 2000 nor products of moderators cost digits. Columns that are
//! combinations of earlier ones are found on the way and left out.

/// Z with its R.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub k: usize,
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
        let k = rows.len();
        let all = rows.first().map_or(0, Vec::len);
        let mut columns: Vec<Vec<f64>> = vec![];
        let mut r_columns: Vec<Vec<f64>> = vec![];
        let mut aliased = vec![];
        for j in 0..all {
            let mut x: Vec<f64> = rows.iter().map(|r| r[j]).collect();
            let size = norm(&x);
            let mut shares = vec![0.0; columns.len()];
            // twice is enough for orthogonality to rounding
            for _ in 0..2 {
                for (share, z) in shares.iter_mut().zip(&columns) {
                    let dot: f64 = x.iter().zip(z).map(|(a, b)| a * b).sum();
                    *share += dot;
                    x.iter_mut().zip(z).for_each(|(a, b)| *a -= dot * b);
                }
            }
            let rest = norm(&x);
            if rest.is_nan() || rest <= ALIASED * size {
                aliased.push(j);
                continue;
            }
            x.iter_mut().for_each(|a| *a /= rest);
            shares.push(rest);
            columns.push(x);
            r_columns.push(shares);
        }
        let p = columns.len();
        let mut z = vec![0.0; k * p];
        for (j, column) in columns.iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                z[i * p + j] = *x;
            }
        }
        let mut r = vec![0.0; p * p];
        for (j, column) in r_columns.iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                r[i * p + j] = *x;
            }
        }
        let inverse = invert_upper(&r, p);
        (Self { k, p, z, inverse }, aliased)
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
        let p = self.p;
        let half = multiply(&self.inverse, v, p);
        let mut out = vec![0.0; p * p];
        for i in 0..p {
            for j in 0..p {
                out[i * p + j] = (0..p).map(|l| half[i * p + l] * self.inverse[j * p + l]).sum();
            }
        }
        out
    }
}

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

/// Σ a b.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Product of two p × p matrices.
pub(super) fn multiply(a: &[f64], b: &[f64], p: usize) -> Vec<f64> {
    let mut out = vec![0.0; p * p];
    for i in 0..p {
        for l in 0..p {
            let x = a[i * p + l];
            for j in 0..p {
                out[i * p + j] += x * b[l * p + j];
            }
        }
    }
    out
}

/// Solves A x = b for a symmetric positive definite A of m × m; `None` where it is not.
pub(super) fn solve_symmetric(a: &[f64], b: &[f64], m: usize) -> Option<Vec<f64>> {
    let l = cholesky(a, m)?;
    let mut x = b.to_vec();
    for i in 0..m {
        let sum: f64 = (0..i).map(|j| l[i * m + j] * x[j]).sum();
        x[i] = (x[i] - sum) / l[i * m + i];
    }
    for i in (0..m).rev() {
        let sum: f64 = (i + 1..m).map(|j| l[j * m + i] * x[j]).sum();
        x[i] = (x[i] - sum) / l[i * m + i];
    }
    Some(x)
}

/// Inverse of a symmetric positive definite matrix.
pub(super) fn invert_symmetric(a: &[f64], m: usize) -> Option<Vec<f64>> {
    let mut out = vec![0.0; m * m];
    for j in 0..m {
        let mut unit = vec![0.0; m];
        unit[j] = 1.0;
        let x = solve_symmetric(a, &unit, m)?;
        for (i, v) in x.into_iter().enumerate() {
            out[i * m + j] = v;
        }
    }
    Some(out)
}

/// Lower triangle L with L Lᵀ = A.
pub(super) fn cholesky(a: &[f64], m: usize) -> Option<Vec<f64>> {
    let mut l = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|t| l[i * m + t] * l[j * m + t]).sum();
            let rest = a[i * m + j] - sum;
            if i == j {
                if rest.is_nan() || rest <= 1e-14 * a[i * m + i].abs() {
                    return None;
                }
                l[i * m + i] = rest.sqrt();
            } else {
                l[i * m + j] = rest / l[j * m + j];
            }
        }
    }
    Some(l)
}
