//! Caveats that come from the table rather than from a model.

use crate::dataset::{SdSource, StudyData};
use crate::effect::{Compute, EffectTable, Measure, Scale, Status, is_asymmetric, is_double_zero};
use crate::result::Note;
use std::collections::BTreeMap;

/// Caveats that come from the table rather than from the model.
pub fn table_notes(table: &EffectTable) -> Vec<Note> {
    let mut notes = Note::of_rows(table);
    let measure = table.measure();
    let named = |keep: &dyn Fn(&crate::effect::StudyEffect) -> bool| -> Vec<String> {
        table.studies.iter().filter(|s| keep(s)).map(|s| s.study.clone()).collect()
    };
    let missing: Vec<(String, String)> = table
        .studies
        .iter()
        .filter(|s| s.status == Status::NotEstimable)
        .map(|s| (s.study.clone(), s.reason.clone().unwrap_or_default()))
        .collect();
    if !missing.is_empty() {
        notes.push(Note::NotEstimable { studies: missing });
    }
    let imputed = named(&|s| s.status == Status::Imputed);
    if !imputed.is_empty() {
        notes.push(Note::Imputed { studies: imputed });
    }
    let excluded = named(&|s| s.status == Status::Excluded);
    if !excluded.is_empty() {
        notes.push(Note::Excluded { studies: excluded });
    }
    let corrected = named(&|s| s.corrected && s.effect().is_some());
    let nothing = super::no_events::note(table).filter(|_| !measure.needs_events());
    if let Some(note) = nothing {
        notes.push(note);
    } else if !corrected.is_empty() {
        let instead = match measure {
            Measure::OddsRatio | Measure::RateRatio => "⟦model=mantel-haenszel⟧, `glmm` or `exact`",
            Measure::RiskRatio | Measure::RiskDifference | Measure::RateDifference => {
                "⟦model=mantel-haenszel⟧"
            }
            Measure::LogitProportion | Measure::LogRate => "⟦model=glmm⟧",
            m if m.is_proportion() => "⟦measure=PLO⟧",
            m if m.is_rate() => "⟦measure=IRLN⟧",
            _ => "",
        };
        notes.push(Note::Corrected {
            studies: corrected,
            correction: table.options.continuity.title(),
            own: false,
            instead: instead.into(),
        });
        let double: Vec<String> =
            named(&|s| s.corrected && s.effect().is_some() && s.data.as_ref().is_some_and(is_double_zero));
        if !double.is_empty() && measure.spec().scale == Scale::Log {
            notes.push(Note::DoubleZeros { studies: double });
        }
    }
    let asymmetric =
        named(&|s| matches!(&s.data, Some(StudyData::Ready(r)) if is_asymmetric(r, &table.options)));
    if !asymmetric.is_empty() {
        notes.push(Note::AsymmetricLimits { studies: asymmetric });
    }
    let derived: Vec<(String, String)> = table
        .studies
        .iter()
        .filter_map(|s| match s.data {
            Some(StudyData::PrePost(p)) => p.sd_change.map(|(_, source)| (s.study.clone(), source)),
            _ => None,
        })
        .filter(|(_, source)| !matches!(source, SdSource::Reported | SdSource::Correlation))
        .map(|(study, source)| (study, source.title().to_string()))
        .collect();
    if !derived.is_empty() {
        notes.push(Note::DerivedSd { studies: derived });
    }
    measure_notes(table, &mut notes);
    notes
}

fn measure_notes(table: &EffectTable, notes: &mut Vec<Note>) {
    let measure = table.measure();
    if matches!(measure, Measure::ChangeByPre | Measure::ChangeByPreHetero)
        && !table.options.standardise_by_pre
    {
        notes.push(Note::StandardisedByPost);
    }
    if matches!(measure.spec().compute, Compute::PrePost(_)) && measure.spec().label == "Standardised change"
    {
        notes.push(Note::StandardisedChange);
    }
    let large: Vec<String> = table
        .studies
        .iter()
        .filter(|s| measure.is_standardised_difference() && s.effect().is_some_and(|e| e.y.abs() > 2.0))
        .map(|s| s.study.clone())
        .collect();
    if !large.is_empty() {
        notes.push(Note::LargeStandardised { studies: large });
    }
    let overcorrected = table.overcorrected();
    if !overcorrected.is_empty() {
        notes.push(Note::Overcorrected { studies: overcorrected });
    }
    if let Some(n) = table.harmonic_size().filter(|_| table.scale().needs_size()) {
        notes.push(Note::FreemanTukey { n });
    }
    let small = table.harmonic_size().is_some_and(|n| n < 50.0);
    if measure.is_proportion() && measure != Measure::Proportion && (table.k() < 10 || small) {
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
