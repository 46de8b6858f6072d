//! Log-likelihood and information criteria of a fit.

use super::sums::NormalModel;
use super::tau2::{Between, Tau2, log_likelihood};
use crate::result::FitStatistics;

/// Restricted for REML, full otherwise; τ² counts as a parameter unless it is given or taken to be zero.
pub(super) fn fit_statistics(
    model: &impl NormalModel,
    between: &Between,
    estimator: Tau2,
    given: bool,
) -> FitStatistics {
    let restricted = estimator == Tau2::Reml;
    let n = if restricted { model.df() } else { model.k() as f64 };
    let free = estimator != Tau2::EqualEffects && !given;
    let parameters = model.p() as f64 + if free { 1.0 } else { 0.0 };
    let log = log_likelihood(model, between.tau2, restricted);
    FitStatistics::new(log, parameters, n, between.iterations, between.stop)
}
