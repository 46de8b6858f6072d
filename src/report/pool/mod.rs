//! A pooled result.

mod absolute;
mod files;
mod tables;

use super::cells::notes;
use super::{answer, tidy};
use crate::document::{Block, Document, Facts, Rank, Report, Sheet, View};
use crate::result::{Imputation, Note, PoolResult, sentence};
pub use files::{agreement_file, pooled_file, studies_file};
use serde_json::Value;
pub use tables::pool_table;

/// Where the text of a labelled line begins.
const COLUMN: usize = 15;

impl Report for PoolResult {
    fn document(&self, view: &View) -> Document {
        let mut out = Document::default();
        out.push(Block::Opening(format!("{}, {}", self.table.title(), counted(self))));
        out.extend(findings(self, pool_table(self, view.digits), view).blocks);
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::pool(self, input)
    }

    fn tidy(&self) -> Sheet {
        tidy::pool(self)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes.clone()
    }
}

/// What a result says, without its opening and its notes; `studies` is its table of studies and estimates.
pub fn findings(result: &PoolResult, studies: Sheet, view: &View) -> Document {
    let mut out = Document::default();
    out.push(Block::Table(studies));
    out.push(Block::Facts(facts(result)));
    if let Some(s) = &result.subgroups {
        out.part(format!("Subgroups by {}", s.column), tables::subgroup_table(result, s, view.digits));
        out.extend(sentence::subgroup_line(result).map(|line| Block::Sentences(vec![line])));
    }
    if !result.absolute.is_empty() {
        out.part("Absolute effects", absolute::table(result));
    }
    if let Some(imputation) = &result.imputation {
        imputed(&mut out, result, imputation, view);
    }
    if !result.agreement.is_empty() {
        out.part("Agreement of methods", tables::agreement_table(result, view.digits));
    }
    out
}

/// How many studies there are, and how many of them are pooled.
fn counted(result: &PoolResult) -> String {
    let all = result.table.studies.len();
    if all == result.k {
        format!("{all} {}", if all == 1 { "study" } else { "studies" })
    } else if result.k == 1 {
        format!("1 of {all} studies can be used: nothing is pooled")
    } else {
        format!("{} of {all} studies pooled", result.k)
    }
}

fn facts(result: &PoolResult) -> Facts {
    let mut facts = Facts::new(COLUMN);
    let mut say = |label: &str, text: Option<String>| {
        if let Some(text) = text {
            facts.say(label, text);
        }
    };
    say("Heterogeneity", sentence::heterogeneity_line(result));
    say("Overall effect", sentence::test_line(result));
    for test in sentence::test_lines(result) {
        say("Test", Some(test));
    }
    say("Method", Some(result.method_line()));
    say("Bounds", sentence::range_line(result));
    facts
}

fn imputed(out: &mut Document, result: &PoolResult, imputation: &Imputation, view: &View) {
    out.push(Block::Heading(Rank::Part, sentence::imputation_heading(imputation).into()));
    if !imputation.results.is_empty() {
        out.push(Block::Table(tables::imputation_table(result, view.digits)));
    }
    out.push(Block::Sentences(sentence::imputation_lines(result, imputation)));
}
