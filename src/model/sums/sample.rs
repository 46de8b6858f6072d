//! One mean for all effects: p = 1, P = W − W11ᵀW/Σw.

use super::{At, FirstOrder, NormalModel, Quantities, Unweighted};

/// Effects and sampling variances of the pooled studies.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Estimates yᵢ.
    pub y: &'a [f64],
    /// Sampling variances vᵢ > 0.
    pub v: &'a [f64],
}

/// Sums over studies with wᵢ = 1/(vᵢ + τ²) and dᵢ = yᵢ − c, up to the first power of d and the second of w.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// Σ w.
    pub w: f64,
    /// Σ w d.
    pub wd: f64,
    /// Σ w d².
    pub wdd: f64,
    /// Σ w².
    pub w2: f64,
}

/// The same up to the third power of w.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    /// Σ w.
    pub w: f64,
    /// Σ w d.
    pub wd: f64,
    /// Σ w d².
    pub wdd: f64,
    /// Σ w².
    pub w2: f64,
    /// Σ w² d.
    pub w2d: f64,
    /// Σ w² d².
    pub w2dd: f64,
    /// Σ w³.
    pub w3: f64,
    /// Σ w³ d.
    pub w3d: f64,
    /// Σ w³ d².
    pub w3dd: f64,
}

const LANES: usize = 4;

/// Adds what every study gives to N sums: four studies side by side, so that vectors are filled.
#[inline(always)]
fn accumulate<const N: usize>(
    y: &[f64],
    v: &[f64],
    add: impl Fn(&mut [[f64; LANES]; N], usize, f64, f64),
) -> [f64; N] {
    let mut acc = [[0.0; LANES]; N];
    let (ys, vs) = (y.chunks_exact(LANES), v.chunks_exact(LANES));
    let tail = ys.remainder().iter().zip(vs.remainder());
    for (y, v) in ys.zip(vs) {
        for l in 0..LANES {
            add(&mut acc, l, y[l], v[l]);
        }
    }
    tail.for_each(|(&y, &v)| add(&mut acc, 0, y, v));
    acc.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
}

impl<'a> Sample<'a> {
    /// From slices of equal length.
    pub fn new(y: &'a [f64], v: &'a [f64]) -> Self {
        debug_assert_eq!(y.len(), v.len());
        Self { y, v }
    }

    /// Number of studies.
    pub fn k(&self) -> usize {
        self.y.len()
    }

    /// The first effect, from which others are taken; zero where there is none.
    #[inline(always)]
    pub(crate) fn first(&self) -> f64 {
        self.y.first().copied().unwrap_or(0.0)
    }

    /// All sums at τ², with the effects taken from the centre `c`.
    pub fn sums_from(&self, tau2: f64, c: f64) -> Sums {
        Sums::of(accumulate(self.y, self.v, |acc, l, y, v| add(acc, l, y - c, v, tau2)))
    }

    /// The moments at τ², with the effects taken from the centre `c`.
    pub fn moments_from(&self, tau2: f64, c: f64) -> Moments {
        let [w, wd, wdd, w2] = accumulate(self.y, self.v, |acc, l, y, v| {
            let w = 1.0 / (v + tau2);
            let d = y - c;
            acc[0][l] += w;
            acc[1][l] += w * d;
            acc[2][l] += w * d * d;
            acc[3][l] += w * w;
        });
        Moments { w, wd, wdd, w2 }
    }

    /// Σ w and Σ w d alone.
    pub fn mean_sums(&self, tau2: f64, c: f64) -> (f64, f64) {
        let mut acc = [[0.0; LANES]; 2];
        let (ys, vs) = (self.y.chunks_exact(LANES), self.v.chunks_exact(LANES));
        let tail = ys.remainder().iter().zip(vs.remainder());
        for (y, v) in ys.zip(vs) {
            for l in 0..LANES {
                let w = 1.0 / (v[l] + tau2);
                acc[0][l] += w;
                acc[1][l] += w * (y[l] - c);
            }
        }
        let (mut w_sum, mut wd_sum) = (acc[0].iter().sum::<f64>(), acc[1].iter().sum::<f64>());
        for (&y, &v) in tail {
            let w = 1.0 / (v + tau2);
            w_sum += w;
            wd_sum += w * (y - c);
        }
        (w_sum, wd_sum)
    }

    /// The weighted mean at τ².
    pub fn mean(&self, tau2: f64) -> f64 {
        let c = self.first();
        let (w, wd) = self.mean_sums(tau2, c);
        c + wd / w
    }

    /// Cochran's generalised Q(τ²) = Σ wᵢ (yᵢ − μ̂(τ²))².
    pub fn q(&self, tau2: f64) -> f64 {
        let m = self.mean(tau2);
        self.y.iter().zip(self.v).map(|(y, v)| (y - m) * (y - m) / (v + tau2)).sum()
    }

    /// Smallest and largest sampling variance.
    pub fn variance_range(&self) -> (f64, f64) {
        self.v.iter().fold((f64::INFINITY, 0.0), |(lo, hi), &v| (lo.min(v), hi.max(v)))
    }

    /// Unweighted variance of the effects, with divisor k − 1.
    pub fn plain_variance(&self) -> f64 {
        self.plain_moments().0
    }

