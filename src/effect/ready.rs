//! Effects computed elsewhere, with their sampling variances.

use super::{Compute, Effect, MeasureSpec, Scale, plain};

pub(super) const HR: MeasureSpec = plain(
    "HR",
    "Hazard ratio (log hazard ratios given)",
    "Hazard ratio",
    Scale::Log,
    Some(0.0),
    "y and v as given",
    "parmar1998",
    Compute::Ready(|r, _| Effect { y: r.y, v: r.v }),
);

pub(super) const GEN: MeasureSpec = plain(
    "GEN",
    "Effect as given",
    "Effect",
    Scale::Identity,
    Some(0.0),
    "y and v as given",
    "",
    Compute::Ready(|r, _| Effect { y: r.y, v: r.v }),
);
