//! How much wider than they should be the z-values of a file are.
//!
//! ```text
//! λ = median(z²) / median(χ²₁),   standard errors × √max(1, λ)
//! ```
//! Reference: \[devlin1999\].

use super::plan::{EffectColumns, Plan};
use crate::dataset::stream;
use crate::error::Error;
use crate::math::dist;

/// √max(1, λ) of a file.
///
/// # Errors
/// It has no estimates with standard errors, or cannot be read.
pub(super) fn genomic_control(plan: &Plan, delimiter: Option<u8>) -> Result<f64, Error> {
    let EffectColumns::Ready { estimate, precision, is_variance } = plan.effect else {
        return Err(Error::usage("genomic control needs estimates with standard errors")
            .with_hint("leave ⟦genomic-control⟧ out"));
    };
    let wanted = [plan.wanted[estimate].clone(), plan.wanted[precision].clone()];
    let mut squares: Vec<f64> = vec![];
    stream::read(&plan.path, &wanted, delimiter, &mut |portion| {
        let square = |row: usize| {
            let (y, s) = (portion.columns[0].number(row), portion.columns[1].number(row));
            y * y / if is_variance { s } else { s * s }
        };
        squares.extend((0..portion.rows()).map(square).filter(|z2| z2.is_finite()));
        Ok(true)
    })?;
    if squares.is_empty() {
        return Ok(1.0);
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    let lambda = *median / dist::chi2_quantile(0.5, 1.0);
    Ok(lambda.max(1.0).sqrt())
}
