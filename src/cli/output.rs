//! Where results go and in which form.

use super::{Outcome, style};
use crate::choice::Door;
use crate::error::Error;
use crate::report::output::write;
use crate::report::sheet::Sheet;
use crate::result::Note;
use comfy_table::{CellAlignment, Table, presets};
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

    /// Decimals, if they were asked for.
    pub(super) fn digits(&self) -> Option<usize> {
        self.digits.map(usize::from)
    }

    /// Writes the whole result at once.
    pub(super) fn emit(&self, text: &str, out: &mut impl Write) -> Outcome {
        let text = Door::Terminal.word(text);
        match &self.output {
            Some(path) => Ok(write(path, text.as_bytes())?),
            None => Ok(out.write_all(text.as_bytes())?),
        }
    }

    pub(super) fn notes(&self, notes: &[Note]) {
        if !self.quiet {
            for note in notes {
                style::note(&note.message(), &note.hint());
            }
        }
    }
}

/// JSON as it is printed: indented, with a final newline.
pub(super) fn json(value: &Value) -> String {
    crate::report::json::text(value)
}

/// A sheet as aligned text, its columns wrapped to the terminal if there is one.
pub(super) fn aligned(sheet: &Sheet) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    }
    let clean = |row: Vec<String>| {
        row.into_iter().map(|c| {
            Door::Terminal.word(&c).chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>()
        })
    };
    let mut lines = sheet.shown().into_iter();
    table.set_header(clean(lines.next().unwrap_or_default()));
    lines.for_each(|row| {
        table.add_row(clean(row));
    });
    for (column, heading) in table.column_iter_mut().zip(&sheet.headings) {
        column.set_cell_alignment(if heading.text { CellAlignment::Left } else { CellAlignment::Right });
        column.set_padding((0, 2));
    }
    let text: Vec<String> = table.lines().map(|l| l.trim_end().to_string()).collect();
    let width = text.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(width);
    let mut out = String::new();
    // rules are counted in rows; wrapped rows are not told apart, so rules only go into unwrapped tables
    let unwrapped = text.len() == sheet.rows.len() + 1;
    for (i, line) in text.iter().enumerate() {
        if i == 1 || unwrapped && i > 1 && sheet.rules.contains(&(i - 1)) {
            out += &format!("{rule}\n");
        }
        out += &format!("{line}\n");
    }
    out
}
