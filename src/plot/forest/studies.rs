//! The studies of a forest plot, alone or under the headings of their subgroups.

use super::data::{Cells, totals};
use super::rows::{DataColumn, Estimate, Mark, Role, Row, Sum, limits};
use super::writer::Writer;
use crate::effect::StudyEffect;
use crate::plot::typeset;
use crate::result::format::{decimals_of_percentages, fixed};
use crate::result::{PoolResult, Subgroup, Subgroups, sentence};
use std::borrow::Cow;

/// Why studies are not pooled, each reason with the letter that stands for it.
#[derive(Default)]
struct Footnotes(Vec<(String, Option<char>)>);

impl Footnotes {
    /// The letter of a reason; `None` when there are no more letters.
    fn letter(&mut self, reason: &str) -> Option<char> {
        if let Some(known) = self.0.iter().find(|f| f.0 == reason) {
            return known.1;
        }
        let letter = ('a'..='z').chain('A'..='Z').nth(self.0.len());
        if letter.is_some() {
            self.0.push((reason.into(), letter));
        }
        letter
    }

    fn sentences(self) -> Vec<String> {
        let sentence = |(reason, letter): (String, Option<char>)| {
            let letter: String = letter.into_iter().collect();
            format!("{letter}: not pooled, {reason}")
        };
        self.0.into_iter().map(sentence).collect()
    }
}

/// A row for each study of the table, and what is said of those that are not pooled.
pub(super) fn study_rows(result: &PoolResult, writer: &Writer, cells: Cells) -> (Vec<Row>, Vec<String>) {
    let weights = result.main_weights();
    let decimals = decimals_of_percentages(weights.iter().flatten().copied());
    let mut footnotes = Footnotes::default();
    let studies = result.studies().zip(weights).zip(cells);
    let row = |((s, weight), cells): ((Cow<'_, StudyEffect>, &Option<f64>), Vec<String>)| {
        // a model without weights draws the sizes of the studies
        let area = if result.k == 1 { 100.0 } else { weight.or(s.size).unwrap_or(0.0) };
        let row = study_row(&s, area, writer);
        let reason = s.reason.as_ref().filter(|_| s.effect().is_none());
        let footnote = reason.and_then(|reason| footnotes.letter(reason));
        let weight = weight.map_or("–".into(), |w| format!("{}%", fixed(w, decimals)));
        Row { footnote, ..row.cells(cells).weight(weight) }
    };
    let rows = studies.map(row).collect();
    (rows, footnotes.sentences())
}

fn study_row(s: &StudyEffect, area: f64, writer: &Writer) -> Row {
    let row = Row::labelled(s.study.clone(), Role::Plain, 0);
    if s.effect().is_some() {
        let square = |estimate| Mark::Square { estimate, limits: limits(&s.natural, writer.bounds), area };
        return row.estimate(writer.triple(&s.natural), s.natural.estimate.map_or(Mark::None, square));
    }
    match s.bounds.zip(s.size) {
        // a count known within bounds shows the interval that it can take
        Some(((lo, hi), n)) => writer.interval(row, (lo / n, hi / n)),
        None => row.estimate(Estimate::Words("not estimable"), Mark::None),
    }
}

/// Studies under the heading of their subgroup, each with its estimate and heterogeneity.
pub(super) fn grouped(
    result: &PoolResult,
    subgroups: &Subgroups,
    rows: Vec<Row>,
    writer: &Writer,
    columns: &[DataColumn],
) -> Vec<Row> {
    let member = |&i: &usize| Row { role: Role::Member, ..rows[i].clone() };
    let heading = |label: String| Row::labelled(label, Role::Heading, columns.len());
    let mut out = vec![];
    for g in &subgroups.groups {
        // as written: levels that differ in case only are different groups
        out.push(heading(format!("{} (k\u{A0}=\u{A0}{})", g.level, g.k)));
        out.extend(g.rows.iter().map(member));
        out.extend(subtotal(result, g, writer, columns));
    }
    if !subgroups.without_level.is_empty() {
        out.push(heading(format!("No value of {}", subgroups.column)));
        out.extend(subgroups.without_level.iter().map(member));
    }
    out
}

/// The estimate of a subgroup, its prediction interval and its heterogeneity; nothing for a single study.
fn subtotal(result: &PoolResult, g: &Subgroup, writer: &Writer, columns: &[DataColumn]) -> Vec<Row> {
    let Some(main) = g.main().filter(|_| g.k > 1) else { return vec![] };
    let row = |label: &str, role| Row::labelled(label, role, columns.len());
    let weights = result.main_weights();
    let share: Vec<f64> = g.rows.iter().filter_map(|&i| weights[i]).collect();
    let decimals = decimals_of_percentages(weights.iter().flatten().copied());
    let total = format!("{}%", fixed(share.iter().sum(), decimals));
    let subtotal = row("Subtotal", Role::Subtotal)
        .cells(totals(result, columns, Sum::Patients, |i| g.rows.contains(&i)))
        .weight(if share.is_empty() { String::new() } else { total });
    let mut out = vec![writer.pooled(subtotal, &main.natural)];
    if let Some(p) = &main.prediction {
        let label = format!("{}% prediction interval", result.settings.level);
        out.push(writer.interval(row(&label, Role::Member), limits(&p.natural, writer.bounds)));
    }
    if let Some(h) = &g.heterogeneity {
        out.push(row(&typeset::sentence(&sentence::heterogeneity_short(h)), Role::Remark));
    }
    out
}
