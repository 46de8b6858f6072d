//! Of pooling: studies, τ², intervals.

use super::{Words, named_reasons, names, plural, words};

pub(super) fn one_study() -> Words {
    words(
        "one-study",
        "a single study: nothing is pooled, and between-study variance cannot be estimated",
        "report the study's own interval",
    )
}

pub(super) fn few_studies(k: &usize, small_sample_ci: &bool, counts: &bool) -> Words {
    let message = match (k, small_sample_ci, counts) {
        (2, true, false) => {
            "only 2 studies: an interval with one degree of freedom, or a τ² from two effects, is hardly informative"
                .into()
        }
        _ => format!("only {k} studies: τ² and every interval that uses it are uncertain"),
    };
    let hint = match (k, small_sample_ci, counts) {
        (_, _, true) => "quote the interval, and show the studies beside it",
        (2, true, _) => "show both studies, and say how far they agree",
        (_, true, _) => "quote the interval, not the point; compare ⟦tau2=PM⟧ and ⟦tau2=DL⟧",
        _ => "prefer ⟦ci=hksj-adhoc⟧, which allows for the uncertainty of τ²",
    };
    words("few-studies", message, hint)
}

pub(super) fn tau2_at_zero() -> Words {
    words(
        "tau2-at-zero",
        "τ² is estimated as 0: the random-effects estimate equals the common-effect estimate",
        "this is no evidence of homogeneity: see the confidence interval of τ²",
    )
}

pub(super) fn hksj_narrower() -> Words {
    words(
        "hksj-narrower",
        "the Hartung-Knapp interval rests on a smaller standard error than the ordinary one",
        "prefer ⟦ci=hksj-adhoc⟧ (`auto`), which is never narrower than the ordinary interval",
    )
}

pub(super) fn hksj_vanishes() -> Words {
    words(
        "hksj-vanishes",
        "the studies agree so closely that the Hartung-Knapp standard error is all but zero",
        "use ⟦ci=hksj-adhoc⟧ (`auto`): agreement by chance is no precision",
    )
}

pub(super) fn not_estimable(studies: &[(String, String)]) -> Words {
    let hint = if studies.len() == 1 {
        "it stays in tables and plots; report it as not estimable"
    } else {
        "they stay in tables and plots; report them as not estimable"
    };
    let count = plural(studies.len(), "study is", "studies are");
    words("not-estimable", format!("{count} not pooled: {}", named_reasons(studies)), hint)
}

pub(super) fn excluded(studies: &[String]) -> Words {
    let count = plural(studies.len(), "study is", "studies are");
    words("excluded", format!("{count} left out on request: {}", names(studies)), "say so in the report")
}

pub(super) fn iteration_limit() -> Words {
    words(
        "iteration-limit",
        "the iteration for τ² reached its limit; the estimate is the best found",
        "compare ⟦tau2=DL⟧, which has a closed form",
    )
}

pub(super) fn tau2_interval_empty() -> Words {
    words(
        "tau2-interval-empty",
        "the Q-profile interval of τ² is empty, shown as 0 to 0: the studies agree more closely than 39 of 40 sets of \
         studies do that differ by chance alone",
        "it is no sign of certainty that τ² is 0; where it surprises, look whether effects were copied or standard errors \
         are too large",
    )
}

pub(super) fn no_prediction() -> Words {
    words("no-prediction", "no prediction interval: it needs three studies", "quote the confidence interval")
}

pub(super) fn prediction_narrower(kind: &str) -> Words {
    words(
        "prediction-narrower",
        format!(
            "the prediction interval `{kind}` is narrower than the confidence interval of the mean, which cannot be true of both"
        ),
        "leave ⟦prediction⟧ out: the partner of ⟦ci⟧ is never the narrower one",
    )
}
