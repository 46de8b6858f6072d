//! Sensitivity analyses: a table and sentences for each, one file per kind.

mod diagnostics;
mod facts;
mod paths;
mod stability;
mod subsets;

use super::cells::notes;
use super::{answer, tidy};
use crate::document::{Block, Document, Rank, Report, Sheet, View};
use crate::registry::Member;
use crate::result::Note;
use crate::result::format::{studies, upper_first};
use crate::result::sensitivity::{Analysis, SensitivityResult};
use serde_json::Value;

impl Report for SensitivityResult {
    fn document(&self, view: &View) -> Document {
        let title = self.pool.table.title();
        let mut out = Document::default();
        out.push(Block::Heading(Rank::Title, format!("{title}: sensitivity")));
        out.push(Block::Opening(format!("{title}, {}", studies(self.pool.k))));
        for &analysis in &self.analyses {
            if let Some(table) = table(self, analysis, view.digits) {
                out.push(Block::Heading(Rank::Section, upper_first(analysis.title())));
                out.push(Block::Table(table));
            }
        }
        out.push(Block::Facts(facts::facts(self, view.digits)));
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::sensitivity(self, input)
    }

    fn tidy(&self) -> Sheet {
        tidy::sensitivity(self)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes()
    }
}

/// The table of an analysis, where it was made and has one.
fn table(result: &SensitivityResult, analysis: Analysis, digits: Option<usize>) -> Option<Sheet> {
    let r = result;
    match analysis {
        Analysis::LeaveOneOut => r.leave_one_out.as_ref().map(|s| paths::left_out(r, s, digits)),
        Analysis::Cumulative => r.cumulative.as_ref().map(|s| paths::cumulative(r, s, digits)),
        Analysis::Influence => r.influence.as_ref().map(|rows| diagnostics::influence(rows)),
        Analysis::Baujat => r.baujat.as_ref().map(|rows| diagnostics::baujat(rows)),
        Analysis::Blup => r.blup.as_ref().map(|rows| diagnostics::blup(r, rows, digits)),
        Analysis::Gosh => r.gosh.as_ref().map(|g| subsets::gosh(r, g, digits)),
        Analysis::Outliers => r.outliers.as_ref().map(|o| paths::outliers(r, o, digits)),
        Analysis::Stability => r.stability.as_ref().map(|s| stability::table(r, s, digits)),
        Analysis::Profile => None,
    }
}
