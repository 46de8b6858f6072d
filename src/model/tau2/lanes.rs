//! ML and REML of many small samples side by side: each lane holds the search over one sample, and takes the next sample
//! as soon as its own is done. The sums are those of [`Sample::sums`], added in another order; the search is the same.

use super::Between;
use super::likelihood::{Ascent, Likelihood, Slope, is_handy};
use crate::math::root::Stop;
use crate::model::kernel::{LARGEST, Sample, Sums, WIDTH, add};

/// The maximum over each of the samples, which have two studies or more.
#[inline(always)]
pub(super) fn maximise_all(likelihood: &Likelihood, samples: &[Sample<'_>]) -> Vec<Between> {
    let none = Between { tau2: 0.0, iterations: 0, stop: Stop::Boundary };
    let mut out = vec![none; samples.len()];
    let mut next = 0;
    let mut take = |out: &mut Vec<Between>| {
        while next < samples.len() {
            let i = next;
            next += 1;
            if samples[i].k() <= LARGEST && is_handy(samples[i].variance_range()) {
                return Some(i);
            }
            out[i] = likelihood.maximise(samples[i]);
        }
        None
    };
    // deviations from the first effect and variances, by study and lane; an infinite variance has no weight
    let mut d = [[0.0; WIDTH]; LARGEST];
    let mut v = [[f64::INFINITY; WIDTH]; LARGEST];
    let mut lanes: [Option<(usize, Ascent)>; WIDTH] = [None; WIDTH];
    let mut filled = [0usize; WIDTH];
    let mut tau2 = [0.0; WIDTH];
    let mut fill = |l: usize,
                    d: &mut [[f64; WIDTH]],
                    v: &mut [[f64; WIDTH]],
                    out: &mut Vec<Between>,
                    filled: &mut [usize; WIDTH]| {
        let found = take(out);
        let k = found.map_or(0, |i| samples[i].k());
        if let Some(i) = found {
            let c = samples[i].y[0];
            for (j, (y, variance)) in samples[i].y.iter().zip(samples[i].v).enumerate() {
                d[j][l] = y - c;
                v[j][l] = *variance;
            }
        }
        for j in k..filled[l] {
            d[j][l] = 0.0;
            v[j][l] = f64::INFINITY;
        }
        filled[l] = k;
        found.map(|i| (i, Ascent::new(samples[i])))
    };
    for (l, lane) in lanes.iter_mut().enumerate() {
        *lane = fill(l, &mut d, &mut v, &mut out, &mut filled);
    }
    while lanes.iter().any(Option::is_some) {
        let most = filled.iter().copied().max().unwrap_or(0);
        let slopes = wide_slopes(likelihood, &d[..most], &v[..most], &tau2);
        for l in 0..WIDTH {
            let Some((i, ascent)) = &mut lanes[l] else { continue };
            if let Some(found) = ascent.step(slopes[l], likelihood, samples[*i]) {
                out[*i] = found;
                lanes[l] = fill(l, &mut d, &mut v, &mut out, &mut filled);
            }
            tau2[l] = lanes[l].as_ref().map_or(0.0, |a| a.1.tau2());
        }
    }
    out
}

/// The slopes of every lane at its own τ².
#[inline(always)]
fn wide_slopes(
    likelihood: &Likelihood,
    d: &[[f64; WIDTH]],
    v: &[[f64; WIDTH]],
    tau2: &[f64; WIDTH],
) -> [Slope; WIDTH] {
    let mut acc = [[0.0; WIDTH]; 9];
    for (d, v) in d.iter().zip(v) {
        for l in 0..WIDTH {
            add(&mut acc, l, d[l], v[l], tau2[l], 0.0);
        }
    }
    let (mut score, mut observed, mut expected) = ([0.0; WIDTH], [0.0; WIDTH], [0.0; WIDTH]);
    for l in 0..WIDTH {
        let slope = likelihood.slope_of(&Sums::of(std::array::from_fn(|j| acc[j][l])));
        (score[l], observed[l], expected[l]) = (slope.score, slope.observed, slope.expected);
    }
    std::array::from_fn(|l| Slope { score: score[l], observed: observed[l], expected: expected[l] })
}
