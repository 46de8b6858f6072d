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
use crate::registry::Member;
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

impl Picture {
    /// The format that the ending of a path names.
    ///
    /// # Errors
    /// It names none.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
        Self::parse(&ending).map_err(|_| {
            Error::usage(format!("`{}`: the ending names no picture format", path.display()))
                .with_hint("end the name in .png, .svg or .pdf")
        })
    }
}

impl Drawing {
    /// The first page as SVG.
    ///
    /// # Errors
    /// There is no page.
    pub fn svg(&self) -> Result<String, Error> {
        let page = self.pages.first().ok_or_else(|| Error::model("there is nothing to draw"))?;
        let bytes = (Picture::Svg.spec().render)(std::slice::from_ref(page), &RenderOptions::default())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Writes the pages in the format that the ending of the path names; gives the files that were written.
    ///
    /// # Errors
    /// The ending names no format, the picture is too large for it, or a file cannot be written.
    #[cfg(feature = "files")]
    pub fn save(&self, path: &Path) -> Result<Vec<PathBuf>, Error> {
        let files = Picture::of(path)?.spec().files(path, self, &RenderOptions::default())?;
        files.iter().try_for_each(|(path, bytes)| crate::file::write(path, bytes))?;
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }
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
