//! Means that are linear in p columns: yᵢ ~ N(zᵢᵀγ, vᵢ + τ²) in a basis of the columns, best an orthonormal one.
//!
//! ```text
//! w = 1/(v + τ²),  A = ZᵀWZ,  B = ZᵀW²Z,  C = ZᵀW³Z,  r = y − Zγ̂,  P = W − WZA⁻¹ZᵀW
//! yᵀPy = Σ w r²              tr P  = Σw − tr A⁻¹B
//! yᵀP²y = Σ w² r²            tr P² = Σw² − 2 tr A⁻¹C + tr (A⁻¹B)²
//! yᵀP³y = Σ w³ r² − gᵀA⁻¹g,  g = ZᵀW²r
//! ```
//! What estimators ask for is computed without allocation. Reference: \[viechtbauer2005\].

use super::{At, FirstOrder, NormalModel, Quantities, Sample, Unweighted};
use crate::math::linalg::{Basis, add_square, cholesky, dot};

/// Most columns of a model.
pub(crate) const MOST_COLUMNS: usize = 48;

/// Sizes that have code of their own; a smaller model is filled up with columns that cost no precision.
macro_rules! by_size {
    ($p:expr, $n:ident => $call:expr) => {
        match $p {
            0 | 1 => {
                const $n: usize = 1;
                $call
            }
            2 => {
                const $n: usize = 2;
                $call
            }
            3 => {
                const $n: usize = 3;
                $call
            }
            4 => {
                const $n: usize = 4;
                $call
            }
            5 | 6 => {
                const $n: usize = 6;
                $call
            }
            7..=10 => {
                const $n: usize = 10;
                $call
            }
            11..=16 => {
                const $n: usize = 16;
                $call
            }
            17..=24 => {
                const $n: usize = 24;
                $call
            }
            _ => {
                const $n: usize = MOST_COLUMNS;
                $call
            }
        }
    };
}

/// Effects, variances and the basis of the columns, of which there are at most [`MOST_COLUMNS`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearModel<'a> {
    pub y: &'a [f64],
    pub v: &'a [f64],
    pub basis: &'a Basis,
    /// Which row of Z belongs to each effect; `None` is its own. Permutation tests use it.
    pub order: Option<&'a [u32]>,
}

/// The quantities of the module's head.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LinearSums {
    q: f64,
    trace_p: f64,
    trace_pp: f64,
    ypp_y: f64,
    yppp_y: f64,
    w: f64,
    w2: f64,
    /// ln |ZᵀWZ|.
    log_determinant: f64,
}

impl FirstOrder for LinearSums {
    fn w(&self) -> f64 {
        self.w
    }

    fn w2(&self) -> f64 {
        self.w2
    }

    fn trace_p(&self) -> f64 {
        self.trace_p
    }

    fn q(&self) -> f64 {
        self.q
    }
}

impl Quantities for LinearSums {
    fn trace_pp(&self) -> f64 {
        self.trace_pp
    }

    fn ypp_y(&self) -> f64 {
        self.ypp_y
    }

    fn yppp_y(&self) -> f64 {
        self.yppp_y
    }
}

/// γ̂ and A⁻¹ at a τ².
#[derive(Clone, Debug)]
pub(crate) struct Coefficients {
    pub gamma: Vec<f64>,
    pub covariance: Vec<f64>,
    pub q: f64,
}

/// A square matrix of N columns, the last of which may be there to fill it up.
type Square<const N: usize> = [[f64; N]; N];

/// The Cholesky factor of A.
struct Factor<const N: usize>(Square<N>);

impl<const N: usize> Factor<N> {
    /// Columns from `p` on are filled up with ones on the diagonal.
    #[inline(always)]
    fn of(mut a: Square<N>, p: usize) -> Self {
        (p..N).for_each(|i| a[i][i] = 1.0);
        // a matrix that is not definite gives numbers that are none, which end every search
        cholesky::factor(a.as_flattened_mut(), N, 0.0);
        Self(a)
    }

    #[inline(always)]
    fn log_determinant(&self) -> f64 {
        cholesky::log_determinant(self.0.as_flattened(), N)
    }

    /// L⁻¹ b.
    #[inline(always)]
    fn forward(&self, mut b: [f64; N]) -> [f64; N] {
        cholesky::forward(self.0.as_flattened(), N, &mut b);
        b
    }

    /// A⁻¹ b.
    #[inline(always)]
    fn solve(&self, mut b: [f64; N]) -> [f64; N] {
        cholesky::substitute(self.0.as_flattened(), N, &mut b);
        b
    }

