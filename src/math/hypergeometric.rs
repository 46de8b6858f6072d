//! Gauss's hypergeometric function, for the unbiased correlation coefficient.

/// ₂F₁(a, b; c; x) for 0 ≤ x ≤ 1 and c − a − b > 0.
///
/// The series, summed until it no longer changes; at x = 1 Gauss's theorem.
pub fn gauss_2f1(a: f64, b: f64, c: f64, x: f64) -> f64 {
    if x == 1.0 {
        let g = super::special::ln_gamma;
        return (g(c) + g(c - a - b) - g(c - a) - g(c - b)).exp();
    }
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 0..1_000_000 {
        let n = f64::from(n);
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * x;
        sum += term;
        if term.abs() < 1e-17 * sum.abs() {
            break;
        }
    }
    sum
}
