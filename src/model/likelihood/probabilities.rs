//! Distributions of counts as lists of probabilities, and of their sums.

/// Probabilities of `first`, `first` + 1, …; what is left out is too small to count.
#[derive(Clone, Debug)]
pub(in crate::model) struct Probabilities {
    pub first: f64,
    pub values: Vec<f64>,
}

/// Probabilities this far below the largest are left out: 20 standard deviations.
const NEGLIGIBLE: f64 = 1e-90;

impl Probabilities {
    /// The distribution of one that is certain.
    pub fn certain(value: f64) -> Self {
        Self { first: value, values: vec![1.0] }
    }

    /// From the mode, the ends of the support, and the ratio of the probability of j to that of j − 1.
    pub fn outward(mode: f64, (lo, hi): (f64, f64), ratio: impl Fn(f64) -> f64) -> Self {
        let mut below = vec![];
        let (mut term, mut j) = (1.0, mode);
        while j > lo {
            term /= ratio(j);
            if term < NEGLIGIBLE {
                break;
            }
            below.push(term);
            j -= 1.0;
        }
        let first = mode - below.len() as f64;
        let mut values: Vec<f64> = below.into_iter().rev().collect();
        values.push(1.0);
        (term, j) = (1.0, mode);
        while j < hi {
            j += 1.0;
            term *= ratio(j);
            if term < NEGLIGIBLE {
                break;
            }
            values.push(term);
        }
        let mut out = Self { first, values };
        out.normalise();
        out
    }

    fn normalise(&mut self) {
        let total: f64 = self.values.iter().sum();
        self.values.iter_mut().for_each(|v| *v /= total);
    }

    /// The distribution of the sum of two independent counts.
    pub fn sum(&self, other: &Self) -> Self {
        let mut values = vec![0.0; self.values.len() + other.values.len() - 1];
        for (i, a) in self.values.iter().enumerate() {
            for (v, b) in values[i..].iter_mut().zip(&other.values) {
                *v += a * b;
            }
        }
        let counts = |v: &f64| *v >= NEGLIGIBLE;
        let start = values.iter().position(counts).unwrap_or(0);
        let end = values.iter().rposition(counts).map_or(values.len(), |i| i + 1);
        Self { first: self.first + other.first + start as f64, values: values[start..end].to_vec() }
    }

    /// P(X < t), P(X = t) and P(X > t) when every probability is multiplied by e^(shift · x).
    pub fn split(&self, t: f64, shift: f64) -> [f64; 3] {
        let mut parts = [0.0; 3];
        let log = |i: usize| self.values[i].ln() + shift * (self.first + i as f64 - t);
        let top = (0..self.values.len()).map(log).fold(f64::NEG_INFINITY, f64::max);
        for i in 0..self.values.len() {
            let x = self.first + i as f64;
            let side = if x < t {
                0
            } else if x == t {
                1
            } else {
                2
            };
            parts[side] += (log(i) - top).exp();
        }
        let total: f64 = parts.iter().sum();
        parts.map(|p| p / total)
    }
}