    /// L⁻¹ M L⁻ᵀ of a symmetric M, of which the lower triangle is given.
    #[inline(always)]
    fn whiten(&self, m: &Square<N>) -> Square<N> {
        let mut half = [[0.0; N]; N];
        for j in 0..N {
            let column = self.forward(std::array::from_fn(|i| if i < j { m[j][i] } else { m[i][j] }));
            for i in 0..N {
                half[i][j] = column[i];
            }
        }
        half.map(|row| self.forward(row))
    }
}

fn trace<const N: usize>(m: &Square<N>) -> f64 {
    (0..N).map(|i| m[i][i]).sum()
}

/// Sums over the residuals at a τ², the squares' lower triangles alone.
struct Residuals<const N: usize> {
    b: Square<N>,
    c: Square<N>,
    g: [f64; N],
    /// Σ w³ r².
    cubic: f64,
}

impl<'a> LinearModel<'a> {
    /// Each effect with its own row of the basis.
    pub fn new(y: &'a [f64], v: &'a [f64], basis: &'a Basis) -> Self {
        Self { y, v, basis, order: None }
    }

    /// The row of Z that belongs to an effect.
    #[inline(always)]
    pub fn row(&self, i: usize) -> &'a [f64] {
        self.basis.row(self.order.map_or(i, |o| o[i] as usize))
    }

    /// The normal equations at τ²: (A, ZᵀWy), of A the lower triangle.
    #[inline(always)]
    fn normal<const N: usize>(&self, tau2: f64) -> (Square<N>, [f64; N]) {
        let p = self.basis.p;
        let (mut a, mut b) = ([[0.0; N]; N], [0.0; N]);
        for i in 0..self.y.len() {
            let w = 1.0 / (self.v[i] + tau2);
            let z = self.row(i);
            for s in 0..p.min(N) {
                let wz = w * z[s];
                b[s] += wz * self.y[i];
                for t in 0..=s {
                    a[s][t] += wz * z[t];
                }
            }
        }
        (a, b)
    }

    /// γ̂, A⁻¹ and yᵀPy.
    pub fn coefficients(&self, tau2: f64) -> Coefficients {
        by_size!(self.basis.p, N => self.coefficients_of::<N>(tau2))
    }

    fn coefficients_of<const N: usize>(&self, tau2: f64) -> Coefficients {
        let p = self.basis.p;
        let (a, b) = self.normal::<N>(tau2);
        let factor = Factor::<N>::of(a, p);
        let gamma = factor.solve(b);
        let mut covariance = vec![0.0; p * p];
        for j in 0..p {
            let mut unit = [0.0; N];
            unit[j] = 1.0;
            let x = factor.solve(unit);
            for i in 0..p {
                covariance[i * p + j] = x[i];
            }
        }
        let square = |i: usize| (self.y[i] - dot(self.row(i), &gamma)).powi(2) / (self.v[i] + tau2);
        let q = (0..self.y.len()).map(square).sum();
        Coefficients { gamma: gamma[..p].to_vec(), covariance, q }
    }

    fn quantities<const N: usize>(&self, tau2: f64) -> LinearSums {
        let (a, rhs) = self.normal::<N>(tau2);
        let factor = Factor::<N>::of(a, self.basis.p);
        let gamma = factor.solve(rhs);
        let mut out = LinearSums::default();
        let rest = self.residuals::<N>(tau2, &gamma, &mut out);
        let (b, c) = (factor.whiten(&rest.b), factor.whiten(&rest.c));
        let square: f64 = b.iter().flatten().map(|x| x * x).sum();
        out.trace_p = out.w - trace(&b);
        out.trace_pp = out.w2 - 2.0 * trace(&c) + square;
        let g = factor.forward(rest.g);
        out.yppp_y = rest.cubic - g.iter().map(|x| x * x).sum::<f64>();
        out.log_determinant = factor.log_determinant();
        out
    }

    /// Adds what the studies give at γ̂ to the sums that are plain, and gives those that are not.
    #[inline(always)]
    fn residuals<const N: usize>(&self, tau2: f64, gamma: &[f64; N], out: &mut LinearSums) -> Residuals<N> {
        let p = self.basis.p;
        let mut rest = Residuals { b: [[0.0; N]; N], c: [[0.0; N]; N], g: [0.0; N], cubic: 0.0 };
        for i in 0..self.y.len() {
            let w = 1.0 / (self.v[i] + tau2);
            let z = self.row(i);
            let r = self.y[i] - dot(z, gamma);
            let (w2, wr) = (w * w, w * r);
            out.q += wr * r;
            out.w += w;
            out.w2 += w2;
            out.ypp_y += wr * wr;
            rest.cubic += w * wr * wr;
            for s in 0..p.min(N) {
                let zs = w2 * z[s];
                rest.g[s] += zs * r;
                for (t, zt) in z.iter().enumerate().take(s + 1) {
                    let x = zs * zt;
                    rest.b[s][t] += x;
                    rest.c[s][t] += w * x;
                }
            }
        }
        rest
    }

    /// The factor of ZᵀZ, and Zᵀy: the identity alone where Z is orthonormal.
    #[inline(always)]
    fn ordinary<const N: usize>(&self) -> (Factor<N>, [f64; N]) {
        let (mut a, mut b) = ([[0.0; N]; N], [0.0; N]);
        for i in 0..self.y.len() {
            let z = self.row(i);
            for s in 0..z.len().min(N) {
                b[s] += z[s] * self.y[i];
                (0..=s).for_each(|t| a[s][t] += z[s] * z[t]);
            }
        }
        (Factor::of(a, self.basis.p), b)
    }

    /// A row of Z in coordinates in which ZᵀZ is the identity.
    #[inline(always)]
    fn standard<const N: usize>(&self, factor: &Factor<N>, i: usize) -> [f64; N] {
        let mut z = [0.0; N];
        z.iter_mut().zip(self.row(i)).for_each(|(own, x)| *own = *x);
        factor.forward(z)
    }

    /// Residual variance of ordinary least squares, and what sampling explains of it: Σv(1 − h), h the leverages.
    fn least_squares<const N: usize>(&self) -> (f64, f64) {
        let (factor, b) = self.ordinary::<N>();
        let gamma = factor.solve(b);
        let (mut squares, mut sampling) = (0.0, 0.0);
        for i in 0..self.y.len() {
            let z = self.standard(&factor, i);
            squares += (self.y[i] - dot(self.row(i), &gamma)).powi(2);
            sampling += self.v[i] * (1.0 - dot(&z, &z));
        }
        (squares / self.df(), sampling / self.df())
    }

    fn trace_pvpv_of<const N: usize>(&self) -> f64 {
        let (factor, _) = self.ordinary::<N>();
        let mut within = [[0.0; N]; N];
        let mut trace = 0.0;
        for (i, v) in self.v.iter().enumerate() {
            let z = self.standard(&factor, i);
            trace += v * v * (1.0 - 2.0 * dot(&z, &z));
            add_square(within.as_flattened_mut(), *v, &z);
        }
        trace + within.iter().flatten().map(|x| x * x).sum::<f64>()
    }
}

