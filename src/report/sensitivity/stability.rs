//! How often the conclusion holds, per choice.

use crate::document::{Cell, Heading, Sheet};
use crate::effect::Natural;
use crate::report::cells::{estimate, limits};
use crate::result::look::Look;
use crate::result::sensitivity::{Choice, SensitivityResult, Stability};

/// Options by the choice they belong to, and studies left out.
pub(super) fn table(result: &SensitivityResult, s: &Stability, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let headings = vec![
        Heading::text("dimension", "Choice of"),
        Heading::text("option", "Option"),
        Heading::number("analyses", "Analyses"),
        Heading::number("holds", "Conclusion holds"),
        Heading::number("median", "Median estimate"),
        Heading::number("range", "Lowest to highest"),
    ];
    let mut sheet = Sheet::new(headings, []);
    let mut above: Option<&Choice> = None;
    for c in &s.choices {
        let new = above.is_none_or(|a| a.dimension != c.dimension);
        if new && above.is_some() {
            sheet.rules.push(sheet.rows.len());
        }
        above = Some(c);
        sheet.rows.push(option(c, new, look));
    }
    if let Some(row) = left_out(s) {
        sheet.rules.push(sheet.rows.len());
        sheet.rows.push(row);
    }
    sheet.without_empty()
}

/// A row an option; the first of a choice names it.
fn option(c: &Choice, first: bool, look: Look) -> Vec<Cell> {
    let range = Natural {
        estimate: c.estimates.map(|e| e.1),
        lower: c.estimates.map(|e| e.0),
        upper: c.estimates.map(|e| e.2),
    };
    vec![
        Cell::Text(if first { c.dimension.to_string() } else { String::new() }),
        Cell::Text(format!("{}{}", c.option, if c.primary { " *" } else { "" })),
        c.analyses.into(),
        c.holds.map_or(Cell::Missing, |h| share(h, c.analyses)),
        estimate(&range, look),
        limits(&range, look),
    ]
}

fn share(n: usize, of: usize) -> Cell {
    Cell::Text(format!("{n} of {of} ({:.0}%)", 100.0 * n as f64 / of as f64))
}

/// Every specification with each study left out; `None` where none was.
fn left_out(s: &Stability) -> Option<Vec<Cell>> {
    let left = || s.specifications.iter().filter_map(|x| x.left_out_holds);
    left().next()?;
    let (holds, of) = left().fold((0, 0), |sum, l| (sum.0 + l.0, sum.1 + l.1));
    Some(vec![
        "study left out".into(),
        "each in turn".into(),
        of.into(),
        share(holds, of),
        Cell::Missing,
        Cell::Missing,
    ])
}
