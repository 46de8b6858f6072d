//! Forest plot: a table of studies with their intervals on a common axis.
//!
//! Squares have areas proportional to weights; the table, the axis and the text below it are laid out from measured
//! text, so that nothing can overlap. Reference: \[lewis2001\].

mod axis;
mod content;
mod data;
mod draw;
mod layout;

use super::{Drawing, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::PoolResult;

pub(super) const SPEC: PlotSpec =
    PlotSpec { id: "forest", aliases: &[], title: "Forest plot", reference: "lewis2001", draw };

/// The agreement of methods, as rows of the same table and panel.
pub(super) const AGREEMENT: PlotSpec = PlotSpec {
    id: "agreement",
    aliases: &[],
    title: "Agreement of methods, for proportions and rare events in two groups",
    reference: "",
    draw: draw_agreement,
};

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    laid_out(&content::Content::new(result, options), options)
}

fn draw_agreement(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    if result.agreement.is_empty() {
        return Err(Error::usage("the agreement of methods is for counts of one or two groups")
            .with_hint("use `--measure PLO` for proportions; OR, RR, RD, PETO or IRR for two groups"));
    }
    laid_out(&content::Content::agreement(result, options), options)
}

fn laid_out(content: &content::Content, options: &PlotOptions) -> Result<Drawing, Error> {
    if let Some(mm) = options.width_mm
        && !(40.0..=2000.0).contains(&mm)
    {
        return Err(Error::usage(format!("a width of {mm} mm"))
            .with_hint("give 40 to 2000; journals take 85, 114 or 174"));
    }
    let (layout, remarks) = layout::Layout::fit(content, options);
    let pages = draw::pages(content, &layout, options);
    Ok(Drawing { pages, remarks })
}
