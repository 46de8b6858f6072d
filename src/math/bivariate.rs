//! The standard bivariate normal distribution, for tetrachoric correlations.

use super::dist::{normal_cdf, normal_quantile};
use super::quadrature::{Rule, gauss_legendre};
use super::root::brent;
use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::LazyLock;

/// P(X ≤ h, Y ≤ k) − Φ(h) Φ(k) at correlation sin θ: the integral of the density over the correlation.
///
/// ```text
/// ∫₀^θ exp(−(h² + k² − 2hk sin t) / (2 cos² t)) dt / 2π
/// ```
/// Reference: \[drezner1990\].
fn excess(h: f64, k: f64, theta: f64) -> f64 {
    let f = |t: f64| {
        let c = t.cos();
        if c <= 1e-9 { 0.0 } else { (-(h * h + k * k - 2.0 * h * k * t.sin()) / (2.0 * c * c)).exp() }
    };
    static RULE: LazyLock<Rule> = LazyLock::new(|| gauss_legendre(10));
    let rule = &*RULE;
    // 32 panels
    let half = theta / 64.0;
    let panel = |i: i32| {
        let mid = half * f64::from(2 * i + 1);
        rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * f(mid + half * x)).sum::<f64>()
    };
    (0..32).map(panel).sum::<f64>() * half / (2.0 * PI)
}

/// Tetrachoric correlation of a table of positive cells, and its large-sample variance.
///
/// With four cells and three parameters the likelihood is largest where the cells are met exactly:
/// Φ₂(h, k; ρ) = a/n with the thresholds h, k at the margins. The variance is the inverse of the
/// information, by the delta method. Reference: \[kirk1973\].
pub fn tetrachoric(a: f64, b: f64, c: f64, d: f64) -> Option<(f64, f64)> {
    let n = a + b + c + d;
    let (row, column) = ((a + b) / n, (a + c) / n);
    let (h, k) = (normal_quantile(row), normal_quantile(column));
    let want = a / n - row * column;
    let theta = brent(|t| excess(h, k, t) - want, -FRAC_PI_2 + 1e-9, FRAC_PI_2 - 1e-9)?;
    let rho = theta.sin();
    let s = (1.0 - rho * rho).sqrt();
    let density = (-(h * h + k * k - 2.0 * rho * h * k) / (2.0 * s * s)).exp() / (2.0 * PI * s);
    // dρ = (d p₁₁ − Φ((k − ρh)/s) d p_row − Φ((h − ρk)/s) d p_column) / φ₂
    let (g_row, g_column) = (normal_cdf((k - rho * h) / s), normal_cdf((h - rho * k) / s));
    // a cell's weight in that differential: cell a counts in all three
    let weights = [1.0 - g_row - g_column, -g_row, -g_column, 0.0];
    let cells = [a / n, b / n, c / n, d / n];
    let mean: f64 = weights.iter().zip(cells).map(|(w, p)| w * p).sum();
    let square: f64 = weights.iter().zip(cells).map(|(w, p)| w * w * p).sum();
    Some((rho, (square - mean * mean) / (n * density * density)))
}
