//! The kernel of estimators by moments: roots of Q, and large-sample standard errors.
//!
//! ```text
//! Var yᵀPy = 2 tr PΣPΣ,  Σ = V + τ²I = W⁻¹ + tI with t = τ² less the τ² of the weights
//!          = 2(k − p) + 4t tr P + 2t² tr P²
//! ```
//! Reference: \[viechtbauer2005\].

use super::Between;
use crate::math::root::Stop;
use crate::model::sums::{FirstOrder, NormalModel, Quantities};

/// The root of Q(τ²) = target: Newton from below never overshoots, since Q is convex and falling.
pub(super) fn root_of_q(model: &impl NormalModel, target: f64) -> Between {
    const PATIENCE: usize = 500;
    let mut tau2 = 0.0;
    for iterations in 0..PATIENCE {
        let s = model.centred(tau2);
        let excess = s.q() - target;
        if excess <= 0.0 && iterations == 0 {
            return Between::zero(0);
        }
        // dQ/dτ² = −yᵀP²y
        let step = excess / s.ypp_y();
        let new = tau2 + step;
        if step.abs() <= 4.0 * f64::EPSILON * new || new == tau2 {
            return Between { tau2: new.max(0.0), iterations: iterations + 1, stop: Stop::Converged };
        }
        tau2 = new.max(0.0);
    }
    Between { tau2, iterations: PATIENCE, stop: Stop::Patience }
}

/// Standard error of a root of Q, whose weights hold τ² already: √(2k²/(k − p))/Σw.
pub(super) fn error_of_root(model: &impl NormalModel, tau2: f64) -> Option<f64> {
    let k = model.k() as f64;
    Some((2.0 * k * k / model.df()).sqrt() / model.moments(tau2).w())
}

/// √Var yᵀPy at the quantities `p` of some weights, with `t` = τ² less the τ² of these.
pub(super) fn error_of_q(model: &impl NormalModel, p: &impl Quantities, t: f64) -> f64 {
    (2.0 * model.df() + 4.0 * t * p.trace_p() + 2.0 * t * t * p.trace_pp()).max(0.0).sqrt()
}