impl At for LinearModel<'_> {
    type Quantities = LinearSums;

    fn at(&self, tau2: f64) -> LinearSums {
        by_size!(self.basis.p, N => self.quantities::<N>(tau2))
    }
}

impl NormalModel for LinearModel<'_> {
    type Moments = LinearSums;
    type Renewed<'b>
        = LinearModel<'b>
    where
        Self: 'b;

    fn sample(&self) -> Sample<'_> {
        Sample { y: self.y, v: self.v }
    }

    fn p(&self) -> usize {
        self.basis.p
    }

    fn moments(&self, tau2: f64) -> LinearSums {
        self.at(tau2)
    }

    fn centred(&self, tau2: f64) -> LinearSums {
        self.at(tau2)
    }

    fn unweighted(&self) -> Unweighted {
        let (residual, sampling) = by_size!(self.basis.p, N => self.least_squares::<N>());
        let total = self.sample().plain_variance() * (self.k() as f64 - 1.0) / self.df();
        Unweighted { residual, sampling, total }
    }

    /// With P = I − HHᵀ: Σ v² − 2 Σ v² h + |HᵀVH|², h the leverages and H an orthonormal basis.
    fn trace_pvpv(&self) -> f64 {
        by_size!(self.basis.p, N => self.trace_pvpv_of::<N>())
    }

    fn log_likelihood(&self, tau2: f64, restricted: bool) -> f64 {
        let ln: f64 = self.v.iter().map(|v| (v + tau2).ln()).sum();
        let sums = self.at(tau2);
        -0.5 * (ln + sums.q + if restricted { sums.log_determinant } else { 0.0 })
    }

    /// Of Z: |XᵀX| itself cancels against that in |XᵀWX|.
    fn log_design(&self) -> f64 {
        by_size!(self.basis.p, N => self.ordinary::<N>().0.log_determinant())
    }

    fn renewed<'b>(&'b self, sample: Sample<'b>) -> LinearModel<'b> {
        LinearModel { y: sample.y, v: sample.v, basis: self.basis, order: self.order }
    }
}
