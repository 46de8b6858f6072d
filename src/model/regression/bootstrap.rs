//! Percentile intervals of coefficients and of τ², by drawing studies with replacement. Reference: \[follmann1999\].

use super::Regression;
use crate::math::linalg::Basis;
use crate::math::parallel::Progress;
use crate::model::refit::{percentile_limits, resampled};
use crate::model::sums::LinearModel;
use crate::result::regression::RegressionResult;

impl Regression<'_> {
    /// Adds percentile intervals of the coefficients and of τ² by drawing studies with replacement.
    pub fn bootstrap(&self, result: &mut RegressionResult, draws: usize, seed: u64, progress: Progress<'_>) {
        let all = resampled(self.y.len(), draws, seed, |rows| self.redrawn(rows), progress);
        let limits = |values: Vec<f64>| percentile_limits(values, self.options.level);
        for (j, c) in result.coefficients.iter_mut().enumerate() {
            c.bootstrap = limits(all.iter().map(|d| d.0[j]).collect());
        }
        result.heterogeneity.tau2_bootstrap = limits(all.iter().map(|d| d.1).collect());
    }

    /// Coefficients and τ² of studies drawn with replacement; `None` where these cannot support them.
    fn redrawn(&self, rows: &[usize]) -> Option<(Vec<f64>, f64)> {
        let design: Vec<Vec<f64>> = rows.iter().map(|&i| self.design.rows[i].clone()).collect();
        let (basis, aliased) = Basis::new(&design);
        if !aliased.is_empty() {
            return None;
        }
        let y: Vec<f64> = rows.iter().map(|&i| self.y[i]).collect();
        let v: Vec<f64> = rows.iter().map(|&i| self.v[i]).collect();
        let linear = LinearModel::new(&y, &v, &basis);
        let tau2 = self.between(&linear, self.options.tau2).tau2;
        Some((basis.coefficients(&linear.coefficients(tau2).gamma), tau2))
    }
}
