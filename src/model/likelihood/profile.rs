//! Profiles of a likelihood of a location and a spread, and where they fall to the limits of an interval.

use super::fit::{Inner, inner};
use super::{Fit, Likelihood};
use crate::math::dist;
use crate::math::root::concave_maximum;

/// Step of the parameter that is maximised over at which a profile goes on, relative to it: the last Newton step is added
/// to ℓ and its slope, so that the error left is of third order, and vanishes as the profile's own iteration converges.
const COARSE: f64 = 1e-3;

/// One parameter held, the other at its best: a point of a profile.
#[derive(Clone, Copy, Debug)]
struct ProfilePoint {
    /// ℓ.
    log: f64,
    /// dℓ by the parameter that is held.
    slope: f64,
    /// The best of the other.
    other: f64,
    /// How the best of the other moves with the one that is held.
    drift: f64,
}

impl ProfilePoint {
    /// Held with gradient `slope`; the other at `other` with gradient and curvature; `mixed` derivative of both.
    fn polished(log: f64, slope: f64, other: f64, (gradient, curvature, mixed): (f64, f64, f64)) -> Self {
        if curvature >= 0.0 {
            return Self { log, slope, other, drift: 0.0 };
        }
        let step = -gradient / curvature;
        Self {
            log: log + 0.5 * gradient * step,
            slope: slope + mixed * step,
            other: other + step,
            drift: -mixed / curvature,
        }
    }
}

/// The profile at a location, from a guess of the spread.
fn at_location(
    model: &(impl Likelihood + ?Sized),
    location: f64,
    guess: f64,
    no_spread: bool,
) -> ProfilePoint {
    let Inner { spread, value: v } = inner(model, location, guess, no_spread, COARSE);
    if spread == 0.0 || spread >= model.spread_limit() {
        return ProfilePoint { log: v.log, slope: v.m, other: spread, drift: 0.0 };
    }
    ProfilePoint::polished(v.log, v.m, spread, (v.s, v.ss, v.ms))
}

/// Profile-likelihood limits of the location at a level in percent; `None` on a side where there is no limit.
pub fn location_limits(
    model: &(impl Likelihood + ?Sized),
    fit: &Fit,
    level: f64,
) -> (Option<f64>, Option<f64>) {
    let cut = fit.log - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let start = if fit.location.is_finite() { fit.location } else { model.starts()[0] };
    let step = fit.se.unwrap_or(1.0).clamp(1e-3, 3.0) * 1.96;
    let side = |sign: f64| {
        // towards the separated side there is no limit
        if fit.location == sign * f64::INFINITY {
            return None;
        }
        walk(model, fit, cut, start, sign, step)
    };
    (side(-1.0), side(1.0))
}

/// From a place above the cut (or, under separation, any place) to where the profile crosses it.
fn walk(
    model: &(impl Likelihood + ?Sized),
    fit: &Fit,
    cut: f64,
    start: f64,
    sign: f64,
    step: f64,
) -> Option<f64> {
    /// Logits beyond which a proportion is 0 or 1 for every purpose.
    const FAR: f64 = 60.0;
    let mut inside = start;
    if !fit.location.is_finite() {
        // go back towards the maximum at infinity
        let mut back = step;
        while at_location(model, inside, fit.spread, fit.no_spread).log < cut {
            inside -= sign * back;
            back *= 2.0;
            if inside.abs() > 2.0 * FAR {
                return None;
            }
        }
    }
    crossing((inside, sign * step), sign * FAR, (fit.log, cut), fit.spread, |m, guess| {
        at_location(model, m, guess, fit.no_spread)
    })
}

/// Where a profile with maximum `top` falls to `cut`, from a place inside the interval in steps that start with `step`;
/// `None` if it does not up to `far`. `guess` is the best of the other parameter inside.
///
/// Newton's steps on the signed root r(x) = √(2 (top − ℓ(x))), which is nearly a straight line; they are kept in the
/// bracket as soon as there is one.
fn crossing(
    (mut inside, mut step): (f64, f64),
    far: f64,
    (top, cut): (f64, f64),
    guess: f64,
    mut profile: impl FnMut(f64, f64) -> ProfilePoint,
) -> Option<f64> {
    let wanted = (2.0 * (top - cut)).sqrt();
    let sign = step.signum();
    let beyond = |x: f64| (x - far) * sign >= 0.0;
    let mut outside = None;
    let mut x = inside + step;
    let mut last = ProfilePoint { log: top, slope: 0.0, other: guess, drift: 0.0 };
    let mut from = inside;
    for _ in 0..100 {
        if outside.is_none() && beyond(x) {
            x = far;
        }
        last = profile(x, last.other + last.drift * (x - from));
        from = x;
        if last.log >= cut {
            if beyond(x) {
                return None;
            }
            inside = x;
        } else {
            outside = Some(x);
        }
        let root = (2.0 * (top - last.log)).max(0.0).sqrt();
        let newton = x + (root - wanted) * root / last.slope;
        let next = match outside {
            Some(end) if (newton - inside) * (newton - end) < 0.0 => newton,
            Some(end) => 0.5 * (inside + end),
            None if (newton - inside) * sign > 0.0 && (newton - inside).abs() < 4.0 * step.abs() => newton,
            None => {
                step *= 1.6;
                inside + step
            }
        };
        if (next - x).abs() <= 1e-9 * (1.0 + x.abs()) {
            return Some(next);
        }
        x = next;
    }
    Some(x)
}

/// Profile-likelihood limits of the spread; the upper is `None` at the limit of the model.
pub fn spread_limits(
    model: &(impl Likelihood + ?Sized),
    fit: &Fit,
    level: f64,
) -> (Option<f64>, Option<f64>) {
    if fit.no_spread || !fit.location.is_finite() {
        return (None, None);
    }
    let cut = fit.log - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let limit = model.spread_limit();
    let profile = |s: f64, guess: f64| at_spread(model, s, guess);
    let ends = (fit.log, cut);
    let lower = if fit.spread == 0.0 || profile(0.0, fit.location).log >= cut {
        Some(0.0)
    } else {
        crossing((fit.spread, -0.5 * fit.spread), 0.0, ends, fit.location, profile)
    };
    let step = (0.5 * fit.spread).max(0.3);
    (lower, crossing((fit.spread, step), limit, ends, fit.location, profile))
}

/// Maximises over the location at a fixed spread; ℓ is concave in the location.
fn at_spread(model: &(impl Likelihood + ?Sized), spread: f64, start: f64) -> ProfilePoint {
    let slopes = |m: f64| {
        let value = model.at(m, spread);
        (value.m, value.mm)
    };
    let m = concave_maximum(slopes, start, 5.0, COARSE);
    let value = model.at(m, spread);
    ProfilePoint::polished(value.log, value.s, m, (value.m, value.mm, value.ms))
}
