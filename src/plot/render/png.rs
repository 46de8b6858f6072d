//! PNG: outlines filled by tiny-skia at any resolution, straight lines snapped to whole pixels, the resolution in the file.

use super::{Canvas, GRID, Lettering, RenderOptions, paint, unused_backend_methods};
use crate::error::{Error, ErrorKind};
use crate::plot::scene::{Item, Scene};
use crate::plot::text::{self, OutlinePen};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::collections::HashMap;
use std::convert::Infallible;
use tiny_skia::{Color, FillRule, Mask, Paint, PathBuilder, Pixmap, Rect, Transform};

/// Most pixels in a picture: larger ones are a mistake and would exhaust memory.
const MOST_PIXELS: f64 = 400e6;

pub(super) fn render(pages: &[Scene], options: &RenderOptions) -> Result<Vec<u8>, Error> {
    let Some(scene) = pages.first() else { return Ok(vec![]) };
    let scale = options.dpi / 72.0;
    let (w, h) = ((scene.width * scale).ceil(), (scene.height * scale).ceil());
    let too_large = || {
        Error::new(ErrorKind::Write, format!("a picture of {w} × {h} pixels is too large"))
            .with_hint("take a smaller ⟦dpi⟧, or SVG or PDF, which have no pixels")
    };
    if w * h > MOST_PIXELS {
        return Err(too_large());
    }
    let mut pixmap = Pixmap::new(w as u32, h as u32).ok_or_else(too_large)?;
    pixmap.fill(Color::WHITE);
    let mut canvas = Pixels { pixmap, scale, stamps: HashMap::new() };
    paint(scene, &mut canvas)?;
    encode(&canvas.pixmap, scene, options.dpi)
        .map_err(|e| Error::new(ErrorKind::Write, format!("the picture cannot be encoded: {e}")))
}

fn encode(pixmap: &Pixmap, scene: &Scene, dpi: f64) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = vec![];
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    let (pixels, palette) = indexed(pixmap, scene);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    match &palette {
        Some(palette) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
            encoder.set_filter(png::Filter::NoFilter);
        }
        None => encoder.set_color(png::ColorType::Rgb),
    }
    let per_metre = (dpi / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.set_source_srgb(png::SrgbRenderingIntent::RelativeColorimetric);
    encoder.add_itxt_chunk("Title".into(), scene.title.clone())?;
    encoder.add_itxt_chunk("Description".into(), scene.description.clone())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(out)
}

/// One byte a pixel with a palette, or three bytes if the picture has too many colours.
///
/// The inks and white are exact; shades of their edges are told apart in 32 steps a channel, which no eye can see
/// and no printer prints. Everything is opaque, so colours need no division by alpha.
fn indexed(pixmap: &Pixmap, scene: &Scene) -> (Vec<u8>, Option<Vec<u8>>) {
    const UNKNOWN: u16 = u16::MAX;
    let bucket =
        |r: u8, g: u8, b: u8| (usize::from(r >> 3) << 10) | (usize::from(g >> 3) << 5) | usize::from(b >> 3);
    let mut table = vec![UNKNOWN; 1 << 15];
    let mut palette: Vec<u8> = vec![];
    let mut enter = |table: &mut Vec<u16>, r: u8, g: u8, b: u8| {
        let slot = &mut table[bucket(r, g, b)];
        if *slot == UNKNOWN {
            *slot = (palette.len() / 3) as u16;
            palette.extend([r, g, b]);
        }
        *slot
    };
    enter(&mut table, 255, 255, 255);
    for item in scene.items() {
        let (Item::Line { colour, .. } | Item::Polygon { colour, .. } | Item::Text { colour, .. }) = item;
        enter(&mut table, colour.0, colour.1, colour.2);
    }
    let data = pixmap.data();
    let mut pixels = vec![0u8; data.len() / 4];
    for (pixel, p) in pixels.iter_mut().zip(data.chunks_exact(4)) {
        if p[0] & p[1] & p[2] == 255 {
            continue;
        }
        let slot = table[bucket(p[0], p[1], p[2])];
        let index = if slot == UNKNOWN { enter(&mut table, p[0], p[1], p[2]) } else { slot };
        if index > 255 {
            return (data.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect(), None);
        }
        *pixel = index as u8;
    }
    (pixels, Some(palette))
}

/// Horizontal positions of a glyph within a pixel.
const PHASES: u8 = 4;

/// Font, glyph, size in 64ths of a pixel, phase.
type StampKey = (usize, u16, u32, u8);

struct Pixels {
    pixmap: Pixmap,
    scale: f64,
    stamps: HashMap<StampKey, Option<Stamp>>,
}

