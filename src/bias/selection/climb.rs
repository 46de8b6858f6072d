//! The maximum of a likelihood with bounds: Newton's steps with a ridge where the curvature asks for one, variables held
//! on a bound while the likelihood falls away from it.

use super::terms::{SIZE, Slopes};
use crate::math::root::Stop;

/// Where the climb ended.
#[derive(Clone, Debug)]
pub(super) struct Summit {
    pub at: Vec<f64>,
    pub slopes: Slopes,
    pub iterations: usize,
    pub stop: Stop,
    /// Variables that are held on a bound.
    pub held: Vec<bool>,
}

const PATIENCE: usize = 300;

/// Climbs from a start within the bounds; `None` if the likelihood is not finite there.
pub(super) fn climb(
    f: &dyn Fn(&[f64]) -> Option<Slopes>,
    start: &[f64],
    bounds: &[(f64, f64)],
) -> Option<Summit> {
    let n = start.len();
    let mut at: Vec<f64> = start.iter().zip(bounds).map(|(x, b)| x.clamp(b.0, b.1)).collect();
    let mut here = f(&at)?;
    let mut ridge = 0.0;
    let mut held = vec![false; n];
    for iterations in 1..=PATIENCE {
        for i in 0..n {
            let g = here.gradient[i];
            held[i] = at[i] <= bounds[i].0 && g <= 0.0 || at[i] >= bounds[i].1 && g >= 0.0;
        }
        let free: Vec<usize> = (0..n).filter(|&i| !held[i]).collect();
        let mut moved = false;
        for _ in 0..60 {
            let Some(step) = newton(&here, &free, ridge) else {
                ridge = (ridge * 4.0).max(1e-3);
                continue;
            };
            // expected rise: half of gradient times step
            let rise: f64 = free.iter().zip(&step).map(|(&i, s)| 0.5 * here.gradient[i] * s).sum();
            if rise.abs() <= 1e-14 * (1.0 + here.value.abs()) || free.is_empty() {
                return Some(Summit { at, slopes: here, iterations, stop: Stop::Converged, held });
            }
            let mut next = at.clone();
            for (&i, s) in free.iter().zip(&step) {
                next[i] = (at[i] + s).clamp(bounds[i].0, bounds[i].1);
            }
            match f(&next).filter(|t| t.value > here.value) {
                Some(there) => {
                    (at, here) = (next, there);
                    ridge = if ridge < 1e-6 { 0.0 } else { ridge * 0.1 };
                    moved = true;
                    break;
                }
                None => ridge = (ridge * 6.0).max(1e-4),
            }
        }
        if !moved {
            // no step goes up: the top, to rounding
            return Some(Summit { at, slopes: here, iterations, stop: Stop::Converged, held });
        }
    }
    Some(Summit { at, slopes: here, iterations: PATIENCE, stop: Stop::Patience, held })
}

/// (−H + ridge · diag) step = gradient on the free variables; `None` unless that matrix is positive definite.
fn newton(here: &Slopes, free: &[usize], ridge: f64) -> Option<Vec<f64>> {
    let n = free.len();
    let mut a = [[0.0; SIZE]; SIZE];
    for (r, &i) in free.iter().enumerate() {
        for (c, &j) in free.iter().enumerate() {
            let (lo, hi) = (i.min(j), i.max(j));
            a[r][c] = -here.hessian[lo][hi];
        }
        a[r][r] += ridge * a[r][r].abs().max(1e-6);
    }
    let b: Vec<f64> = free.iter().map(|&i| here.gradient[i]).collect();
    let l = cholesky(&a, n)?;
    Some(solve(&l, &b))
}

fn cholesky(a: &[[f64; SIZE]; SIZE], n: usize) -> Option<[[f64; SIZE]; SIZE]> {
    let mut l = [[0.0; SIZE]; SIZE];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let rest = a[i][j] - sum;
            if i == j {
                // a pivot of rounding alone is none
                if rest.is_nan() || rest <= 1e-13 * a[i][i].abs() {
                    return None;
                }
                l[i][i] = rest.sqrt();
            } else {
                l[i][j] = rest / l[j][j];
            }
        }
    }
    Some(l)
}

fn solve(l: &[[f64; SIZE]; SIZE], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| l[i][k] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| l[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i][i];
    }
    x
}

impl Summit {
    /// Whether the curvature is that of a maximum, and hardly anything is left to climb.
    pub fn is_maximum(&self, rise: f64) -> bool {
        let free: Vec<usize> = (0..self.at.len()).filter(|&i| !self.held[i]).collect();
        let Some(step) = newton(&self.slopes, &free, 0.0) else { return false };
        let left: f64 = free.iter().zip(&step).map(|(&i, s)| 0.5 * self.slopes.gradient[i] * s).sum();
        left.abs() <= rise * (1.0 + self.slopes.value.abs())
    }

    /// Covariance of the variables that are not held, from the curvature; `None` where that is not one of a maximum.
    pub fn covariance(&self) -> Option<Vec<Vec<f64>>> {
        let n = self.at.len();
        let free: Vec<usize> = (0..n).filter(|&i| !self.held[i]).collect();
        let mut a = [[0.0; SIZE]; SIZE];
        for (r, &i) in free.iter().enumerate() {
            for (c, &j) in free.iter().enumerate() {
                a[r][c] = -self.slopes.hessian[i.min(j)][i.max(j)];
            }
        }
        let l = cholesky(&a, free.len())?;
        let mut out = vec![vec![f64::NAN; n]; n];
        for (c, &j) in free.iter().enumerate() {
            let mut unit = vec![0.0; free.len()];
            unit[c] = 1.0;
            for (r, x) in solve(&l, &unit).into_iter().enumerate() {
                out[free[r]][j] = x;
            }
        }
        Some(out)
    }
}
