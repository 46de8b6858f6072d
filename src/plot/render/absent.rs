//! Formats that this build was made without.

use super::RenderOptions;
use crate::error::Error;
use crate::plot::scene::Scene;

/// Stands for the renderer of pixels.
#[cfg(not(feature = "png"))]
pub(super) mod png {
    use super::*;

    pub(in super::super) fn render(_: &[Scene], _: &RenderOptions) -> Result<Vec<u8>, Error> {
        Err(Error::without_feature("drawing PNG", "png"))
    }
}

/// Stands for the renderer of pages.
#[cfg(not(feature = "pdf"))]
pub(super) mod pdf {
    use super::*;

    pub(in super::super) fn render(_: &[Scene], _: &RenderOptions) -> Result<Vec<u8>, Error> {
        Err(Error::without_feature("drawing PDF", "pdf"))
    }
}
