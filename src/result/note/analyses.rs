//! Of what is done beside pooling: tests of bias, sensitivity, posteriors.

use super::{Words, names, words};

pub(super) fn no_moments(what: &str, of: &str) -> Words {
    words(
        "no-moments",
        format!(
            "the posterior has so heavy a tail that the {what} of {of} do not exist: they are left empty"
        ),
        "quote median and interval, or take a prior with a lighter tail: ⟦tau-prior=\"half-normal(SCALE)\"⟧",
    )
}

pub(super) fn asymmetry_unclear(reason: &str) -> Words {
    words(
        "asymmetry-unclear",
        reason,
        "show it as a description: neither its asymmetry nor the lack of it is evidence on bias",
    )
}

pub(super) fn fail_safe_weak() -> Words {
    words(
        "fail-safe-weak",
        "a fail-safe number says nothing of how likely such studies are, nor of heterogeneity",
        "prefer ⟦test=selection⟧ or ⟦test=pet-peese⟧",
    )
}

pub(super) fn selection_at_bound() -> Words {
    words(
        "selection-at-bound",
        "a weight lies on its bound: the studies hardly tell selection from a small effect",
        "compare ⟦type=stepfun⟧ with one step, and other selection models",
    )
}

pub(super) fn beta_edge() -> Words {
    words(
        "beta-edge",
        "the weights grow without end near p = 0; p is kept at 0.00001 and above, which the estimate hangs on",
        "compare ⟦type=stepfun⟧, `negexp` or `halfnorm`",
    )
}

pub(super) fn conclusion_turns(studies: &[String], against: &Option<f64>) -> Words {
    let one = if studies.len() == 1 { "" } else { "any one of " };
    let about = against.map_or(String::new(), |x| format!(" about {x}"));
    words(
        "conclusion-turns",
        format!("without {one}{} alone the conclusion{about} differs", names(studies)),
        "say so where the conclusion is quoted",
    )
}
