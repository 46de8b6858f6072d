//! Which kinds of data an option can act on.

use super::Measure;
use crate::choice::option::{Acts, Given, OptionSpec, Rule};
use crate::dataset::Shape;
use crate::error::Error;
use crate::registry::Member;

/// Whether data of this shape and measure are of a kind.
fn are(acts: Acts, shape: Shape, measure: Measure) -> bool {
    let of_two = matches!(shape, Shape::TwoByTwo | Shape::TwoRates | Shape::Pairs);
    match acts {
        Acts::Counts => of_two || matches!(shape, Shape::Events | Shape::Rate),
        Acts::CountsOfTwo => of_two,
        Acts::Proportions => shape == Shape::Events && measure.is_proportion(),
        Acts::Limits => matches!(shape, Shape::Ready | Shape::PrePost),
        Acts::Ready => shape == Shape::Ready,
        Acts::Computed => shape != Shape::Ready,
    }
}

/// The kind of data that an option asks for, where these are not of it.
fn missed(option: &OptionSpec, shape: Shape, measure: Measure) -> Option<Acts> {
    option.rules.iter().find_map(|rule| match rule {
        Rule::Acts(acts) if !are(*acts, shape, measure) => Some(*acts),
        _ => None,
    })
}

/// Refuses options that were given and can never act on these data; where they could act but find no occasion (no empty
/// cell, no limits in a row) they are accepted.
///
/// # Errors
/// One of them cannot act.
pub fn check_used(given: &Given, shape: Shape, measure: Measure) -> Result<(), Error> {
    let idle = |o: &'static OptionSpec| Some((o, missed(o, shape, measure)?));
    let Some((option, acts)) = given.options().find_map(idle) else { return Ok(()) };
    let error = Error::usage(format!("{} cannot act on {} ({})", option.mark(), shape.title(), measure.id()))
        .with_hint(format!("it goes with {}; leave it out", acts.title()));
    Err(given.located(option, error))
}
