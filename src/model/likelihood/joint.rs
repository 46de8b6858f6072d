//! Nuisance parameters: a likelihood of more than location and spread, maximised over the others.

use super::Value;

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

/// Solves H x = b for the nuisance block, after `ridge` was taken from its diagonal; `None` unless H is negative
/// definite.
fn solve<const D: usize>(hessian: &[[f64; D]; D], ridge: f64, b: &[f64; D]) -> Option<[f64; D]> {
    // Cholesky of −H
    let mut l = [[0.0; D]; D];
    for i in 2..D {
        for j in 2..=i {
            let mut sum = -hessian[i][j] + if i == j { ridge } else { 0.0 };
            sum -= (2..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i == j {
                if sum <= 1e-300 {
                    return None;
                }
                l[i][i] = sum.sqrt();
            } else {
                l[i][j] = sum / l[j][j];
            }
        }
    }
    let mut x = [0.0; D];
    for i in 2..D {
        let mut sum = -b[i];
        for k in 2..i {
            sum -= l[i][k] * x[k];
        }
        x[i] = sum / l[i][i];
    }
    for i in (2..D).rev() {
        let mut sum = x[i];
        for k in i + 1..D {
            sum -= l[k][i] * x[k];
        }
        x[i] = sum / l[i][i];
    }
    Some(x)
}

/// Maximises over the nuisance parameters and gives them with ℓ and its derivatives along the maximum.
///
/// Newton's method, with a ridge where ℓ is not concave and halved where it does not rise. Its last step is not taken
/// but added to the results: the error left is of its third order. Where a parameter leaves what is allowed, the search
/// ends there.
pub(super) fn maximise<const D: usize>(
    mut at: impl FnMut(&[f64; D]) -> Joint<D>,
    start: [f64; D],
    allowed: impl Fn(&[f64; D]) -> bool,
) -> ([f64; D], Value) {
    const LAST: f64 = 1e-6;
    let mut x = start;
    let mut here = at(&x);
    for _ in 0..60 {
        let mut ridge = 0.0;
        let step = loop {
            // H step = −gradient
            if let Some(s) = solve(&here.hessian, ridge, &here.gradient) {
                break s.map(|s| -s);
            }
            let size = (2..D).map(|i| here.hessian[i][i].abs()).fold(1e-3, f64::max);
            ridge = if ridge == 0.0 { size } else { 4.0 * ridge };
            if !ridge.is_finite() {
                break [0.0; D];
            }
        };
        let largest = (2..D).map(|i| step[i].abs() / (1.0 + x[i].abs())).fold(0.0, f64::max);
        if largest <= LAST && ridge == 0.0 {
            let value = polished(&here, &step);
            for i in 2..D {
                x[i] += step[i];
            }
            return (x, value);
        }
        let mut share = (5.0 / (2..D).map(|i| step[i].abs()).fold(0.0, f64::max)).min(1.0);
        let mut moved = false;
        let before = here.log;
        for _ in 0..14 {
            let mut next = x;
            for i in 2..D {
                next[i] += share * step[i];
            }
            let there = at(&next);
            if there.log > here.log - 1e-12 * (1.0 + here.log.abs()) && there.log.is_finite() {
                moved = next != x;
                x = next;
                here = there;
                break;
            }
            share *= 0.5;
        }
        // where rules of quadrature change, ℓ has steps of the size of their error: there is nothing to climb below it
        let gained = here.log - before > 1e-11 * (1.0 + before.abs());
        if !moved || !allowed(&x) || (!gained && largest < 1e-2) {
            break;
        }
    }
    (x, polished(&here, &[0.0; D]))
}

/// ℓ along the maximum over the nuisance parameters: H_pp − H_pn H_nn⁻¹ H_np, with a last small step taken.
fn polished<const D: usize>(here: &Joint<D>, step: &[f64; D]) -> Value {
    let (g, h) = (&here.gradient, &here.hessian);
    let along = |p: usize| {
        let cross = std::array::from_fn(|i| h[p][i]);
        solve(h, 0.0, &cross).unwrap_or([0.0; D])
    };
    let dot = |a: &[f64; D], p: usize| (2..D).map(|i| a[i] * h[p][i]).sum::<f64>();
    let (m, s) = (along(0), along(1));
    Value {
        log: here.log + 0.5 * (2..D).map(|i| g[i] * step[i]).sum::<f64>(),
        m: g[0] + dot(step, 0),
        s: g[1] + dot(step, 1),
        mm: h[0][0] - dot(&m, 0),
        ms: h[0][1] - dot(&m, 1),
        ss: h[1][1] - dot(&s, 1),
    }
}
