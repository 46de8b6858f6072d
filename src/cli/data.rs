//! The data of a command, and what is said of how they were taken.

use super::style;
use crate::analysis::{Loaded, options};
use crate::choice::option::{Given, table};
use crate::error::Error;
use crate::registry::Member;
use serde_json::{Value, json};

/// Reads the data and computes the effects; says which measure was chosen, if none was asked for.
pub(super) fn load(given: &Given) -> Result<Loaded, Error> {
    said(given, options::load(given, source(given))?)
}

/// The same for a list of effects, of which nothing is pooled.
pub(super) fn list(given: &Given) -> Result<Loaded, Error> {
    said(given, options::list(given, source(given))?)
}

fn source(given: &Given) -> String {
    given.owned(&table::DATA).unwrap_or_default()
}

fn said(given: &Given, loaded: Loaded) -> Result<Loaded, Error> {
    if given.has(&table::QUIET) {
        return Ok(loaded);
    }
    if loaded.measure_chosen {
        let measure = loaded.table.measure();
        style::info(&format!(
            "measure: {} ({}), for {}; choose another with --measure",
            measure.id(),
            measure.title(),
            loaded.shape.title()
        ));
    }
    if let Some(per) = rare(&loaded) {
        style::info(&format!("rates are small: `--per {per}` shows them per {per}"));
    }
    Ok(loaded)
}

/// Per how many rates of one group read best, where they are small and nothing was asked for.
fn rare(loaded: &Loaded) -> Option<u32> {
    let table = &loaded.table;
    if table.options.per.is_some() || !table.measure().is_rate() {
        return None;
    }
    let rates = table.studies.iter().filter_map(|s| s.natural.estimate);
    let largest = rates.fold(0.0, f64::max);
    match largest {
        x if x <= 0.0 || x >= 0.01 => None,
        x if x >= 1e-4 => Some(1000),
        _ => Some(100_000),
    }
}

/// What JSON says of the input.
pub(super) fn input(given: &Given, loaded: &Loaded) -> Value {
    json!({
        "source": source(given),
        "rows": loaded.dataset.rows(),
        "shape": loaded.shape.id(),
        "where": given.text(&table::WHERE),
        "citation": loaded.dataset.info.as_ref().map(|i| i.citation.clone()),
    })
}
