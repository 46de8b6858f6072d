//! The equal-effects model: τ² = 0 by assumption.

use super::{Between, Estimator};
use crate::model::sums::NormalModel;

pub(super) struct EqualEffects;

impl Estimator for EqualEffects {
    fn estimate<M: NormalModel>(_: &M, _: impl FnOnce() -> M::Moments) -> Between {
        Between::given(0.0)
    }

    fn standard_error<M: NormalModel>(_: &M, _: f64) -> Option<f64> {
        None
    }
}
