//! Computes effects and lists them.

use super::Outcome;
use super::data::{input, list};
use super::output::{Output, aligned, json as printed};
use crate::choice::Format;
use crate::choice::option::Given;
use crate::model::table_notes;
use crate::report::{json, summary};
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let loaded = list(given)?;
    let digits = output.digits;
    let notes = table_notes(&loaded.table);
    let text = match output.format {
        Format::Json => printed(&json::effects(&loaded.table, &input(given, &loaded), &notes)),
        Format::Csv => summary::effects_file(&loaded.table).csv(),
        Format::Markdown => summary::effects_table(&loaded.table, digits).markdown(),
        Format::Table => {
            let said = loaded.table.correction().map(|c| format!("\n{}, {c}\n", loaded.table.title()));
            aligned(&summary::effects_table(&loaded.table, digits)) + &said.unwrap_or_default()
        }
    };
    output.notes(&notes);
    output.emit(&text, out)
}
