//! Samples side by side in the lanes of vectors: the same sums, added in another order.

use super::sample::add;
#[cfg(feature = "mass")]
use super::{Moments, NormalModel};
use super::{Sample, Sums};
#[cfg(feature = "mass")]
use crate::math::simd::widest;

/// Samples at a time.
pub(crate) const WIDTH: usize = 8;
/// Studies up to which a sample goes into a lane; larger ones fill the vectors by themselves.
pub(crate) const LARGEST: usize = 48;

/// Samples of up to [`LARGEST`] studies, by study and lane.
pub(crate) struct Lanes {
    /// Deviations from the first effect of each.
    d: [[f64; WIDTH]; LARGEST],
    /// Variances; an infinite one has no weight.
    v: [[f64; WIDTH]; LARGEST],
    /// Studies in each lane.
    filled: [usize; WIDTH],
}

impl Lanes {
    /// Without samples.
    #[inline(always)]
    pub fn empty() -> Self {
        Self { d: [[0.0; WIDTH]; LARGEST], v: [[f64::INFINITY; WIDTH]; LARGEST], filled: [0; WIDTH] }
    }

    /// Puts a sample, or none, into a lane.
    #[inline(always)]
    pub fn fill(&mut self, l: usize, sample: Option<&Sample<'_>>) {
        let (ys, vs) = sample.map_or((&[][..], &[][..]), |s| (s.y, s.v));
        let first = sample.map_or(0.0, Sample::first);
        for (j, (y, variance)) in ys.iter().zip(vs).enumerate() {
            self.d[j][l] = y - first;
            self.v[j][l] = *variance;
        }
        for j in ys.len()..self.filled[l] {
            self.d[j][l] = 0.0;
            self.v[j][l] = f64::INFINITY;
        }
        self.filled[l] = ys.len();
    }

    /// The sums of all lanes, each at its own τ².
    #[inline(always)]
    fn accumulate<const N: usize>(
        &self,
        add: impl Fn(&mut [[f64; WIDTH]; N], usize, f64, f64),
    ) -> [[f64; WIDTH]; N] {
        let most = self.filled.iter().copied().max().unwrap_or(0);
        let mut acc = [[0.0; WIDTH]; N];
        for (d, v) in self.d[..most].iter().zip(&self.v[..most]) {
            for l in 0..WIDTH {
                add(&mut acc, l, d[l], v[l]);
            }
        }
        acc
    }

    /// [`NormalModel::moments`] of every lane.
    #[inline(always)]
    #[cfg(feature = "mass")]
    fn moments(&self, tau2: &[f64; WIDTH]) -> [[f64; WIDTH]; 4] {
        self.accumulate(
            #[inline(always)]
            |acc, l, d, v| {
                let w = 1.0 / (v + tau2[l]);
                let wd = w * d;
                acc[0][l] += w;
                acc[1][l] += wd;
                acc[2][l] += wd * d;
                acc[3][l] += w * w;
            },
        )
    }

    /// [`super::At::at`] of every lane.
    #[inline(always)]
    pub fn sums(&self, tau2: &[f64; WIDTH]) -> LaneSums {
        LaneSums(self.accumulate(
            #[inline(always)]
            |acc, l, d, v| add(acc, l, d, v, tau2[l]),
        ))
    }
}

/// The sums of every lane.
pub(crate) struct LaneSums([[f64; WIDTH]; 9]);

impl LaneSums {
    /// Those of a lane.
    #[inline(always)]
    pub fn of(&self, l: usize) -> Sums {
        Sums::of(std::array::from_fn(|j| self.0[j][l]))
    }
}

/// [`NormalModel::moments`] of many samples of one study or more, each at its own τ² and from its own first effect.
#[cfg(feature = "mass")]
pub(crate) fn moments_all(samples: &[Sample<'_>], tau2: impl Fn(usize) -> f64, out: &mut Vec<Moments>) {
    out.clear();
    out.reserve(samples.len());
    let mut lanes = Lanes::empty();
    widest(
        #[inline(always)]
        || {
            for (c, chunk) in samples.chunks(WIDTH).enumerate() {
                if chunk.iter().any(|s| s.k() > LARGEST) {
                    out.extend(chunk.iter().enumerate().map(|(l, s)| s.moments(tau2(c * WIDTH + l))));
                    continue;
                }
                let mut at = [0.0; WIDTH];
                for (l, at) in at.iter_mut().enumerate() {
                    lanes.fill(l, chunk.get(l));
                    *at = if l < chunk.len() { tau2(c * WIDTH + l) } else { 0.0 };
                }
                let [w, wd, wdd, w2] = lanes.moments(&at);
                let of = |l: usize| Moments { w: w[l], wd: wd[l], wdd: wdd[l], w2: w2[l] };
                out.extend((0..chunk.len()).map(of));
            }
        },
    );
}
