//! Where results go and in which form.

use super::{Outcome, style};
use crate::choice::option::{Given, table};
use crate::choice::{Door, Format};
use crate::error::Error;
use crate::report::output::write;
use crate::report::sheet::Sheet;
use crate::result::Note;
use comfy_table::{CellAlignment, Table, presets};
use serde_json::Value;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Where a result goes, and in which form.
pub(super) struct Output {
    /// Its form.
    pub format: Format,
    /// Decimals, if they were asked for.
    pub digits: Option<usize>,
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

    /// Writes the whole result at once.
    pub(super) fn emit(&self, text: &str, out: &mut impl Write) -> Outcome {
        let text = Door::Terminal.word(text);
        match &self.file {
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
