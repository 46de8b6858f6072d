//! Hunter–Schmidt, plain and with Brannick's small-sample correction.
//!
//! ```text
//! τ² = max(0, (Q − k)/Σw)               w = 1/v
//! τ² = max(0, (k/(k − p) Q − k)/Σw)
//! ```
//! References: \[hunter2004\], \[brannick2019\].

use super::moments::error_of_q;
use super::{Between, Estimator};
use crate::model::sums::{FirstOrder, NormalModel};

fn estimate<M: NormalModel>(model: &M, common: M::Moments, factor: f64) -> Between {
    Between::closed((factor * common.q() - model.k() as f64) / common.w())
}

fn standard_error(model: &impl NormalModel, tau2: f64, factor: f64) -> Option<f64> {
    let p = model.at(0.0);
    Some(factor * error_of_q(model, &p, tau2) / p.w())
}

fn correction(model: &impl NormalModel) -> f64 {
    model.k() as f64 / model.df()
}

pub(super) struct HunterSchmidt;

impl Estimator for HunterSchmidt {
    fn estimate<M: NormalModel>(model: &M, common: impl FnOnce() -> M::Moments) -> Between {
        estimate(model, common(), 1.0)
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        standard_error(model, tau2, 1.0)
    }
}

pub(super) struct Corrected;

impl Estimator for Corrected {
    fn estimate<M: NormalModel>(model: &M, common: impl FnOnce() -> M::Moments) -> Between {
        estimate(model, common(), correction(model))
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        standard_error(model, tau2, correction(model))
    }
}
