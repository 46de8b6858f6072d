//! Empirical Bayes (Morris): the same root as Paule–Mandel, Q(τ²) = k − 1.
//!
//! Reference: \[morris1983\], \[viechtbauer2015\].

use super::{Tau2Spec, paule_mandel, root_standard_error};

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |sample| paule_mandel::solve(sample, sample.k() as f64 - 1.0),
    of_moments: None,
    standard_error: root_standard_error,
};
