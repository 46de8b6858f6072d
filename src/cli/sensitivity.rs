//! Runs sensitivity analyses and shows what they say.

use super::Outcome;
use super::data::{input, load};
use super::output::{Output, aligned, json as printed};
use super::progress::progress;
use crate::analysis::{Beside, options};
use crate::choice::Format;
use crate::choice::option::{Given, Place, table};
use crate::report::sensitivity as report;
use crate::report::tidy;
use crate::result::format::studies;
use crate::result::sensitivity::{Analysis, SensitivityResult};
use crate::sensitivity::{Source, analyse};
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let mut analyses = options::analyses(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let pool = loaded.pool(model, Beside::default())?;
    if pool.k == 2 && given.place(&table::ANALYSES) == Some(Place::Implied) {
        // of two studies none is the outlier
        analyses.retain(|a| *a != Analysis::Outliers);
    }
    let source =
        Source { dataset: &loaded.dataset, table: &loaded.table, rows: &loaded.rows, shape: loaded.shape };
    let shown = progress("pooling again", given.has(&table::QUIET));
    let result = analyse(pool, source, &analyses, &model, &options::sensitivity(given), &shown)?;
    let text = match output.format {
        Format::Json => printed(&report::json(&result, &input(given, &loaded))),
        Format::Csv => tidy::sensitivity(&result).csv(),
        Format::Markdown => report::markdown(&result, output.digits),
        Format::Table => text(&result, output.digits),
    };
    output.notes(&result.notes());
    output.emit(&text, out)
}

fn text(result: &SensitivityResult, digits: Option<usize>) -> String {
    let mut out = format!("{}, {}\n", result.pool.table.title(), studies(result.pool.k));
    for (heading, sheet) in report::tables(result, digits) {
        out += &format!("\n{heading}\n\n{}", aligned(&sheet));
    }
    out.push('\n');
    for (head, line) in report::lines(result, digits) {
        out += &format!("{head:<13}{line}\n");
    }
    out
}
