//! Pools studies and shows the result.

use super::Outcome;
use super::data::{input, load};
use super::output::{Output, aligned, json as printed};
use crate::analysis::options;
use crate::choice::Format;
use crate::choice::option::Given;
use crate::report::{json, summary, tidy};
use crate::result::{PoolResult, sentence};
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let request = options::pool(given)?;
    let result = loaded.pool(model, request.beside())?;
    let text = match output.format {
        Format::Json => printed(&json::pool(&result, &input(given, &loaded))),
        Format::Csv => tidy::pool(&result).csv(),
        Format::Markdown => summary::pool_markdown(&result, output.digits),
        Format::Table => text(&result, output.digits),
    };
    output.notes(&result.notes);
    output.emit(&text, out)
}

fn text(result: &PoolResult, digits: Option<usize>) -> String {
    let all = result.table.studies.len();
    let count = if all == result.k {
        format!("{all} {}", if all == 1 { "study" } else { "studies" })
    } else if result.k == 1 {
        format!("1 of {all} studies can be used: nothing is pooled")
    } else {
        format!("{} of {all} studies pooled", result.k)
    };
    let mut out = format!("{}, {count}\n\n", result.table.title());
    out += &aligned(&summary::pool_table(result, digits));
    out.push('\n');
    let mut line = |head: &str, text: Option<String>| {
        if let Some(text) = text {
            out += &format!("{head:<15}{text}\n");
        }
    };
    line("Heterogeneity", sentence::heterogeneity_line(result));
    line("Overall effect", sentence::test_line(result));
    for test in sentence::test_lines(result) {
        line("Test", Some(test));
    }
    line("Method", Some(result.method_line()));
    if let Some(range) = sentence::range_line(result) {
        out += &format!("{:<15}{range}\n", "Bounds");
    }
    if let Some(s) = &result.subgroups {
        let table = aligned(&summary::subgroup_table(result, s, digits));
        out += &format!("\nSubgroups by {}\n\n{table}", s.column);
        if let Some(line) = sentence::subgroup_line(result) {
            out += &format!("{line}\n");
        }
    }
    if !result.absolute.is_empty() {
        out += &format!("\nAbsolute effects\n\n{}", aligned(&summary::absolute_table(result)));
    }
    if let Some(imputation) = &result.imputation {
        out += &format!("\n{}\n\n", sentence::imputation_heading(imputation));
        if !imputation.results.is_empty() {
            out += &aligned(&summary::imputation_table(result, digits));
        }
        for line in sentence::imputation_lines(result, imputation) {
            out += &format!("{line}\n");
        }
    }
    if !result.agreement.is_empty() {
        out += &format!("\nAgreement of methods\n\n{}", aligned(&summary::agreement_table(result, digits)));
    }
    out
}
