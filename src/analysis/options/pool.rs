//! What is computed beside the pooled estimate.

use super::data::measuring_scale;
use crate::analysis::{Panel, Supplements};
use crate::choice::option::{Given, table as o};
use crate::error::Error;
use crate::model::imputation::Impute;
use crate::model::regression::Robust;

/// What is computed beside the pooled estimate, as it was given.
#[derive(Clone, Debug)]
pub struct PoolRequest {
    impute: Option<Impute>,
    agreement: Panel,
    baseline_risks: Vec<f64>,
    subgroup: Option<String>,
    common_tau2: bool,
    cluster: Option<(String, Robust)>,
}

/// What is computed beside the pooled estimate.
///
/// # Errors
/// An option has a value that it does not take.
pub fn pool(given: &Given) -> Result<PoolRequest, Error> {
    let robust = given.choice::<Robust>(&o::ROBUST)?.unwrap_or(Robust::Cr2);
    Ok(PoolRequest {
        impute: impute(given)?,
        agreement: match (given.has(&o::NO_AGREEMENT), given.has(&o::AGREEMENT)) {
            (true, _) => Panel::Never,
            (_, true) => Panel::Always,
            _ => Panel::WhereUseful,
        },
        baseline_risks: given.numbers(&o::BASELINE_RISK),
        subgroup: given.owned(&o::SUBGROUP),
        common_tau2: given.has(&o::COMMON_TAU2),
        cluster: given.owned(&o::CLUSTER).map(|column| (column, robust)),
    })
}

impl PoolRequest {
    /// As pooling takes it.
    pub fn beside(&self) -> Supplements<'_> {
        Supplements {
            impute: self.impute.as_ref(),
            agreement: self.agreement,
            baseline_risks: &self.baseline_risks,
            subgroup: self.subgroup.as_deref(),
            common_tau2: self.common_tau2,
            cluster: self.cluster.as_ref().map(|(column, robust)| (column.as_str(), *robust)),
        }
    }
}

/// What replaces missing SDs of a change; a grid alone asks for itself.
fn impute(given: &Given) -> Result<Option<Impute>, Error> {
    let grid = given.numbers(&o::CORRELATION_GRID);
    let how = match given.text(&o::IMPUTE) {
        None if grid.is_empty() => return Ok(None),
        how => how.unwrap_or("grid"),
    };
    Impute::parse(how, &grid, measuring_scale(given)?).map(Some)
}
