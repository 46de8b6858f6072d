//! Sidik–Jonkman, once or iterated.
//!
//! ```text
//! τ₀² = Σ(y − ȳ)²/k,   τ² = τ₀² yᵀPy/(k − p) with P at τ₀²
//! ```
//! Never zero unless all effects are equal; biased high for small τ². Iterated, τ₀² is replaced until stable: where
//! Q(τ²) = k − p, or at zero where Q is below that everywhere. Reference: \[sidik2005\].

use super::moments::{error_of_q, error_of_root, root_of_q};
use super::{Between, Estimator};
use crate::model::sums::{FirstOrder, NormalModel};

/// τ₀².
fn start(model: &impl NormalModel) -> f64 {
    let k = model.k() as f64;
    model.sample().plain_variance() * (k - 1.0) / k
}

pub(super) struct SidikJonkman;

impl Estimator for SidikJonkman {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        let first = start(model);
        Between::closed(if first > 0.0 { first * model.centred(first).q() / model.df() } else { 0.0 })
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        let first = start(model);
        Some(first * error_of_q(model, &model.at(first), tau2 - first) / model.df())
    }
}

pub(super) struct Iterated;

impl Estimator for Iterated {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        root_of_q(model, model.df())
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        error_of_root(model, tau2)
    }
}
