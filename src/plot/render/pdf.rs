//! PDF: vectors with embedded subsets of the fonts and text that can be searched and copied.

use super::{Canvas, GRID, Lettering, RenderOptions, paint, unused_backend_methods};
use crate::error::{Error, ErrorKind};
use crate::plot::scene::Scene;
use crate::plot::text;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::collections::HashMap;
use std::convert::Infallible;

pub(super) fn render(pages: &[Scene], _: &RenderOptions) -> Result<Vec<u8>, Error> {
    let failed = |why: String| Error::new(ErrorKind::Write, format!("the PDF cannot be made: {why}"));
    let mut document = krilla::Document::new();
    let mut fonts = HashMap::new();
    for scene in pages {
        let size = PageSettings::from_wh(scene.width as f32, scene.height as f32);
        let mut page = document.start_page_with(size.ok_or_else(|| failed("the page has no size".into()))?);
        let mut surface = page.surface();
        paint(
            scene,
            &mut Pdf { surface: &mut surface, fonts: &mut fonts, size: (scene.width, scene.height) },
        )?;
        surface.finish();
        page.finish();
    }
    if let Some(first) = pages.first() {
        let metadata = Metadata::new().title(first.title.clone()).description(first.description.clone());
        document.set_metadata(
            metadata.creator(format!("metapool {}", env!("CARGO_PKG_VERSION"))).language("en".into()),
        );
    }
    document.finish().map_err(|e| failed(format!("{e:?}")))
}

struct Pdf<'a, 'b> {
    surface: &'a mut Surface<'b>,
    fonts: &'a mut HashMap<usize, Option<Font>>,
    size: (f64, f64),
}

fn points(units: i32) -> f32 {
    (f64::from(units) / GRID) as f32
}

fn fill(c: BackendColor) -> Fill {
    Fill { paint: rgb::Color::new(c.rgb.0, c.rgb.1, c.rgb.2).into(), ..Fill::default() }
}

impl Canvas for Pdf<'_, '_> {}

impl DrawingBackend for Pdf<'_, '_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        ((self.size.0 * GRID) as u32, (self.size.1 * GRID) as u32)
    }

    unused_backend_methods!();

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let mut path = PathBuilder::new();
        path.move_to(points(from.0), points(from.1));
        path.line_to(points(to.0), points(to.1));
        if let Some(path) = path.finish() {
            let paint = fill(style.color()).paint;
            self.surface.set_fill(None);
            self.surface.set_stroke(Some(Stroke {
                paint,
                width: points(style.stroke_width() as i32),
                ..Stroke::default()
            }));
            self.surface.draw_path(&path);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let mut path = PathBuilder::new();
        for (i, p) in corners.into_iter().enumerate() {
            let (x, y) = (points(p.0), points(p.1));
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
        if let Some(path) = path.finish() {
            self.surface.set_stroke(None);
            self.surface.set_fill(Some(fill(style.color())));
            self.surface.draw_path(&path);
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let size = style.size() / GRID;
        let (x, y) = (f64::from(at.0) / GRID, points(at.1));
        let printable = text::printable(text);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(style.color())));
        for run in &text::shape(text, Lettering::weight_of(style.style())).runs {
            let source = text::font(run.font);
            let font =
                self.fonts.entry(run.font).or_insert_with(|| Font::new(source.data.into(), source.index));
            let (Some(font), Some(first)) = (font, run.glyphs.first()) else { continue };
            let mut pen = first.x;
            let glyphs: Vec<KrillaGlyph> = run
                .glyphs
                .iter()
                .map(|g| {
                    let offset = g.x - pen;
                    pen += g.advance;
                    let id = GlyphId::new(u32::from(g.id));
                    KrillaGlyph {
                        glyph_id: id,
                        text_range: g.range.clone(),
                        x_advance: g.advance as f32,
                        x_offset: offset as f32,
                        y_offset: g.y as f32,
                        y_advance: 0.0,
                        location: None,
                    }
                })
                .collect();
            let start = Point::from_xy((x + first.x * size) as f32, y);
            self.surface.draw_glyphs(start, &glyphs, font.clone(), &printable, size as f32, false);
        }
        Ok(())
    }
}
