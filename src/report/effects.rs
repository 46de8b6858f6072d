//! The effect table.

use super::cells::{effect_word, estimate, level, limits, notes, remark, value};
use super::{answer, tidy};
use crate::document::{Block, Document, Heading, Report, Sheet, View};
use crate::effect::{EffectTable, Scale, StudyEffect};
use crate::result::EffectsResult;
use crate::result::Note;
use crate::result::look::Look;
use serde_json::Value;

/// Width of a 95% interval in standard errors: decimals do not hang on the level that was asked for.
const WIDTH: f64 = 3.92;

impl Report for EffectsResult {
    fn document(&self, view: &View) -> Document {
        let mut out = Document::default();
        out.push(Block::Table(table(&self.table, view.digits)));
        if let Some(correction) = self.table.correction() {
            out.push(Block::Prose(format!("{}, {correction}", self.table.title())));
        }
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::effects(self, input)
    }

    fn tidy(&self) -> Sheet {
        studies_file(&self.table)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes.clone()
    }
}

/// Every number of the effect table, for files: a row a study, under the names of JSON.
pub fn studies_file(table: &EffectTable) -> Sheet {
    tidy::from_rows(table.studies.iter().map(answer::Study::from))
}

/// The effect table for people.
fn table(table: &EffectTable, digits: Option<usize>) -> Sheet {
    let look = Look::of(table, digits);
    let ys: Vec<f64> = table.studies.iter().filter_map(|s| s.y).collect();
    let ses = || table.studies.iter().filter_map(|s| s.v).map(f64::sqrt);
    let analysis = Look::plain(&ys, ses().map(|se| WIDTH * se).collect(), digits);
    let transformed = table.scale() != Scale::Identity;
    let row = |s: &StudyEffect| {
        let n = &s.natural;
        let mut cells = vec![s.study.as_str().into(), estimate(n, look), limits(n, look)];
        if transformed {
            cells.push(value(s.y, analysis));
        }
        // of effects read as they are, the standard error has their unit
        cells.push(value(s.v.map(f64::sqrt), if transformed { analysis } else { look }));
        cells.push(remark(s).into());
        cells
    };
    Sheet::new(headings(table), table.studies.iter().map(row)).without_empty_last()
}

fn headings(table: &EffectTable) -> Vec<Heading> {
    let (word, ci) = (effect_word(table), level(table.options.level));
    let mut headings = vec![Heading::text("study", "Study")];
    match table.scale() {
        Scale::Identity => {
            headings.extend([Heading::number("estimate", &word), Heading::number("ci", &ci)]);
        }
        scale => headings.extend([
            Heading::number("natural", &word),
            Heading::number("natural_ci", &ci),
            Heading::number("estimate", &format!("{} scale", scale.title())),
        ]),
    }
    headings.extend([Heading::number("se", "SE"), Heading::text("note", "Note")]);
    headings
}
