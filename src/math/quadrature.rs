//! Gauss quadrature: nodes and weights by Newton's method on the orthogonal polynomials.
//!
//! Reference: \[golub1969\].

use std::f64::consts::PI;

/// Nodes and weights on the reference interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Nodes, increasing.
    pub nodes: Vec<f64>,
    /// Weights.
    pub weights: Vec<f64>,
}

/// Gauss–Hermite: ∫ exp(−x²) f(x) dx over the line, exact for polynomials of degree 2n − 1.
///
/// Normalised Hermite functions keep the recurrence within range for any n of practical use.
pub fn gauss_hermite(n: usize) -> Rule {
    let mut nodes = vec![0.0; n];
    let mut weights = vec![0.0; n];
    // h̃ₙ and h̃ₙ₋₁ at x, orthonormal with respect to exp(−x²)
    let polynomial = |x: f64| {
        let (mut previous, mut current) = (0.0, PI.powf(-0.25));
        for j in 0..n {
            let j = j as f64;
            let next = x * (2.0 / (j + 1.0)).sqrt() * current - (j / (j + 1.0)).sqrt() * previous;
            previous = current;
            current = next;
        }
        (current, previous)
    };
    let mut z = 0.0;
    for i in 0..n.div_ceil(2) {
        // asymptotic starts for the largest roots, then extrapolation
        z = match i {
            0 => (2.0 * n as f64 + 1.0).sqrt() - 1.855_75 * (2.0 * n as f64 + 1.0).powf(-1.0 / 6.0),
            1 => z - 1.14 * (n as f64).powf(0.426) / z,
            2 => 1.86 * z - 0.86 * nodes[n - 1],
            3 => 1.91 * z - 0.91 * nodes[n - 2],
            _ => 2.0 * z - nodes[n + 1 - i],
        };
        let mut slope = 1.0;
        for _ in 0..100 {
            let (p, q) = polynomial(z);
            slope = (2.0 * n as f64).sqrt() * q;
            let step = p / slope;
            z -= step;
            if step.abs() < 1e-15 * z.abs().max(1.0) {
                break;
            }
        }
        let weight = 2.0 / (slope * slope);
        nodes[n - 1 - i] = z;
        nodes[i] = -z;
        weights[n - 1 - i] = weight;
        weights[i] = weight;
    }
    if n % 2 == 1 {
        nodes[n / 2] = 0.0;
    }
    Rule { nodes, weights }
}

/// Gauss–Legendre on [−1, 1].
pub fn gauss_legendre(n: usize) -> Rule {
    let mut nodes = vec![0.0; n];
    let mut weights = vec![0.0; n];
    for i in 0..n.div_ceil(2) {
        let mut x = (PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut previous, mut current) = (1.0, x);
            for j in 2..=n {
                let j = j as f64;
                let next = ((2.0 * j - 1.0) * x * current - (j - 1.0) * previous) / j;
                previous = current;
                current = next;
            }
            slope = n as f64 * (x * current - previous) / (x * x - 1.0);
            let step = current / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        let weight = 2.0 / ((1.0 - x * x) * slope * slope);
        nodes[n - 1 - i] = x;
        nodes[i] = -x;
        weights[n - 1 - i] = weight;
        weights[i] = weight;
    }
    Rule { nodes, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_integrate_polynomials_exactly() {
        for n in [1, 2, 5, 20, 31, 64] {
            let rule = gauss_hermite(n);
            let total: f64 = rule.weights.iter().sum();
            assert!((total - PI.sqrt()).abs() < 1e-12, "{n}: {total}");
            let second: f64 = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x * x).sum();
            assert!(n == 1 || (second - 0.5 * PI.sqrt()).abs() < 1e-12, "{n}: {second}");
            let rule = gauss_legendre(n);
            let second: f64 = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x * x).sum();
            assert!(n == 1 || (second - 2.0 / 3.0).abs() < 1e-13, "{n}: {second}");
            assert!((rule.weights.iter().sum::<f64>() - 2.0).abs() < 1e-13);
        }
    }
}
