//! Forest plots as a program says them.

use crate::error::Error;
use crate::plot::theme::Theme;
use crate::plot::{Drawing, Labels, Plot, PlotOptions};
use crate::result::PoolResult;

/// A forest plot of a pooled result.
///
/// ```
/// use metapool::prelude::*;
///
/// let effects = EffectTable::from([(-0.89, 0.33), (-1.59, 0.19), (-0.44, 0.07)]);
/// let fit = RandomEffects::reml().fit(&effects)?;
/// let svg = Forest::of(&fit).title("Three trials").svg()?;
/// assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"));
/// # Ok::<(), metapool::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Forest<'a> {
    result: &'a PoolResult,
    options: PlotOptions,
}

impl<'a> Forest<'a> {
    /// With the default look.
    pub fn of(result: &'a PoolResult) -> Self {
        Self { result, options: PlotOptions::default() }
    }

    fn label(mut self, set: impl FnOnce(&mut Labels)) -> Self {
        set(&mut self.options.labels);
        self
    }

    /// With a title above the picture.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        self.label(|l| l.title = Some(title.into()))
    }

    /// With names of the first and the second group.
    #[must_use]
    pub fn groups(self, first: impl Into<String>, second: impl Into<String>) -> Self {
        self.label(|l| (l.group1, l.group2) = (Some(first.into()), Some(second.into())))
    }

    /// With what low and what high values speak for.
    #[must_use]
    pub fn favours(self, low: impl Into<String>, high: impl Into<String>) -> Self {
        self.label(|l| (l.favours_low, l.favours_high) = (Some(low.into()), Some(high.into())))
    }

    /// With another look.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> Self {
        self.options.theme = theme;
        self
    }

    /// With this width of the page, in millimetres.
    #[must_use]
    pub fn width_mm(mut self, width: f64) -> Self {
        self.options.width_mm = Some(width);
        self
    }

    /// The pages.
    ///
    /// # Errors
    /// The result cannot be drawn so, as where the page is too narrow.
    pub fn draw(&self) -> Result<Drawing, Error> {
        Plot::Forest.draw(self.result, &self.options)
    }

    /// The first page as SVG, which all builds can draw.
    ///
    /// # Errors
    /// As [`Forest::draw`].
    pub fn svg(&self) -> Result<String, Error> {
        self.draw()?.svg()
    }

    /// Writes the picture; the ending of the path is the format: `.svg`, `.png`, `.pdf`. Gives the files that were written,
    /// several where a format has one page a file.
    ///
    /// # Errors
    /// As [`Forest::draw`]; the ending names no format, or a file cannot be written.
    #[cfg(feature = "files")]
    pub fn save(&self, path: impl AsRef<std::path::Path>) -> Result<Vec<std::path::PathBuf>, Error> {
        self.draw()?.save(path.as_ref())
    }
}
