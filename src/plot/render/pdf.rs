//! PDF: vectors with embedded subsets of the fonts and text that can be searched and copied.

use super::RenderOptions;
use super::canvas::{Canvas, Lettering, paint};
use crate::error::{Error, ErrorKind};
use crate::plot::colour::Colour;
use crate::plot::geometry::Point;
use crate::plot::scene::Scene;
use crate::plot::text::{self, Run};
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::HashMap;

/// Fonts of the document by their numbers; `None` for one that cannot be embedded.
type Fonts = HashMap<usize, Option<Font>>;

pub(super) fn render(pages: &[Scene], _: &RenderOptions) -> Result<Vec<u8>, Error> {
    let mut document = krilla::Document::new();
    let mut fonts = Fonts::new();
    for scene in pages {
        let size = PageSettings::from_wh(scene.width as f32, scene.height as f32);
        let mut page = document.start_page_with(size.ok_or_else(|| failed("the page has no size"))?);
        let mut surface = page.surface();
        paint(scene, &mut Pdf { surface: &mut surface, fonts: &mut fonts })?;
        surface.finish();
        page.finish();
    }
    if let Some(first) = pages.first() {
        document.set_metadata(metadata(first));
    }
    document.finish().map_err(|e| failed(&format!("{e:?}")))
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::Write, format!("the PDF cannot be made: {why}"))
}

fn metadata(first: &Scene) -> Metadata {
    Metadata::new()
        .title(first.title.clone())
        .description(first.description.clone())
        .creator(format!("metapool {}", env!("CARGO_PKG_VERSION")))
        .language("en".into())
}

/// A page of the document.
struct Pdf<'a, 'b> {
    surface: &'a mut Surface<'b>,
    fonts: &'a mut Fonts,
}

fn fill(Colour(r, g, b): Colour) -> Fill {
    Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }
}

/// A path through the places; `None` if it has no extent.
fn path(places: &[Point], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, p) in places.iter().enumerate() {
        let (x, y) = (p.0 as f32, p.1 as f32);
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// Glyphs as the library wants them: offsets from where the pen stands.
fn glyphs(run: &Run) -> Vec<KrillaGlyph> {
    let mut pen = run.glyphs.first().map_or(0.0, |g| g.x);
    let glyph = |g: &text::Glyph| {
        let offset = g.x - pen;
        pen += g.advance;
        KrillaGlyph {
            glyph_id: GlyphId::new(u32::from(g.id)),
            text_range: g.range.clone(),
            x_advance: g.advance as f32,
            x_offset: offset as f32,
            y_offset: g.y as f32,
            y_advance: 0.0,
            location: None,
        }
    };
    run.glyphs.iter().map(glyph).collect()
}

impl Canvas for Pdf<'_, '_> {
    fn line(&mut self, from: Point, to: Point, width: f64, colour: Colour) -> Result<(), Error> {
        if let Some(path) = path(&[from, to], false) {
            self.surface.set_fill(None);
            self.surface.set_stroke(Some(Stroke {
                paint: fill(colour).paint,
                width: width as f32,
                ..Stroke::default()
            }));
            self.surface.draw_path(&path);
        }
        Ok(())
    }

    fn polygon(&mut self, corners: &[Point], colour: Colour) -> Result<(), Error> {
        if let Some(path) = path(corners, true) {
            self.surface.set_stroke(None);
            self.surface.set_fill(Some(fill(colour)));
            self.surface.draw_path(&path);
        }
        Ok(())
    }

    fn text(&mut self, (x, y): Point, text: &str, lettering: Lettering) -> Result<(), Error> {
        let Lettering { size, weight, colour } = lettering;
        let printable = text::printable(text);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(colour)));
        for run in &text::shape(text, weight).runs {
            let source = text::font(run.font);
            let font =
                self.fonts.entry(run.font).or_insert_with(|| Font::new(source.data.into(), source.index));
            let (Some(font), Some(first)) = (font, run.glyphs.first()) else { continue };
            let start = krilla::geom::Point::from_xy((x + first.x * size) as f32, y as f32);
            self.surface.draw_glyphs(start, &glyphs(run), font.clone(), &printable, size as f32, false);
        }
        Ok(())
    }
}
