//! Kenward–Roger for the random-effects mean under REML.
//!
//! ```text
//! Var τ̂² = 1/I,  I = ½ (Σw² − 2Σw³/Σw + (Σw²)²/(Σw)²)
//! SE² = 1/Σw + 2 Var τ̂² (Σw³ − (Σw²)²/Σw)/(Σw)²
//! df  = 2/(Var τ̂² (SE² Σw²)²)
//! ```
//! References: \[kenward1997\], \[partlett2017\].

use super::{Fitted, Kind};
use crate::model::sums::Quantities;

pub(super) const SPEC: Kind = Kind::Quantile(kenward_roger);

/// Adjusted standard error and degrees of freedom.
pub(crate) fn kenward_roger(f: &Fitted<'_>) -> (f64, f64) {
    let s = f.sample.sums_from(f.tau2, f.mean);
    let variance = 2.0 / s.trace_pp();
    let ratio = s.w2 / s.w;
    let se2 = 1.0 / s.w + 2.0 * variance * (s.w3 - s.w2 * ratio) / (s.w * s.w);
    (se2.sqrt(), 2.0 / (variance * (se2 * s.w2).powi(2)))
}
