//! A canvas on any drawing backend of plotters, which knows whole units only: on a grid of a hundredth of a point its
//! rounding costs nothing.

use crate::error::{Error, ErrorKind};
use crate::plot::colour::Colour;
use crate::plot::geometry::Point;
use crate::plot::render::canvas::{Canvas, Lettering};
use crate::plot::text::{self, Weight};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};
use plotters_backend::{BackendCoord, DrawingBackend, DrawingErrorKind};

/// Grid units per point.
pub(super) const GRID: f64 = 100.0;

/// Draws on the backend inside.
pub(super) struct OnPlotters<B: DrawingBackend>(pub B);

fn grid((x, y): Point) -> BackendCoord {
    ((x * GRID).round() as i32, (y * GRID).round() as i32)
}

fn rgb(Colour(r, g, b): Colour) -> RGBColor {
    RGBColor(r, g, b)
}

fn failed<E: std::error::Error + Send + Sync>(e: DrawingErrorKind<E>) -> Error {
    Error::new(ErrorKind::Write, format!("the picture cannot be drawn: {e}"))
}

impl<B: DrawingBackend> Canvas for OnPlotters<B> {
    fn line(&mut self, from: Point, to: Point, width: f64, colour: Colour) -> Result<(), Error> {
        let style = ShapeStyle::from(rgb(colour)).stroke_width((width * GRID).round() as u32);
        self.0.draw_line(grid(from), grid(to), &style).map_err(failed)
    }

    fn polygon(&mut self, corners: &[Point], colour: Colour) -> Result<(), Error> {
        let style = ShapeStyle::from(rgb(colour)).filled();
        self.0.fill_polygon(corners.iter().copied().map(grid), &style).map_err(failed)
    }

    fn text(&mut self, start: Point, text: &str, lettering: Lettering) -> Result<(), Error> {
        let style = match lettering.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        let font = FontDesc::new(FontFamily::Name(text::FAMILY), lettering.size * GRID, style);
        let colour = rgb(lettering.colour);
        let style = TextStyle::from(font).color(&colour);
        self.0.draw_text(text, &style, grid(start)).map_err(failed)
    }
}
