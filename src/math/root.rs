//! One-dimensional roots and minima: bracketed, so that they always return, and say how they ended.

words! {
    /// How an iteration ended.
    pub enum Stop {
        /// A closed formula; nothing was iterated.
        Closed => "closed form",
        /// The answer is stable to the working precision.
        Converged => "converged",
        /// The answer lies on the edge of what is allowed, usually zero.
        Boundary => "at the boundary",
        /// The limit of iterations was reached; the answer is the best found.
        Patience => "iteration limit",
    }
}

/// Root of `f` between `lo` and `hi`, whose values have opposite signs, by Brent's method; to full precision.
///
/// Returns `None` when the signs do not differ.
pub fn brent(f: impl Fn(f64) -> f64, lo: f64, hi: f64) -> Option<f64> {
    let (mut a, mut b) = (lo, hi);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa == 0.0 {
        return Some(a);
    }
    if fb == 0.0 {
        return Some(b);
    }
    if fa.is_nan() || fb.is_nan() || (fa > 0.0) == (fb > 0.0) {
        return None;
    }
    let (mut c, mut fc) = (a, fa);
    let mut d = b - a;
    let mut e = d;
    for _ in 0..200 {
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            d = b - a;
            e = d;
        }
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tol = f64::EPSILON * b.abs();
        let m = 0.5 * (c - b);
        if m.abs() <= tol || fb == 0.0 {
            return Some(b);
        }
        if e.abs() >= tol && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * m * s, 1.0 - s)
            } else {
                let (q, r) = (fa / fc, fb / fc);
                (s * (2.0 * m * q * (q - r) - (b - a) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q;
            }
            p = p.abs();
            if 2.0 * p < (3.0 * m * q - (tol * q).abs()).min((e * q).abs()) {
                e = d;
                d = p / q;
            } else {
                d = m;
                e = m;
            }
        } else {
            d = m;
            e = m;
        }
        (a, fa) = (b, fb);
        b += if d.abs() > tol { d } else { tol.copysign(m) };
        fb = f(b);
    }
    Some(b)
}

/// The point from `start` upwards, in doubling steps of `step`, where `f` first is not positive.
///
/// `None` when `f` stays positive for 400 doublings, or stops being finite.
pub fn expand_until_negative(f: impl Fn(f64) -> f64, start: f64, step: f64) -> Option<f64> {
    let mut width = step;
    for _ in 0..400 {
        let x = start + width;
        let value = f(x);
        if value <= 0.0 {
            return Some(x);
        }
        if !value.is_finite() || !x.is_finite() {
            return None;
        }
        width *= 2.0;
    }
    None
}

/// The maximum of a concave function on the line, from its first and second derivative: Newton's steps, none longer than
/// `longest` before there is a bracket, until one is no longer than `tolerance` relative to 1 + |x|.
#[inline]
pub fn concave_maximum(slopes: impl Fn(f64) -> (f64, f64), start: f64, longest: f64, tolerance: f64) -> f64 {
    let (mut lo, mut hi, mut x) = (f64::NEG_INFINITY, f64::INFINITY, start);
    // the last two steps: Newton's jump to and fro across the bend between two straight flanks, for ever or nearly so
    let (mut last, mut before) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..200 {
        let (slope, curvature) = slopes(x);
        if slope >= 0.0 {
            lo = x;
        } else {
            hi = x;
        }
        let newton = x - slope / curvature.min(-1e-300);
        let bracketed = lo.is_finite() && hi.is_finite();
        let calm = !bracketed || (newton - x).abs() <= 0.5 * before;
        let next = if newton > lo && newton < hi && (newton - x).abs() < longest && calm {
            newton
        } else if bracketed {
            0.5 * (lo + hi)
        } else {
            x + slope.signum()
        };
        let change = (next - x).abs();
        (before, last) = (last, change);
        x = next;
        if change <= tolerance * (1.0 + x.abs()) {
            break;
        }
    }
    x
}

/// Solves an increasing equation g(u) = 0 by Newton steps kept inside a shrinking bracket.
///
/// `g` returns the value and the derivative. Used where a starting point close to the root is known.
pub fn newton_bracketed(g: impl Fn(f64) -> (f64, f64), start: f64, lo: f64, hi: f64) -> f64 {
    let (mut lo, mut hi, mut u) = (lo, hi, start.clamp(lo, hi));
    for _ in 0..200 {
        let (value, slope) = g(u);
        if value == 0.0 {
            return u;
        }
        if value < 0.0 {
            lo = u;
        } else {
            hi = u;
        }
        let newton = u - value / slope;
        let next = if newton > lo && newton < hi { newton } else { 0.5 * (lo + hi) };
        if (next - u).abs() <= 2.0 * f64::EPSILON * (1.0 + next.abs()) || next == lo || next == hi {
            return next;
        }
        u = next;
    }
    u
}
