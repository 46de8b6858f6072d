//! Weighted sums that every τ² estimator is made of, in one pass and free of units.

use crate::math::simd::widest;

/// Effects and sampling variances of the pooled studies.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Estimates yᵢ.
    pub y: &'a [f64],
    /// Sampling variances vᵢ > 0.
    pub v: &'a [f64],
}

/// Sums over studies with wᵢ = 1/(vᵢ + τ²) and dᵢ = yᵢ − c.
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

    /// All sums at τ², with the effects taken from the centre `c`.
    pub fn sums(&self, tau2: f64, c: f64) -> Sums {
        let mut acc = [[0.0; LANES]; 9];
        let (ys, vs) = (self.y.chunks_exact(LANES), self.v.chunks_exact(LANES));
        let tail = ys.remainder().iter().zip(vs.remainder());
        for (y, v) in ys.zip(vs) {
            for l in 0..LANES {
                add(&mut acc, l, y[l], v[l], tau2, c);
            }
        }
        for (&y, &v) in tail {
            add(&mut acc, 0, y, v, tau2, c);
        }
        let s = acc.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
        Sums::of(s)
    }

    /// Σ w, Σ w d, Σ w d² and Σ w² alone: all that moments and Q need.
    pub fn moments(&self, tau2: f64, c: f64) -> Sums {
        let mut acc = [[0.0; LANES]; 4];
        let (ys, vs) = (self.y.chunks_exact(LANES), self.v.chunks_exact(LANES));
        let tail = ys.remainder().iter().zip(vs.remainder());
        let mut add = |l: usize, y: f64, v: f64| {
            let w = 1.0 / (v + tau2);
            let d = y - c;
            acc[0][l] += w;
            acc[1][l] += w * d;
            acc[2][l] += w * d * d;
            acc[3][l] += w * w;
        };
        for (y, v) in ys.zip(vs) {
            for l in 0..LANES {
                add(l, y[l], v[l]);
            }
        }
        tail.for_each(|(&y, &v)| add(0, y, v));
        let s = acc.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
        Sums { w: s[0], wd: s[1], wdd: s[2], w2: s[3], ..Sums::default() }
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
        let c = self.y[0];
        let (w, wd) = self.mean_sums(tau2, c);
        c + wd / w
    }

    /// Cochran's generalised Q(τ²) = Σ wᵢ (yᵢ − μ̂(τ²))².
    pub fn q(&self, tau2: f64) -> f64 {
        let m = self.mean(tau2);
        self.y.iter().zip(self.v).map(|(y, v)| (y - m) * (y - m) / (v + tau2)).sum()
    }

    /// Largest and smallest sampling variance.
    pub fn variance_range(&self) -> (f64, f64) {
        self.v.iter().fold((f64::INFINITY, 0.0), |(lo, hi), &v| (lo.min(v), hi.max(v)))
    }

    /// Unweighted variance of the effects, with divisor k − 1.
    pub fn plain_variance(&self) -> f64 {
        self.plain_moments().0
    }

    /// Unweighted variance of the effects and mean of the sampling variances, in one pass from the first effect.
    pub fn plain_moments(&self) -> (f64, f64) {
        let k = self.k() as f64;
        let c = self.y[0];
        let mut acc = [[0.0; LANES]; 3];
        let (ys, vs) = (self.y.chunks_exact(LANES), self.v.chunks_exact(LANES));
        let tail = ys.remainder().iter().zip(vs.remainder());
        let mut add = |l: usize, y: f64, v: f64| {
            let d = y - c;
            acc[0][l] += d;
            acc[1][l] += d * d;
            acc[2][l] += v;
        };
        for (y, v) in ys.zip(vs) {
            for l in 0..LANES {
                add(l, y[l], v[l]);
            }
        }
        tail.for_each(|(&y, &v)| add(0, y, v));
        let [d, dd, v] = acc.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
        // effects far from zero but close together would lose digits here: then a second pass
        let variance = (dd - d * d / k) / (k - 1.0);
        if variance > 1e-6 * dd / k {
            return (variance, v / k);
        }
        let m = c + d / k;
        (self.y.iter().map(|y| (y - m) * (y - m)).sum::<f64>() / (k - 1.0), v / k)
    }

    /// Typical sampling variance (k − 1) Σw / ((Σw)² − Σw²), w = 1/v. Reference: \[higgins2002\].
    pub fn typical_variance(&self) -> f64 {
        let s = self.moments(0.0, 0.0);
        (self.k() as f64 - 1.0) / s.trace_p()
    }
}

