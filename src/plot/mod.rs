//! Pictures in three steps: result → layout in points → display list → files. Reads results, never models.
//!
//! A picture is a file here with a [`PlotSpec`] and a line in the registry below. Those with two axes are laid out by
//! `chart`, the tables by `forest`; `page` holds what all pages have.

mod axis;
mod baujat;
mod bubble;
mod chart;
pub mod colour;
mod drapery;
pub mod forest;
mod funnel;
mod geometry;
mod gosh;
mod influence;
mod labbe;
mod legend;
mod marks;
mod names;
mod options;
mod page;
mod profile;
mod qq;
mod radial;
pub mod render;
pub mod scene;
mod selection;
mod side;
mod spec;
mod stability;
pub mod text;
pub mod theme;
mod typeset;
mod words;

pub use crate::choice::Naming;
use crate::error::Error;
use crate::result::PoolResult;
pub use options::{Labels, PlotOptions};
pub use render::{Picture, RenderOptions};
pub use scene::{Drawing, Scene};
pub use spec::{Draws, PlotSpec};

impl Plot {
    /// Draws a pooled result.
    ///
    /// # Errors
    /// The picture shows something else, or the result cannot be drawn so.
    pub fn draw(self, result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
        match self.spec().draws {
            Draws::Pool(draw) => draw(result, options),
            _ => Err(Error::usage(format!("`{}` is not drawn from a pooled result alone", self.spec().id))
                .with_hint("match on `Plot::spec().draws` for what it reads")),
        }
    }
}

registry! {
    /// A kind of picture.
    Plot(PlotSpec) = "plot" {
        /// Studies and the pooled estimate, one row each.
        Forest => forest::SPEC,
        /// One row per method.
        Agreement => forest::AGREEMENT,
        /// Effects against a moderator.
        Bubble => bubble::SPEC,
        /// Effects against their standard errors.
        Funnel => funnel::SPEC,
        /// Standardised effects against precision.
        Radial => radial::SPEC,
        /// Risks of two groups against each other.
        Labbe => labbe::SPEC,
        /// P-value functions.
        Drapery => drapery::SPEC,
        /// The estimate without each study.
        LeaveOneOut => forest::LEAVE_ONE_OUT,
        /// The estimate as studies are added.
        Cumulative => forest::CUMULATIVE,
        /// Influence diagnostics.
        Influence => influence::SPEC,
        /// Contribution to heterogeneity against influence.
        Baujat => baujat::SPEC,
        /// Quantiles of residuals.
        Quantiles => qq::SPEC,
        /// All subsets.
        Gosh => gosh::SPEC,
        /// The likelihood of τ².
        Profile => profile::SPEC,
        /// The weights of a selection model.
        Selection => selection::SPEC,
        /// The estimate under every choice.
        Stability => stability::SPEC,
    }
}