    /// Unweighted variance of the effects and mean of the sampling variances, in one pass from the first effect.
    fn plain_moments(&self) -> (f64, f64) {
        let k = self.k() as f64;
        let c = self.first();
        let [d, dd, v] = accumulate(self.y, self.v, |acc, l, y, v| {
            let d = y - c;
            acc[0][l] += d;
            acc[1][l] += d * d;
            acc[2][l] += v;
        });
        // effects far from zero but close together would lose digits here: then a second pass
        let variance = (dd - d * d / k) / (k - 1.0);
        if variance > 1e-6 * dd / k {
            return (variance, v / k);
        }
        let m = c + d / k;
        (self.y.iter().map(|y| (y - m) * (y - m)).sum::<f64>() / (k - 1.0), v / k)
    }
}

impl At for Sample<'_> {
    type Quantities = Sums;

    /// With effects taken from the first one: a pass less than from the mean.
    #[inline]
    fn at(&self, tau2: f64) -> Sums {
        self.sums_from(tau2, self.first())
    }
}

impl NormalModel for Sample<'_> {
    type Moments = Moments;
    type Renewed<'b>
        = Sample<'b>
    where
        Self: 'b;

    fn sample(&self) -> Sample<'_> {
        *self
    }

    fn p(&self) -> usize {
        1
    }

    #[inline]
    fn moments(&self, tau2: f64) -> Moments {
        self.moments_from(tau2, self.first())
    }

    fn centred(&self, tau2: f64) -> Sums {
        self.sums_from(tau2, self.mean(tau2))
    }

    #[inline]
    fn unweighted(&self) -> Unweighted {
        let (variance, mean) = self.plain_moments();
        Unweighted { residual: variance, sampling: mean, total: variance }
    }

    /// With P = I − 11ᵀ/k: Σv² (1 − 2/k) + (Σv)²/k².
    fn trace_pvpv(&self) -> f64 {
        let k = self.k() as f64;
        let (v, v2) = self.v.iter().fold((0.0, 0.0), |(v, v2), x| (v + x, v2 + x * x));
        v2 * (1.0 - 2.0 / k) + v * v / (k * k)
    }

    fn log_likelihood(&self, tau2: f64, restricted: bool) -> f64 {
        let ln: f64 = self.v.iter().map(|v| (v + tau2).ln()).sum();
        let full = -0.5 * (ln + self.q(tau2));
        if restricted { full - 0.5 * self.mean_sums(tau2, 0.0).0.ln() } else { full }
    }

    fn log_design(&self) -> f64 {
        (self.k() as f64).ln()
    }

    fn renewed<'b>(&'b self, sample: Sample<'b>) -> Sample<'b> {
        sample
    }
}

/// Adds a study with the deviation `d` to the sums of a lane, in the order of the fields of [`Sums`].
#[inline(always)]
pub(super) fn add<const L: usize>(acc: &mut [[f64; L]; 9], l: usize, d: f64, v: f64, tau2: f64) {
    let w = 1.0 / (v + tau2);
    let wd = w * d;
    let w2 = w * w;
    let w2d = w * wd;
    acc[0][l] += w;
    acc[1][l] += wd;
    acc[2][l] += wd * d;
    acc[3][l] += w2;
    acc[4][l] += w2d;
    acc[5][l] += wd * wd;
    acc[6][l] += w2 * w;
    acc[7][l] += w2 * wd;
    acc[8][l] += w2d * wd;
}

impl Moments {
    /// μ̂ − c.
    pub fn shift(&self) -> f64 {
        self.wd / self.w
    }
}

impl FirstOrder for Moments {
    #[inline(always)]
    fn w(&self) -> f64 {
        self.w
    }

    #[inline(always)]
    fn w2(&self) -> f64 {
        self.w2
    }

    /// Σw − Σw²/Σw.
    #[inline(always)]
    fn trace_p(&self) -> f64 {
        self.w - self.w2 / self.w
    }

    /// Σwd² − (Σwd)²/Σw.
    #[inline(always)]
    fn q(&self) -> f64 {
        (self.wdd - self.wd * self.wd / self.w).max(0.0)
    }
}

impl Sums {
    /// From the sums in the order of the fields.
    #[inline(always)]
    pub(super) fn of(s: [f64; 9]) -> Self {
        let [w, wd, wdd, w2, w2d, w2dd, w3, w3d, w3dd] = s;
        Self { w, wd, wdd, w2, w2d, w2dd, w3, w3d, w3dd }
    }

    #[inline(always)]
    fn moments(&self) -> Moments {
        Moments { w: self.w, wd: self.wd, wdd: self.wdd, w2: self.w2 }
    }
}

impl FirstOrder for Sums {
    #[inline(always)]
    fn w(&self) -> f64 {
        self.w
    }

    #[inline(always)]
    fn w2(&self) -> f64 {
        self.w2
    }

    #[inline(always)]
    fn trace_p(&self) -> f64 {
        self.moments().trace_p()
    }

    #[inline(always)]
    fn q(&self) -> f64 {
        self.moments().q()
    }
}

impl Quantities for Sums {
    /// Σw² − 2 Σw³/Σw + (Σw²/Σw)².
    #[inline(always)]
    fn trace_pp(&self) -> f64 {
        self.w2 - 2.0 * self.w3 / self.w + (self.w2 / self.w).powi(2)
    }

    /// Σ w² (y − μ̂)².
    #[inline(always)]
    fn ypp_y(&self) -> f64 {
        let m = self.moments().shift();
        self.w2dd - 2.0 * m * self.w2d + m * m * self.w2
    }

    /// Σ w³ r² − (Σ w² r)²/Σw with r = y − μ̂.
    #[inline(always)]
    fn yppp_y(&self) -> f64 {
        let m = self.moments().shift();
        let cubic = self.w3dd - 2.0 * m * self.w3d + m * m * self.w3;
        let cross = self.w2d - m * self.w2;
        cubic - cross * cross / self.w
    }
}
