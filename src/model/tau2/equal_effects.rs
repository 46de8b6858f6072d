//! The equal-effects model: τ² = 0 by assumption.

use super::{Between, Tau2Spec};

pub(super) const SPEC: Tau2Spec = Tau2Spec {
    estimate: |_| Between::closed(0.0),
    of_moments: Some(|_, _| 0.0),
    standard_error: |_, _| None,
};