/// A glyph as coverage, drawn once and pressed wherever it occurs.
struct Stamp {
    left: i32,
    top: i32,
    mask: Mask,
}

impl Stamp {
    fn new(font: usize, glyph: u16, em: f64, phase: u8) -> Option<Self> {
        let font = text::font(font);
        let mut outline = Outline(PathBuilder::new());
        font.outline(glyph, &mut outline);
        let path = outline.0.finish()?;
        let size = (em / font.units()) as f32;
        let shift = (f32::from(phase) + 0.5) / f32::from(PHASES);
        let b = path.bounds();
        let (left, top) = ((b.left() * size + shift).floor() - 1.0, (b.top() * size).floor() - 1.0);
        let (right, bottom) = ((b.right() * size + shift).ceil() + 1.0, (b.bottom() * size).ceil() + 1.0);
        let mut mask = Mask::new((right - left) as u32, (bottom - top) as u32)?;
        mask.fill_path(
            &path,
            FillRule::Winding,
            true,
            Transform::from_row(size, 0.0, 0.0, size, shift - left, -top),
        );
        Some(Self { left: left as i32, top: top as i32, mask })
    }

    /// Blends the colour into an opaque picture.
    fn press(&self, pixmap: &mut Pixmap, x: i32, y: i32, colour: (u8, u8, u8)) {
        let (width, height) = (pixmap.width() as i32, pixmap.height() as i32);
        let (w, h) = (self.mask.width() as i32, self.mask.height() as i32);
        let (x, y) = (x + self.left, y + self.top);
        let columns = (-x).max(0)..w.min(width - x);
        if columns.is_empty() {
            return;
        }
        let data = pixmap.data_mut();
        for row in (-y).max(0)..h.min(height - y) {
            let from =
                &self.mask.data()[(row * w + columns.start) as usize..(row * w + columns.end) as usize];
            let start = 4 * ((y + row) as usize * width as usize + (x + columns.start) as usize);
            for (alpha, p) in from.iter().zip(data[start..].chunks_exact_mut(4)) {
                let blend = |under: u8, ink: u8| {
                    let (a, u, i) = (u32::from(*alpha), u32::from(under), u32::from(ink));
                    ((i * a + u * (255 - a) + 127) / 255) as u8
                };
                if *alpha > 0 {
                    p[0] = blend(p[0], colour.0);
                    p[1] = blend(p[1], colour.1);
                    p[2] = blend(p[2], colour.2);
                }
            }
        }
    }
}

/// Collects a glyph's outline, upside down as pixels run.
struct Outline(PathBuilder);

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, -y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, -y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, -y1, x, -y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, -y1, x2, -y2, x, -y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

fn ink(c: BackendColor) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(c.rgb.0, c.rgb.1, c.rgb.2, 255);
    paint.anti_alias = true;
    paint
}

impl Pixels {
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
}

impl Canvas for Pixels {}

impl DrawingBackend for Pixels {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.pixmap.width(), self.pixmap.height())
    }

    unused_backend_methods!();

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let (x0, y0, x1, y1) = (self.pixel(from.0), self.pixel(from.1), self.pixel(to.0), self.pixel(to.1));
        let width = self.pixel(style.stroke_width() as i32);
        if from.1 == to.1 {
            self.snapped((x0, x1), y0, width, true, style.color());
        } else if from.0 == to.0 {
            self.snapped((y0, y1), x0, width, false, style.color());
        } else {
            let mut path = PathBuilder::new();
            path.move_to(x0 as f32, y0 as f32);
            path.line_to(x1 as f32, y1 as f32);
            if let Some(path) = path.finish() {
                let stroke = tiny_skia::Stroke { width: width as f32, ..Default::default() };
                self.pixmap.stroke_path(&path, &ink(style.color()), &stroke, Transform::identity(), None);
            }
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
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

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let em = style.size() / GRID * self.scale;
        // the baseline stands on a whole pixel: letters are sharper, and no more than half a pixel off
        let (x, baseline) = (self.pixel(at.0), self.pixel(at.1).round());
        let colour = style.color().rgb;
        for run in &text::shape(text, Lettering::weight_of(style.style())).runs {
            for glyph in &run.glyphs {
                let left = x + glyph.x * em;
                let phase = ((left - left.floor()) * f64::from(PHASES)).floor() as u8;
                let key = (run.font, glyph.id, (em * 64.0).round() as u32, phase);
                let stamp =
                    self.stamps.entry(key).or_insert_with(|| Stamp::new(run.font, glyph.id, em, phase));
                if let Some(stamp) = stamp {
                    let top = baseline - (glyph.y * em).round();
                    stamp.press(&mut self.pixmap, left.floor() as i32, top as i32, colour);
                }
            }
        }
        Ok(())
    }
}
