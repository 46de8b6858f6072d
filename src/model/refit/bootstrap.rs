//! Rows drawn with replacement and fitted again: percentile intervals are quantiles of the estimates over the draws.

use super::Refit;
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{below, generator};

/// Draws that one worker takes at a time; each portion has its own random numbers, so that the number of workers changes
/// nothing.
const PORTION: usize = 500;

/// A draw may lack a level of a factor or have too few different rows: so often another one is taken.
const MOST_TRIES: usize = 1000;

/// Fits `draws` samples of `k` places, drawn with replacement; those that cannot be fitted are drawn anew.
pub(crate) fn resampled<T: Send>(
    k: usize,
    draws: usize,
    seed: u64,
    fit: impl Fn(&[usize]) -> Option<T> + Sync,
    progress: Progress<'_>,
) -> Vec<T> {
    let work = |portion: usize| {
        let mut generator = generator(seed ^ 0x00B0_0757_0A90, portion);
        let mut draw =
            || -> Vec<usize> { (0..k).map(|_| below(&mut generator, k as u64) as usize).collect() };
        let share = PORTION.min(draws - portion * PORTION);
        (0..share).filter_map(|_| (0..MOST_TRIES).find_map(|_| fit(&draw()))).collect::<Vec<T>>()
    };
    in_portions(draws.div_ceil(PORTION), work, progress).into_iter().flatten().collect()
}

/// Quantiles at both tails of a level in percent, linear between order statistics; `None` of no values.
pub(crate) fn percentile_limits(mut values: Vec<f64>, level: f64) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let tail = 0.5 - level / 200.0;
    Some((percentile(&values, tail)?, percentile(&values, 1.0 - tail)?))
}

fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (*sorted.get(at.floor() as usize)?, *sorted.get(at.ceil() as usize)?);
    Some(low + (at - at.floor()) * (high - low))
}

/// Percentile limits of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Of the estimate; `None` where no draw could be fitted.
    pub estimate: Option<(f64, f64)>,
    /// Of τ², where the model has it.
    pub tau2: Option<(f64, f64)>,
    /// Draws that were fitted.
    pub draws: usize,
}

/// Percentile limits of any fit, at its own level.
pub fn bootstrap(fit: &dyn Refit, draws: usize, seed: u64, progress: Progress<'_>) -> Bootstrap {
    let rows = fit.rows();
    let of_places = |places: &[usize]| {
        let drawn: Vec<usize> = places.iter().map(|&place| rows[place]).collect();
        fit.with_rows(&drawn).ok().filter(|f| f.estimate.is_finite())
    };
    let fits = resampled(rows.len(), draws, seed, of_places, progress);
    Bootstrap {
        estimate: percentile_limits(fits.iter().map(|f| f.estimate).collect(), fit.level()),
        tau2: percentile_limits(fits.iter().filter_map(|f| f.tau2).collect(), fit.level()),
        draws: fits.len(),
    }
}
