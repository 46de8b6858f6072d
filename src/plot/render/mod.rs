//! From the display list to files. Every format is a plotters drawing backend fed by the same list, on a grid fine
//! enough (100 units a point) that plotters' whole-number coordinates cost nothing; text is placed by our own
//! measures, so that all formats agree.

#[cfg(any(not(feature = "pdf"), not(feature = "png")))]
mod absent;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "png")]
mod png;
mod svg;

use super::Drawing;
use super::scene::{Anchor, Item, Scene};
use super::text::{self, Weight};
use crate::error::{Error, ErrorKind};
#[cfg(not(feature = "pdf"))]
use absent::pdf;
#[cfg(not(feature = "png"))]
use absent::png;
use plotters::style::RGBColor;
use plotters_backend::text_anchor::Pos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle,
};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

/// Grid units per point.
const GRID: f64 = 100.0;

/// Settings of the output that are not part of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderOptions {
    /// Dots per inch of PNG.
    pub dpi: f64,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { dpi: 300.0 }
    }
}

/// The definition of a [`Picture`] format.
#[derive(Debug)]
pub struct PictureSpec {
    /// The ending of its files.
    pub id: &'static str,
    /// Other endings.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// Whether one file holds several pages.
    pub paged: bool,
    /// Renders pages; formats without pages get one at a time.
    pub render: fn(&[Scene], &RenderOptions) -> Result<Vec<u8>, Error>,
}

impl PictureSpec {
    /// Renders a drawing into files; formats without pages get `-1`, `-2` before the ending when there are several.
    ///
    /// # Errors
    /// The picture is too large for the format.
    pub fn files(
        &self,
        path: &Path,
        drawing: &Drawing,
        options: &RenderOptions,
    ) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
        if self.paged || drawing.pages.len() == 1 {
            return Ok(vec![(path.to_path_buf(), (self.render)(&drawing.pages, options)?)]);
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let page = |(i, scene)| {
            let name = path.with_file_name(format!("{stem}-{}.{}", i + 1, self.id));
            Ok((name, (self.render)(std::slice::from_ref(scene), options)?))
        };
        drawing.pages.iter().enumerate().map(page).collect()
    }
}

const PNG: PictureSpec = PictureSpec {
    id: "png",
    aliases: &[],
    title: "PNG (pixels)",
    reference: "",
    paged: false,
    render: png::render,
};

const PDF: PictureSpec = PictureSpec {
    id: "pdf",
    aliases: &[],
    title: "PDF (vectors)",
    reference: "",
    paged: true,
    render: pdf::render,
};

registry! {
    /// A format of pictures.
    Picture(PictureSpec) = "picture format" {
        /// Pixels.
        Png => PNG,
        /// Vectors for the web and for editing.
        Svg => svg::SPEC,
        /// Vectors for print.
        Pdf => PDF,
    }
}

/// A backend that also knows groups.
trait Canvas: DrawingBackend<ErrorType = Infallible> {
    /// Starts a group, named for assistive software.
    fn open(&mut self, _label: Option<&str>) {}
    /// Ends it.
    fn close(&mut self) {}
}

/// Thickness and colour of a line.
struct Stroke {
    width: f64,
    colour: RGBColor,
}

fn backend_colour(c: RGBColor) -> BackendColor {
    BackendColor { alpha: 1.0, rgb: (c.0, c.1, c.2) }
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        backend_colour(self.colour)
    }

    fn stroke_width(&self) -> u32 {
        (self.width * GRID).round() as u32
    }
}

/// Lettering of a text whose left end and baseline are given.
struct Lettering {
    size: f64,
    weight: Weight,
    colour: RGBColor,
}

impl Lettering {
    fn weight_of(style: FontStyle) -> Weight {
        if matches!(style, FontStyle::Bold) { Weight::Bold } else { Weight::Regular }
    }
}

impl BackendTextStyle for Lettering {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        backend_colour(self.colour)
    }

    fn size(&self) -> f64 {
        self.size * GRID
    }

    fn style(&self) -> FontStyle {
        if self.weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal }
    }

    fn anchor(&self) -> Pos {
        Pos::default()
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(text::FAMILY)
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        let width = text::width(text, self.size * GRID, self.weight);
        Ok(((0, (-0.72 * self.size * GRID) as i32), (width as i32, (0.2 * self.size * GRID) as i32)))
    }

    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: BackendCoord,
        _: F,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(())) // every canvas draws outlines itself
    }
}

fn grid((x, y): (f64, f64)) -> BackendCoord {
    ((x * GRID).round() as i32, (y * GRID).round() as i32)
}

/// Draws a scene on a canvas.
fn paint<C: Canvas>(scene: &Scene, canvas: &mut C) -> Result<(), Error> {
    let failed = |e: DrawingErrorKind<Infallible>| {
        Error::new(ErrorKind::Write, format!("the picture cannot be drawn: {e}"))
    };
    for group in &scene.groups {
        canvas.open(group.label.as_deref());
        for item in &group.items {
            match item {
                Item::Line { from, to, width, colour } => {
                    canvas.draw_line(grid(*from), grid(*to), &Stroke { width: *width, colour: *colour })
                }
                Item::Polygon { points, colour } => {
                    canvas.fill_polygon(points.iter().map(|p| grid(*p)), &backend_colour(*colour))
                }
                Item::Text { at, anchor, text, size, weight, colour } => {
                    let shift = match anchor {
                        Anchor::Start => 0.0,
                        Anchor::Middle => 0.5,
                        Anchor::End => 1.0,
                    };
                    let left = at.0 - shift * text::width(text, *size, *weight);
                    let lettering = Lettering { size: *size, weight: *weight, colour: *colour };
                    canvas.draw_text(text, &lettering, grid((left, at.1)))
                }
            }
            .map_err(failed)?;
        }
        canvas.close();
    }
    Ok(())
}

/// Methods that no scene uses.
macro_rules! unused_backend_methods {
    () => {
        fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }

        fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }

        fn draw_pixel(
            &mut self,
            _: BackendCoord,
            _: BackendColor,
        ) -> Result<(), DrawingErrorKind<Infallible>> {
            Ok(())
        }
    };
}
use unused_backend_methods;
