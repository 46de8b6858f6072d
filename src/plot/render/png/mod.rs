//! PNG: drawn through plotters on pixels, packed with a palette where there are few colours, the resolution in the file.

mod pixels;
mod plotters;
mod stamp;

use super::RenderOptions;
use super::canvas::paint;
use crate::error::{Error, ErrorKind};
use crate::plot::scene::{Item, Scene};
use pixels::Pixels;
use plotters::OnPlotters;
use tiny_skia::Pixmap;

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
    let pixmap = Pixmap::new(w as u32, h as u32).ok_or_else(too_large)?;
    let mut canvas = OnPlotters(Pixels::new(pixmap, scale));
    paint(scene, &mut canvas)?;
    encode(&canvas.0.pixmap, scene, options.dpi)
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
