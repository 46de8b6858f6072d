//! All subsets of the studies, or a sample of them: a graphical display of study heterogeneity.
//!
//! Under a common effect the sums of a subset come from those of a smaller one by addition alone, in the order of
//! binary numbers, so that a study of enormous weight leaves no rounding behind. Nothing is stored per subset: means,
//! and a grid of counts. Reference: \[olkin2012\].

use super::subset::{Pooler, i2_of_q};
use crate::error::Error;
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{Generator, bits, generator};
use crate::model::Sample;
use crate::model::tau2::Tau2;
use crate::result::sensitivity::{Cloud, Gosh, Split};

/// How many subsets are fitted, unless told otherwise: all of 20 studies.
pub const USUAL_SUBSETS: u64 = 1 << 20;
/// The same for models that pool the counts of every subset again.
pub const USUAL_SUBSETS_OF_COUNTS: u64 = 2000;
/// Most subsets.
pub const MOST_SUBSETS: u64 = 1 << 30;

/// Random subsets whose estimates set the range of the picture.
const PILOT: usize = 400;

/// What a subset gives: estimate and I².
type Point = (f64, f64);

/// What is summed over subsets.
struct Tally {
    n: u64,
    failed: u64,
    /// Σ (x − c), Σ (x − c)² of estimates, Σ and Σ² of I².
    sums: [f64; 4],
    range: (f64, f64),
    /// Of each study: subsets with it, Σ (x − c), Σ I².
    with: Vec<(u64, f64, f64)>,
    cells: Vec<u32>,
    /// For each cell, how many of its subsets hold each study.
    cells_with: Vec<u32>,
    outside: u64,
}

/// The grid and the centre that sums are taken from.
#[derive(Clone, Copy)]
struct Frame {
    k: usize,
    centre: f64,
    range: (f64, f64),
    columns: usize,
    rows: usize,
}

impl Frame {
    fn empty(&self) -> Tally {
        let cells = self.columns * self.rows;
        Tally {
            n: 0,
            failed: 0,
            sums: [0.0; 4],
            range: (f64::INFINITY, f64::NEG_INFINITY),
            with: vec![(0, 0.0, 0.0); self.k],
            cells: vec![0; cells],
            cells_with: vec![0; cells * self.k],
            outside: 0,
        }
    }

    fn cell(&self, (x, i2): Point) -> Option<usize> {
        let share = (x - self.range.0) / (self.range.1 - self.range.0);
        if !(0.0..=1.0).contains(&share) {
            return None;
        }
        let column = ((share * self.columns as f64) as usize).min(self.columns - 1);
        let row = ((i2 / 100.0 * self.rows as f64) as usize).min(self.rows - 1);
        Some(row * self.columns + column)
    }

    #[inline]
    fn add(&self, tally: &mut Tally, mask: &[u64], point: Option<Point>) {
        let Some(point) = point.filter(|p| p.0.is_finite() && p.1.is_finite()) else {
            tally.failed += 1;
            return;
        };
        let (x, i2) = point;
        let d = x - self.centre;
        tally.n += 1;
        tally.sums[0] += d;
        tally.sums[1] += d * d;
        tally.sums[2] += i2;
        tally.sums[3] += i2 * i2;
        tally.range = (tally.range.0.min(x), tally.range.1.max(x));
        let cell = self.cell(point);
        match cell {
            Some(c) => tally.cells[c] += 1,
            None => tally.outside += 1,
        }
        let counts = match cell {
            Some(c) => &mut tally.cells_with[c * self.k..(c + 1) * self.k],
            None => &mut [],
        };
        each(mask, |i| {
            let own = &mut tally.with[i];
            own.0 += 1;
            own.1 += d;
            own.2 += i2;
            if let Some(count) = counts.get_mut(i) {
                *count += 1;
            }
        });
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
        self.cells.iter_mut().zip(&other.cells).for_each(|(a, b)| *a += b);
        self.cells_with.iter_mut().zip(&other.cells_with).for_each(|(a, b)| *a += b);
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
    Common(Sample<'a>),
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
            Self::Common(s) => {
                let mut sums = [0.0; 4];
                each(mask, |i| plus(&mut sums, s.y[i] - s.y[0], s.v[i]));
                Some(common(&sums, s.y[0]))
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
                let between = (tau2.spec().estimate)(sample).tau2;
                let typical = sample.typical_variance();
                Some((sample.mean(between), 100.0 * between / (between + typical)))
            }
            Self::Full(pooler) => {
                room.places.clear();
                each(mask, |i| room.places.push(i));
                let fit = pooler.fit(&room.places).ok()?;
                Some((fit.estimate, fit.i2.unwrap_or(0.0)))
            }
        }
    }
}

