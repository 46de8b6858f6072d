//! Where a selection model has no estimate: its likelihood has no highest point within the model.
//!
//! Without published results of some kind their share cannot be told, and where selection may explain all of the effects
//! the likelihood rises towards ever lower means. What a search returns then is the end of its range, not an estimate.

use super::Scaled;
use super::climb::{Summit, is_maximum};
use super::weight::Pieces;
use crate::bias::not_estimable;
use crate::error::Error;
use crate::math::root::Stop;

/// Steepest ascent that is left at a maximum: half the rise that a Newton step promises.
const FLAT: f64 = 1e-6;

/// The way out.
const HINT: &str = "say that this model could not be fitted; compare ⟦test=pet-peese⟧ and ⟦test=henmi-copas⟧";

/// Every interval of p must hold a study, or its weight is not estimated from data.
///
/// # Errors
/// One is empty.
pub(super) fn filled(p: &Pieces, s: &Scaled) -> Result<(), Error> {
    let holds = |j: usize| s.p.iter().any(|x| p.interval(x.0) == j);
    let Some(empty) = (0..p.steps.len()).find(|j| !holds(*j)) else { return Ok(()) };
    let from = if empty == 0 { 0.0 } else { p.steps[empty - 1] };
    let side = if p.is_two_sided() { "two-sided" } else { "one-sided" };
    Err(not_estimable(format!(
        "no study has a {side} p between {} and {}, whose weight the model asks for",
        from, p.steps[empty]
    ))
    .with_hint(
        "choose ⟦steps⟧ so that each interval holds a few studies; ⟦test=p-uniform⟧ does without intervals",
    ))
}

/// The profile likelihood must have fallen by what the level of the interval asks at both ends of the search.
///
/// # Errors
/// It has not.
pub(super) fn fallen(has: bool, side: &str) -> Result<(), Error> {
    if has {
        return Ok(());
    }
    Err(not_estimable(format!(
        "the likelihood is so flat that means ten times as far as any effect, {side} all of them, agree with the data: selection may explain all of the effects"
    ))
    .with_hint(HINT))
}

/// The highest point must lie within the search, be one, and have been reached.
///
/// # Errors
/// It does not.
pub(super) fn inside(top: &Summit, bounds: &[(f64, f64)]) -> Result<(), Error> {
    let free = |i: usize| bounds[i].0 < bounds[i].1;
    let above = |i: usize| top.at[i] >= bounds[i].1;
    let reason = if top.at[0] <= bounds[0].0 || above(0) {
        "the likelihood rises towards a mean ever farther from all effects: selection may explain all of them"
    } else if free(1) && above(1) {
        "the likelihood rises with τ² without end"
    } else if (2..top.at.len()).any(|i| free(i) && above(i)) {
        "a weight of the model runs to the end of its range: selection beyond all measure"
    } else if top.stop == Stop::Patience {
        "the likelihood is so flat that its highest point was not reached"
    } else if !is_maximum(top, FLAT) {
        "the likelihood has no single highest point: the studies are too few or too alike for the model"
    } else {
        return Ok(());
    };
    Err(not_estimable(reason).with_hint(HINT))
}
