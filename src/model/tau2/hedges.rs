//! Hedges: method of moments with equal weights.
//!
//! ```text
//! τ² = max(0, (yᵀPy − tr PV)/(k − p)),   P = I − X(XᵀX)⁻¹Xᵀ;   with one mean Σ(y − ȳ)²/(k − 1) − Σv/k
//! SE² = 2 (tr PVPV + 2τ² tr PV + τ⁴ (k − p))/(k − p)²
//! ```
//! Closed form and unbiased before truncation; inefficient when sampling variances differ.
//! References: \[hedges1985\], \[cochran1954\].

use super::{Between, Estimator};
use crate::model::sums::NormalModel;

pub(super) struct Hedges;

impl Estimator for Hedges {
    fn estimate<M: NormalModel>(model: &M, _: impl FnOnce() -> M::Moments) -> Between {
        let equal = model.unweighted();
        Between::closed(equal.residual - equal.sampling)
    }

    fn standard_error<M: NormalModel>(model: &M, tau2: f64) -> Option<f64> {
        let df = model.df();
        let trace_pv = df * model.unweighted().sampling;
        let variance = 2.0 * (model.trace_pvpv() + 2.0 * tau2 * trace_pv + tau2 * tau2 * df);
        Some(variance.sqrt() / df)
    }
}
