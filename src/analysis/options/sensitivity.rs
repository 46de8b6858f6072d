//! Which sensitivity analyses, and what they are told.

use crate::choice::option::{Given, table as o};
use crate::error::Error;
use crate::result::sensitivity::Analysis;
use crate::sensitivity::SensitivityOptions;

/// The analyses that were asked for by name, or by an option that only one of them has; else the usual ones.
///
/// # Errors
/// There is no such analysis.
pub fn analyses(given: &Given) -> Result<Vec<Analysis>, Error> {
    let mut named = given.choices::<Analysis>(&o::ANALYSES)?;
    named.dedup();
    Ok(match named.is_empty() {
        false => named,
        true if given.has(&o::ORDER) || given.has(&o::DESCENDING) => vec![Analysis::Cumulative],
        true if given.has(&o::SUBSETS) => vec![Analysis::Gosh],
        true if given.has(&o::TOGETHER) => vec![Analysis::LeaveOneOut],
        true => vec![Analysis::LeaveOneOut, Analysis::Influence, Analysis::Outliers],
    })
}

/// What the analyses are told.
pub fn sensitivity(given: &Given) -> SensitivityOptions {
    let usual = SensitivityOptions::default();
    SensitivityOptions {
        order: given.owned(&o::ORDER),
        descending: given.has(&o::DESCENDING),
        cluster: given.owned(&o::TOGETHER),
        subsets: given.count(&o::SUBSETS),
        seed: given.count(&o::SEED).unwrap_or(usual.seed),
        i2_target: given.number(&o::I2_TARGET).unwrap_or(usual.i2_target),
        against: given.number(&o::AGAINST),
        quantiles: false,
    }
}
