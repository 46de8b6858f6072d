//! Incidence rates of one group.
//!
//! References: \[freeman1950\], \[rothman2008\].

use super::{Compute, Effect, MeasureSpec, Scale, plain};

pub(super) const IR: MeasureSpec = plain(
    "IR",
    "Incidence rate",
    "Rate",
    Scale::Identity,
    None,
    "y = x/t, v = x/t²",
    "rothman2008",
    Compute::Rate(|r, _| Effect { y: r.x / r.t, v: r.x / (r.t * r.t) }),
);

pub(super) const IRLN: MeasureSpec = plain(
    "IRLN",
    "Incidence rate (log)",
    "Rate",
    Scale::Log,
    None,
    "y = ln(x/t), v = 1/x",
    "rothman2008",
    Compute::Rate(|r, _| Effect { y: (r.x / r.t).ln(), v: 1.0 / r.x }),
);

pub(super) const IRS: MeasureSpec = plain(
    "IRS",
    "Incidence rate (square root)",
    "Rate",
    Scale::Root,
    None,
    "y = √(x/t), v = 1/4t",
    "rothman2008",
    Compute::Rate(|r, _| Effect { y: (r.x / r.t).sqrt(), v: 0.25 / r.t }),
);

pub(super) const IRFT: MeasureSpec = plain(
    "IRFT",
    "Incidence rate (Freeman-Tukey)",
    "Rate",
    Scale::FreemanTukeyRate,
    None,
    "y = ½ (√(x/t) + √((x+1)/t)), v = 1/4t",
    "freeman1950",
    Compute::Rate(|r, _| Effect {
        y: 0.5 * ((r.x / r.t).sqrt() + ((r.x + 1.0) / r.t).sqrt()),
        v: 0.25 / r.t,
    }),
);
