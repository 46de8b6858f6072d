//! Empirical Bayes (Morris): the same root as Paule–Mandel, Q(τ²) = k − p.
//!
//! Reference: \[morris1983\], \[viechtbauer2015\].

use super::moments::{error_of_root, root_of_q};
use super::{Between, Estimator};
use crate::model::sums::NormalModel;

pub(super) struct EmpiricalBayes;

impl Estimator for EmpiricalBayes {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        root_of_q(model, model.df())
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        error_of_root(model, tau2)
    }
}
