//! What a result must say of its rows, whatever the model: rows left out, corrections, conversions.

use super::no_events;
use crate::dataset::{SdSource, StudyData};
use crate::effect::{
    EffectTable, Included, Measure, Scale, Status, StudyEffect, is_asymmetric, is_double_zero,
};
use crate::result::Note;
use std::collections::BTreeMap;

/// Caveats of a table whose rows a model takes as they are.
pub fn table_notes(table: &EffectTable) -> Vec<Note> {
    row_notes(table.included(&table.inclusion()))
}

/// Caveats of the rows of a table as a model took them.
pub(crate) fn row_notes(rows: Included<'_>) -> Vec<Note> {
    let table = rows.table;
    let mut notes = Note::of_rows(table);
    left_out_notes(rows, &mut notes);
    correction_notes(rows, &mut notes);
    let asymmetric =
        named(rows, |s| matches!(&s.data, Some(StudyData::Ready(r)) if is_asymmetric(r, &table.options)));
    notes.extend(some(asymmetric).map(|studies| Note::AsymmetricLimits { studies }));
    notes.extend(some(derived_sds(rows)).map(|studies| Note::DerivedSd { studies }));
    measure_notes(rows, &mut notes);
    notes
}

/// A list that is worth a note.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// Labels of the rows that are such.
fn named(rows: Included<'_>, keep: impl Fn(&StudyEffect) -> bool) -> Vec<String> {
    rows.studies().filter(|s| keep(s)).map(|s| s.study.clone()).collect()
}

fn left_out_notes(rows: Included<'_>, notes: &mut Vec<Note>) {
    let missing: Vec<(String, String)> = rows
        .studies()
        .filter(|s| s.status == Status::NotEstimable)
        .map(|s| (s.study.clone(), s.reason.clone().unwrap_or_default()))
        .collect();
    notes.extend(some(missing).map(|studies| Note::NotEstimable { studies }));
    let imputed = named(rows, |s| s.status == Status::Imputed);
    notes.extend(some(imputed).map(|studies| Note::Imputed { studies }));
    let excluded = named(rows, |s| s.status == Status::Excluded);
    notes.extend(some(excluded).map(|studies| Note::Excluded { studies }));
}

fn correction_notes(rows: Included<'_>, notes: &mut Vec<Note>) {
    let (table, measure) = (rows.table, rows.table.measure());
    let nothing = no_events::note(table).filter(|_| !measure.needs_events());
    if let Some(note) = nothing {
        notes.push(note);
        return;
    }
    let is_corrected = |s: &StudyEffect| s.corrected && s.effect().is_some();
    let Some(studies) = some(named(rows, is_corrected)) else { return };
    let (correction, instead) = (table.options.continuity.title(), without_correction(measure));
    notes.push(Note::Corrected { studies, correction, own: false, instead: instead.into() });
    let double = named(rows, |s| is_corrected(s) && s.data.as_ref().is_some_and(is_double_zero));
    let double = some(double).filter(|_| measure.spec().scale == Scale::Log);
    notes.extend(double.map(|studies| Note::DoubleZeros { studies }));
}

/// What needs no continuity correction, in place of inverse variance.
fn without_correction(measure: Measure) -> &'static str {
    match measure {
        Measure::OddsRatio | Measure::RateRatio => "⟦model=mantel-haenszel⟧, `glmm` or `exact`",
        Measure::RiskRatio | Measure::RiskDifference | Measure::RateDifference => "⟦model=mantel-haenszel⟧",
        Measure::LogitProportion | Measure::LogRate => "⟦model=glmm⟧",
        m if m.is_proportion() => "⟦measure=PLO⟧",
        m if m.is_rate() => "⟦measure=IRLN⟧",
        _ => "",
    }
}

/// Studies whose SD of the change follows from something else, and from what.
fn derived_sds(rows: Included<'_>) -> Vec<(String, String)> {
    let source = |s: &StudyEffect| match s.data {
        Some(StudyData::PrePost(p)) => p.sd_change.map(|(_, source)| source),
        _ => None,
    };
    rows.studies()
        .filter_map(|s| Some((s.study.clone(), source(&s)?)))
        .filter(|(_, source)| !matches!(source, SdSource::Reported | SdSource::Correlation))
        .map(|(study, source)| (study, source.title().to_string()))
        .collect()
}

fn measure_notes(rows: Included<'_>, notes: &mut Vec<Note>) {
    let (table, measure) = (rows.table, rows.table.measure());
    if matches!(measure, Measure::ChangeByPre | Measure::ChangeByPreHetero)
        && !table.options.standardise_by_pre
    {
        notes.push(Note::StandardisedByPost);
    }
    if measure.is_standardised_change() {
        notes.push(Note::StandardisedChange);
    }
    let is_large = |s: &StudyEffect| s.effect().is_some_and(|e| e.y.abs() > 2.0);
    let large = named(rows, |s| measure.is_standardised_difference() && is_large(s));
    notes.extend(some(large).map(|studies| Note::LargeStandardised { studies }));
    notes.extend(some(table.overcorrected()).map(|studies| Note::Overcorrected { studies }));
    if let Some(n) = table.harmonic_size().filter(|_| table.scale().needs_size()) {
        notes.push(Note::FreemanTukey { n });
    }
    let small = table.harmonic_size().is_some_and(|n| n < 50.0);
    if measure.is_proportion() && measure != Measure::Proportion && (rows.k() < 10 || small) {
        notes.push(Note::TransformedProportion);
    }
}

/// The note on levels that differ in case or in blanks only: typing errors that make groups of their own.
pub(super) fn levels_alike(column: &str, levels: &[String]) -> Option<Note> {
    let plain = |l: &String| l.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut by_spelling: BTreeMap<String, Vec<String>> = BTreeMap::new();
    levels.iter().for_each(|l| by_spelling.entry(plain(l)).or_default().push(l.clone()));
    let alike: Vec<Vec<String>> = by_spelling.into_values().filter(|same| same.len() > 1).collect();
    (!alike.is_empty()).then(|| Note::LevelsAlike { column: column.to_string(), levels: alike })
}
