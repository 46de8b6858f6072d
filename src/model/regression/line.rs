//! A straight line through effects: what tests of small-study effects are made of.
//!
//! ```text
//! y = a + b x + ε,   multiplicative  Var ε = φ s²           φ̂ = Σ(r/s)² / (k − 2),  t with k − 2 degrees of freedom
//!                    additive        Var ε = s² + τ²        τ² by any estimator of the regression
//! ```
//! The multiplicative line is weighted least squares. References: \[thompson1999\], \[viechtbauer2010\].

use super::estimates::factor;
use crate::math::dist;
use crate::math::linalg::Basis;
use crate::model::interval::Interval;
use crate::model::sums::{LinearModel, NormalModel};
use crate::model::tau2::Tau2;

/// How effects vary about the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dispersion {
    /// By a multiple of their variances.
    Multiplicative,
    /// By their variances and τ².
    Additive {
        /// Estimator of τ².
        tau2: Tau2,
        /// A given τ² instead.
        given: Option<f64>,
        /// Wald, t or Hartung–Knapp; others are taken as Wald.
        ci: Interval,
    },
}

/// A fitted line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its value where x is 0.
    pub intercept: f64,
    /// Its standard error.
    pub intercept_se: f64,
    /// Change of the effect per unit of x.
    pub slope: f64,
    /// Its standard error.
    pub slope_se: f64,
    /// Covariance of both.
    pub covariance: f64,
    /// Degrees of freedom; infinite for the normal distribution.
    pub df: f64,
    /// τ²; `None` for the multiplicative line.
    pub tau2: Option<f64>,
}

impl Line {
    /// Two-sided p-value of a statistic of the line.
    pub fn p_value(&self, statistic: f64) -> f64 {
        if self.df.is_finite() {
            dist::t_two_sided(statistic, self.df)
        } else {
            dist::normal_two_sided(statistic)
        }
    }
}

/// The line in coordinates that suit the weights: a study of enormous variance must not cost the others their digits.
///
/// ```text
/// x = x̄ + σ z,   x̄ and σ weighted by 1/v
/// ```
fn weighted_basis(v: &[f64], x: &[f64]) -> Option<Basis> {
    let total: f64 = v.iter().map(|v| 1.0 / v).sum();
    let mean = x.iter().zip(v).map(|(x, v)| x / v).sum::<f64>() / total;
    let sd = (x.iter().zip(v).map(|(x, v)| (x - mean).powi(2) / v).sum::<f64>() / total).sqrt();
    // one value of x, but for rounding
    if sd.is_nan() || sd <= 1e-10 * mean.abs() {
        return None;
    }
    let z = x.iter().flat_map(|x| [1.0, (x - mean) / sd]).collect();
    Some(Basis { k: x.len(), p: 2, z, inverse: vec![1.0, -mean / sd, 0.0, 1.0 / sd] })
}

/// Fits a line to effects `y` with variances `v` along `x`; `None` with fewer than three studies, one value of x,
/// or lengths that differ.
pub fn line(y: &[f64], v: &[f64], x: &[f64], dispersion: Dispersion) -> Option<Line> {
    if y.len() < 3
        || v.len() != y.len()
        || x.len() != y.len()
        || x.iter().chain(y).chain(v).any(|a| !a.is_finite())
    {
        return None;
    }
    let basis = weighted_basis(v, x)?;
    let linear = LinearModel::new(y, v, &basis);
    let tau2 = match dispersion {
        Dispersion::Multiplicative => None,
        Dispersion::Additive { tau2, given, .. } => {
            Some(given.unwrap_or_else(|| tau2.estimate_in(&linear).tau2))
        }
    };
    let c = linear.coefficients(tau2.unwrap_or(0.0));
    let s2 = c.q / linear.df();
    let (factor, df) = match dispersion {
        Dispersion::Multiplicative => (s2, linear.df()),
        Dispersion::Additive {
            ci: ci @ (Interval::HartungKnapp | Interval::HartungKnappAdHoc | Interval::T),
            ..
        } => (factor(ci, s2), linear.df()),
        Dispersion::Additive { .. } => (1.0, f64::INFINITY),
    };
    let scaled: Vec<f64> = c.covariance.iter().map(|x| x * factor).collect();
    let (beta, covariance) = (basis.coefficients(&c.gamma), basis.covariance(&scaled));
    Some(Line {
        intercept: beta[0],
        intercept_se: covariance[0].sqrt(),
        slope: beta[1],
        slope_se: covariance[3].sqrt(),
        covariance: covariance[1],
        df,
        tau2,
    })
}
