//! The ordinary interval: SE = √(1/Σw), with the normal or the t quantile.
//!
//! Too short for few studies, since it takes τ² as known. Reference: \[dersimonian1986\], \[follmann1999\].

use super::{IntervalSpec, Kind};

pub(super) const SPEC: IntervalSpec = IntervalSpec {
    id: "wald",
    aliases: &["z", "normal", "classic"],
    title: "Wald (normal)",
    reference: "dersimonian1986",
    kind: Kind::Quantile(|f| (f.wald_se(), f64::INFINITY)),
};

pub(super) const T: IntervalSpec = IntervalSpec {
    id: "t",
    aliases: &[],
    title: "t with k − 1 degrees of freedom",
    reference: "follmann1999",
    kind: Kind::Quantile(|f| (f.wald_se(), f.df())),
};
