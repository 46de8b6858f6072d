//! Fits a meta-regression and shows the result.

use super::Outcome;
use super::data::{input, load};
use super::output::Output;
use super::progress::progress;
use crate::analysis::options;
use crate::choice::option::{Given, table};
use crate::model::regression::Regression;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let asked = options::regression(given)?;
    let regression = Regression::new(&loaded.table, &loaded.dataset, &asked.mods, &model)?;
    let mut result = regression.fit(&asked.requests)?;
    let quiet = given.has(&table::QUIET);
    if let Some(wanted) = &asked.permutation {
        regression.permute(&mut result, wanted, &progress("permutations", quiet))?;
    }
    if let Some(draws) = asked.bootstrap {
        regression.bootstrap(&mut result, draws, asked.seed, &progress("bootstrap", quiet));
    }
    if let Some(largest) = asked.select {
        regression.select(&mut result, largest)?;
    }
    output.show(&result, &input(given, &loaded), out)
}
