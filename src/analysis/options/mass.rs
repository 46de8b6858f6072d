//! What a mass analysis is told.

use super::data::{columns, delimiter, double_zero};
use super::model::chosen;
use crate::choice::CorrectWhere;
use crate::choice::option::{Command, Given, table as o};
use crate::error::Error;
use crate::mass::{MassOptions, Order};
use crate::model::tau2::Tau2;
use std::path::PathBuf;

/// What a mass analysis is told, or the pooling of its parts.
///
/// # Errors
/// An option has a value that it does not take.
pub fn mass(given: &Given) -> Result<MassOptions, Error> {
    let usual = MassOptions::default();
    let inputs = if given.command() == Command::Merge { &o::SHARDS } else { &o::TABLES };
    let tau2 = given.choices::<Tau2>(&o::TAU2_LIST)?;
    Ok(MassOptions {
        inputs: given.texts(inputs),
        keys: given.owned(&o::KEY).map_or_else(|| given.texts(&o::BY), |key| vec![key]),
        wide: given.has(&o::KEY),
        measure: given.choice(&o::MEASURE)?,
        add: given.number(&o::ADD),
        to: given.choice::<CorrectWhere>(&o::TO)?.unwrap_or_default(),
        double_zero: double_zero(given)?.unwrap_or_default(),
        values: given.choice(&o::VALUES)?,
        se_scale: given.choice(&o::SE_SCALE)?,
        variance: given.choice(&o::VTYPE)?,
        small_sample_correction: !given.has(&o::NO_CORRECTION),
        columns: columns(given)?,
        delimiter: delimiter(given),
        tau2: if tau2.is_empty() { usual.tau2 } else { tau2 },
        ci: given.choice(&o::CI)?,
        prediction: chosen(given, &o::PREDICTION)?,
        level: given.number(&o::LEVEL).unwrap_or(usual.level),
        size: given.owned(&o::SIZE),
        alleles: alleles(given)?,
        genomic_control: given.has(&o::GENOMIC_CONTROL),
        order: match (given.has(&o::SORTED), given.has(&o::UNSORTED)) {
            (true, _) => Order::Sorted,
            (_, true) => Order::Unsorted,
            _ => Order::Auto,
        },
        memory: given.count(&o::MEMORY).unwrap_or(usual.memory),
        select: Some(given.texts(&o::SELECT_COLUMNS)).filter(|columns| !columns.is_empty()),
        output: given.text(&o::GROUPS_FILE).map(PathBuf::from),
        given: Some(given.clone()),
        ..usual
    })
}

/// Columns of the effect allele and the other.
fn alleles(given: &Given) -> Result<Option<(String, String)>, Error> {
    let Some(text) = given.text(&o::ALLELES) else { return Ok(None) };
    match text.split_once(',') {
        Some((effect, other)) => Ok(Some((effect.trim().to_string(), other.trim().to_string()))),
        None => Err(Error::usage(format!("`{text}` names one column of alleles"))
            .with_hint("name two columns, ⟦alleles=EFFECT,OTHER⟧: effect allele, then the other")),
    }
}
