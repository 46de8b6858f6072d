//! Kendall's rank correlation with its exact distribution.
//!
//! ```text
//! τ_b = S / √((T₀ − T₁)(T₀ − T₂)),   S = Σ sign(xᵢ − xⱼ) sign(yᵢ − yⱼ)
//! ```
//! Without ties the p-value counts inversions, with ties it is that of the normal distribution with the variance that
//! ties leave. Reference: \[kendall1948\].

use crate::math::dist;

/// A rank correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kendall {
    pub tau: f64,
    /// z; `None` where the p-value is exact.
    pub z: Option<f64>,
    pub p_value: f64,
}

/// Largest number of pairs of values whose inversions are counted.
const MOST_EXACT: usize = 150;

/// Correlates two sequences, by the exact distribution where asked for and possible; `None` if one is constant.
pub(super) fn kendall(x: &[f64], y: &[f64], exactly: bool) -> Option<Kendall> {
    let n = x.len();
    let sign = |a: f64| {
        if a > 0.0 {
            1.0
        } else if a < 0.0 {
            -1.0
        } else {
            0.0
        }
    };
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..i {
            s += sign(x[i] - x[j]) * sign(y[i] - y[j]);
        }
    }
    let (tx, ty) = (ties(x), ties(y));
    let pairs = (n * n.saturating_sub(1)) as f64 / 2.0;
    let tied = |t: &[f64]| t.iter().map(|t| t * (t - 1.0) / 2.0).sum::<f64>();
    let scale = ((pairs - tied(&tx)) * (pairs - tied(&ty))).sqrt();
    if scale.is_nan() || scale <= 0.0 {
        return None;
    }
    let tau = s / scale;
    if exactly && tx.is_empty() && ty.is_empty() && n <= MOST_EXACT {
        return Some(Kendall { tau, z: None, p_value: exact(n, s) });
    }
    let m = n as f64;
    let v = |t: &[f64]| t.iter().map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum::<f64>();
    let two = |t: &[f64]| t.iter().map(|t| t * (t - 1.0)).sum::<f64>();
    let three = |t: &[f64]| t.iter().map(|t| t * (t - 1.0) * (t - 2.0)).sum::<f64>();
    let mut variance = (m * (m - 1.0) * (2.0 * m + 5.0) - v(&tx) - v(&ty)) / 18.0;
    variance += two(&tx) * two(&ty) / (2.0 * m * (m - 1.0));
    if n > 2 {
        variance += three(&tx) * three(&ty) / (9.0 * m * (m - 1.0) * (m - 2.0));
    }
    let z = s / variance.sqrt();
    z.is_finite().then(|| Kendall { tau, z: Some(z), p_value: dist::normal_two_sided(z) })
}

/// Sizes of groups of equal values, those of one left out.
fn ties(x: &[f64]) -> Vec<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(|c| c.len() as f64).filter(|n| *n > 1.0).collect()
}

/// Two-sided p-value of S by the distribution of inversions: P(n, q) from those of n − 1, as shares, which do not
/// overflow.
fn exact(n: usize, s: f64) -> f64 {
    let pairs = n * (n - 1) / 2;
    let mut shares = vec![0.0; pairs + 1];
    shares[0] = 1.0;
    let mut reach = 0;
    for m in 2..=n {
        let mut next = vec![0.0; pairs + 1];
        let mut window = 0.0;
        for q in 0..=reach + m - 1 {
            window += shares[q];
            if q >= m {
                window -= shares[q - m];
            }
            next[q] = window / m as f64;
        }
        reach += m - 1;
        shares = next;
    }
    // concordant pairs; the distribution is symmetric
    let concordant = ((s + pairs as f64) / 2.0).round() as usize;
    let tail = concordant.min(pairs - concordant);
    let p: f64 = shares[..=tail].iter().map(|p| p.max(0.0)).sum();
    (2.0 * p).min(1.0)
}
