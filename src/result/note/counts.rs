//! Of counts and proportions.

use super::{Words, names, plural, words};
use crate::result::format::{grouped, risk as percent, significant};

pub(super) fn corrected(studies: &[String], correction: &str, own: &bool, instead: &str) -> Words {
    let count = plural(studies.len(), "study", "studies");
    let of = if *own {
        "; for their own estimates only, the pooled estimate uses the counts as they are"
    } else {
        ""
    };
    let hint = match (own, instead) {
        (true, _) => "they are shown so; the model needs no correction".into(),
        (_, "") => "compare ⟦add=0.25⟧: where the answer moves, the correction made it".into(),
        _ => format!("compare {instead}, which needs no correction"),
    };
    let message = format!("continuity correction ({correction}) in {count}: {}{of}", names(studies));
    words("continuity-correction", message, hint)
}

pub(super) fn double_zeros(studies: &[String]) -> Words {
    words(
        "double-zeros",
        format!(
            "no events in both groups of {}: pooled by the correction alone, as if without effect",
            names(studies)
        ),
        "⟦double-zero=auto⟧ leaves them out; or use ⟦model=mantel-haenszel⟧ or `glmm`",
    )
}

pub(super) fn double_zeros_usable(studies: &[String]) -> Words {
    words(
        "double-zeros-usable",
        format!("no events in both groups of {}: left out, though UM.RS can use them", names(studies)),
        "add ⟦keep-double-zero⟧",
    )
}

/// What to compare Peto's method with.
const BESIDE_PETO: &str = "compare ⟦measure=OR‖model=mantel-haenszel⟧ or ⟦model=glmm⟧";

pub(super) fn peto_unbalanced(studies: &[String]) -> Words {
    words(
        "peto-unbalanced",
        format!(
            "one group is more than twice the other in {}: Peto's method is biased where groups are unbalanced",
            names(studies)
        ),
        BESIDE_PETO,
    )
}

pub(super) fn peto_large() -> Words {
    words("peto-large", "the effect is large: Peto's method is biased towards none there", BESIDE_PETO)
}

pub(super) fn not_rare(risk: &f64) -> Words {
    words(
        "not-rare",
        format!(
            "the method is for rare events, and {} of all patients have the rarer outcome",
            percent(*risk)
        ),
        "compare ⟦model=glmm‖glmm-model=CM.EL⟧",
    )
}

pub(super) fn infinite_ratio() -> Words {
    words(
        "infinite-ratio",
        "in every study one group has no events, or nothing but events: the ratio has a limit on one side only",
        "quote the limit; a risk difference (⟦measure=RD⟧) is finite",
    )
}

pub(super) fn marginal_odds_ratio() -> Words {
    words(
        "marginal-odds-ratio",
        "the estimate is the ratio of the average odds of both groups, not an average of the studies' ratios",
        "compare ⟦model=glmm⟧",
    )
}

pub(super) fn freeman_tukey(n: &f64) -> Words {
    words(
        "freeman-tukey",
        format!(
            "the Freeman-Tukey back-transformation needs one number of patients; the harmonic mean, {n:.1}, was used"
        ),
        "other means give other answers: prefer ⟦measure=PLO⟧",
    )
}

pub(super) fn transformed_proportion() -> Words {
    words(
        "transformed-proportion",
        "inverse variance on transformed proportions misleads when studies are few and small",
        "read the pooled line beside the exact intervals of the studies",
    )
}

pub(super) fn median_proportion() -> Words {
    words(
        "median-proportion",
        "the estimate is the median over studies, not the mean",
        "compare ⟦model=beta-binomial⟧, which estimates the mean",
    )
}

pub(super) fn mean_proportion() -> Words {
    words(
        "mean-proportion",
        "the estimate is the mean over studies, not the median",
        "compare ⟦model=glmm⟧, which estimates the median",
    )
}

pub(super) fn spread_at_limit() -> Words {
    words(
        "spread-at-limit",
        "the between-study variance grew to the limit of the model: the studies contradict each other",
        "show the studies; one pooled number does not describe them",
    )
}

pub(super) fn risk_beyond_one(baselines: &[f64]) -> Words {
    let shown: Vec<String> = baselines.iter().map(|b| format!("{}%", significant(100.0 * b, 3))).collect();
    words(
        "risk-beyond-one",
        format!("the ratio takes a risk of {} beyond 100%: there it says nothing", shown.join(", ")),
        "⟦measure=OR⟧ carries over to any risk",
    )
}

/// What was seen where nothing, or nothing else, was seen.
fn seen(all: bool) -> &'static str {
    if all { "nothing but events" } else { "no event" }
}

pub(super) fn no_events_difference(all: &bool, lower: &f64, upper: &f64, level: &f64) -> Words {
    words(
        "no-events-difference",
        format!(
            "{} in either group of any study: the estimate and its interval come from the correction; exact one-sided \
             {level}% bounds of the difference, all patients together: at least {}, at most {}",
            seen(*all),
            significant(*lower, 2),
            significant(*upper, 2)
        ),
        "quote the bounds; nothing seen is not nothing there",
    )
}

pub(super) fn no_events(
    all: &bool,
    studies: &usize,
    size: &f64,
    bound: &f64,
    level: &f64,
    rate: &bool,
) -> Words {
    let (of, value) = if *rate {
        (format!("{} of person-time", significant(*size, 6)), significant(*bound, 3))
    } else {
        (format!("{} patients", grouped(&size.to_string())), percent(*bound))
    };
    let (code, side) = if *all { ("only-events", "lower") } else { ("no-events", "upper") };
    let over = plural(*studies, "study", "studies");
    words(
        code,
        format!(
            "{} in {of} over {over}: if they share one rate, its exact one-sided {level}% {side} bound is {value}",
            seen(*all)
        ),
        "quote the bound with the number of patients; nothing seen is not nothing there",
    )
}
