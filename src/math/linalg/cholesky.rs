//! The lower triangle L of a symmetric positive definite matrix, A = L Lᵀ, and what is solved by it.

/// A pivot below this share of its diagonal element is rounding: the matrix is not positive definite.
pub const ROUNDING: f64 = 1e-14;

/// Puts L in place of the lower triangle of A; the upper is neither read nor written. False where a pivot is no more
/// than `least` times its diagonal element, or not a number.
///
/// ```text
/// Lⱼⱼ² = Aⱼⱼ − Σ Lⱼₜ²,   Lᵢⱼ = (Aᵢⱼ − Σ LᵢₜLⱼₜ)/Lⱼⱼ,   t < j
/// ```
#[inline(always)]
pub fn factor(a: &mut [f64], n: usize, least: f64) -> bool {
    let mut definite = true;
    for i in 0..n {
        for j in 0..=i {
            let whole = a[i * n + j];
            let rest = whole - (0..j).map(|t| a[i * n + t] * a[j * n + t]).sum::<f64>();
            if i != j {
                a[i * n + j] = rest / a[j * n + j];
                continue;
            }
            // the first that fails ends nothing: loops of constant size have no way out
            definite &= rest > least * whole.abs();
            a[i * n + i] = rest.sqrt();
        }
    }
    definite
}

/// x = L⁻¹ b, in place of b.
#[inline(always)]
pub fn forward(l: &[f64], n: usize, x: &mut [f64]) {
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

/// x = L⁻ᵀ b, in place of b.
#[inline(always)]
pub fn backward(l: &[f64], n: usize, x: &mut [f64]) {
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= l[j * n + i] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

/// x = A⁻¹ b, in place of b.
#[inline(always)]
pub fn substitute(l: &[f64], n: usize, x: &mut [f64]) {
    forward(l, n, x);
    backward(l, n, x);
}

/// ln |A| = 2 Σ ln Lᵢᵢ.
#[inline(always)]
pub fn log_determinant(l: &[f64], n: usize) -> f64 {
    2.0 * (0..n).map(|i| l[i * n + i].ln()).sum::<f64>()
}

/// Solves A x = b; `None` where A is not positive definite.
pub fn solve(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    let mut l = a.to_vec();
    let mut x = b.to_vec();
    factor(&mut l, n, ROUNDING).then(|| substitute(&l, n, &mut x))?;
    Some(x)
}

/// A⁻¹ of n × n; `None` where A is not positive definite.
pub fn inverse(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut l = a.to_vec();
    factor(&mut l, n, ROUNDING).then(|| inverse_of_factor(&l, n))
}

/// A⁻¹ from L.
pub fn inverse_of_factor(l: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    let mut unit = vec![0.0; n];
    for j in 0..n {
        unit.fill(0.0);
        unit[j] = 1.0;
        substitute(l, n, &mut unit);
        unit.iter().enumerate().for_each(|(i, x)| out[i * n + j] = *x);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::linalg::multiply;

    const A: [f64; 9] = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];

    #[test]
    fn what_is_solved_solves() {
        let x = solve(&A, &[1.0, -2.0, 3.0]).expect("positive definite");
        for (row, want) in A.chunks(3).zip([1.0, -2.0, 3.0]) {
            assert!((crate::math::linalg::dot(row, &x) - want).abs() < 1e-14);
        }
        let identity = multiply(&A, &inverse(&A, 3).expect("positive definite"), 3);
        for (i, x) in identity.iter().enumerate() {
            assert!((x - f64::from(u8::from(i % 4 == 0))).abs() < 1e-14);
        }
        let mut l = A;
        assert!(factor(&mut l, 3, ROUNDING));
        // 4 (15 − 1) − 2 (6 − 0.6) + 0.6 (2 − 3)
        assert!((log_determinant(&l, 3) - 44.6f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        for a in [[1.0, 2.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0; 4], [f64::NAN, 0.0, 0.0, 1.0]] {
            assert_eq!(solve(&a, &[1.0, 1.0]), None);
        }
    }
}
