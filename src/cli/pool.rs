//! Pools studies and shows the result.

use super::Outcome;
use super::data::{input, load};
use super::output::Output;
use crate::analysis::options;
use crate::choice::option::Given;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let request = options::pool(given)?;
    let result = loaded.pool(model, request.beside())?;
    output.show(&result, &input(given, &loaded), out)
}
