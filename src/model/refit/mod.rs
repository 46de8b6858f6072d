//! Fits that can be made again of some of their rows.
//!
//! Everything that asks what an answer owes to single studies (leave-one-out, cumulative analysis, influence, subsets,
//! resampling) asks it of a [`Refit`] and knows no model. A model that brings one gets all of them: pooling has [`PooledFit`],
//! a regression a fit of each of its coefficients.

mod bootstrap;
mod pooled;

use super::{Sample, tau2::Tau2};
use crate::effect::{EffectTable, Natural};
use crate::error::Error;
use crate::math::dist;
use crate::result::sensitivity::{Conclusion, PartialFit};
pub use bootstrap::{Bootstrap, bootstrap};
pub(crate) use bootstrap::{percentile_limits, resampled};
pub use pooled::PooledFit;

/// The shortest way to the estimate and I² of a subset of rows.
#[derive(Clone, Copy, Debug)]
pub enum SubsetRoute<'a> {
    /// Weighted sums alone: the fit has no τ².
    Sums(Sample<'a>),
    /// An estimator of τ², then weighted sums.
    Estimator(Sample<'a>, Tau2),
    /// The model itself.
    Model,
}

/// A fit of one estimate that can be made again of some of its rows. Rows are those of the table, in its order.
pub trait Refit: Sync {
    /// The table that was fitted.
    fn table(&self) -> &EffectTable;

    /// Rows that the fit used, in order.
    fn rows(&self) -> &[usize];

    /// The fit of all its rows; `None` where it gave no estimate.
    fn whole(&self) -> Option<PartialFit>;

    /// The fit of these rows alone.
    ///
    /// # Errors
    /// A row was not fitted, or the model cannot fit them.
    fn with_rows(&self, rows: &[usize]) -> Result<PartialFit, Error>;

    /// The fit without these rows.
    ///
    /// # Errors
    /// The model cannot fit the others.
    fn without(&self, rows: &[usize]) -> Result<PartialFit, Error> {
        let keep: Vec<usize> = self.rows().iter().copied().filter(|r| !rows.contains(r)).collect();
        self.with_rows(&keep)
    }

    /// Confidence level in percent.
    fn level(&self) -> f64;

    /// The value on the analysis scale that conclusions are about; `None` where there is none.
    fn against(&self) -> Option<f64>;

    /// Effects and variances of the rows, where each has them.
    fn sample(&self) -> Option<Sample<'_>> {
        None
    }

    /// The weight of a row in percent, where the fit has weights.
    fn weight(&self, _row: usize) -> Option<f64> {
        None
    }

    /// Whether the estimate is the mean weighted by 1/(v + τ²), so that residuals and leverage follow from the weights.
    fn is_weighted_mean(&self) -> bool {
        false
    }

    /// Whether standard errors hold the factor of Hartung and Knapp.
    fn is_hartung_knapp(&self) -> bool {
        false
    }

    /// How subsets are fitted fastest.
    fn subset_route(&self) -> SubsetRoute<'_> {
        SubsetRoute::Model
    }

    /// An estimate for reading.
    fn back(&self, x: f64) -> Option<f64> {
        self.table().back(x)
    }

    /// Number of rows that the fit used.
    fn k(&self) -> usize {
        self.rows().len()
    }

    /// Label of a row; empty beyond the table.
    fn label(&self, row: usize) -> String {
        self.table().studies.get(row).map_or_else(String::new, |s| s.study.clone())
    }

    /// A fit for reading.
    fn natural(&self, fit: &PartialFit) -> Natural {
        Natural {
            estimate: self.back(fit.estimate),
            // an unbounded limit reaches the end of the scale, where it has one
            lower: self.back(fit.lower.unwrap_or(f64::NEG_INFINITY)).filter(|x| x.is_finite()),
            upper: self.back(fit.upper.unwrap_or(f64::INFINITY)).filter(|x| x.is_finite()),
        }
    }

    /// What a fit concludes.
    fn conclusion(&self, fit: &PartialFit) -> Option<Conclusion> {
        Conclusion::of(fit.lower, fit.upper, self.against())
    }
}

/// A fit with its test about another value than `null`, which the statistic at hand is about: (θ̂ − value)/SE where that is
/// the kind of test; else none, as of a likelihood ratio or an exact test.
fn about(fit: PartialFit, null: f64, value: f64) -> PartialFit {
    if value == null {
        return fit;
    }
    let at = |x: f64| fit.se.map(|se| (fit.estimate - x) / se).filter(|s| s.is_finite());
    let same = |s: &f64| fit.statistic.is_some_and(|own| (own - s).abs() <= 1e-9 * (1.0 + own.abs()));
    let statistic = at(null).filter(same).and_then(|_| at(value));
    let p_value = statistic.map(|s| match fit.df {
        Some(df) => dist::t_two_sided(s, df),
        None => dist::normal_two_sided(s),
    });
    PartialFit { statistic, p_value, ..fit }
}

/// A row that a fit did not use cannot be used by a part of it.
pub(super) fn not_fitted(table: &EffectTable, row: usize) -> Error {
    match table.studies.get(row) {
        Some(s) => Error::usage("the fit did not use this row").at_line(s.line).of_study(&s.study),
        None => Error::usage(format!("row {} of a table of {}", row.saturating_add(1), table.studies.len())),
    }
    .with_hint("refit some of the rows that the fit used")
}
