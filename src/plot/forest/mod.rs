//! Forest plot: a table of studies with their intervals on a common axis.
//!
//! Squares have areas proportional to weights; the table, the axis and the text below it are laid out from measured
//! text, so that nothing can overlap. Reference: \[lewis2001\].

mod axis;
mod content;
mod draw;
mod layout;

use super::{Drawing, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::PoolResult;

pub(super) const SPEC: PlotSpec =
    PlotSpec { id: "forest", aliases: &[], title: "Forest plot", reference: "lewis2001", draw };

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    if let Some(mm) = options.width_mm
        && !(40.0..=2000.0).contains(&mm)
    {
        return Err(Error::usage(format!("a width of {mm} mm"))
            .with_hint("give 40 to 2000; journals take 85, 114 or 174"));
    }
    let content = content::Content::new(result, options);
    let (layout, remarks) = layout::Layout::fit(&content, options);
    let pages = draw::pages(&content, &layout, options);
    Ok(Drawing { pages, remarks })
}
