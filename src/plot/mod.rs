//! Pictures in three steps: result → layout in points → display list → files. Reads results, never models.

pub mod bubble;
mod forest;
pub mod render;
pub mod scale;
pub mod scene;
pub mod text;
pub mod theme;

use crate::error::Error;
use crate::result::PoolResult;
pub use render::{Picture, RenderOptions};
pub use scene::Scene;
use theme::Theme;

/// Words that the data do not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Title above the picture.
    pub title: Option<String>,
    /// First group.
    pub group1: Option<String>,
    /// Second group.
    pub group2: Option<String>,
    /// What values below no effect favour.
    pub favours_low: Option<String>,
    /// What values above no effect favour.
    pub favours_high: Option<String>,
    /// What was measured or counted.
    pub outcome: Option<String>,
    /// Heading of the estimates, instead of the measure's.
    pub estimate: Option<String>,
}

/// What can be asked of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PlotOptions {
    /// The look.
    pub theme: Theme,
    /// Width of the page in millimetres; `None` takes what the contents need.
    pub width_mm: Option<f64>,
    /// Words.
    pub labels: Labels,
    /// Show the common-effect estimate beside the random-effects one.
    pub common: bool,
    /// Show every interval whole, however wide the axis becomes.
    pub full_range: bool,
    /// Rows on a page before a new one begins.
    pub rows_per_page: usize,
}

impl Default for PlotOptions {
    fn default() -> Self {
        Self {
            theme: Theme::Default,
            width_mm: None,
            labels: Labels::default(),
            common: false,
            full_range: false,
            rows_per_page: 60,
        }
    }
}

/// The definition of a [`Plot`].
#[derive(Debug)]
pub struct PlotSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// Lays the picture out, on one page or several.
    pub draw: fn(&PoolResult, &PlotOptions) -> Result<Drawing, Error>,
}

/// Finished pages and what had to be changed to make them fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The pages.
    pub pages: Vec<Scene>,
    /// What the user should know: dropped columns, a page made wider.
    pub remarks: Vec<String>,
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
    }
}
