//! From the display list to files: every format is a canvas that the same list is painted on.

#[cfg(any(not(feature = "pdf"), not(feature = "png")))]
mod absent;
mod canvas;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "png")]
mod png;
mod svg;

use super::scene::{Drawing, Scene};
use crate::error::Error;
#[cfg(not(feature = "pdf"))]
use absent::pdf;
#[cfg(not(feature = "png"))]
use absent::png;
use std::path::{Path, PathBuf};

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
