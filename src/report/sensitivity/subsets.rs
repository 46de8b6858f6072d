//! What each study does to the cloud of subsets.

use crate::document::{Cell, Heading, Sheet};
use crate::report::cells::value;
use crate::result::format::percent;
use crate::result::look::Look;
use crate::result::sensitivity::{Gosh, SensitivityResult, Split};

/// Studies by how far they split the cloud.
pub(super) fn gosh(result: &SensitivityResult, g: &Gosh, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let read = |x: f64| value(result.pool.table.back(x), look);
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("estimate_with", "Mean with"),
        Heading::number("estimate_without", "Mean without"),
        Heading::number("i2_with", "I² with"),
        Heading::number("i2_without", "I² without"),
        Heading::number("distance", "Distance (SD)"),
    ];
    let mut splits: Vec<&Split> = g.splits.iter().collect();
    splits.sort_by(|a, b| b.distance.total_cmp(&a.distance));
    let row = |s: &Split| {
        vec![
            s.study.as_str().into(),
            read(s.estimate_with),
            read(s.estimate_without),
            Cell::Text(percent(s.i2_with)),
            Cell::Text(percent(s.i2_without)),
            Cell::Rounded(s.distance, 2),
        ]
    };
    Sheet::new(headings, splits.into_iter().map(row))
}
