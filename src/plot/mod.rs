//! x
pub mod theme;
/// x
#[derive(Debug)] pub struct PlotSpec { /// x
pub id: &'static str, /// x
pub aliases: &'static [&'static str], /// x
pub title: &'static str, /// x
pub reference: &'static str }
const F: PlotSpec = PlotSpec { id: "forest", aliases: &[], title: "Forest plot", reference: "lewis2001" };
registry! { /// x
Plot(PlotSpec) = "plot" { /// x
Forest => F, } }
