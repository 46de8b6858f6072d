//! Incidence rates in two groups.
//!
//! References: \[rothman2008\], \[bagos2009\].

use super::{Compute, Effect, MeasureSpec, Scale, plain};

pub(super) const IRR: MeasureSpec = plain(
    "IRR",
    "Incidence rate ratio",
    "Rate ratio",
    Scale::Log,
    Some(0.0),
    "y = ln((x₁/t₁)/(x₂/t₂)), v = 1/x₁ + 1/x₂",
    "rothman2008",
    Compute::TwoRates(|r, _| Effect {
        y: (r.x1 / r.t1).ln() - (r.x2 / r.t2).ln(),
        v: 1.0 / r.x1 + 1.0 / r.x2,
    }),
);

pub(super) const IRD: MeasureSpec = plain(
    "IRD",
    "Incidence rate difference",
    "Rate difference",
    Scale::Identity,
    Some(0.0),
    "y = x₁/t₁ − x₂/t₂, v = x₁/t₁² + x₂/t₂²",
    "rothman2008",
    Compute::TwoRates(|r, _| Effect {
        y: r.x1 / r.t1 - r.x2 / r.t2,
        v: r.x1 / (r.t1 * r.t1) + r.x2 / (r.t2 * r.t2),
    }),
);

pub(super) const IRSD: MeasureSpec = plain(
    "IRSD",
    "Difference of square roots of rates",
    "Root-rate difference",
    Scale::Identity,
    Some(0.0),
    "y = √(x₁/t₁) − √(x₂/t₂), v = 1/4t₁ + 1/4t₂",
    "bagos2009",
    Compute::TwoRates(|r, _| Effect {
        y: (r.x1 / r.t1).sqrt() - (r.x2 / r.t2).sqrt(),
        v: 0.25 / r.t1 + 0.25 / r.t2,
    }),
);
