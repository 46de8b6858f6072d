//! Exact intervals of the models of counts.

use super::{IntervalSpec, Kind};

pub(super) const SPEC: IntervalSpec =
    IntervalSpec { id: "exact", aliases: &[], title: "exact", reference: "mehta1985", kind: Kind::Counts };

pub(super) const MID_P: IntervalSpec = IntervalSpec {
    id: "mid-p",
    aliases: &["midp"],
    title: "mid-p",
    reference: "mehta1985",
    kind: Kind::Counts,
};
