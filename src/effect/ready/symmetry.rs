//! Whether limits are symmetric about their estimate, on which scale.
//!
//! ```text
//! |2y − L − U| ≤ rounding of y, L and U + 2% of U − L
//! ```

use super::named::ReadyRow;
use crate::dataset::Ready;
use crate::effect::Scale;
use crate::math::last_unit;

/// Which scales the limits of a row are symmetric on, as far as their rounding tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Symmetry {
    Analysis,
    Natural,
    Both,
    /// The estimate is transformed and its limits are not.
    TransformedEstimate,
    /// The limits are transformed and the estimate is not.
    TransformedLimits,
    Neither,
}

/// Half a unit in the last decimal of a column.
fn half_unit(values: impl Iterator<Item = f64>) -> f64 {
    0.5 * values.map(last_unit).fold(1.0, f64::min)
}

/// Judges the limits of rows, given the rounding of their columns.
pub(super) struct Judge {
    scale: Scale,
    estimate: f64,
    limit: f64,
}

impl Judge {
    pub fn new(rows: &[ReadyRow<'_>], scale: Scale) -> Self {
        let limits = rows.iter().filter_map(|r| r.ready.limits).flat_map(|l| [l.lower, l.upper]);
        Self { scale, estimate: half_unit(rows.iter().map(|r| r.ready.estimate)), limit: half_unit(limits) }
    }

    /// |2y − L − U| against the width, given how far rounding may move each: beyond it, 2% are allowed.
    fn fits(&self, y: (f64, f64), lower: (f64, f64), upper: (f64, f64)) -> bool {
        let width = upper.0 - lower.0;
        let gap = (2.0 * y.0 - lower.0 - upper.0).abs();
        width.is_finite() && width > 0.0 && gap <= 2.0 * y.1 + lower.1 + upper.1 + 0.02 * width
    }

    /// On which scales the limits are symmetric; none without limits.
    pub fn symmetry(&self, r: &Ready) -> Option<Symmetry> {
        let l = r.limits?;
        let raw = |x: f64, unit: f64| Some((x, unit));
        let moved = |x: f64, unit: f64| {
            let t = self.scale.forward(x, None).filter(|t| t.is_finite())?;
            Some((t, unit * self.scale.derivative(x)))
        };
        type To<'a> = &'a dyn Fn(f64, f64) -> Option<(f64, f64)>;
        let fits = |estimate: To<'_>, limit: To<'_>| {
            let parts =
                (estimate(r.estimate, self.estimate), limit(l.lower, self.limit), limit(l.upper, self.limit));
            matches!(parts, (Some(y), Some(a), Some(b)) if self.fits(y, a, b))
        };
        Some(match (fits(&raw, &raw), fits(&moved, &moved)) {
            (true, true) => Symmetry::Both,
            (true, false) => Symmetry::Analysis,
            (false, true) => Symmetry::Natural,
            _ if fits(&raw, &moved) => Symmetry::TransformedEstimate,
            _ if fits(&moved, &raw) => Symmetry::TransformedLimits,
            _ => Symmetry::Neither,
        })
    }
}
