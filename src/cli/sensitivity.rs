//! Runs sensitivity analyses and shows what they say.

use super::Outcome;
use super::data::{input, load};
use super::output::Output;
use super::progress::progress;
use crate::analysis::{Supplements, options};
use crate::choice::Analysis;
use crate::choice::option::{Given, Place, table};
use crate::sensitivity::analyse;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let mut analyses = options::analyses(given)?;
    let model = options::model(given)?;
    let loaded = load(given)?;
    let pool = loaded.pool(model, Supplements::default())?;
    if pool.k == 2 && given.place(&table::ANALYSES) == Some(Place::Implied) {
        // of two studies none is the outlier
        analyses.retain(|a| *a != Analysis::Outliers);
    }
    let shown = progress("pooling again", given.has(&table::QUIET));
    let result = analyse(pool, &analyses, &model, &options::sensitivity(given), &shown)?;
    output.show(&result, &input(given, &loaded), out)
}
