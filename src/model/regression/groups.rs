//! Groups of studies as a regression: means with one τ², and the test of their differences.
//!
//! ```text
//! w = 1/(v + τ²),   W_g = Σ w,   θ̂_g = Σ w y / W_g,   θ̄ = Σ_g W_g θ̂_g / Σ_g W_g
//! s² = Σ w (y − θ̂_g)² / (k − G)
//! F  = Σ_g W_g (θ̂_g − θ̄)² / ((G − 1) φ),   φ = max(1, s²), or s², or 1;   F with G − 1 and k − G degrees of freedom
//! ```
//! It is the omnibus test of the moderators in a regression on the groups. Reference: \[knapp2003\].

use super::estimates::factor;
use crate::math::dist;
use crate::math::linalg::Basis;
use crate::model::interval::Interval;
use crate::model::sums::{LinearModel, MOST_COLUMNS};
use crate::model::tau2::{Between, Tau2};

/// τ² of effects about the means of their groups; `None` where no group has two, or there are too many groups.
pub(in crate::model) fn within_groups(
    y: &[f64],
    v: &[f64],
    member: &[usize],
    estimator: Tau2,
) -> Option<Between> {
    let groups = member.iter().max().map_or(0, |m| m + 1);
    let mut used = member.to_vec();
    used.sort_unstable();
    used.dedup();
    if used.len() > MOST_COLUMNS || used.len() >= y.len() {
        return None;
    }
    let row = |&g: &usize| (0..groups).map(|j| f64::from(u8::from(j == g))).collect();
    let rows: Vec<Vec<f64>> = member.iter().map(row).collect();
    let (basis, _) = Basis::new(&rows);
    let fits = y.len() > basis.p && basis.p <= MOST_COLUMNS;
    fits.then(|| estimator.estimate_in(&LinearModel::new(y, v, &basis)))
}

/// The test of differences between groups with one τ².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Differences {
    /// F.
    pub f: f64,
    /// G − 1.
    pub df: usize,
    /// k − G.
    pub df2: usize,
    /// p-value.
    pub p_value: f64,
}

/// Tests groups of effects at a τ², with the factor of an interval; `None` with fewer than two groups, without variation
/// within groups, or where the factor is zero.
pub(in crate::model) fn differences(
    y: &[f64],
    v: &[f64],
    member: &[usize],
    tau2: f64,
    ci: Interval,
) -> Option<Differences> {
    let groups = member.iter().max().map_or(0, |m| m + 1);
    // sums from the first effect, so that a large common part costs no digits
    let first = *y.first()?;
    let mut sums = vec![(0.0, 0.0); groups];
    for ((y, v), &g) in y.iter().zip(v).zip(member) {
        let w = 1.0 / (v + tau2);
        sums[g] = (sums[g].0 + w, sums[g].1 + w * (y - first));
    }
    let used: Vec<(f64, f64)> = sums.iter().filter(|s| s.0 > 0.0).map(|&(w, wy)| (w, wy / w)).collect();
    let (df, df2) = (used.len().checked_sub(1)?, y.len().checked_sub(used.len())?);
    if df == 0 || df2 == 0 {
        return None;
    }
    let residual: f64 = y
        .iter()
        .zip(v)
        .zip(member)
        .map(|((y, v), &g)| (y - first - sums[g].1 / sums[g].0).powi(2) / (v + tau2))
        .sum();
    let total: f64 = used.iter().map(|u| u.0).sum();
    let mean = used.iter().map(|u| u.0 * u.1).sum::<f64>() / total;
    let between: f64 = used.iter().map(|u| u.0 * (u.1 - mean).powi(2)).sum();
    let f = between / (df as f64 * factor(ci, residual / df2 as f64));
    f.is_finite().then(|| Differences { f, df, df2, p_value: dist::f_sf(f, df as f64, df2 as f64) })
}
