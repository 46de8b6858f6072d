//! A drawing backend of plotters over tiny-skia: outlines filled at any resolution, straight lines snapped to whole pixels.

use super::plotters::GRID;
use super::stamp::Stamps;
use crate::plot::text::{self, Weight};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use std::convert::Infallible;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Transform};

/// Nothing can fail in memory.
type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A white page.
pub(super) struct Pixels {
    pub pixmap: Pixmap,
    /// Pixels per point.
    scale: f64,
    stamps: Stamps,
}

impl Pixels {
    pub fn new(mut pixmap: Pixmap, scale: f64) -> Self {
        pixmap.fill(Color::WHITE);
        Self { pixmap, scale, stamps: Stamps::default() }
    }

    fn pixel(&self, units: i32) -> f64 {
        f64::from(units) / GRID * self.scale
    }

    /// A horizontal or vertical line as whole pixels: its thickness is rounded, its centre kept as near as possible.
    fn snapped(
        &mut self,
        along: (f64, f64),
        across: f64,
        width: f64,
        horizontal: bool,
        colour: BackendColor,
    ) {
        let thick = width.round().max(1.0);
        let near = (across - 0.5 * thick).round();
        let (start, end) = (along.0.min(along.1).round(), along.0.max(along.1).round());
        let (start, end) = if end > start { (start, end) } else { (start, start + 1.0) };
        let (x, y, w, h) =
            if horizontal { (start, near, end - start, thick) } else { (near, start, thick, end - start) };
        if let Some(rect) = Rect::from_xywh(x as f32, y as f32, w as f32, h as f32) {
            let mut paint = ink(colour);
            paint.anti_alias = false;
            self.pixmap.fill_rect(rect, &paint, Transform::identity(), None);
        }
    }

    fn slanted(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: BackendColor) {
        let mut path = PathBuilder::new();
        path.move_to(from.0 as f32, from.1 as f32);
        path.line_to(to.0 as f32, to.1 as f32);
        if let Some(path) = path.finish() {
            let stroke = tiny_skia::Stroke { width: width as f32, ..Default::default() };
            self.pixmap.stroke_path(&path, &ink(colour), &stroke, Transform::identity(), None);
        }
    }
}

fn ink(c: BackendColor) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(c.rgb.0, c.rgb.1, c.rgb.2, 255);
    paint.anti_alias = true;
    paint
}

impl DrawingBackend for Pixels {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.pixmap.width(), self.pixmap.height())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Drawn {
        let (x, y) = (self.pixel(at.0), self.pixel(at.1));
        self.snapped((x, x + 1.0), y, 1.0, true, colour);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        let (x0, y0, x1, y1) = (self.pixel(from.0), self.pixel(from.1), self.pixel(to.0), self.pixel(to.1));
        let width = self.pixel(style.stroke_width() as i32);
        if from.1 == to.1 {
            self.snapped((x0, x1), y0, width, true, style.color());
        } else if from.0 == to.0 {
            self.snapped((y0, y1), x0, width, false, style.color());
        } else {
            self.slanted((x0, y0), (x1, y1), width, style.color());
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        let mut path = PathBuilder::new();
        for (i, p) in points.into_iter().enumerate() {
            let (x, y) = (self.pixel(p.0) as f32, self.pixel(p.1) as f32);
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
        if let Some(path) = path.finish() {
            self.pixmap.fill_path(&path, &ink(style.color()), FillRule::Winding, Transform::identity(), None);
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let em = style.size() / GRID * self.scale;
        // the baseline stands on a whole pixel: letters are sharper, and no more than half a pixel off
        let (x, baseline) = (self.pixel(at.0), self.pixel(at.1).round());
        let (r, g, b) = style.color().rgb;
        let weight = if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular };
        for run in &text::shape(text, weight).runs {
            for glyph in &run.glyphs {
                let left = x + glyph.x * em;
                let top = baseline - (glyph.y * em).round();
                if let Some(stamp) = self.stamps.of(run.font, glyph.id, em, left) {
                    stamp.press(&mut self.pixmap, left.floor() as i32, top as i32, [r, g, b]);
                }
            }
        }
        Ok(())
    }
}
