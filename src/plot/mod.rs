//! Pictures in three steps: result → layout in points → display list → files. Reads results, never models.

mod baujat;
mod bubble;
mod chart;
mod drapery;
mod forest;
mod funnel;
mod gosh;
mod influence;
mod labbe;
mod place;
mod profile;
mod qq;
mod radial;
pub mod render;
pub mod scale;
pub mod scene;
mod selection;
mod stability;
pub mod text;
pub mod theme;

pub use crate::choice::Naming;
use crate::error::Error;
use crate::result::PoolResult;
use crate::result::bias::BiasResult;
use crate::result::regression::{Along, RegressionResult};
use crate::result::sensitivity::{Analysis, SensitivityResult};
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
    /// Which studies are named in charts.
    pub naming: Naming,
    /// Funnel plots by the number of patients instead of the standard error.
    pub by_size: bool,
    /// Whether axes of L'Abbé plots are logarithmic; `None` where it helps.
    pub log_axes: Option<bool>,
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
            naming: Naming::Outliers,
            by_size: false,
            log_axes: None,
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
    pub draws: Draws,
}

/// Lays out what it reads.
type Draw<T> = fn(&T, &PlotOptions) -> Result<Drawing, Error>;

/// Which result a picture reads, and how it is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Draws {
    /// A pooled result.
    Pool(Draw<PoolResult>),
    /// A regression along one of its moderators.
    Regression(fn(&RegressionResult, &Along, &PlotOptions) -> Result<Drawing, Error>),
    /// Sensitivity analyses.
    Sensitivity {
        /// Which must have been done.
        needs: &'static [Analysis],
        /// Whether quantiles of residuals are needed as well.
        quantiles: bool,
        /// How they are drawn.
        draw: Draw<SensitivityResult>,
    },
    /// A pooled result with tests of bias, or none.
    Bias(Draw<BiasResult>),
}

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

/// Finished pages and what had to be changed to make them fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The pages.
    pub pages: Vec<Scene>,
    /// What the user should know: dropped columns, a page made wider.
    pub remarks: Vec<String>,
}

impl Drawing {
    /// Tells how many names of studies are not in the picture, if any.
    fn say_unnamed(&mut self, names: usize) {
        match names {
            0 => {}
            1 => self.remarks.push("the name of 1 study found no room".into()),
            n => self.remarks.push(format!("the names of {n} studies found no room")),
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
