//! x
use super::PlotSpec;
const F: PlotSpec = PlotSpec { id: "default", aliases: &[], title: "Forest plot", reference: "lewis2001" };
registry! { /// x
Theme(PlotSpec) = "theme" { /// x
Default => F, } }
