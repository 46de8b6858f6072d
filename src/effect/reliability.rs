//! Reliability coefficients (Cronbach's alpha).
//!
//! References: \[bonett2002\], \[bonett2010\], \[hakstian1976\].

use super::{Compute, Effect, MeasureSpec, Scale, plain};

pub(super) const ARAW: MeasureSpec = plain(
    "ARAW",
    "Reliability",
    "Alpha",
    Scale::Identity,
    None,
    "y = α, v = 2m(1−α)²/((m−1)(n−2))",
    "bonett2010",
    Compute::Reliability(|a, _| Effect {
        y: a.alpha,
        v: 2.0 * a.items * (1.0 - a.alpha).powi(2) / ((a.items - 1.0) * (a.n - 2.0)),
    }),
);

pub(super) const AHW: MeasureSpec = plain(
    "AHW",
    "Reliability (cube root)",
    "Alpha",
    Scale::Hakstian,
    None,
    "y = 1 − (1−α)^⅓, v = 18 m (n−1)(1−α)^⅔ / ((m−1)(9n−11)²)",
    "hakstian1976",
    Compute::Reliability(|a, _| {
        let root = (1.0 - a.alpha).cbrt();
        let v = 18.0 * a.items * (a.n - 1.0) * root * root / ((a.items - 1.0) * (9.0 * a.n - 11.0).powi(2));
        Effect { y: 1.0 - root, v }
    }),
);

pub(super) const ABT: MeasureSpec = plain(
    "ABT",
    "Reliability (log)",
    "Alpha",
    Scale::Bonett,
    None,
    "y = −ln(1−α), v = 2m/((m−1)(n−2))",
    "bonett2002",
    Compute::Reliability(|a, _| Effect {
        y: -(-a.alpha).ln_1p(),
        v: 2.0 * a.items / ((a.items - 1.0) * (a.n - 2.0)),
    }),
);
