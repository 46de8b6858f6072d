//! Forest plot: a table of studies with their intervals on a common axis.
//!
//! Squares have areas proportional to weights; the table, the axis and the text below it are laid out from measured
//! text, so that nothing can overlap. Reference: \[lewis2001\].

mod agreement;
mod axis;
mod axis_band;
mod content;
mod data;
mod estimate_column;
mod layout;
mod marks;
mod pages;
mod rows;
mod said;
mod sentences;
mod sequence;
mod studies;
mod summary;
mod widths;
mod writer;

use super::options::PlotOptions;
use super::page::check_width;
use super::scene::Drawing;
use super::spec::{Draws, PlotSpec};
use crate::error::Error;
use crate::result::PoolResult;
use crate::result::sensitivity::{Analysis, SensitivityResult};
use content::Content;
pub use said::Forest;
use sequence::Steps;

/// The narrowest page, in millimetres.
const NARROWEST: f64 = 40.0;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "forest",
    aliases: &[],
    title: "Forest plot",
    reference: "lewis2001",
    draws: Draws::Pool(draw),
};

/// The agreement of methods, as rows of the same table and panel.
pub(super) const AGREEMENT: PlotSpec = PlotSpec {
    id: "agreement",
    aliases: &[],
    title: "Agreement of methods, for proportions and rare events in two groups",
    reference: "",
    draws: Draws::Pool(draw_agreement),
};

/// The estimate without each study.
pub(super) const LEAVE_ONE_OUT: PlotSpec = PlotSpec {
    id: "leave-one-out",
    aliases: &["loo", "leave1out"],
    title: "Forest plot of the estimate without each study",
    reference: "viechtbauer2010b",
    draws: Draws::Sensitivity { needs: &[Analysis::LeaveOneOut], quantiles: false, draw: draw_leave_one_out },
};

/// The estimate as studies are added.
pub(super) const CUMULATIVE: PlotSpec = PlotSpec {
    id: "cumulative",
    aliases: &["cumul"],
    title: "Forest plot of the estimate as studies are added",
    reference: "lau1992",
    draws: Draws::Sensitivity { needs: &[Analysis::Cumulative], quantiles: false, draw: draw_cumulative },
};

fn draw_leave_one_out(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let steps = s.leave_one_out.as_deref().unwrap_or_default();
    laid_out(&sequence::content(s, steps, Steps::LeaveOneOut, options), options)
}

fn draw_cumulative(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let steps = s.cumulative.as_deref().unwrap_or_default();
    laid_out(&sequence::content(s, steps, Steps::Cumulative, options), options)
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    laid_out(&Content::of(result, options), options)
}

fn draw_agreement(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    if result.agreement.is_empty() && result.k == 1 {
        return Err(Error::model("a single study: all methods could only repeat its interval")
            .with_hint("show the study itself: ⟦plot: forest⟧"));
    }
    if result.agreement.is_empty() {
        return Err(Error::usage("the agreement of methods is for counts of one or two groups")
            .with_hint("use ⟦measure=PLO⟧ for proportions; OR, RR, RD, PETO or IRR for two groups"));
    }
    laid_out(&Content::agreement(result, options), options)
}

fn laid_out(content: &Content, options: &PlotOptions) -> Result<Drawing, Error> {
    check_width(options, NARROWEST)?;
    let (layout, remarks) = layout::Layout::fit(content, options);
    let pages = pages::pages(content, &layout, options);
    Ok(Drawing { pages, remarks })
}
