//! Glyphs as coverage of pixels: each is drawn once and pressed wherever it occurs.

use crate::plot::text::{self, OutlinePen};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tiny_skia::{FillRule, Mask, PathBuilder, Pixmap, Transform};

/// Horizontal positions of a glyph within a pixel.
const PHASES: u8 = 4;

/// Font, glyph, size in 64ths of a pixel, phase.
type Key = (usize, u16, u32, u8);

/// The stamps of a picture.
#[derive(Default)]
pub(super) struct Stamps(HashMap<Key, Option<Stamp>>);

impl Stamps {
    /// The stamp of a glyph of some size whose origin lies at `left`; `None` for one without an outline.
    pub fn of(&mut self, font: usize, glyph: u16, em: f64, left: f64) -> Option<&Stamp> {
        let phase = ((left - left.floor()) * f64::from(PHASES)).floor() as u8;
        match self.0.entry((font, glyph, (em * 64.0).round() as u32, phase)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Stamp::new(font, glyph, em, phase)),
        }
        .as_ref()
    }
}

/// A glyph as coverage, with the place of its box beside its origin.
pub(super) struct Stamp {
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
        let placed = Transform::from_row(size, 0.0, 0.0, size, shift - left, -top);
        mask.fill_path(&path, FillRule::Winding, true, placed);
        Some(Self { left: left as i32, top: top as i32, mask })
    }

    /// Blends the colour into an opaque picture, with the origin of the glyph at `x`, `y`.
    pub fn press(&self, pixmap: &mut Pixmap, x: i32, y: i32, ink: [u8; 3]) {
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
            for (alpha, pixel) in from.iter().zip(data[start..].chunks_exact_mut(4)) {
                blend(pixel, ink, *alpha);
            }
        }
    }
}

/// `alpha` of the ink, the rest of what is there.
fn blend(pixel: &mut [u8], ink: [u8; 3], alpha: u8) {
    if alpha == 0 {
        return;
    }
    let a = u32::from(alpha);
    for (under, ink) in pixel.iter_mut().zip(ink) {
        *under = ((u32::from(ink) * a + u32::from(*under) * (255 - a) + 127) / 255) as u8;
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
