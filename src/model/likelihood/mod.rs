//! A location and a nuisance parameter that cannot be negative: fit, profile intervals, always with an answer.
//!
//! Models give value, gradient and curvature; this room finds the maximum and walks along the profile. Every
//! iteration is bracketed. Reference: \[hardy1996\].

mod arm;
mod beta_binomial;
mod hypergeometric;
mod joint;
mod mixture;
mod probabilities;
mod two_groups;

pub use arm::{Arm, Counts, Family, NormalMixture};
pub use beta_binomial::BetaBinomial;
pub use hypergeometric::{Hypergeometric, Table};
pub use mixture::{Concave, Kernel, Mixture};
pub(super) use probabilities::Probabilities;
pub use two_groups::{BetaBinomialPair, FixedIntercepts, Pair, RandomIntercepts, conditional_binomial};

use crate::math::dist;
use crate::math::root::{Stop, concave_maximum};

/// Log-likelihood with first and second derivatives at (location m, spread s).
#[derive(Clone, Copy, Debug, Default)]
pub struct Value {
    /// ℓ.
    pub log: f64,
    /// ∂ℓ/∂m.
    pub m: f64,
    /// ∂ℓ/∂s.
    pub s: f64,
    /// ∂²ℓ/∂m².
    pub mm: f64,
    /// ∂²ℓ/∂m∂s.
    pub ms: f64,
    /// ∂²ℓ/∂s².
    pub ss: f64,
}

impl Value {
    /// Adds the contribution of another study.
    pub fn add(&mut self, other: &Self) {
        self.log += other.log;
        self.m += other.m;
        self.s += other.s;
        self.mm += other.mm;
        self.ms += other.ms;
        self.ss += other.ss;
    }
}

/// A likelihood of a location and a spread.
pub trait Likelihood {
    /// ℓ and its derivatives; `spread` ≥ 0.
    fn at(&self, location: f64, spread: f64) -> Value;
    /// Largest spread considered; beyond it data of this kind say nothing.
    fn spread_limit(&self) -> f64;
    /// Locations to start from, within the range of the data: of all studies as one, and of the studies' average.
    fn starts(&self) -> [f64; 2];
    /// Steps shorter than this, relative to 1 + |x|, are lost in the errors of the likelihood itself.
    fn precision(&self) -> f64 {
        0.0
    }
    /// The supremum, if it lies at an infinite location: no event, or nothing but events, was seen.
    fn separation(&self) -> Option<Separated>;
}

/// A supremum at an infinite location.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Separated {
    /// −1 or 1.
    pub side: f64,
    /// ℓ there.
    pub log: f64,
}

/// The fitted model.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// Location; infinite under separation.
    pub location: f64,
    /// Spread.
    pub spread: f64,
    /// ℓ at the maximum.
    pub log: f64,
    /// Standard error of the location from the observed information; `None` under separation.
    pub se: Option<f64>,
    /// Evaluations used.
    pub iterations: usize,
    /// How the iteration ended.
    pub stop: Stop,
    /// Whether the spread is fixed at zero (a single study).
    pub no_spread: bool,
}

/// The spread that maximises ℓ at a location.
#[derive(Clone, Copy, Debug)]
struct Inner {
    spread: f64,
    value: Value,
}

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

/// Step of the spread at which the fit ends, relative to the spread.
const FINE: f64 = 1e-9;

/// The same along a profile, where the last Newton step is added to ℓ and its slope: the error left is of third order,
/// and vanishes as the profile's own iteration converges.
const COARSE: f64 = 1e-3;

/// Maximises over the spread at a fixed location: Newton inside a bracket, from a guess.
fn inner(
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
