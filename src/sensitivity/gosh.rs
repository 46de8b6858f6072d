//! All subsets of the studies, or a sample of them: a graphical display of study heterogeneity.
//!
//! Under a common effect the sums of a subset come from those of a smaller one by addition alone, in the order of
//! binary numbers, so that a study of enormous weight leaves no rounding behind. Nothing is stored per subset: means,
//! and a grid of counts. Reference: \[olkin2012\].

use super::subset::Pooler;
use crate::error::Error;
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{Generator, bits, generator};
use crate::model::tau2::Tau2;
use crate::model::{Inconsistency, NormalModel, Sample, i2_of_q};
use crate::result::sensitivity::{Cloud, Gosh, Split};

/// How many subsets are fitted, unless told otherwise: all of 20 studies.
pub const USUAL_SUBSETS: u64 = 1 << 20;
/// The same for models that pool the counts of every subset again.
pub const USUAL_SUBSETS_OF_COUNTS: u64 = 2000;
/// Most subsets.
pub const MOST_SUBSETS: u64 = 1 << 30;

/// Random subsets whose estimates set the range of the picture and tell which study is likely to split it.
const PILOT: usize = 200;

/// What a subset gives: estimate and I².
type Point = (f64, f64);

/// Subsets with a study: how many, Σ (x − c), Σ I².
type With = (u64, f64, f64);

/// What is summed over subsets.
struct Tally {
    n: u64,
    failed: u64,
    /// Σ (x − c), Σ (x − c)² of estimates, Σ and Σ² of I².
    sums: [f64; 4],
    range: (f64, f64),
    /// Of each study.
    with: Vec<With>,
    /// Subsets per cell, and those of them with the study that splits the cloud.
    cells: Vec<[u32; 2]>,
    outside: u64,
}

/// The grid, the centre that sums are taken from, and the study whose subsets are counted apart.
#[derive(Clone, Copy)]
struct Frame {
    k: usize,
    centre: f64,
    range: (f64, f64),
    /// Cells per unit of the estimate.
    density: f64,
    split: usize,
}

/// Cells along the estimate and along I².
const COLUMNS: usize = 180;
const ROWS: usize = 50;

impl Frame {
    fn new(k: usize, range: (f64, f64), split: usize) -> Self {
        let density = COLUMNS as f64 / (range.1 - range.0);
        Self { k, centre: 0.5 * (range.0 + range.1), range, density, split }
    }

    fn empty(&self) -> Tally {
        Tally {
            n: 0,
            failed: 0,
            sums: [0.0; 4],
            range: (f64::INFINITY, f64::NEG_INFINITY),
            with: vec![(0, 0.0, 0.0); self.k],
            cells: vec![[0; 2]; COLUMNS * ROWS],
            outside: 0,
        }
    }

    /// Counts a subset but for what each study is given; says whether it could be fitted.
    #[inline(always)]
    fn add(&self, tally: &mut Tally, with_split: bool, point: Option<Point>) -> bool {
        let Some((x, i2)) = point.filter(|p| p.0.is_finite() && p.1.is_finite()) else {
            tally.failed += 1;
            return false;
        };
        let d = x - self.centre;
        tally.n += 1;
        tally.sums[0] += d;
        tally.sums[1] += d * d;
        tally.sums[2] += i2;
        tally.sums[3] += i2 * i2;
        tally.range = (tally.range.0.min(x), tally.range.1.max(x));
        let place = (x - self.range.0) * self.density;
        if (0.0..=COLUMNS as f64).contains(&place) {
            let column = (place as usize).min(COLUMNS - 1);
            let row = ((i2 * (ROWS as f64 / 100.0)) as usize).min(ROWS - 1);
            let cell = &mut tally.cells[row * COLUMNS + column];
            cell[0] += 1;
            cell[1] += u32::from(with_split);
        } else {
            tally.outside += 1;
        }
        true
    }

