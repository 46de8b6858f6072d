//! What is said below a forest plot, and to those who cannot see it.

use super::rows::{Estimate, Row};
use super::writer::Writer;
use crate::plot::options::Labels;
use crate::plot::typeset;
use crate::result::format::{fixed, significant, upper_first};
use crate::result::{Note, PoolResult, sentence};

pub(super) fn footer(result: &PoolResult) -> Vec<String> {
    let mut lines = vec![];
    if let Some(text) = sentence::heterogeneity_line(result) {
        lines.push(format!("Heterogeneity: {text}"));
    }
    if let Some(text) = sentence::test_line(result).filter(|_| result.k > 1) {
        lines.push(format!("Overall effect: {text}"));
    }
    lines.extend(sentence::subgroup_line(result));
    lines.push(match result.k {
        0 => "Each row with its own interval: nothing is pooled".into(),
        1 => "A single study: nothing is pooled".into(),
        _ => format!("Method: {}", result.method_line()),
    });
    if result.k > 1 && result.main_weights().iter().all(Option::is_none) {
        lines.push("Squares: area proportional to the size of the study; the model has no weights".into());
    }
    let shown = |n: &&Note| matches!(n, Note::NoEvents { .. } | Note::InfiniteRatio);
    lines.extend(result.notes.iter().filter(shown).map(|note| upper_first(&note.message())));
    if result.k == 2 && result.settings.prediction.is_some() {
        lines.push("No prediction interval: fewer than three studies".into());
    }
    lines.iter().map(|line| typeset::sentence(line)).collect()
}

/// One sentence for those who cannot see the picture.
pub(super) fn description(result: &PoolResult, writer: &Writer, summary: &[Row], labels: &Labels) -> String {
    let table = &result.table;
    let (unit, level) = (writer.unit(), result.settings.level);
    let mut text =
        format!("Forest plot of {}: {} of {} studies pooled.", table.title(), result.k, table.studies.len());
    if let Some(Row { label, estimate: Estimate::Triple([e, l, u]), .. }) = summary.first() {
        text += &format!(" {label}: {e}{unit}, {level}% confidence interval {l} to {u}{unit}.");
    }
    let limits = summary.iter().find_map(|r| match &r.estimate {
        Estimate::Limits(limits) => Some(limits),
        _ => None,
    });
    if let Some([l, u]) = limits {
        text += &format!(" Prediction interval {l} to {u}{unit}.");
    }
    if let Some((h, i2)) = result.heterogeneity.and_then(|h| h.i2.map(|i2| (h, i2))) {
        text += &format!(" I² {}%, τ² {}.", fixed(i2, 1), significant(h.tau2.unwrap_or(0.0), 3));
    }
    text + &favoured(result, labels)
}

/// Which side the estimate lies on, if the sides have names.
fn favoured(result: &PoolResult, labels: &Labels) -> String {
    let Some((null, main)) = result.table.measure().spec().null.zip(result.main()) else {
        return String::new();
    };
    let side = if main.estimate < null { &labels.favours_low } else { &labels.favours_high };
    side.as_ref().map_or(String::new(), |side| format!(" The estimate lies on the side marked “{side}”."))
}
