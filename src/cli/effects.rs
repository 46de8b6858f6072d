//! Computes effects and lists them.

use super::Outcome;
use super::data::{input, list};
use super::output::Output;
use crate::choice::option::Given;
use crate::model::table_notes;
use crate::result::EffectsResult;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let loaded = list(given)?;
    let input = input(given, &loaded);
    let notes = table_notes(&loaded.table);
    output.show(&EffectsResult::new(loaded.table, notes), &input, out)
}
