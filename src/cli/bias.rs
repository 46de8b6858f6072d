//! Looks for small-study effects and shows what was found.

use super::Outcome;
use super::data::{input, load};
use super::output::{Output, aligned, json as printed};
use crate::analysis::{Beside, options};
use crate::bias;
use crate::choice::Format;
use crate::choice::option::Given;
use crate::report::bias as report;
use crate::report::tidy;
use crate::result::bias::BiasResult;
use crate::result::format::studies;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let asked = options::bias(given)?;
    let loaded = load(given)?;
    let pool = loaded.pool(model, Beside::default())?;
    let result = match options::bias_test(given)? {
        Some(test) => bias::test(pool, test, &model, &asked),
        None => bias::panel(pool, &model, &asked),
    }?;
    let text = match output.format {
        Format::Json => printed(&report::json(&result, &input(given, &loaded))),
        Format::Csv => tidy::bias(&result).csv(),
        Format::Markdown => report::markdown(&result, output.digits),
        Format::Table => text(&result, output.digits),
    };
    output.notes(&result.notes());
    output.emit(&text, out)
}

fn text(result: &BiasResult, digits: Option<usize>) -> String {
    let mut out = format!("{}, {}\n\n", result.pool.table.title(), studies(result.pool.k));
    out += &aligned(&report::table(result, digits));
    out.push('\n');
    for (head, line) in report::lines(result) {
        out += &format!("{head:<15}{line}\n");
    }
    out
}
