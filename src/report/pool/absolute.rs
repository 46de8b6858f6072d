//! What the estimate means at given baseline risks, for people.

use crate::document::{Cell, Heading, Sheet};
use crate::result::format::{fixed, grouped, risk, significant};
use crate::result::{AbsoluteEffect, PoolResult};

/// A row a baseline.
pub(super) fn table(result: &PoolResult) -> Sheet {
    let rate = result.absolute.first().is_some_and(|a| a.rate);
    let (baseline, treated) = if rate {
        ("Baseline rate", "With group 1's treatment, per 1000")
    } else {
        ("Baseline risk", "Risk with treatment")
    };
    let headings = vec![
        Heading::number("baseline", baseline),
        Heading::number("risk", treated),
        Heading::text("difference", "Difference per 1000"),
        Heading::text("number_needed", "Number needed to treat"),
        Heading::text("prediction", "In a new study"),
    ];
    Sheet::new(headings, result.absolute.iter().map(row)).without_empty_last()
}

fn row(a: &AbsoluteEffect) -> Vec<Cell> {
    let treated = |x: f64| if a.rate { significant(1000.0 * x, 3) } else { risk(x) };
    let baseline = if a.rate { significant(a.baseline, 3) } else { risk(a.baseline) };
    let d = &a.per_thousand;
    let digits = decimals_per_thousand(d.estimate.unwrap_or(0.0));
    let shown = |x: f64| more_or_fewer(x, digits);
    let difference = match (d.estimate, d.lower, d.upper) {
        (Some(e), Some(l), Some(u)) => format!("{} ({} to {})", shown(e), shown(l), shown(u)),
        _ => String::new(),
    };
    let prediction = a.prediction.map_or(String::new(), |(l, u)| format!("{} to {}", shown(l), shown(u)));
    vec![
        Cell::Text(baseline),
        a.risk.estimate.map_or(Cell::Missing, |x| Cell::Text(treated(x))),
        difference.into(),
        number_needed(a).into(),
        prediction.into(),
    ]
}

/// Decimals of events per thousand: two significant digits below ten.
fn decimals_per_thousand(x: f64) -> usize {
    match x.abs() {
        x if x >= 10.0 || x == 0.0 => 0,
        x if x >= 0.1 => 1,
        x => (1.0 - x.log10().floor()).min(12.0) as usize,
    }
}

/// Events more or fewer per thousand: `35 fewer`.
fn more_or_fewer(x: f64, digits: usize) -> String {
    let shown = fixed(x.abs(), digits);
    if shown.parse::<f64>() == Ok(0.0) {
        return "0".into();
    }
    format!("{} {}", grouped(&shown), if x < 0.0 { "fewer" } else { "more" })
}

/// The number needed to treat with its limits: where the difference may be none, they run through infinity.
fn number_needed(a: &AbsoluteEffect) -> String {
    let d = &a.per_thousand;
    // a difference of 0 needs no number of patients
    let whole = |x: f64| if x == 0.0 { "∞".into() } else { grouped(&fixed((1000.0 / x.abs()).ceil(), 0)) };
    let one = |x: f64| format!("{} for one {}", whole(x), if x < 0.0 { "fewer" } else { "more" });
    let (Some(e), Some(l), Some(u)) = (d.estimate, d.lower, d.upper) else { return String::new() };
    if e == 0.0 {
        return String::new();
    }
    if l < 0.0 && u > 0.0 {
        format!("{} ({} to ∞ to {})", one(e), one(l), one(u))
    } else {
        let (near, far) = if e < 0.0 { (l, u) } else { (u, l) };
        format!("{} ({} to {})", one(e), whole(near), whole(far))
    }
}
