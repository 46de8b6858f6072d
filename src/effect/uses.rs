//! Which options of the data can act on which kinds of data.

use super::Measure;
use crate::dataset::Shape;
use crate::error::Error;
use crate::registry::Member;

/// An option of the data, which kinds of data it can act on, and what to say where it cannot.
struct Use {
    option: &'static str,
    acts: fn(Shape, Measure) -> bool,
    goes_with: &'static str,
}

fn has_counts(shape: Shape, _: Measure) -> bool {
    matches!(shape, Shape::TwoByTwo | Shape::TwoRates | Shape::Pairs | Shape::Events | Shape::Rate)
}

fn has_two_groups_of_counts(shape: Shape, _: Measure) -> bool {
    matches!(shape, Shape::TwoByTwo | Shape::TwoRates | Shape::Pairs)
}

const USES: &[Use] = &[
    Use { option: "add", acts: has_counts, goes_with: "counts of events" },
    Use { option: "to", acts: has_counts, goes_with: "counts of events" },
    Use {
        option: "double-zero",
        acts: has_two_groups_of_counts,
        goes_with: "counts in two groups or in pairs",
    },
    Use {
        option: "drop-double-zero",
        acts: has_two_groups_of_counts,
        goes_with: "counts in two groups or in pairs",
    },
    Use { option: "fractional-counts", acts: has_counts, goes_with: "counts of events" },
    Use {
        option: "ci-level",
        acts: |shape, _| matches!(shape, Shape::Ready | Shape::PrePost),
        goes_with: "data that hold confidence limits: ready effects, or a change before and after",
    },
    Use { option: "values", acts: |shape, _| shape == Shape::Ready, goes_with: "ready effects" },
    Use { option: "se-scale", acts: |shape, _| shape == Shape::Ready, goes_with: "ready effects" },
    Use {
        option: "no-correction",
        acts: |shape, _| shape != Shape::Ready,
        goes_with: "effects computed here, not ready ones",
    },
    Use {
        option: "vtype",
        acts: |shape, _| shape != Shape::Ready,
        goes_with: "effects computed here, not ready ones",
    },
    Use {
        option: "study-ci",
        acts: |shape, measure| shape == Shape::Events && measure.is_proportion(),
        goes_with: "proportions with their counts",
    },
];

/// Refuses options that were given and can never act on these data; where they could act but find no occasion (no empty
/// cell, no limits in a row) they are accepted.
///
/// # Errors
/// One of them cannot act.
pub fn check_used(given: &[&str], shape: Shape, measure: Measure) -> Result<(), Error> {
    match USES.iter().find(|u| given.contains(&u.option) && !(u.acts)(shape, measure)) {
        None => Ok(()),
        Some(u) => {
            Err(Error::usage(format!("⟦{}⟧ cannot act on {} ({})", u.option, shape.title(), measure.id()))
                .with_hint(format!("it goes with {}; leave it out", u.goes_with)))
        }
    }
}
