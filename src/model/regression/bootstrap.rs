//! Percentile intervals of coefficients and of τ², by drawing studies with replacement. Reference: \[follmann1999\].

use super::Regression;
use super::permute::PORTION;
use crate::math::linalg::Basis;
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{Generator, below, generator};
use crate::model::sums::LinearModel;
use crate::result::regression::RegressionResult;

/// Draws that lack a level, or have too few studies, before one is given up.
const TRIES: usize = 1000;

impl Regression<'_> {
    /// Adds percentile intervals of the coefficients and of τ² by drawing studies with replacement.
    pub fn bootstrap(&self, result: &mut RegressionResult, draws: usize, seed: u64, progress: Progress<'_>) {
        let work = |portion: usize| {
            let mut generator = generator(seed ^ 0x00B0_0757_0A90, portion);
            let size = PORTION.min(draws - portion * PORTION);
            let drawn = (0..size).filter_map(|_| (0..TRIES).find_map(|_| self.redrawn(&mut generator)));
            drawn.collect::<Vec<_>>()
        };
        let all: Vec<(Vec<f64>, f64)> =
            in_portions(draws.div_ceil(PORTION), work, progress).into_iter().flatten().collect();
        let tail = 0.5 - self.options.level / 200.0;
        let limits = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            Some((percentile(&values, tail)?, percentile(&values, 1.0 - tail)?))
        };
        for (j, c) in result.coefficients.iter_mut().enumerate() {
            c.bootstrap = limits(all.iter().map(|d| d.0[j]).collect());
        }
        result.heterogeneity.tau2_bootstrap = limits(all.iter().map(|d| d.1).collect());
    }

    /// Coefficients and τ² of studies drawn with replacement; `None` where these cannot support them.
    fn redrawn(&self, generator: &mut Generator) -> Option<(Vec<f64>, f64)> {
        let k = self.y.len();
        let rows: Vec<usize> = (0..k).map(|_| below(generator, k as u64) as usize).collect();
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

/// Linear between order statistics; `None` without any.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    Some(sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low]))
}
