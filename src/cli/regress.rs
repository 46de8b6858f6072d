//! Fits a meta-regression and shows the result.

use super::Outcome;
use super::data::{input, load};
use super::output::{Output, aligned, json as printed};
use super::progress::progress;
use crate::analysis::options;
use crate::choice::Format;
use crate::choice::option::{Given, table};
use crate::model::regression::Regression;
use crate::report::regression as report;
use crate::report::tidy;
use crate::result::regression::RegressionResult;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let asked = options::regression(given)?;
    let regression = Regression::new(&loaded.table, &loaded.dataset, &asked.mods, &model)?;
    let mut result = regression.fit(&asked.requests)?;
    let quiet = given.has(&table::QUIET);
    if let Some(wanted) = &asked.permutation {
        regression.permute(&mut result, wanted, &progress("permutations", quiet))?;
    }
    if let Some(draws) = asked.bootstrap {
        regression.bootstrap(&mut result, draws, asked.seed, &progress("bootstrap", quiet));
    }
    if let Some(largest) = asked.select {
        regression.select(&mut result, largest)?;
    }
    let text = match output.format {
        Format::Json => printed(&report::json(&result, &input(given, &loaded))),
        Format::Csv => tidy::regression(&result).csv(),
        Format::Markdown => report::markdown(&result, output.digits),
        Format::Table => text(&result, output.digits),
    };
    output.notes(&result.notes);
    output.emit(&text, out)
}

fn text(result: &RegressionResult, digits: Option<usize>) -> String {
    let spec = result.table.measure().spec();
    let scale = match spec.scale.title() {
        "untransformed" => String::new(),
        scale if spec.title.contains(scale) => String::new(),
        scale => format!(" ({scale} scale)"),
    };
    let mut out = format!("{}{scale} by {}, {} studies\n", result.table.title(), result.formula, result.k);
    for (heading, sheet) in report::tables(result, digits) {
        if !heading.is_empty() {
            out += &format!("\n{heading}\n");
        }
        out += &format!("\n{}", aligned(&sheet));
    }
    out.push('\n');
    for (head, line) in report::lines(result) {
        out += &format!("{head:<13}{line}\n");
    }
    out
}
