//! Hartung–Knapp–Sidik–Jonkman.
//!
//! ```text
//! SE² = Σw(y − μ̂)² / ((k − 1) Σw),   t with k − 1 degrees of freedom
//! ```
//! Good coverage from few studies on; can be too short when effects happen to agree, which the ad hoc form
//! prevents by never taking an SE below √(1/Σw). References: \[hartung2001\], \[knapp2003\], \[jackson2017\].

use super::{IntervalSpec, Kind};

pub(super) const SPEC: IntervalSpec = IntervalSpec {
    id: "hksj",
    aliases: &["knha", "hk", "hartung-knapp"],
    title: "Hartung-Knapp-Sidik-Jonkman",
    reference: "hartung2001",
    kind: Kind::Quantile(|f| (f.hartung_knapp_se(), f.df())),
};

pub(super) const AD_HOC: IntervalSpec = IntervalSpec {
    id: "hksj-adhoc",
    aliases: &["adhoc"],
    title: "Hartung-Knapp-Sidik-Jonkman, ad hoc",
    reference: "knapp2003",
    kind: Kind::Quantile(|f| (f.hartung_knapp_se().max(f.wald_se()), f.df())),
};
