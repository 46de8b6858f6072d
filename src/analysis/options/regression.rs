//! Moderators of effects, and what is asked of their regression.

use crate::choice::option::{Given, table as o};
use crate::error::Error;
use crate::model::regression::{Orders, Permutation, Requests, Robust};

/// What is asked of a regression.
#[derive(Clone, Debug)]
pub struct RegressionRequest {
    /// The formula.
    pub mods: String,
    /// What is computed with it.
    pub requests: Requests,
    /// A permutation test.
    pub permutation: Option<Permutation>,
    /// Draws of studies.
    pub bootstrap: Option<usize>,
    /// Most terms of subsets that are fitted.
    pub select: Option<usize>,
    /// Of random numbers.
    pub seed: u64,
}

/// What is asked of a regression.
///
/// # Errors
/// An option has a value that it does not take.
pub fn regression(given: &Given) -> Result<RegressionRequest, Error> {
    let robust = given.choice::<Robust>(&o::ROBUST)?.unwrap_or(Robust::Cr2);
    let seed = given.count(&o::SEED).unwrap_or(1);
    let orders = given.text(&o::PERMUTE).map(Orders::parse).transpose()?;
    Ok(RegressionRequest {
        mods: given.owned(&o::MODS).unwrap_or_default(),
        requests: Requests {
            contrasts: given.texts(&o::CONTRAST),
            at: given.texts(&o::AT),
            compare: given.owned(&o::COMPARE),
            scale: given.owned(&o::TAU2_MODS),
            cluster: given.owned(&o::CLUSTER).map(|column| (column, robust)),
        },
        permutation: orders.map(|orders| Permutation { orders, seed, limits: given.has(&o::PERMUTE_CI) }),
        bootstrap: given.count(&o::BOOTSTRAP).map(|n| n as usize),
        select: given.count(&o::SELECT_TERMS).map(|n| n as usize),
        seed,
    })
}
