//! What every estimator of a regression is made of, at a τ²; allocates nothing.
//!
//! ```text
//! w = 1/(v + τ²),  A = ZᵀWZ,  B = ZᵀW²Z,  C = ZᵀW³Z,  r = y − Zγ̂,  P = W − WZA⁻¹ZᵀW
//! yᵀPy = Σ w r²              tr P  = Σw − tr A⁻¹B
//! yᵀP²y = Σ w² r²            tr P² = Σw² − 2 tr A⁻¹C + tr (A⁻¹B)²
//! yᵀP³y = Σ w³ r² − gᵀA⁻¹g,  g = ZᵀW²r
//! ```
//! Reference: \[viechtbauer2005\].

use super::basis::{Basis, dot};
use crate::math::dist;
use crate::math::root::Stop;
use crate::model::tau2::likelihood::{Slope, climb};
use crate::model::tau2::{Between, Tau2};

/// Most columns of a model.
pub(super) const MOST_COLUMNS: usize = 48;

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

/// Effects, variances and the basis of the moderators.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    pub y: &'a [f64],
    pub v: &'a [f64],
    pub basis: &'a Basis,
    /// Which row of Z belongs to each effect; `None` is its own. Permutation tests use it.
    pub order: Option<&'a [u32]>,
}

/// The quantities of the module's head.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quantities {
    pub q: f64,
    pub trace_p: f64,
    pub trace_pp: f64,
    pub ypp_y: f64,
    pub yppp_y: f64,
    pub w: f64,
    pub w2: f64,
    /// ln |ZᵀWZ|.
    pub log_determinant: f64,
}

/// γ̂ and A⁻¹ at a τ².
#[derive(Clone, Debug)]
pub(super) struct Coefficients {
    pub gamma: Vec<f64>,
    pub covariance: Vec<f64>,
    pub q: f64,
}

/// Cholesky factor of A with what is solved by it.
struct Factor<const N: usize> {
    l: [[f64; N]; N],
}

impl<const N: usize> Factor<N> {
    /// Columns from `p` on are filled up with ones on the diagonal.
    fn of(a: &[[f64; N]; N], p: usize) -> Self {
        let mut l = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..=i {
                let mut sum = if i >= p { f64::from(u8::from(i == j)) } else { a[i][j] };
                sum -= (0..j).map(|t| l[i][t] * l[j][t]).sum::<f64>();
                l[i][j] = if i == j { sum.sqrt() } else { sum / l[j][j] };
            }
        }
        Self { l }
    }

    fn log_determinant(&self) -> f64 {
        2.0 * (0..N).map(|i| self.l[i][i].ln()).sum::<f64>()
    }

    /// L⁻¹ b.
    fn forward(&self, b: &[f64; N]) -> [f64; N] {
        let mut x = *b;
        for i in 0..N {
            for j in 0..i {
                x[i] -= self.l[i][j] * x[j];
            }
            x[i] /= self.l[i][i];
        }
        x
    }

    fn solve(&self, b: &[f64; N]) -> [f64; N] {
        let mut x = self.forward(b);
        for i in (0..N).rev() {
            for j in i + 1..N {
                x[i] -= self.l[j][i] * x[j];
            }
            x[i] /= self.l[i][i];
        }
        x
    }

    /// L⁻¹ M L⁻ᵀ of a symmetric M.
    fn whiten(&self, m: &[[f64; N]; N]) -> [[f64; N]; N] {
        let mut half = [[0.0; N]; N];
        for j in 0..N {
            let column = std::array::from_fn(|i| m[i][j]);
            let x = self.forward(&column);
            for i in 0..N {
                half[i][j] = x[i];
            }
        }
        let mut out = [[0.0; N]; N];
        for i in 0..N {
            out[i] = self.forward(&half[i]);
        }
        out
    }
}

impl<'a> Problem<'a> {
    pub fn k(&self) -> usize {
        self.y.len()
    }

    pub fn p(&self) -> usize {
        self.basis.p
    }

    /// k − p.
    pub fn df(&self) -> f64 {
        self.k() as f64 - self.p() as f64
    }