    /// Counts a subset for every study in it as well.
    fn add_each(&self, tally: &mut Tally, mask: &[u64], point: Option<Point>) {
        let with_split = mask[self.split / 64] >> (self.split % 64) & 1 == 1;
        if let (true, Some((x, i2))) = (self.add(tally, with_split, point), point) {
            let d = x - self.centre;
            each(mask, |i| {
                let own = &mut tally.with[i];
                *own = (own.0 + 1, own.1 + d, own.2 + i2);
            });
        }
    }
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.failed += other.failed;
        self.outside += other.outside;
        self.sums.iter_mut().zip(other.sums).for_each(|(a, b)| *a += b);
        self.range = (self.range.0.min(other.range.0), self.range.1.max(other.range.1));
        for (a, b) in self.with.iter_mut().zip(&other.with) {
            *a = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
        }
        for (a, b) in self.cells.iter_mut().zip(&other.cells) {
            *a = [a[0] + b[0], a[1] + b[1]];
        }
    }

    /// Standard deviations of the estimates and of I².
    fn spreads(&self) -> (f64, f64) {
        let n = self.n as f64;
        let spread = |sum: f64, squares: f64| {
            if self.n > 1 { ((squares - sum * sum / n) / (n - 1.0)).max(0.0).sqrt() } else { 0.0 }
        };
        (spread(self.sums[0], self.sums[1]), spread(self.sums[2], self.sums[3]))
    }

    /// Of a study: means with it and without it (as distances from the centre, and I²), and how far these lie apart.
    fn split(&self, i: usize) -> ([Point; 2], f64) {
        let (with, d, i2) = self.with[i];
        let (with, without) = (with as f64, (self.n - with) as f64);
        let apart = |sum: f64, all: f64| (sum / with, (all - sum) / without);
        let (a, b) = (apart(d, self.sums[0]), apart(i2, self.sums[2]));
        let spreads = self.spreads();
        let part = |(x, y): (f64, f64), sd: f64| if sd > 0.0 { (x - y) / sd } else { 0.0 };
        ([(a.0, b.0), (a.1, b.1)], part(a, spreads.0).hypot(part(b, spreads.1)))
    }

    /// The study that splits the cloud most, the first of equals.
    fn widest(&self) -> usize {
        let distances: Vec<f64> = (0..self.with.len()).map(|i| self.split(i).1).collect();
        (0..distances.len()).rev().max_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap_or(0)
    }
}

/// Calls with the place of every bit that is set.
#[inline(always)]
fn each(mask: &[u64], mut f: impl FnMut(usize)) {
    for (word, &bits) in mask.iter().enumerate() {
        let mut m = bits;
        while m != 0 {
            f(word * 64 + m.trailing_zeros() as usize);
            m &= m - 1;
        }
    }
}

/// How subsets are fitted.
enum Fitter<'a> {
    /// By weighted sums alone.
    Common(Terms),
    /// By an estimator of τ².
    Random(Sample<'a>, Tau2),
    /// By the model.
    Full(&'a Pooler<'a>),
}

/// Room that one worker uses again and again.
#[derive(Default)]
struct Room {
    y: Vec<f64>,
    v: Vec<f64>,
    places: Vec<usize>,
}

impl Fitter<'_> {
    fn point(&self, mask: &[u64], room: &mut Room) -> Option<Point> {
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
            Self::Full(pooler) => {
                room.places.clear();
                each(mask, |i| room.places.push(i));
                let fit = pooler.fit(&room.places).ok()?;
                Some((fit.estimate, fit.inconsistency?))
            }
        }
    }
}

