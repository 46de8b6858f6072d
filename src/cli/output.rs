//! Where results go and in which form.

use super::{Outcome, style};
use crate::choice::Door;
use crate::document::text::{self, Width};
use crate::document::{Report, Sheet, View, csv, markdown};
use crate::error::Error;
use crate::report::json_text;
use crate::report::output::write;
use serde_json::Value;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Aligned text
    Table,
    /// JSON, all numbers in full precision
    Json,
    /// CSV in full precision; but for `effects`, a column `kind` says what each row is
    Csv,
    /// Markdown
    Markdown,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Form of the result [default: from the ending of -o, else table]
    ///
    /// CSV is one tidy table with the names of JSON: `kind` says what a row is (study, random, common, prediction, subgroup,
    /// heterogeneity, test, coefficient, mu ...), `label` which; `estimate`, `se`, `ci_lower` and `ci_upper` are on the analysis
    /// scale, `natural_...` as they are read. `effects` writes one row a study, without `kind`.
    #[arg(short, long, value_enum, value_name = "FORM")]
    format: Option<Format>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Decimals of effects in tables and Markdown [default: what their intervals ask for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=12))]
    digits: Option<u8>,
    /// No notes on standard error
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl OutputArgs {
    pub(super) fn format(&self) -> Result<Format, Error> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let Some(path) = &self.output else { return Ok(Format::Table) };
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "json" => Ok(Format::Json),
            "csv" => Ok(Format::Csv),
            "md" | "markdown" => Ok(Format::Markdown),
            "txt" => Ok(Format::Table),
            _ => Err(Error::usage(format!("`{}`: the ending does not tell the form", path.display()))
                .with_hint("end the name in .json, .csv, .md or .txt, or say `--format`; pictures come from `metapool plot`")),
        }
    }

    /// Prints a result in its form, and what to know about it beside.
    pub(super) fn show(
        &self,
        result: &impl Report,
        format: Format,
        input: &Value,
        out: &mut impl Write,
    ) -> Outcome {
        let document = || {
            let view = View { digits: self.digits.map(usize::from) };
            result.document(&view).worded(Door::Terminal)
        };
        let text = match format {
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
    pub(super) fn emit(&self, text: &str, out: &mut impl Write) -> Outcome {
        let text = Door::Terminal.word(text);
        match &self.output {
            Some(path) => Ok(write(path, text.as_bytes())?),
            None => Ok(out.write_all(text.as_bytes())?),
        }
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
