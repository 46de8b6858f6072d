//! The maximum of a likelihood of a location and a spread: the best spread at every location, and the best location.

use super::{Fit, Likelihood, Separated, Value};
use crate::math::root::Stop;

/// The spread that maximises ℓ at a location.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inner {
    pub spread: f64,
    pub value: Value,
}

/// Step of the spread at which the fit ends, relative to the spread.
const FINE: f64 = 1e-9;

/// Maximises over the spread at a fixed location: Newton inside a bracket, from a guess.
pub(super) fn inner(
    model: &(impl Likelihood + ?Sized),
    location: f64,
    guess: f64,
    no_spread: bool,
    tolerance: f64,
) -> Inner {
    let zero = model.at(location, 0.0);
    if no_spread {
        return Inner { spread: 0.0, value: zero };
    }
    let limit = model.spread_limit();
    let boundary = Inner { spread: 0.0, value: zero };
    // at zero the slope may vanish by symmetry: there the curvature decides
    let rises = if zero.s == 0.0 { zero.ss > 0.0 } else { zero.s > 0.0 };
    let start = if guess > 1e-3 { guess } else { 0.5f64.min(0.5 * limit) };
    let found = climb(model, location, (start, limit), rises, tolerance);
    match found {
        Some(far) if far.value.log > boundary.value.log => far,
        _ => boundary,
    }
}

/// A maximum at a positive spread, or at the limit; `None` when the likelihood only falls from zero.
fn climb(
    model: &(impl Likelihood + ?Sized),
    location: f64,
    (start, limit): (f64, f64),
    rises: bool,
    tolerance: f64,
) -> Option<Inner> {
    let (mut lo, mut hi, mut s) = (0.0, limit, start.min(limit));
    let mut best = None;
    for _ in 0..80 {
        let value = model.at(location, s);
        best = Some(Inner { spread: s, value });
        if value.s >= 0.0 {
            if s >= limit {
                return best;
            }
            lo = s;
        } else {
            hi = s;
        }
        if lo == 0.0 && hi < 1e-4 * start.max(1e-2) && !rises {
            return None;
        }
        let newton = s - value.s / value.ss;
        let inside = value.ss < 0.0 && newton > lo && newton < hi;
        let next = if inside {
            newton
        } else if value.s > 0.0 && hi >= limit {
            (2.0 * s).min(limit)
        } else {
            0.5 * (lo + hi)
        };
        if (next - s).abs() <= tolerance * (s + 1e-3) {
            return best;
        }
        s = next;
    }
    best
}

/// Fits the model; a single study fits with spread zero.
///
/// Where one study is far larger than the others, ℓ may have two maxima: all studies as one at spread zero, and the
/// studies' average with a spread. A climb that ends at zero is therefore held against one from the average.
pub fn fit(model: &(impl Likelihood + ?Sized), no_spread: bool) -> Fit {
    if let Some(Separated { side, log }) = model.separation() {
        return Fit {
            location: side * f64::INFINITY,
            spread: 0.0,
            log,
            se: None,
            iterations: 0,
            stop: Stop::Boundary,
            no_spread,
        };
    }
    let [pooled, average] = model.starts();
    let first = ascend(model, pooled, no_spread);
    if no_spread || first.spread > 0.0 {
        return first;
    }
    let second = ascend(model, average, no_spread);
    if second.log > first.log { second } else { first }
}

/// The maximum that is reached from a location.
fn ascend(model: &(impl Likelihood + ?Sized), start: f64, no_spread: bool) -> Fit {
    let fine = model.precision().max(FINE);
    let mut location = start;
    let mut spread = 0.0;
    let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut stop = Stop::Patience;
    let mut iterations = 0;
    let mut at = inner(model, location, spread, no_spread, fine);
    while iterations < 100 {
        iterations += 1;
        spread = at.spread;
        let slope = at.value.m;
        if slope >= 0.0 {
            lo = location;
        } else {
            hi = location;
        }
        let newton = location - slope / profile_curvature(&at);
        let next = if newton > lo && newton < hi && (newton - location).abs() < 3.0 {
            newton
        } else if lo.is_finite() && hi.is_finite() {
            0.5 * (lo + hi)
        } else {
            location + slope.signum()
        };
        let change = (next - location).abs();
        if change <= model.precision().max(1e-10) * (1.0 + location.abs()) {
            stop = Stop::Converged;
            break;
        }
        let v = &at.value;
        let drift = if spread > 0.0 && v.ss < 0.0 { -v.ms / v.ss } else { 0.0 };
        spread += drift * (next - location);
        location = next;
        at = inner(model, location, spread, no_spread, fine);
    }
    let se = (-1.0 / profile_curvature(&at)).sqrt();
    Fit {
        location,
        spread: at.spread,
        log: at.value.log,
        se: Some(se).filter(|s| s.is_finite()),
        iterations,
        stop,
        no_spread,
    }
}

/// d²/dm² of the profile: ℓ_mm − ℓ_ms²/ℓ_ss, or ℓ_mm at the boundary.
fn profile_curvature(at: &Inner) -> f64 {
    let v = &at.value;
    let full = v.mm - if at.spread > 0.0 && v.ss < 0.0 { v.ms * v.ms / v.ss } else { 0.0 };
    if full < 0.0 { full } else { v.mm.min(-1e-12) }
}
