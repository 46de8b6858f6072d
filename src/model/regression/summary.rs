//! What a fitted regression says of heterogeneity, of its studies and of its own coefficients.

use super::Regression;
use super::estimates::Estimates;
use crate::math::dist;
use crate::math::linalg::{block, dot, inverse, quadratic};
use crate::model::sums::{Inconsistency, LinearModel, NormalModel};
use crate::result::regression::{Fitted, ResidualHeterogeneity};

impl Regression<'_> {
    /// What of the spread the moderators leave.
    pub(super) fn heterogeneity(&self, linear: &LinearModel<'_>, model: &Estimates) -> ResidualHeterogeneity {
        let tau2 = model.between.tau2;
        let equal = self.options.model.equal_effects();
        let free = self.options.given.is_none() && !equal;
        let mut residual = residual_heterogeneity(linear, tau2, equal);
        if free {
            residual.tau2_se = self.options.tau2.standard_error(linear, tau2);
            residual.r2 = self.frame.has_terms().then(|| self.explained(tau2)).flatten();
        }
        residual
    }

    /// 100 (τ²₀ − τ²)/τ²₀ with τ²₀ of the same studies without moderators, truncated at 0.
    fn explained(&self, tau2: f64) -> Option<f64> {
        let total = self.options.tau2.estimate(self.linear().sample()).tau2;
        (total > 0.0).then(|| (100.0 * (total - tau2) / total).max(0.0))
    }

    /// Diagonal of the inverse of the correlation matrix of the coefficients, the intercept left out.
    pub(super) fn vifs(&self, model: &Estimates) -> Option<Vec<Option<f64>>> {
        let p = self.basis.p;
        let slopes: Vec<usize> = (0..p).filter(|&i| self.design.terms[i].is_some()).collect();
        let m = slopes.len();
        if m < 2 {
            return None;
        }
        let v = block(&model.covariance, p, &slopes);
        let correlation = |at: usize| v[at] / (v[at / m * (m + 1)] * v[at % m * (m + 1)]).sqrt();
        let inverse = inverse(&(0..m * m).map(correlation).collect::<Vec<f64>>(), m)?;
        let mut out = vec![None; p];
        for (a, &i) in slopes.iter().enumerate() {
            out[i] = Some(inverse[a * m + a]);
        }
        Some(out)
    }

    /// The studies' fitted values and residuals.
    pub(super) fn studies(&self, model: &Estimates) -> Vec<Fitted> {
        let tau2 = model.between.tau2;
        let total: f64 = self.v.iter().map(|v| 1.0 / (v + tau2)).sum();
        let study = |i: usize| {
            let fitted = dot(&self.design.rows[i], &model.beta);
            // the part of its variance that its own fitted value has
            let explained = quadratic(&model.plain, self.basis.row(i));
            let variance = self.v[i] + tau2;
            let residual = self.y[i] - fitted;
            Fitted {
                row: self.rows[i],
                fitted,
                residual,
                standardized: residual / (variance - explained).max(0.0).sqrt(),
                hat: explained / variance,
                weight: 100.0 / variance / total,
            }
        };
        (0..self.rows.len()).map(study).collect()
    }
}

/// Q, I² and H² of a linear model at a residual τ².
pub(super) fn residual_heterogeneity(
    linear: &LinearModel<'_>,
    tau2: f64,
    equal: bool,
) -> ResidualHeterogeneity {
    let inconsistency = Inconsistency::new(&linear.moments(0.0), linear.df());
    let (i2, h2) = inconsistency.of_model(tau2, equal);
    ResidualHeterogeneity {
        tau2,
        i2,
        h2,
        qe: inconsistency.q,
        qe_df: inconsistency.df as usize,
        qe_p_value: dist::chi2_sf(inconsistency.q, inconsistency.df),
        ..ResidualHeterogeneity::default()
    }
}
