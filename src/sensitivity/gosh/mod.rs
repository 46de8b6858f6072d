//! All subsets of the studies, or a sample of them: a graphical display of study heterogeneity.
//!
//! Under a common effect the sums of a subset come from those of a smaller one by addition alone, in the order of
//! binary numbers, so that a study of enormous weight leaves no rounding behind. Nothing is stored per subset: means,
//! and a grid of counts. Reference: \[olkin2012\].

mod grid;
mod subsets;

use crate::error::Error;
use crate::math::parallel::Progress;
use crate::math::random::generator;
use crate::model::refit::Refit;
use crate::result::sensitivity::{Cloud, Gosh, Split};
use grid::{COLUMNS, Grid, ROWS, Tally};
use subsets::{Fitter, Room, all_subsets, draw, sampled};

/// How many subsets are fitted, unless told otherwise: all of 20 studies.
pub const USUAL_SUBSETS: u64 = 1 << 20;
/// The same for models that pool the counts of every subset again.
pub const USUAL_SUBSETS_OF_COUNTS: u64 = 2000;
/// Most subsets.
pub const MOST_SUBSETS: u64 = 1 << 30;

/// Random subsets whose estimates set the range of the picture and tell which study is likely to split it.
const PILOT: usize = 200;

/// All of `k` studies but one.
fn all_but(mask: &mut [u64], k: usize, out: usize) {
    for (word, m) in mask.iter_mut().enumerate() {
        *m = u64::MAX >> (64 - (k - 64 * word).min(64));
    }
    if k > 1 {
        mask[out / 64] &= !(1 << (out % 64));
    }
}

/// From a few random subsets: the range of the picture, a little widened, and the study that splits it most.
fn pilot(fitter: &Fitter<'_>, k: usize, seed: u64) -> Grid {
    let mut random = generator(seed, usize::MAX);
    let (mut mask, mut room) = (vec![0; k.div_ceil(64)], Room::default());
    let draws = if matches!(fitter, Fitter::Model(_)) { 20 } else { PILOT };
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
            all_but(&mut mask, k, i - draws);
        }
        if let Some(point) = fitter.point(&mask, &mut room).filter(|p| p.0.is_finite()) {
            (lo, hi) = (lo.min(point.0), hi.max(point.0));
            seen.push((mask.clone(), point));
        }
    }
    if lo > hi {
        return Grid::new(k, (-1.0, 1.0), 0);
    }
    let pad = 0.15 * (hi - lo);
    let pad = if pad > 0.0 { pad } else { 1e-6 * lo.abs().max(1e-300) };
    let grid = Grid::new(k, (lo - pad, hi + pad), 0);
    let mut tally = grid.empty();
    seen.iter().for_each(|(mask, point)| grid.add_each(&mut tally, mask, Some(*point)));
    grid.splitting(tally.widest())
}

/// Fits all subsets if there are no more than `most`, else a random sample of so many.
///
/// # Errors
/// There are fewer than two studies, or `most` is out of range.
pub fn gosh(fit: &dyn Refit, most: Option<u64>, seed: u64, progress: Progress<'_>) -> Result<Gosh, Error> {
    let k = fit.k();
    if k < 2 {
        return Err(Error::model("subsets need at least two studies")
            .with_hint("a single study has one subset: itself"));
    }
    let fitter = Fitter::of(fit);
    let usual = if matches!(fitter, Fitter::Model(_)) { USUAL_SUBSETS_OF_COUNTS } else { USUAL_SUBSETS };
    let most = most.unwrap_or(usual);
    if !(1..=MOST_SUBSETS).contains(&most) {
        return Err(Error::usage(format!("{most} subsets"))
            .with_hint(format!("give a number from 1 to {MOST_SUBSETS}")));
    }
    let exhaustive = k <= 30 && (1u64 << k) - 1 <= most;
    let mut grid = pilot(&fitter, k, seed);
    loop {
        let tallies = if exhaustive {
            all_subsets(&grid, &fitter, progress)
        } else {
            sampled(&grid, &fitter, most, seed, progress)
        };
        let mut sum = grid.empty();
        tallies.iter().for_each(|t| sum.merge(t));
        if sum.n == 0 {
            return Err(Error::model("no subset can be pooled"));
        }
        // seldom: the few subsets pointed to another study, and the picture is to show the one of all
        let widest = sum.widest();
        if widest == grid.split {
            return Ok(summary(fit, &grid, &sum, exhaustive, (!exhaustive).then_some(seed)));
        }
        grid.split = widest;
    }
}

fn summary(fit: &dyn Refit, grid: &Grid, t: &Tally, exhaustive: bool, seed: Option<u64>) -> Gosh {
    let n = t.n as f64;
    let (estimate_sd, i2_sd) = t.spreads();
    let splits: Vec<Split> = fit
        .rows()
        .iter()
        .enumerate()
        .map(|(i, &row)| {
            let ([with, without], distance) = t.split(i);
            Split {
                study: fit.label(row),
                row,
                estimate_with: grid.centre + with.0,
                estimate_without: grid.centre + without.0,
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
        estimate_mean: grid.centre + t.sums[0] / n,
        estimate_sd,
        estimate_range: t.range,
        i2_mean: t.sums[2] / n,
        i2_sd,
        widest: grid.split,
        splits,
        cloud: Cloud {
            range: grid.range,
            columns: COLUMNS,
            rows: ROWS,
            counts: t.cells.iter().map(|c| c[0]).collect(),
            with_split: t.cells.iter().map(|c| c[1]).collect(),
            outside: t.outside,
        },
    }
}
