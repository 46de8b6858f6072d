//! Means and variability of one group.
//!
//! References: \[hedges1985\], \[nakagawa2015\].

use super::ratio_of_means::log_sd;
use super::{Compute, Effect, HEDGES, MeasureSpec, SMALL_SAMPLE, Scale, corrected, plain};

pub(super) const MN: MeasureSpec = plain(
    "MN",
    "Mean",
    "Mean",
    Scale::Identity,
    None,
    "y = m, v = s²/n",
    "",
    Compute::Mean(|m, _| Effect { y: m.m, v: m.sd * m.sd / m.n }),
);

pub(super) const MNLN: MeasureSpec = plain(
    "MNLN",
    "Mean (log)",
    "Mean",
    Scale::Log,
    None,
    "y = ln m, v = s²/(n m²)",
    "hedges1999",
    Compute::Mean(|m, _| Effect { y: m.m.ln(), v: m.sd * m.sd / (m.n * m.m * m.m) }),
);

pub(super) const SMN: MeasureSpec = corrected(
    HEDGES,
    plain(
        "SMN",
        "Standardised mean",
        "Standardised mean",
        Scale::Identity,
        Some(0.0),
        "y = J(n−1) m/s, v = 1/n + y²/2n",
        "hedges1985",
        Compute::Mean(|m, context| {
            let y = context.j(m.n - 1.0) * m.m / m.sd;
            Effect { y, v: 1.0 / m.n + y * y / (2.0 * m.n) }
        }),
    ),
);

pub(super) const SDLN: MeasureSpec = corrected(
    SMALL_SAMPLE,
    plain(
        "SDLN",
        "Standard deviation (log)",
        "SD",
        Scale::Log,
        None,
        "y = ln s + 1/2(n−1), v = 1/2(n−1)",
        "nakagawa2015",
        Compute::Mean(|m, context| log_sd(m.sd, m.n, context)),
    ),
);

pub(super) const CVLN: MeasureSpec = corrected(
    SMALL_SAMPLE,
    plain(
        "CVLN",
        "Coefficient of variation (log)",
        "CV",
        Scale::Log,
        None,
        "y = ln(s/m) + 1/2(n−1), v = 1/2(n−1) + s²/(n m²)",
        "nakagawa2015",
        Compute::Mean(|m, context| {
            let s = log_sd(m.sd, m.n, context);
            Effect { y: s.y - m.m.ln(), v: s.v + m.sd * m.sd / (m.n * m.m * m.m) }
        }),
    ),
);
