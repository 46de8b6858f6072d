//! Where results go and in which form.

use super::{Outcome, style};
use crate::choice::option::{Given, table};
use crate::choice::{Door, Format};
use crate::document::text::{self, Width};
use crate::document::{Report, Sheet, View, csv, markdown};
use crate::error::Error;
use crate::file::write;
use crate::report::json_text;
use serde_json::Value;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Where a result goes, and in which form.
pub(super) struct Output {
    /// Its form.
    format: Format,
    /// Decimals, if they were asked for.
    digits: Option<usize>,
    file: Option<PathBuf>,
    quiet: bool,
}

impl Output {
    /// As it was asked for.
    ///
    /// # Errors
    /// The ending of the file does not tell the form.
    pub(super) fn of(given: &Given) -> Result<Self, Error> {
        let file = given.text(&table::FILE).map(PathBuf::from);
        let format = match (given.choice(&table::FORMAT)?, &file) {
            (Some(format), _) => format,
            (None, None) => Format::Table,
            (None, Some(path)) => form_of(path)?,
        };
        let digits = given.count(&table::DIGITS).map(|n| n as usize);
        Ok(Self { format, digits, file, quiet: given.has(&table::QUIET) })
    }

    /// Prints a result in its form, and what to know about it beside.
    pub(super) fn show(&self, result: &impl Report, input: &Value, out: &mut impl Write) -> Outcome {
        let document = || result.document(&View { digits: self.digits }).worded(Door::Terminal);
        let text = match self.format {
            Format::Json => json_text(&result.json(input)),
            Format::Csv => csv::table(&result.tidy()),
            Format::Markdown => markdown::render(&document()),
            Format::Table => text::render(&document(), width()),
        };
        if !self.quiet {
            for note in result.caveats() {
                style::note(&note.message(), &note.hint());
            }
        }
        self.emit(&text, out)
    }

    /// Writes the whole result at once.
    fn emit(&self, text: &str, out: &mut impl Write) -> Outcome {
        let text = Door::Terminal.word(text);
        match &self.file {
            Some(path) => Ok(write(path, text.as_bytes())?),
            None => Ok(out.write_all(text.as_bytes())?),
        }
    }
}

/// The form that the ending of a file asks for.
fn form_of(path: &Path) -> Result<Format, Error> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        "md" | "markdown" => Ok(Format::Markdown),
        "txt" => Ok(Format::Table),
        _ => Err(Error::usage(format!("`{}`: the ending does not tell the form", path.display())).with_hint(
            "end the name in .json, .csv, .md or .txt, or say ⟦format⟧; pictures come from ⟦plot:⟧",
        )),
    }
}

/// Text is as wide as the terminal, if there is one.
fn width() -> Width {
    if std::io::stdout().is_terminal() { Width::Terminal } else { Width::Free }
}

/// A sheet as aligned text.
pub(super) fn aligned(sheet: &Sheet) -> String {
    text::table(&sheet.worded(Door::Terminal), width())
}