    #[inline(always)]
    pub(super) fn row(&self, i: usize) -> &'a [f64] {
        let at = self.order.map_or(i, |o| o[i] as usize);
        &self.basis.z[at * self.basis.p..(at + 1) * self.basis.p]
    }

    /// The normal equations at τ²: (A, ZᵀWy).
    #[inline(always)]
    fn normal<const N: usize>(&self, tau2: f64) -> ([[f64; N]; N], [f64; N]) {
        let p = self.p();
        let (mut a, mut b) = ([[0.0; N]; N], [0.0; N]);
        for i in 0..self.k() {
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
        by_size!(self.p(), N => self.coefficients_of::<N>(tau2))
    }

    fn coefficients_of<const N: usize>(&self, tau2: f64) -> Coefficients {
        let p = self.p();
        let (a, b) = self.normal::<N>(tau2);
        let factor = Factor::<N>::of(&a, p);
        let gamma = factor.solve(&b);
        let mut covariance = vec![0.0; p * p];
        for j in 0..p {
            let mut unit = [0.0; N];
            unit[j] = 1.0;
            let x = factor.solve(&unit);
            for i in 0..p {
                covariance[i * p + j] = x[i];
            }
        }
        let q = (0..self.k())
            .map(|i| {
                let r = self.y[i] - dot(self.row(i), &gamma);
                r * r / (self.v[i] + tau2)
            })
            .sum();
        Coefficients { gamma: gamma[..p].to_vec(), covariance, q }
    }

    /// Everything that estimators of τ² use.
    pub fn at(&self, tau2: f64) -> Quantities {
        by_size!(self.p(), N => self.quantities::<N>(tau2))
    }

    fn quantities<const N: usize>(&self, tau2: f64) -> Quantities {
        let p = self.p();
        let (a, rhs) = self.normal::<N>(tau2);
        let factor = Factor::<N>::of(&a, p);
        let gamma = factor.solve(&rhs);
        let (mut b, mut c, mut g) = ([[0.0; N]; N], [[0.0; N]; N], [0.0; N]);
        let mut out = Quantities::default();
        let mut cubic = 0.0;
        for i in 0..self.k() {
            let variance = self.v[i] + tau2;
            let w = 1.0 / variance;
            let z = self.row(i);
            let r = self.y[i] - dot(z, &gamma);
            let (w2, wr) = (w * w, w * r);
            out.q += wr * r;
            out.w += w;
            out.w2 += w2;
            out.ypp_y += wr * wr;
            cubic += w * wr * wr;
            for s in 0..p.min(N) {
                let zs = w2 * z[s];
                g[s] += zs * r;
                for t in 0..=s {
                    let x = zs * z[t];
                    b[s][t] += x;
                    c[s][t] += w * x;
                }
            }
        }
        for s in 0..N {
            for t in s + 1..N {
                b[s][t] = b[t][s];
                c[s][t] = c[t][s];
            }
        }
        let (b, c) = (factor.whiten(&b), factor.whiten(&c));
        let trace = |m: &[[f64; N]; N]| (0..N).map(|i| m[i][i]).sum::<f64>();
        let square: f64 = b.iter().flatten().map(|x| x * x).sum();
        out.trace_p = out.w - trace(&b);
        out.trace_pp = out.w2 - 2.0 * trace(&c) + square;
        let g = factor.forward(&g);
        out.yppp_y = cubic - g.iter().map(|x| x * x).sum::<f64>();
        out.log_determinant = factor.log_determinant();
        out
    }

    fn log_variances(&self, tau2: f64) -> f64 {
        self.v.iter().map(|v| (v + tau2).ln()).sum()
    }

    /// −½ Σ ln(v + τ²) − ½ yᵀPy, and for REML − ½ ln |ZᵀWZ|; without constants.
    pub fn log_likelihood(&self, tau2: f64, restricted: bool) -> f64 {
        let q = self.at(tau2);
        -0.5 * (self.log_variances(tau2) + q.q + if restricted { q.log_determinant } else { 0.0 })
    }

    /// Residual variance of ordinary least squares less what sampling explains: Hedges' estimate, not truncated.
    fn hedges(&self) -> f64 {
        // Z is orthonormal: γ = Zᵀy
        let p = self.p();
        let mut gamma = vec![0.0; p];
        for i in 0..self.k() {
            let z = self.row(i);
            (0..p).for_each(|j| gamma[j] += z[j] * self.y[i]);
        }
        let (mut rss, mut sampling) = (0.0, 0.0);
        for i in 0..self.k() {
            let z = self.row(i);
            rss += (self.y[i] - dot(z, &gamma)).powi(2);
            sampling += self.v[i] * (1.0 - z.iter().map(|x| x * x).sum::<f64>());
        }
        (rss - sampling) / self.df()
    }

    /// Variance of the effects themselves, with divisor k.
    pub(super) fn plain_variance(&self) -> f64 {
        let k = self.k() as f64;
        let mean = self.y.iter().sum::<f64>() / k;
        self.y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / k
    }

    /// The residual between-study variance.
    pub fn between(&self, estimator: Tau2) -> Between {
        let closed = |tau2: f64| {
            let stop = if tau2 > 0.0 { Stop::Closed } else { Stop::Boundary };
            Between { tau2: tau2.max(0.0), iterations: 0, stop }
        };
        let (k, df) = (self.k() as f64, self.df());
        match estimator {
            Tau2::EqualEffects => Between { tau2: 0.0, iterations: 0, stop: Stop::Closed },
            Tau2::Hedges => closed(self.hedges()),
            Tau2::DerSimonianLaird => {
                let q = self.at(0.0);
                closed((q.q - df) / q.trace_p)
            }
            Tau2::HunterSchmidt => {
                let q = self.at(0.0);
                closed((q.q - k) / q.w)
            }
            Tau2::HunterSchmidtCorrected => {
                let q = self.at(0.0);
                closed((k / df * q.q - k) / q.w)
            }
            Tau2::SidikJonkman => {
                let first = self.plain_variance();
                closed(if first > 0.0 { first * self.at(first).q / df } else { 0.0 })
            }
            Tau2::SidikJonkmanIterated => {
                let first = self.plain_variance();
                if self.at(0.0).q <= df || first <= 0.0 {
                    return closed(0.0);
                }
                self.root(df)
            }
            Tau2::PauleMandel | Tau2::EmpiricalBayes => self.root(df),
            Tau2::PauleMandelMedian => self.root(dist::chi2_quantile(0.5, df)),
            Tau2::DerSimonianLairdIterated => {
                let q = self.at(0.0);
                let start = (q.q - df) / q.trace_p;
                if start <= 0.0 {
                    return closed(0.0);
                }
                self.root(df)
            }
            Tau2::MaximumLikelihood => self.likelihood(false),
            Tau2::Reml => self.likelihood(true),
        }
    }

    /// The root of yᵀPy = target: Newton from below never overshoots, since it is convex and falling.
    fn root(&self, target: f64) -> Between {
        let mut tau2 = 0.0;
        for iterations in 1..=500 {
            let q = self.at(tau2);
            let gap = q.q - target;
            if iterations == 1 && gap <= 0.0 {
                return Between { tau2: 0.0, iterations: 0, stop: Stop::Boundary };
            }
            let step = gap / q.ypp_y;
            tau2 = (tau2 + step).max(0.0);
            if step.abs() <= 4.0 * f64::EPSILON * tau2 {
                return Between { tau2, iterations, stop: Stop::Converged };
            }
        }
        Between { tau2, iterations: 500, stop: Stop::Patience }
    }

    fn slope(&self, tau2: f64, restricted: bool) -> Slope {
        let q = self.at(tau2);
        if restricted {
            Slope {
                score: 0.5 * (q.ypp_y - q.trace_p),
                observed: q.yppp_y - 0.5 * q.trace_pp,
                expected: 0.5 * q.trace_pp,
            }
        } else {
            Slope { score: 0.5 * (q.ypp_y - q.w), observed: q.yppp_y - 0.5 * q.w2, expected: 0.5 * q.w2 }
        }
    }

    fn likelihood(&self, restricted: bool) -> Between {
        let slope = |tau2: f64| self.slope(tau2, restricted);
        let first = self.hedges().max(0.0);
        let near = climb(slope, first);
        if near.tau2 > 0.0 && slope(0.0).score > 0.0 {
            return near;
        }
        // zero is a local maximum, or was reached: look for a peak further out
        let far = climb(slope, self.plain_variance() * self.k() as f64 / self.df());
        let best = if far.tau2 > near.tau2 { far } else { near };
        let value = |t: f64| self.log_likelihood(t, restricted);
        if best.tau2 > 0.0 && value(best.tau2) > value(0.0) {
            return best;
        }
        Between { tau2: 0.0, iterations: near.iterations + far.iterations, stop: Stop::Boundary }
    }
}
