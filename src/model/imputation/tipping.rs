//! Where a conclusion changes along what is assumed.

use crate::math::root;
use crate::result::ImputedResult;

/// How far the interval stays clear of no change; negative where it holds it.
pub(super) fn beyond_null(p: &ImputedResult) -> Option<f64> {
    let (lower, upper) = (p.lower?, p.upper?);
    Some(if p.estimate < 0.0 { -upper } else { lower })
}

/// The least of `steps` points after the first at which the sign changes, refined.
pub(super) fn first_crossing(
    f: &dyn Fn(f64) -> Option<f64>,
    point: &dyn Fn(i32) -> f64,
    steps: i32,
) -> Option<f64> {
    let mut last = f(point(0))?;
    for i in 1..=steps {
        let value = f(point(i))?;
        if (value > 0.0) != (last > 0.0) {
            return root::brent(|x| f(x).unwrap_or(f64::NAN), point(i - 1), point(i));
        }
        last = value;
    }
    None
}