#[inline(always)]
fn plus(sums: &mut [f64; 4], d: f64, v: f64) {
    let w = 1.0 / v;
    sums[0] += w;
    sums[1] += w * d;
    sums[2] += w * d * d;
    sums[3] += 1.0;
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
fn enumerate_common(frame: &Frame, s: Sample<'_>, low: usize, portion: u64, tally: &mut Tally) {
    let k = s.k();
    let mut levels = vec![[0.0; 4]; k + 1];
    let high = portion << low;
    for j in (low..k).rev() {
        let mut sums = levels[j + 1];
        if high >> j & 1 == 1 {
            plus(&mut sums, s.y[j] - s.y[0], s.v[j]);
        }
        levels[j] = sums;
    }
    let top = levels[low];
    levels[..low].fill(top);
    for m in 0..1u64 << low {
        if m > 0 {
            // the bit that m − 1 had clear and all below it set
            let t = m.trailing_zeros() as usize;
            let mut sums = levels[t + 1];
            plus(&mut sums, s.y[t] - s.y[0], s.v[t]);
            levels[..=t].fill(sums);
        }
        let mask = high | m;
        if mask != 0 {
            frame.add(tally, &[mask], Some(common(&levels[0], s.y[0])));
        }
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

/// The range of the picture: that of a few random subsets, a little widened.
fn pilot(fitter: &Fitter<'_>, k: usize, seed: u64) -> (f64, f64) {
    let mut random = generator(seed, usize::MAX);
    let (mut mask, mut room) = (vec![0; k.div_ceil(64)], Room::default());
    let draws = if matches!(fitter, Fitter::Full(_)) { 20 } else { PILOT };
    let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
    for i in 0..draws + k.min(draws) {
        if i < draws {
            draw(&mut mask, k, &mut random);
        } else {
            // every study left out alone, so that the cloud about the whole result is inside
            mask.fill(u64::MAX);
            let last = mask.len() - 1;
            mask[last] >>= (64 - k % 64) % 64;
            if k > 1 {
                mask[(i - draws) / 64] &= !(1 << ((i - draws) % 64));
            }
        }
        if let Some((x, _)) = fitter.point(&mask, &mut room).filter(|p| p.0.is_finite()) {
            (lo, hi) = (lo.min(x), hi.max(x));
        }
    }
    if !(lo <= hi) {
        return (-1.0, 1.0);
    }
    let pad = 0.15 * (hi - lo);
    let pad = if pad > 0.0 { pad } else { 1e-6 * lo.abs().max(1e-300) };
    (lo - pad, hi + pad)
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
        (Some((Tau2::EqualEffects, _)), Some(s)) => Fitter::Common(s),
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
    let range = pilot(&fitter, k, seed);
    let (columns, rows) = if k <= 128 { (240, 100) } else { (120, 50) };
    let frame = Frame { k, centre: 0.5 * (range.0 + range.1), range, columns, rows };
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
    Ok(summary(pooler, &frame, &sum, exhaustive, (!exhaustive).then_some(seed)))
}

/// Portions are few, so that each worker fills its own grid only a few times.
fn all_subsets(frame: &Frame, fitter: &Fitter<'_>, progress: Progress<'_>) -> Vec<Tally> {
    let k = frame.k;
    let low = if k > 14 { k - 3 } else { k };
    let portions = 1usize << (k - low);
    let work = |portion: usize| {
        let mut tally = frame.empty();
        match fitter {
            Fitter::Common(s) => enumerate_common(frame, *s, low, portion as u64, &mut tally),
            _ => {
                let mut room = Room::default();
                for m in 0..1u64 << low {
                    let mask = [(portion as u64) << low | m];
                    if mask[0] != 0 {
                        let point = fitter.point(&mask, &mut room);
                        frame.add(&mut tally, &mask, point);
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
    let portions = most.div_ceil(1000).min(8) as usize;
    let work = |portion: usize| {
        let (mut tally, mut room) = (frame.empty(), Room::default());
        let mut random = generator(seed, portion);
        let mut mask = vec![0; frame.k.div_ceil(64)];
        let share = most / portions as u64 + u64::from((portion as u64) < most % portions as u64);
        for n in 0..share {
            draw(&mut mask, frame.k, &mut random);
            let point = fitter.point(&mask, &mut room);
            frame.add(&mut tally, &mask, point);
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
    let spread = |sum: f64, squares: f64| {
        if t.n > 1 { ((squares - sum * sum / n) / (n - 1.0)).max(0.0).sqrt() } else { 0.0 }
    };
    let estimate_sd = spread(t.sums[0], t.sums[1]);
    let i2_sd = spread(t.sums[2], t.sums[3]);
    let splits: Vec<Split> = (0..frame.k)
        .map(|i| {
            let (with, d, i2) = t.with[i];
            let (with, without) = (with as f64, n - with as f64);
            let apart = |sum: f64, all: f64| (sum / with, (all - sum) / without);
            let (a, b) = (apart(d, t.sums[0]), apart(i2, t.sums[2]));
            let part = |(x, y): (f64, f64), sd: f64| if sd > 0.0 { (x - y) / sd } else { 0.0 };
            Split {
                study: pooler.label(i),
                row: pooler.rows[i],
                estimate_with: frame.centre + a.0,
                estimate_without: frame.centre + a.1,
                i2_with: b.0,
                i2_without: b.1,
                distance: part(a, estimate_sd).hypot(part(b, i2_sd)),
            }
        })
        .collect();
    let widest = (0..frame.k).max_by(|&a, &b| splits[a].distance.total_cmp(&splits[b].distance)).unwrap_or(0);
    let with_split = (0..t.cells.len()).map(|c| t.cells_with[c * frame.k + widest]).collect();
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
        splits,
        cloud: Cloud {
            range: frame.range,
            columns: frame.columns,
            rows: frame.rows,
            counts: t.cells.clone(),
            with_split,
            outside: t.outside,
        },
    }
}
