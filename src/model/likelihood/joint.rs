//! Nuisance parameters: a likelihood of more than location and spread, maximised over the others.

use super::Value;
use crate::math::optimise::{Climb, Expansion, Retreat, Step, relative, solve};

/// ℓ with gradient and Hessian by location, spread and D − 2 nuisance parameters, in this order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joint<const D: usize> {
    pub log: f64,
    pub gradient: [f64; D],
    pub hessian: [[f64; D]; D],
}

impl<const D: usize> Joint<D> {
    pub fn zero() -> Self {
        Self { log: 0.0, gradient: [0.0; D], hessian: [[0.0; D]; D] }
    }

    pub fn add(&mut self, other: &Self) {
        self.log += other.log;
        for i in 0..D {
            self.gradient[i] += other.gradient[i];
            for j in 0..D {
                self.hessian[i][j] += other.hessian[i][j];
            }
        }
    }
}

/// Moments of a posterior of random effects, from which the derivatives of the marginal likelihood follow: the mean of
/// the scores u and of u uᵀ + ∂u.
pub(super) struct Scores<const D: usize> {
    total: f64,
    score: [f64; D],
    product: [[f64; D]; D],
}

impl<const D: usize> Scores<D> {
    pub fn new() -> Self {
        Self { total: 0.0, score: [0.0; D], product: [[0.0; D]; D] }
    }

    /// A node of weight `p`; each linear predictor has (ℓ′, ℓ″) and its gradient by the parameters.
    #[inline]
    pub fn add(&mut self, p: f64, predictors: [((f64, f64), [f64; D]); 2]) {
        let mut u = [0.0; D];
        for ((slope, _), gradient) in &predictors {
            for i in 0..D {
                u[i] += slope * gradient[i];
            }
        }
        self.total += p;
        for i in 0..D {
            self.score[i] += p * u[i];
            for j in i..D {
                let mut h = u[i] * u[j];
                for ((_, curvature), gradient) in &predictors {
                    h += curvature * gradient[i] * gradient[j];
                }
                self.product[i][j] += p * h;
            }
        }
    }

    /// ln of the integral and its derivatives; `scale` is the logarithm of what the weights leave out.
    pub fn joint(&self, scale: f64) -> Joint<D> {
        let mut out = Joint::zero();
        out.log = scale + self.total.ln();
        for i in 0..D {
            out.gradient[i] = self.score[i] / self.total;
        }
        for i in 0..D {
            for j in i..D {
                let h = self.product[i][j] / self.total - out.gradient[i] * out.gradient[j];
                out.hessian[i][j] = h;
                out.hessian[j][i] = h;
            }
        }
        out
    }
}

impl<const D: usize> Expansion for Joint<D> {
    fn value(&self) -> f64 {
        self.log
    }

    fn gradient(&self, i: usize) -> f64 {
        self.gradient[i]
    }

    fn curvature(&self, i: usize, j: usize) -> f64 {
        -self.hessian[i][j]
    }
}

/// No bounds.
pub(super) const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Maximises over the D − 2 nuisance parameters, each between its bounds, and gives them with ℓ and its derivatives along
/// the maximum.
///
/// The last step of the climb is not taken but added to the results: the error left is of its third order.
pub(super) fn maximise<const D: usize>(
    mut at: impl FnMut(&[f64; D]) -> Joint<D>,
    start: [f64; D],
    nuisance: &[(f64, f64)],
) -> ([f64; D], Value) {
    const LAST: f64 = 1e-6;
    // location and spread are given
    let bounds: [(f64, f64); D] =
        std::array::from_fn(|i| if i < 2 { (start[i], start[i]) } else { nuisance[i - 2] });
    let climb = Climb {
        patience: 60,
        longest: 5.0,
        bounds: &bounds,
        retreat: Retreat::Halve(14),
        slack: 1e-12,
        // where rules of quadrature change, ℓ has steps of the size of their error: there is nothing to climb below it
        noise: Some(1e-11),
    };
    let is_last = |s: &Step<'_, [f64; D], Joint<D>>| s.is_newton && relative(s.at, s.step) <= LAST;
    let start = climb.within(start);
    let here = at(&start);
    let top = climb.from(start, here, |x| Some(at(x)), is_last);
    let step = top.last.unwrap_or([0.0; D]);
    let value = polished(&top.here, &step, &top.held);
    (std::array::from_fn(|i| top.at[i] + step[i]), value)
}

/// ℓ along the maximum over the nuisance parameters that are free: H_pp − H_pn H_nn⁻¹ H_np, with a last small step taken.
fn polished<const D: usize>(here: &Joint<D>, step: &[f64; D], held: &[bool]) -> Value {
    let (g, h) = (&here.gradient, &here.hessian);
    let free: Vec<usize> = (2..D).filter(|&i| !held[i]).collect();
    // −H_nn⁻¹ H_np
    let along = |p: usize| solve(here, &free, 0.0, |i| h[p][i]).unwrap_or_else(|| vec![0.0; free.len()]);
    let dot = |a: &[f64], p: usize| free.iter().zip(a).map(|(&i, x)| x * h[p][i]).sum::<f64>();
    let (m, s) = (along(0), along(1));
    let step: Vec<f64> = free.iter().map(|&i| step[i]).collect();
    Value {
        log: here.log + free.iter().zip(&step).map(|(&i, x)| 0.5 * g[i] * x).sum::<f64>(),
        m: g[0] + dot(&step, 0),
        s: g[1] + dot(&step, 1),
        mm: h[0][0] + dot(&m, 0),
        ms: h[0][1] + dot(&m, 1),
        ss: h[1][1] + dot(&s, 1),
    }
}
