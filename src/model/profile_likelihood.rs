//! A location and a nuisance parameter that cannot be negative: fit, profile intervals, always with an answer.
//!
//! Models give value, gradient and curvature; this room finds the maximum and walks along the profile. Every
//! iteration is bracketed. Reference: \[hardy1996\].

use crate::math::dist;
use crate::math::root::Stop;

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
    /// A location to start from, within the range of the data.
    fn start(&self) -> f64;
    /// Whether no event, or nothing but events, was seen: the maximum lies at −∞ (−1) or +∞ (1), else 0.
    fn separation(&self) -> i8;
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

/// Maximises over the spread at a fixed location: Newton inside a bracket, from a guess.
fn inner(model: &impl Likelihood, location: f64, guess: f64, no_spread: bool) -> Inner {
    let zero = model.at(location, 0.0);
    if no_spread {
        return Inner { spread: 0.0, value: zero };
    }
    let limit = model.spread_limit();
    let boundary = Inner { spread: 0.0, value: zero };
    // at zero the slope may vanish by symmetry: there the curvature decides
    let rises = if zero.s == 0.0 { zero.ss > 0.0 } else { zero.s > 0.0 };
    let start = if guess > 1e-3 { guess } else { 0.5f64.min(0.5 * limit) };
    let found = climb(model, location, start, limit, rises);
    match found {
        Some(far) if far.value.log > boundary.value.log => far,
        _ => boundary,
    }
}

/// A maximum at a positive spread, or at the limit; `None` when the likelihood only falls from zero.
fn climb(model: &impl Likelihood, location: f64, start: f64, limit: f64, rises: bool) -> Option<Inner> {
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
        if (next - s).abs() <= 1e-9 * (s + 1e-3) {
            return best;
        }
        s = next;
    }
    best
}

/// Fits the model; a single study fits with spread zero.
pub fn fit(model: &impl Likelihood, no_spread: bool) -> Fit {
    let side = model.separation();
    if side != 0 {
        return Fit {
            location: f64::from(side) * f64::INFINITY,
            spread: 0.0,
            log: 0.0,
            se: None,
            iterations: 0,
            stop: Stop::Boundary,
            no_spread,
        };
    }
    let mut location = model.start();
    let mut spread = 0.0;
    let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut stop = Stop::Patience;
    let mut iterations = 0;
    let mut at = inner(model, location, spread, no_spread);
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
        if change <= 1e-10 * (1.0 + location.abs()) {
            stop = Stop::Converged;
            break;
        }
        location = next;
        at = inner(model, location, spread, no_spread);
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
pub fn location_limits(model: &impl Likelihood, fit: &Fit, level: f64) -> (Option<f64>, Option<f64>) {
    let cut = fit.log - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let start = if fit.location.is_finite() { fit.location } else { model.start() };
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
fn walk(model: &impl Likelihood, fit: &Fit, cut: f64, start: f64, sign: f64, step: f64) -> Option<f64> {
    /// Logits beyond which a proportion is 0 or 1 for every purpose.
    const FAR: f64 = 60.0;
    let profile = |m: f64, guess: f64| inner(model, m, guess, fit.no_spread);
    let mut inside = start;
    let mut guess = fit.spread;
    let mut at = profile(inside, guess);
    let mut back = step;
    while at.value.log < cut {
        // only under separation: go back towards the maximum at infinity
        inside -= sign * back;
        back *= 2.0;
        if inside.abs() > 2.0 * FAR {
            return None;
        }
        at = profile(inside, guess);
    }
    let mut outside = inside;
    let mut width = step;
    let mut out = at;
    while out.value.log >= cut {
        inside = outside;
        guess = out.spread;
        outside += sign * width;
        width *= 1.6;
        if outside.abs() > FAR {
            return None;
        }
        out = profile(outside, guess);
    }
    let (mut lo, mut hi) = (inside, outside); // inside and outside the interval
    let mut m = outside;
    for _ in 0..60 {
        let gap = out.value.log - cut;
        if gap >= 0.0 {
            lo = m;
        } else {
            hi = m;
        }
        let newton = m - gap / out.value.m;
        let between = (newton - lo) * (newton - hi) < 0.0;
        let next = if between { newton } else { 0.5 * (lo + hi) };
        if (next - m).abs() <= 1e-9 * (1.0 + m.abs()) {
            return Some(next);
        }
        m = next;
        out = profile(m, out.spread);
    }
    Some(m)
}

/// Profile-likelihood limits of the spread; the upper is `None` at the limit of the model.
pub fn spread_limits(model: &impl Likelihood, fit: &Fit, level: f64) -> (Option<f64>, Option<f64>) {
    if fit.no_spread || !fit.location.is_finite() {
        return (None, None);
    }
    let cut = fit.log - 0.5 * dist::chi2_quantile(level / 100.0, 1.0);
    let limit = model.spread_limit();
    let profile = |s: f64| at_spread(model, s, fit.location).log - cut;
    let bisect = |mut inside: f64, mut outside: f64| {
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            if profile(middle) >= 0.0 {
                inside = middle
            } else {
                outside = middle
            }
            if (inside - outside).abs() <= 1e-9 * (1.0 + inside) {
                break;
            }
        }
        0.5 * (inside + outside)
    };
    let lower = if profile(0.0) >= 0.0 { 0.0 } else { bisect(fit.spread, 0.0) };
    let mut width = (0.5 * fit.spread).max(0.3);
    let mut inside = fit.spread;
    loop {
        let outside = (inside + width).min(limit);
        if profile(outside) < 0.0 {
            return (Some(lower), Some(bisect(inside, outside)));
        }
        if outside >= limit {
            return (Some(lower), None);
        }
        inside = outside;
        width *= 2.0;
    }
}

/// Maximises over the location at a fixed spread; ℓ is concave in the location.
fn at_spread(model: &impl Likelihood, spread: f64, start: f64) -> Value {
    let mut m = start;
    let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut value = model.at(m, spread);
    for _ in 0..60 {
        if value.m >= 0.0 {
            lo = m;
        } else {
            hi = m;
        }
        let newton = m - value.m / value.mm.min(-1e-12);
        let next = if newton > lo && newton < hi && (newton - m).abs() < 5.0 {
            newton
        } else if lo.is_finite() && hi.is_finite() {
            0.5 * (lo + hi)
        } else {
            m + value.m.signum()
        };
        if (next - m).abs() <= 1e-9 * (1.0 + m.abs()) {
            break;
        }
        m = next;
        value = model.at(m, spread);
    }
    value
}
