//! Peto's odds ratio: observed less expected events, with their hypergeometric variances.
//!
//! ```text
//! ln OR = Σ (O − E) / Σ V,   Var = 1 / Σ V
//! ```
//! The same as inverse variance without τ², of effects (O − E)/V with variance 1/V. Reference: \[yusuf1985\].

use super::common_effect::{check, cochran, common, notes, settings};
use super::wrong_measure;
use crate::effect::{Continuity, CorrectWhere, Effect, EffectOptions, EffectTable, Measure};
use crate::error::Error;
use crate::model::counts::TwoGroups;
use crate::model::pooled::no_studies;
use crate::model::{Model, ModelOptions};
use crate::registry::Member;
use crate::result::{Note, PoolResult};

/// Pools a table of Peto's odds ratios: Σ (O − E) / Σ V, which is inverse variance without τ².
pub(in crate::model) fn peto(o: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    check(Model::Peto, o)?;
    if table.measure() != Measure::Peto {
        return Err(Error::usage(format!("Peto's method pools PETO, not {}", table.measure().id()))
            .with_hint("use ⟦measure=PETO⟧, or ⟦model=mantel-haenszel⟧"));
    }
    let table = without_correction(table)?;
    let data = TwoGroups::of(&table).ok_or_else(|| wrong_measure(table.measure()))?;
    let inclusion = data.inclusion(&table, Measure::Peto);
    let rows = table.included(&inclusion);
    let effects: Vec<(usize, Effect)> =
        (0..table.studies.len()).filter_map(|i| Some((i, rows.effect(i)?))).collect();
    if effects.is_empty() {
        return Err(no_studies(rows));
    }
    let total: f64 = effects.iter().map(|(_, e)| 1.0 / e.v).sum();
    let mean = effects.iter().map(|(_, e)| e.y / e.v).sum::<f64>() / total;
    let weights = effects.iter().map(|(i, e)| (*i, 1.0 / e.v)).collect();
    let settings = settings(Model::Peto, o);
    let mut result = common((table, inclusion), settings, Effect { y: mean, v: 1.0 / total }, weights);
    result.heterogeneity = (result.k > 1).then(|| cochran(result.included(), mean, |_| true));
    let mut notes = notes(&result, true);
    let studies = data.unbalanced(&result.table, 2.0);
    if !studies.is_empty() {
        notes.push(Note::PetoUnbalanced { studies });
    }
    if let Some(risk) = data.risk().map(|r| r.min(1.0 - r)).filter(|r| *r > 0.1) {
        notes.push(Note::NotRare { risk });
    }
    if mean.abs() > 1.0 {
        notes.push(Note::PetoLarge);
    }
    result.notes = notes;
    Ok(result)
}

/// The table of Peto's method: nothing is added to the studies' own estimates, which one empty cell leaves defined.
///
/// # Errors
/// A correction was asked for.
fn without_correction(table: EffectTable) -> Result<EffectTable, Error> {
    let (given, usual) = (table.options.continuity, EffectOptions::new(Measure::Peto).continuity);
    if given.to == CorrectWhere::None {
        return Ok(table);
    }
    if (given.add, given.to) != (usual.add, usual.to) {
        return Err(Error::usage("Peto's method needs no continuity correction")
            .with_hint("leave out ⟦add⟧ and ⟦to⟧, or add ⟦model=inverse-variance⟧"));
    }
    table.recompute(table.options.continuity(Continuity { to: CorrectWhere::None, ..given }))
}
