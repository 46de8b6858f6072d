//! Paule–Mandel: the root of Q(τ²) = k − p; and its median-unbiased form, Q(τ²) = median of χ²(k − p).
//!
//! Q falls as τ² grows, so the root is unique. References: \[paule1982\], \[viechtbauer2021\].

use super::moments::{error_of_root, root_of_q};
use super::{Between, Estimator};
use crate::math::dist;
use crate::model::sums::NormalModel;

pub(super) struct PauleMandel;

impl Estimator for PauleMandel {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        root_of_q(model, model.df())
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        error_of_root(model, tau2)
    }
}

pub(super) struct MedianUnbiased;

impl Estimator for MedianUnbiased {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        root_of_q(model, dist::chi2_quantile(0.5, model.df()))
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        error_of_root(model, tau2)
    }
}
