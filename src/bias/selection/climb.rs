//! The maximum of a likelihood with bounds: Newton's steps with a ridge where the curvature asks for one, variables held
//! on a bound while the likelihood falls away from it.

use super::terms::Slopes;
use crate::math::optimise::{self, Climb, Expansion, Retreat};

/// Where the climb ended.
pub(super) type Summit = optimise::Summit<Vec<f64>, Slopes>;

impl Expansion for Slopes {
    fn value(&self) -> f64 {
        self.value
    }

    fn gradient(&self, i: usize) -> f64 {
        self.gradient[i]
    }

    /// The Hessian has its upper triangle alone.
    fn curvature(&self, i: usize, j: usize) -> f64 {
        -self.hessian[i.min(j)][i.max(j)]
    }
}

/// Climbs from a start within the bounds; `None` if the likelihood is not finite there.
pub(super) fn climb(
    f: &dyn Fn(&[f64]) -> Option<Slopes>,
    start: &[f64],
    bounds: &[(f64, f64)],
) -> Option<Summit> {
    let rules = Climb {
        patience: 300,
        longest: f64::INFINITY,
        bounds,
        retreat: Retreat::Ridge(60),
        slack: 0.0,
        noise: None,
    };
    let is_flat =
        |s: &optimise::Step<'_, Vec<f64>, Slopes>| s.rise.abs() <= 1e-14 * (1.0 + s.here.value.abs());
    let start = rules.within(start.to_vec());
    let here = f(&start)?;
    Some(rules.from(start, here, |x: &Vec<f64>| f(x), is_flat))
}

fn free(top: &Summit) -> Vec<usize> {
    (0..top.at.len()).filter(|&i| !top.held[i]).collect()
}

/// Whether the curvature is that of a maximum, and hardly anything is left to climb.
pub(super) fn is_maximum(top: &Summit, rise: f64) -> bool {
    let free = free(top);
    let step = optimise::solve(&top.here, &free, 0.0, |i| top.here.gradient[i]);
    let left = step.map(|s| optimise::rise(&top.here, &free, &s).abs());
    left.is_some_and(|left| left <= rise * (1.0 + top.here.value.abs()))
}

/// Covariance of the variables that are not held, from the curvature; `None` where that is not one of a maximum.
pub(super) fn covariance(top: &Summit) -> Option<Vec<Vec<f64>>> {
    let (n, free) = (top.at.len(), free(top));
    let inverse = optimise::covariance(&top.here, &free)?;
    let mut out = vec![vec![f64::NAN; n]; n];
    for (row, &i) in inverse.chunks_exact(free.len().max(1)).zip(&free) {
        row.iter().zip(&free).for_each(|(x, &j)| out[i][j] = *x);
    }
    Some(out)
}
