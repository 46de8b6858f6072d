//! Draws one picture into files.

use super::data::load;
use super::progress::progress;
use super::{Outcome, style};
use crate::analysis::{DrawRequest, Panel, Supplements, options};
use crate::choice::option::{Given, table};
use crate::error::Error;
use crate::file::write;
use crate::plot::{Drawing, Picture, Plot, RenderOptions};
use crate::result::Note;
use std::path::PathBuf;

/// Where pictures go.
struct Files {
    paths: Vec<(PathBuf, Picture)>,
    render: RenderOptions,
    quiet: bool,
}

impl Files {
    /// As they were asked for; names that ask for no format are refused before anything is read.
    fn of(given: &Given) -> Result<Self, Error> {
        let named = |path: String| {
            let path = PathBuf::from(path);
            let format = Picture::of(&path)?;
            Ok((path, format))
        };
        let paths = given.texts(&table::PICTURES).into_iter().map(named).collect::<Result<_, Error>>()?;
        let dpi = given.number(&table::DPI).unwrap_or(RenderOptions::default().dpi);
        if !(10.0..=2400.0).contains(&dpi) {
            return Err(Error::usage(format!("{dpi} dots per inch"))
                .with_hint("⟦dpi⟧ takes 10 to 2400; journals ask for 300 to 1200"));
        }
        Ok(Self { paths, render: RenderOptions { dpi }, quiet: given.has(&table::QUIET) })
    }

    /// Renders everything before anything is written.
    fn write(&self, drawing: &Drawing, notes: &[Note]) -> Outcome {
        let mut done = vec![];
        for (path, format) in &self.paths {
            done.extend(format.spec().files(path, drawing, &self.render)?);
        }
        for (path, bytes) in &done {
            write(path, bytes)?;
        }
        if !self.quiet {
            notes.iter().for_each(|n| style::note(&n.message(), &n.hint()));
            drawing.remarks.iter().for_each(|r| style::info(&format!("layout: {r}")));
            missing_fonts(drawing);
            if done.len() > self.paths.len() {
                let names: Vec<String> = done.iter().map(|(p, _)| p.display().to_string()).collect();
                style::info(&format!("pages: {}", names.join(", ")));
            }
        }
        Ok(())
    }
}

pub(super) fn run(given: &Given) -> Outcome {
    let files = Files::of(given)?;
    let Some(kind) = given.choice::<Plot>(&table::KIND)? else {
        return Err(Error::usage("which picture?").with_hint("⟦list: plots⟧ shows all").into());
    };
    let model = options::model(given)?;
    let bias = options::bias(given)?;
    let tests = given.choices(&table::WITH)?;
    let loaded = load(given)?;
    let request = options::pool(given)?;
    let agreement = if kind == Plot::Agreement { Panel::Always } else { Panel::Never };
    let wanted = DrawRequest {
        model,
        beside: Supplements { agreement, ..request.beside() },
        sensitivity: options::sensitivity(given),
        bias,
        tests: &tests,
        mods: given.text(&table::MODS),
        moderator: given.text(&table::MODERATOR),
    };
    let shown = progress("pooling again", files.quiet);
    let look = options::picture(given, loaded.labels())?;
    let (drawing, notes) = loaded.draw(kind, &wanted, &look, &shown)?;
    files.write(&drawing, &notes)
}

fn missing_fonts(drawing: &Drawing) {
    let mut missing: Vec<char> = drawing.pages.iter().flat_map(|p| p.missing_characters()).collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        let shown: String = missing.iter().take(10).collect();
        style::note(
            &format!("no font on this machine has: {shown}"),
            "install one that does (such as Noto Sans CJK); SVG keeps the characters for viewers that have a font",
        );
    }
}
