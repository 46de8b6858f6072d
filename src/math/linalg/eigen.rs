//! Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.

/// A symmetric matrix as V diag(λ) Vᵀ.
#[derive(Clone, Debug)]
pub struct Symmetric {
    /// Eigenvalues, in no order.
    pub values: Vec<f64>,
    /// Eigenvectors in the columns, row by row.
    pub vectors: Vec<f64>,
}

/// Turns rows or columns i and j: elements `step` apart, from `i` and `j` on.
fn turn(m: &mut [f64], (i, j): (usize, usize), step: usize, n: usize, (c, s): (f64, f64)) {
    for l in 0..n {
        let (x, y) = (m[i + l * step], m[j + l * step]);
        m[i + l * step] = c * x - s * y;
        m[j + l * step] = s * x + c * y;
    }
}

/// Cosine and sine of the rotation that makes the element (i, j) zero.
fn rotation(a: &[f64], n: usize, i: usize, j: usize) -> (f64, f64) {
    let theta = (a[j * n + j] - a[i * n + i]) / (2.0 * a[i * n + j]);
    let t = if theta == 0.0 { 1.0 } else { theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt()) };
    let c = 1.0 / (t * t + 1.0).sqrt();
    (c, t * c)
}

impl Symmetric {
    /// Of a symmetric n × n matrix.
    pub fn new(a: &[f64], n: usize) -> Self {
        let mut a = a.to_vec();
        let mut vectors = vec![0.0; n * n];
        (0..n).for_each(|i| vectors[i * n + i] = 1.0);
        for _ in 0..100 {
            let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
            let off: f64 = pairs.map(|(i, j)| a[i * n + j].powi(2)).sum();
            let size: f64 = (0..n).map(|i| a[i * n + i].powi(2)).sum();
            if off <= 1e-30 * size {
                break;
            }
            for i in 0..n {
                for j in 0..i {
                    if a[i * n + j] == 0.0 {
                        continue;
                    }
                    let angle = rotation(&a, n, i, j);
                    turn(&mut a, (i, j), n, n, angle);
                    turn(&mut a, (i * n, j * n), 1, n, angle);
                    turn(&mut vectors, (i, j), n, n, angle);
                }
            }
        }
        Self { values: (0..n).map(|i| a[i * n + i]).collect(), vectors }
    }
}

/// A^(−½) of a symmetric matrix without negative eigenvalues; directions without size are left out. `None` where no
/// eigenvalue is positive.
pub fn inverse_root(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let Symmetric { values, vectors } = Symmetric::new(a, n);
    let largest = values.iter().copied().fold(0.0, f64::max);
    if largest.is_nan() || largest <= 0.0 {
        return None;
    }
    let mut out = vec![0.0; n * n];
    for (e, value) in values.iter().enumerate().filter(|(_, v)| **v > 1e-12 * largest) {
        let scale = 1.0 / value.sqrt();
        for i in 0..n {
            for j in 0..n {
                out[i * n + j] += scale * vectors[i * n + e] * vectors[j * n + e];
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::linalg::multiply;

    #[test]
    fn the_inverse_root_is_one() {
        let a = [4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];
        let root = inverse_root(&a, 3).expect("not zero");
        let identity = multiply(&multiply(&root, &a, 3), &root, 3);
        for (i, x) in identity.iter().enumerate() {
            assert!((x - f64::from(u8::from(i % 4 == 0))).abs() < 1e-14, "{i}: {x}");
        }
        // a direction without size is left out
        let flat = inverse_root(&[1.0, 1.0, 1.0, 1.0], 2).expect("one direction");
        flat.iter().for_each(|x| assert!((x - 0.5 / 2f64.sqrt()).abs() < 1e-14));
        assert!(inverse_root(&[0.0; 4], 2).is_none());
    }
}
