//! A page that fills from top to bottom: title and headings, what a picture draws, legend, sentences.

use super::legend::{Entry, legend};
use super::options::PlotOptions;
use super::scene::{Anchor, Group, Scene};
use super::text::{self, Weight};
use super::theme::ThemeSpec;
use super::typeset;
use crate::error::Error;

/// Around everything.
pub(super) const MARGIN: f64 = 12.0;
pub(super) const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// Size of the text where a page is so narrow that the theme's would take too much of it.
const SMALL: f64 = 7.5;

/// The page on which the next thing is drawn.
pub(super) struct Page<'a> {
    options: &'a PlotOptions,
    pub theme: &'static ThemeSpec,
    /// Size of the text.
    pub size: f64,
    pub width: f64,
    /// Where the next thing may stand.
    pub y: f64,
    pub groups: Vec<Group>,
}

/// The width that was asked for, in points.
pub(super) fn asked_width(options: &PlotOptions) -> Option<f64> {
    options.width_mm.map(|mm| mm * POINTS_PER_MM)
}

/// Size of the text: smaller if the page that was asked for is narrower than `wide`.
pub(super) fn text_size(options: &PlotOptions, wide: f64) -> f64 {
    let usual = options.theme.spec().size;
    match asked_width(options) {
        Some(width) if width < wide => usual.min(SMALL),
        _ => usual,
    }
}

/// Refuses widths that cannot be drawn.
pub(super) fn check_width(options: &PlotOptions, least: f64) -> Result<(), Error> {
    match options.width_mm {
        Some(mm) if !(least..=2000.0).contains(&mm) => Err(Error::usage(format!("a width of {mm} mm"))
            .with_hint(format!("give {least} to 2000; journals take 85, 114 or 174"))),
        _ => Ok(()),
    }
}

/// Rows by page: 70 rows stay on one page rather than leave ten for a second.
pub(super) fn paginate(rows: usize, options: &PlotOptions) -> Vec<std::ops::Range<usize>> {
    let per_page = options.rows_per_page.max(1);
    let pages = if rows <= per_page + per_page / 6 { 1 } else { rows.div_ceil(per_page) };
    let portion = rows.div_ceil(pages).max(1);
    (0..pages).map(|p| (p * portion).min(rows)..((p + 1) * portion).min(rows)).collect()
}

impl<'a> Page<'a> {
    pub fn new(options: &'a PlotOptions, size: f64, width: f64) -> Self {
        Self { options, theme: options.theme.spec(), size, width, y: MARGIN, groups: vec![] }
    }

    /// Width between the margins.
    pub fn room(&self) -> f64 {
        self.width - 2.0 * MARGIN
    }

    /// Size of what stands below the picture.
    pub fn small(&self) -> f64 {
        (0.9 * self.size).max(6.0)
    }

    /// The title, if one was asked for.
    pub fn title(&mut self, head: &mut Group) {
        let Some(title) = &self.options.labels.title else { return };
        let size = 1.2 * self.size;
        for line in text::wrap(title, size, Weight::Bold, self.room()) {
            let at = (MARGIN, self.y + self.size);
            head.text(at, Anchor::Start, &line, (size, Weight::Bold), self.theme.ink);
            self.y += 1.5 * self.size;
        }
        self.y += 0.3 * self.size;
    }

    /// Bold words from the left margin.
    pub fn heading(&mut self, head: &mut Group, words: &str) {
        for line in text::wrap(words, self.size, Weight::Bold, self.room()) {
            let at = (MARGIN, self.y + self.size);
            head.text(at, Anchor::Start, &line, (self.size, Weight::Bold), self.theme.ink);
            self.y += 1.3 * self.size;
        }
    }

    /// Signs with their meaning.
    pub fn legend(&mut self, foot: &mut Group, entries: &[Entry]) {
        self.y = legend(foot, entries, (MARGIN, self.room()), (self.size, self.theme.ink), self.y);
    }

    /// Sentences below the picture, each from a line of its own.
    pub fn sentences(&mut self, foot: &mut Group, sentences: &[String], size: f64) {
        for sentence in sentences {
            for line in text::wrap(&typeset::sentence(sentence), size, Weight::Regular, self.room()) {
                self.y += 1.35 * size;
                let style = (size, Weight::Regular);
                foot.text((MARGIN, self.y), Anchor::Start, &line, style, self.theme.ink);
            }
        }
    }

    /// The finished page; its title is the one that was asked for, or says what is drawn.
    pub fn finish(self, title: &str, description: String) -> Scene {
        Scene {
            width: self.width,
            height: self.y + MARGIN,
            title: self.options.labels.title.clone().unwrap_or_else(|| title.to_string()),
            description,
            groups: self.groups,
        }
    }
}
