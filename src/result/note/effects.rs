//! Of effects as they were reported or computed.

use super::{Words, named_reasons, names, words};
use crate::effect::{ReadyScale, Scale, ScaleEvidence, Values};
use crate::registry::Member;

pub(super) fn asymmetric_limits(studies: &[String]) -> Words {
    words(
        "asymmetric-limits",
        format!("the confidence limits are not symmetric about the estimate in {}", names(studies)),
        "check them in the source: do estimate and limits belong together, on the scale of the measure?",
    )
}

pub(super) fn standardised_change() -> Words {
    words(
        "standardised-change",
        "a standardised change holds natural change and regression to the mean as well as the treatment",
        "prefer ⟦measure=MC⟧ where the scale is the same in all studies",
    )
}

pub(super) fn large_standardised(studies: &[String]) -> Words {
    words(
        "large-standardised",
        format!(
            "the means differ by more than two SDs in {}: was a standard error taken for an SD?",
            names(studies)
        ),
        "look it up: SD = SE √n; a difference of two SDs is rare outside the laboratory",
    )
}

pub(super) fn overcorrected(studies: &[String]) -> Words {
    words(
        "overcorrected",
        format!(
            "the small-sample correction is larger than the effect that it corrects in {}",
            names(studies)
        ),
        "its SD is large beside its mean: check the SD, and compare ⟦no-correction⟧",
    )
}

pub(super) fn standardised_by_post() -> Words {
    words(
        "standardised-by-post",
        "the change is divided by the SD after treatment (`sd_post`, metafor's sd1i)",
        "⟦standardizer=pre⟧ divides by the SD before treatment",
    )
}

pub(super) fn derived_sd(studies: &[(String, String)]) -> Words {
    words(
        "derived-sd",
        format!("the SD of the change was derived: {}", named_reasons(studies)),
        "check the source of each; compare the result without them",
    )
}

pub(super) fn imputed(studies: &[String]) -> Words {
    let stay = if studies.len() == 1 { "it stays" } else { "they stay" };
    words(
        "imputed",
        format!("the SD of the change is imputed in {}: {stay} out of the primary analysis", names(studies)),
        "compare the estimates with imputed rows: ⟦impute=grid⟧",
    )
}

pub(super) fn natural_errors() -> Words {
    words(
        "natural-standard-errors",
        "standard errors were given on the natural scale and turned by the delta method",
        "limits, where reported, lose less: prefer them",
    )
}

/// How ready values were read, and what told it.
pub(super) fn read_values(ready: &ReadyScale, scale: &Scale) -> Words {
    let analysis = format!("on the {} scale", scale.title());
    let other = match ready.values {
        Values::Natural => format!("as natural values; {} is taken of them", article(*scale)),
        Values::Analysis => format!("{analysis} already"),
    };
    let why = match (ready.evidence, ready.values) {
        (ScaleEvidence::Limits, Values::Natural) => {
            format!("their limits are symmetric about them {analysis} and not as they stand")
        }
        (ScaleEvidence::Limits, Values::Analysis) => {
            "their limits are symmetric about them as they stand, and would not be if transformed".into()
        }
        (ScaleEvidence::Range, _) => "some are impossible as natural values".into(),
        _ => "so the name of their column says, and nothing speaks against it".into(),
    };
    let se = match ready.se {
        Values::Natural => {
            "; the standard errors fit the limits on the natural scale and are turned by the delta method"
        }
        Values::Analysis => "",
    };
    words(
        "values-read",
        format!("estimates are read {other}: {why}{se}"),
        format!("say ⟦values={}⟧ to settle it", ready.values.id()),
    )
}

/// What is taken of natural values.
fn article(scale: Scale) -> String {
    match scale {
        Scale::Log => "the logarithm".into(),
        Scale::Logit => "the logit".into(),
        _ => format!("the {} transformation", scale.title()),
    }
}
