//! What defines a kind of picture.

use super::options::PlotOptions;
use super::scene::Drawing;
use crate::error::Error;
use crate::result::PoolResult;
use crate::result::bias::BiasResult;
use crate::result::regression::{Along, RegressionResult};
use crate::result::sensitivity::{Analysis, SensitivityResult};

/// The definition of a [`Plot`](super::Plot).
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
