//! How subsets are chosen and fitted: all of them in the order of binary numbers, or a random sample.

use super::grid::{Grid, Point, Tally, With, each};
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{Generator, bits, generator};
use crate::model::refit::{Refit, SubsetRoute};
use crate::model::tau2::Tau2;
use crate::model::{Inconsistency, NormalModel, Sample, i2_of_q};

/// How subsets are fitted.
pub(super) enum Fitter<'a> {
    /// By weighted sums alone.
    Common(Terms),
    /// By an estimator of τ².
    Random(Sample<'a>, Tau2),
    /// By the model.
    Model(&'a dyn Refit),
}

/// Room that one worker uses again and again.
#[derive(Default)]
pub(super) struct Room {
    y: Vec<f64>,
    v: Vec<f64>,
    rows: Vec<usize>,
}

impl<'a> Fitter<'a> {
    /// The shortest way that a fit knows.
    pub(super) fn of(fit: &'a dyn Refit) -> Self {
        match fit.subset_route() {
            SubsetRoute::Sums(sample) => Self::Common(Terms::new(sample)),
            SubsetRoute::Estimator(sample, tau2) => Self::Random(sample, tau2),
            SubsetRoute::Model => Self::Model(fit),
        }
    }

    pub(super) fn point(&self, mask: &[u64], room: &mut Room) -> Option<Point> {
        match self {
            Self::Common(t) => {
                let mut sums = [0.0; 4];
                each(mask, |i| plus(&mut sums, &t.of[i]));
                Some(common(&sums, t.centre))
            }
            Self::Random(s, tau2) => {
                room.y.clear();
                room.v.clear();
                each(mask, |i| {
                    room.y.push(s.y[i]);
                    room.v.push(s.v[i]);
                });
                let sample = Sample::new(&room.y, &room.v);
                if sample.k() == 1 {
                    return Some((room.y[0], 0.0));
                }
                let common = sample.moments(0.0);
                let between = tau2.estimate_of(&sample, || common).tau2;
                Some((sample.mean(between), Inconsistency::new(&common, sample.df()).i2(between)))
            }
            Self::Model(fit) => {
                room.rows.clear();
                each(mask, |i| room.rows.push(fit.rows()[i]));
                let fit = fit.with_rows(&room.rows).ok()?;
                Some((fit.estimate, fit.inconsistency?))
            }
        }
    }
}

/// What each study adds to the sums: w, wd, wd² and 1, with d from the first effect.
pub(super) struct Terms {
    of: Vec<[f64; 4]>,
    centre: f64,
}

impl Terms {
    fn new(s: Sample<'_>) -> Self {
        let term = |(y, v): (&f64, &f64)| {
            let (w, d) = (1.0 / v, y - s.y[0]);
            [w, w * d, w * d * d, 1.0]
        };
        Self { of: s.y.iter().zip(s.v).map(term).collect(), centre: s.y[0] }
    }
}

#[inline(always)]
fn plus(sums: &mut [f64; 4], term: &[f64; 4]) {
    sums.iter_mut().zip(term).for_each(|(a, b)| *a += b);
}

/// Estimate and I² from Σw, Σwd, Σwd² and the number of studies.
#[inline(always)]
fn common(s: &[f64; 4], centre: f64) -> Point {
    let shift = s[1] / s[0];
    let q = (s[2] - s[1] * shift).max(0.0);
    // identical effects leave rounding alone, which is no heterogeneity
    let q = if q <= 1e-12 * s[2] { 0.0 } else { q };
    (centre + shift, i2_of_q(q, s[3] - 1.0))
}

/// All subsets whose high bits are those of `portion`, in the order of binary numbers.
///
/// What the subsets with a study add up to is taken from the sums when it enters and when it leaves, which is seldom.
fn enumerate_common(grid: &Grid, terms: &Terms, low: usize, portion: u64, tally: &mut Tally) {
    let k = terms.of.len();
    let mut levels = vec![[0.0; 4]; k + 1];
    let high = portion << low;
    for j in (low..k).rev() {
        let mut sums = levels[j + 1];
        if high >> j & 1 == 1 {
            plus(&mut sums, &terms.of[j]);
        }
        levels[j] = sums;
    }
    let top = levels[low];
    levels[..low].fill(top);
    let split = 1u64 << grid.split;
    let so_far = |t: &Tally| (t.n, t.sums[0], t.sums[2]);
    let less = |a: With, b: With| (a.0 - b.0, a.1 - b.1, a.2 - b.2);
    let plus_with = |a: &mut With, b: With| *a = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
    let mut entered = vec![(0, 0.0, 0.0); low];
    for m in 0..1u64 << low {
        if m > 0 {
            // the bit that m − 1 had clear and all below it set
            let t = m.trailing_zeros() as usize;
            let mut sums = levels[t + 1];
            plus(&mut sums, &terms.of[t]);
            levels[..=t].fill(sums);
            let now = so_far(tally);
            for (own, then) in tally.with.iter_mut().zip(&entered[..t]) {
                plus_with(own, less(now, *then));
            }
            entered[t] = now;
        }
        let mask = high | m;
        if mask != 0 {
            grid.add(tally, mask & split != 0, Some(common(&levels[0], terms.centre)));
        }
    }
    let now = so_far(tally);
    // all low bits are set at the end, and the high ones were throughout
    for (own, then) in tally.with.iter_mut().zip(&entered) {
        plus_with(own, less(now, *then));
    }
    for j in (low..k).filter(|j| high >> j & 1 == 1) {
        plus_with(&mut tally.with[j], now);
    }
}

/// A random subset, all equally likely, none empty.
pub(super) fn draw(mask: &mut [u64], k: usize, random: &mut Generator) {
    loop {
        for (word, m) in mask.iter_mut().enumerate() {
            let here = (k - 64 * word).min(64);
            *m = bits(random) >> (64 - here);
        }
        if mask.iter().any(|m| *m != 0) {
            return;
        }
    }
}

/// Portions are few, so that each worker fills its own grid only a few times.
pub(super) fn all_subsets(grid: &Grid, fitter: &Fitter<'_>, progress: Progress<'_>) -> Vec<Tally> {
    let k = grid.k;
    let low = if k > 14 { k - 3 } else { k };
    let portions = 1usize << (k - low);
    let work = |portion: usize| {
        let mut tally = grid.empty();
        match fitter {
            Fitter::Common(terms) => enumerate_common(grid, terms, low, portion as u64, &mut tally),
            _ => {
                let mut room = Room::default();
                for m in 0..1u64 << low {
                    let mask = [(portion as u64) << low | m];
                    if mask[0] != 0 {
                        let point = fitter.point(&mask, &mut room);
                        grid.add_each(&mut tally, &mask, point);
                    }
                    if m % 4096 == 4095 {
                        progress((portion as f64 + m as f64 / (1u64 << low) as f64) / portions as f64);
                    }
                }
            }
        }
        tally
    };
    in_portions(portions, work, progress)
}

pub(super) fn sampled(
    grid: &Grid,
    fitter: &Fitter<'_>,
    most: u64,
    seed: u64,
    progress: Progress<'_>,
) -> Vec<Tally> {
    // so many portions whatever the machine: the same numbers everywhere
    let portions =
        most.div_ceil(2500).clamp(if matches!(fitter, Fitter::Model(_)) { 8 } else { 1 }, 8) as usize;
    let work = |portion: usize| {
        let (mut tally, mut room) = (grid.empty(), Room::default());
        let mut random = generator(seed, portion);
        let mut mask = vec![0; grid.k.div_ceil(64)];
        let share = most / portions as u64 + u64::from((portion as u64) < most % portions as u64);
        for n in 0..share {
            draw(&mut mask, grid.k, &mut random);
            let point = fitter.point(&mask, &mut room);
            grid.add_each(&mut tally, &mask, point);
            if n % 4096 == 4095 {
                progress((portion as f64 + n as f64 / share as f64) / portions as f64);
            }
        }
        tally
    };
    in_portions(portions, work, progress)
}