/// What each study adds to the sums: w, wd, wd² and 1, with d from the first effect.
struct Terms {
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
fn enumerate_common(frame: &Frame, terms: &Terms, low: usize, portion: u64, tally: &mut Tally) {
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
    let split = 1u64 << frame.split;
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
            frame.add(tally, mask & split != 0, Some(common(&levels[0], terms.centre)));
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
fn draw(mask: &mut [u64], k: usize, random: &mut Generator) {
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

/// From a few random subsets: the range of the picture, a little widened, and the study that splits it most.
fn pilot(fitter: &Fitter<'_>, k: usize, seed: u64) -> Frame {
    let mut random = generator(seed, usize::MAX);
    let (mut mask, mut room) = (vec![0; k.div_ceil(64)], Room::default());
    let draws = if matches!(fitter, Fitter::Full(_)) { 20 } else { PILOT };
    let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut seen = vec![];
    for i in 0..draws + k.min(draws) {
        if i < draws {
            draw(&mut mask, k, &mut random);
            // small subsets lie farther out
            let mut thinned = mask.clone();
            draw(&mut thinned, k, &mut random);
            thinned.iter_mut().zip(&mask).for_each(|(a, b)| *a &= b);
            if i % 3 == 2 && thinned.iter().any(|m| *m != 0) {
                mask = thinned;
            }
        } else {
            // every study left out alone, so that the cloud about the whole result is inside
            mask.fill(u64::MAX);
            let last = mask.len() - 1;
            mask[last] >>= (64 - k % 64) % 64;
            if k > 1 {
                mask[(i - draws) / 64] &= !(1 << ((i - draws) % 64));
            }
        }
        if let Some(point) = fitter.point(&mask, &mut room).filter(|p| p.0.is_finite()) {
            (lo, hi) = (lo.min(point.0), hi.max(point.0));
            seen.push((mask.clone(), point));
        }
    }
    if lo > hi {
        return Frame::new(k, (-1.0, 1.0), 0);
    }
    let pad = 0.15 * (hi - lo);
    let pad = if pad > 0.0 { pad } else { 1e-6 * lo.abs().max(1e-300) };
    let frame = Frame::new(k, (lo - pad, hi + pad), 0);
    let mut tally = frame.empty();
    seen.iter().for_each(|(mask, point)| frame.add_each(&mut tally, mask, Some(*point)));
    Frame { split: tally.widest(), ..frame }
}

/// Fits all subsets if there are no more than `most`, else a random sample of so many.
///
/// # Errors
/// There are fewer than two studies, or `most` is out of range.
pub fn gosh(
    pooler: &Pooler<'_>,
    most: Option<u64>,
    seed: u64,
    progress: Progress<'_>,
) -> Result<Gosh, Error> {
    let k = pooler.k();
    if k < 2 {
        return Err(Error::model("subsets need at least two studies")
            .with_hint("a single study has one subset: itself"));
    }
    let fitter = match (pooler.quick(), pooler.sample()) {
        (Some((Tau2::EqualEffects, _)), Some(s)) => Fitter::Common(Terms::new(s)),
        (Some((tau2, _)), Some(s)) => Fitter::Random(s, tau2),
        _ => Fitter::Full(pooler),
    };
    let usual = if matches!(fitter, Fitter::Full(_)) { USUAL_SUBSETS_OF_COUNTS } else { USUAL_SUBSETS };
    let most = most.unwrap_or(usual);
    if !(1..=MOST_SUBSETS).contains(&most) {
        return Err(Error::usage(format!("{most} subsets"))
            .with_hint(format!("give a number from 1 to {MOST_SUBSETS}")));
    }
    let exhaustive = k <= 30 && (1u64 << k) - 1 <= most;
    let mut frame = pilot(&fitter, k, seed);
    loop {
        let tallies = if exhaustive {
            all_subsets(&frame, &fitter, progress)
        } else {
            sampled(&frame, &fitter, most, seed, progress)
        };
        let mut sum = frame.empty();
        tallies.iter().for_each(|t| sum.merge(t));
        if sum.n == 0 {
            return Err(Error::model("no subset can be pooled"));
        }
        // seldom: the few subsets pointed to another study, and the picture is to show the one of all
        let widest = sum.widest();
        if widest == frame.split {
            return Ok(summary(pooler, &frame, &sum, exhaustive, (!exhaustive).then_some(seed)));
        }
        frame.split = widest;
    }
}

/// Portions are few, so that each worker fills its own grid only a few times.
fn all_subsets(frame: &Frame, fitter: &Fitter<'_>, progress: Progress<'_>) -> Vec<Tally> {
    let k = frame.k;
    let low = if k > 14 { k - 3 } else { k };
    let portions = 1usize << (k - low);
    let work = |portion: usize| {
        let mut tally = frame.empty();
        match fitter {
            Fitter::Common(terms) => enumerate_common(frame, terms, low, portion as u64, &mut tally),
            _ => {
                let mut room = Room::default();
                for m in 0..1u64 << low {
                    let mask = [(portion as u64) << low | m];
                    if mask[0] != 0 {
                        let point = fitter.point(&mask, &mut room);
                        frame.add_each(&mut tally, &mask, point);
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

fn sampled(frame: &Frame, fitter: &Fitter<'_>, most: u64, seed: u64, progress: Progress<'_>) -> Vec<Tally> {
    // so many portions whatever the machine: the same numbers everywhere
    let portions =
        most.div_ceil(2500).clamp(if matches!(fitter, Fitter::Full(_)) { 8 } else { 1 }, 8) as usize;
    let work = |portion: usize| {
        let (mut tally, mut room) = (frame.empty(), Room::default());
        let mut random = generator(seed, portion);
        let mut mask = vec![0; frame.k.div_ceil(64)];
        let share = most / portions as u64 + u64::from((portion as u64) < most % portions as u64);
        for n in 0..share {
            draw(&mut mask, frame.k, &mut random);
            let point = fitter.point(&mask, &mut room);
            frame.add_each(&mut tally, &mask, point);
            if n % 4096 == 4095 {
                progress((portion as f64 + n as f64 / share as f64) / portions as f64);
            }
        }
        tally
    };
    in_portions(portions, work, progress)
}

fn summary(pooler: &Pooler<'_>, frame: &Frame, t: &Tally, exhaustive: bool, seed: Option<u64>) -> Gosh {
    let n = t.n as f64;
    let (estimate_sd, i2_sd) = t.spreads();
    let splits: Vec<Split> = (0..frame.k)
        .map(|i| {
            let ([with, without], distance) = t.split(i);
            Split {
                study: pooler.label(i),
                row: pooler.rows[i],
                estimate_with: frame.centre + with.0,
                estimate_without: frame.centre + without.0,
                i2_with: with.1,
                i2_without: without.1,
                distance,
            }
        })
        .collect();
    Gosh {
        subsets: t.n,
        exhaustive,
        seed,
        failed: t.failed,
        estimate_mean: frame.centre + t.sums[0] / n,
        estimate_sd,
        estimate_range: t.range,
        i2_mean: t.sums[2] / n,
        i2_sd,
        widest: frame.split,
        splits,
        cloud: Cloud {
            range: frame.range,
            columns: COLUMNS,
            rows: ROWS,
            counts: t.cells.iter().map(|c| c[0]).collect(),
            with_split: t.cells.iter().map(|c| c[1]).collect(),
            outside: t.outside,
        },
    }
}
