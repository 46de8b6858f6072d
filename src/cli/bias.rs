//! Looks for small-study effects and shows what was found.

use super::Outcome;
use super::data::{input, load};
use super::output::Output;
use crate::analysis::{Supplements, options};
use crate::bias;
use crate::choice::option::Given;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let asked = options::bias(given)?;
    let loaded = load(given)?;
    let pool = loaded.pool(model, Supplements::default())?;
    let result = match options::bias_test(given)? {
        Some(test) => bias::test(pool, test, &model, &asked),
        None => bias::panel(pool, &model, &asked),
    }?;
    output.show(&result, &input(given, &loaded), out)
}
