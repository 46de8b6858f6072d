//! DerSimonian–Laird: method of moments with inverse-variance weights, once or iterated.
//!
//! ```text
//! τ² = max(0, (Q − (k − p))/tr P),   w = 1/v;   with one mean tr P = Σw − Σw²/Σw
//! ```
//! Closed form, k > p; biased low for large τ². Iterated, the weights become 1/(v + τ²) until τ² is stable: where
//! Q(τ²) = k − p, which is Paule and Mandel's equation. Reference: \[dersimonian1986\].

use super::moments::{error_of_q, error_of_root, root_of_q};
use super::{Between, Estimator};
use crate::model::sums::{FirstOrder, NormalModel};

pub(super) struct DerSimonianLaird;

impl Estimator for DerSimonianLaird {
    fn estimate<M: NormalModel>(model: &M, common: impl FnOnce() -> M::Moments) -> Between {
        let common = common();
        Between::closed((common.q() - model.df()) / common.trace_p())
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        let p = model.at(0.0);
        Some(error_of_q(model, &p, tau2) / p.trace_p())
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