/// Samples side by side in the lanes of vectors.
pub(super) const WIDTH: usize = 8;
/// Studies up to which a sample goes into a lane; larger ones fill the vectors by themselves.
pub(super) const LARGEST: usize = 48;

/// [`Sample::moments`] of many samples of one study or more, each at its own τ² and from its own first effect: eight at a
/// time, with their sums added in another order.
pub(crate) fn moments_all(samples: &[Sample<'_>], tau2: impl Fn(usize) -> f64, out: &mut Vec<Sums>) {
    out.clear();
    out.reserve(samples.len());
    // an infinite variance has no weight
    let mut d = [[0.0; WIDTH]; LARGEST];
    let mut v = [[f64::INFINITY; WIDTH]; LARGEST];
    widest(
        #[inline(always)]
        || {
            for (c, chunk) in samples.chunks(WIDTH).enumerate() {
                let most = chunk.iter().map(Sample::k).max().unwrap_or(0);
                if most > LARGEST {
                    out.extend(chunk.iter().enumerate().map(|(l, s)| s.moments(tau2(c * WIDTH + l), s.y[0])));
                    continue;
                }
                let mut between = [0.0; WIDTH];
                for l in 0..WIDTH {
                    let (ys, vs) = chunk.get(l).map_or((&[][..], &[][..]), |s| (s.y, s.v));
                    between[l] = if l < chunk.len() { tau2(c * WIDTH + l) } else { 0.0 };
                    let first = ys.first().copied().unwrap_or(0.0);
                    for (j, (y, variance)) in ys.iter().zip(vs).enumerate() {
                        d[j][l] = y - first;
                        v[j][l] = *variance;
                    }
                    for j in ys.len()..most {
                        d[j][l] = 0.0;
                        v[j][l] = f64::INFINITY;
                    }
                }
                let mut acc = [[0.0; WIDTH]; 4];
                for (d, v) in d[..most].iter().zip(&v[..most]) {
                    for l in 0..WIDTH {
                        let w = 1.0 / (v[l] + between[l]);
                        let wd = w * d[l];
                        acc[0][l] += w;
                        acc[1][l] += wd;
                        acc[2][l] += wd * d[l];
                        acc[3][l] += w * w;
                    }
                }
                out.extend((0..chunk.len()).map(|l| Sums {
                    w: acc[0][l],
                    wd: acc[1][l],
                    wdd: acc[2][l],
                    w2: acc[3][l],
                    ..Sums::default()
                }));
            }
        },
    );
}

#[inline(always)]
pub(super) fn add<const N: usize>(acc: &mut [[f64; N]; 9], l: usize, y: f64, v: f64, tau2: f64, c: f64) {
    let w = 1.0 / (v + tau2);
    let d = y - c;
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

impl Sums {
    /// From the sums in the order of the fields.
    pub(super) fn of(s: [f64; 9]) -> Self {
        let [w, wd, wdd, w2, w2d, w2dd, w3, w3d, w3dd] = s;
        Self { w, wd, wdd, w2, w2d, w2dd, w3, w3d, w3dd }
    }

    /// μ̂ − c.
    pub fn shift(&self) -> f64 {
        self.wd / self.w
    }

    /// tr P with P = W − W11ᵀW/Σw.
    pub fn trace_p(&self) -> f64 {
        self.w - self.w2 / self.w
    }

    /// tr P².
    pub fn trace_pp(&self) -> f64 {
        self.w2 - 2.0 * self.w3 / self.w + (self.w2 / self.w).powi(2)
    }

    /// Q = yᵀPy.
    pub fn q(&self) -> f64 {
        (self.wdd - self.wd * self.wd / self.w).max(0.0)
    }

    /// yᵀP²y = Σ w² (y − μ̂)².
    pub fn ypp_y(&self) -> f64 {
        let m = self.shift();
        self.w2dd - 2.0 * m * self.w2d + m * m * self.w2
    }

    /// yᵀP³y = Σ w³ r² − (Σ w² r)²/Σw with r = y − μ̂.
    pub fn yppp_y(&self) -> f64 {
        let m = self.shift();
        let cubic = self.w3dd - 2.0 * m * self.w3d + m * m * self.w3;
        let cross = self.w2d - m * self.w2;
        cubic - cross * cross / self.w
    }
}
