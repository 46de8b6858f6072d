//! Makes a review from a manifest.

use super::{Failure, Outcome, style};
use crate::choice::option::{Given, table};
use crate::error::{Error, ErrorKind};
use crate::review::{Manifest, Review, STEM_CELL};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

pub(super) fn run(given: &Given) -> Outcome {
    let manifest = given.text(&table::MANIFEST).map(PathBuf::from);
    let (name, text, base) = match &manifest {
        None => ("stem-cell".to_string(), STEM_CELL.to_string(), PathBuf::new()),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| {
                Error::new(ErrorKind::Read, format!("cannot be read: {e}"))
                    .in_file(&path.display().to_string())
                    .with_hint("give the path of a review manifest; without one, the bundled review is made")
            })?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (stem, text, path.parent().unwrap_or(Path::new("")).to_path_buf())
        }
    };
    let source = manifest.as_ref().map_or("the bundled review".into(), |p| p.display().to_string());
    let manifest = Manifest::parse(&source, &text).map_err(Failure::Manifest)?;
    let folder = given.text(&table::FOLDER).map_or_else(|| Path::new("reports").join(&name), PathBuf::from);
    let quiet = given.has(&table::QUIET);
    let watched = std::io::stderr().is_terminal() && !quiet;
    let review = Review::run(&manifest, &base, |id| {
        if watched {
            style::info(&format!("  {id}"));
        }
    })
    .map_err(|e| Failure::Manifest(e.in_file(&source)))?;
    review.write(&folder)?;
    if !quiet {
        style::info(&format!("{} files in {}: start with report.md", review.files.len(), folder.display()));
    }
    Ok(())
}
