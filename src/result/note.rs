//! Caveats: one enum, carried by the result, each with advice that knows what was chosen.

use super::format::{grouped, risk, significant};
use super::noticed;
use crate::effect::{Noticed, ReadyScale, Scale};
use crate::registry::Member;

/// A caveat that travels with a result. Never printed by the library.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// A single study: nothing is pooled.
    OneStudy,
    /// No study can be pooled.
    NoStudies,
    /// Fewer than five studies.
    FewStudies {
        /// How many.
        k: usize,
        /// Whether the interval already allows for it.
        small_sample_ci: bool,
        /// Whether counts were pooled by their own likelihood.
        counts: bool,
    },
    /// τ² is estimated as zero.
    Tau2AtZero,
    /// The Hartung–Knapp standard error is smaller than the ordinary one.
    HksjNarrower,
    /// The studies agree so closely that the Hartung–Knapp standard error vanishes.
    HksjVanishes,
    /// A continuity correction was added.
    Corrected {
        /// To which studies.
        studies: Vec<String>,
        /// What was added, in words.
        correction: String,
        /// For their own estimates only: the pooled estimate uses the counts as they are.
        own: bool,
        /// Models that need no correction.
        instead: &'static str,
    },
    /// Studies without events in both groups were pooled by a correction alone.
    DoubleZeros {
        /// Which.
        studies: Vec<String>,
    },
    /// Studies without a value of a moderator.
    ModeratorMissing {
        /// Which.
        studies: Vec<String>,
    },
    /// Studies without a value of the column of subgroups.
    SubgroupMissing {
        /// The column.
        column: String,
        /// Which.
        studies: Vec<String>,
    },
    /// Subgroups without an estimate.
    SubgroupsNotPooled {
        /// Level and reason.
        groups: Vec<(String, String)>,
    },
    /// Subgroups of two studies, with an interval on one degree of freedom.
    SubgroupsOfTwo {
        /// Which.
        groups: Vec<String>,
    },
    /// Few studies within subgroups: the test of their differences keeps well below its level.
    SubgroupTestCautious {
        /// Studies less groups.
        df: usize,
    },
    /// Levels of a column that differ in case or blanks only.
    LevelsAlike {
        /// The column.
        column: String,
        /// Sets of levels that are the same but for that.
        levels: Vec<Vec<String>>,
    },
    /// Columns of the design that are combinations of earlier ones.
    Aliased {
        /// Their names.
        terms: Vec<String>,
    },
    /// Fewer than ten studies for each coefficient.
    FewStudiesPerModerator {
        /// Studies.
        k: usize,
        /// Coefficients beside the intercept.
        coefficients: usize,
    },
    /// Robust variances with few clusters.
    FewClusters {
        /// How many.
        clusters: usize,
    },
    /// The best of many models was looked for.
    ModelsSelected {
        /// How many.
        models: usize,
    },
    /// Studies without events in both groups were left out of a model that could use them.
    DoubleZerosUsable {
        /// Which.
        studies: Vec<String>,
    },
    /// Peto's method with groups of unequal size.
    PetoUnbalanced {
        /// Which studies.
        studies: Vec<String>,
    },
    /// Peto's method with a large effect.
    PetoLarge,
    /// A method for rare events where they are not.
    NotRare {
        /// Share of patients with event (or without, if that is less).
        risk: f64,
    },
    /// The ratio has no finite estimate.
    InfiniteRatio,
    /// The beta-binomial model of two groups estimates a ratio of average odds.
    MarginalOddsRatio,
    /// Studies that stay in the tables without weight.
    NotEstimable {
        /// Label and reason.
        studies: Vec<(String, String)>,
    },
    /// Studies left out on request.
    Excluded {
        /// Which.
        studies: Vec<String>,
    },
    /// The iteration for τ² reached its limit.
    IterationLimit,
    /// A Freeman–Tukey result needs one number of patients that does not exist.
    FreemanTukey {
        /// The one used.
        n: f64,
    },
    /// Inverse variance on transformed proportions of few, small studies.
    TransformedProportion,
    /// Confidence limits far from symmetric about the estimate.
    AsymmetricLimits {
        /// Which studies.
        studies: Vec<String>,
    },
    /// A standardised change holds natural change and regression to the mean.
    StandardisedChange,
    /// Standardised differences so large that the divisor may be a standard error.
    LargeStandardised {
        /// Which studies.
        studies: Vec<String>,
    },
    /// A correction for small samples is larger than the effect that it corrects.
    Overcorrected {
        /// Which studies.
        studies: Vec<String>,
    },
    /// A posterior whose tail is too heavy for some moments.
    NoMoments {
        /// Which of mean and SD.
        what: &'static str,
        /// Of which quantities.
        of: &'static str,
    },
    /// No value of τ² is compatible with effects so alike: the Q-profile interval is empty.
    Tau2IntervalEmpty,
    /// SMCR divides by the SD after.
    StandardisedByPost,
    /// The SD of a change was derived from other numbers.
    DerivedSd {
        /// Study and source.
        studies: Vec<(String, String)>,
    },
    /// What was noticed about the rows while they were read.
    Noticed(Noticed),
    /// An effect that takes baseline risks beyond 1.
    RiskBeyondOne {
        /// Which.
        baselines: Vec<f64>,
    },
    /// No event, or nothing but events, in any study: a difference comes from the correction alone.
    NoEventsDifference {
        /// Nothing but events.
        all: bool,
        /// Exact one-sided lower bound of the difference.
        lower: f64,
        /// Exact one-sided upper bound.
        upper: f64,
        /// Their level in percent.
        level: f64,
    },
    /// On which scale ready values were read, without the user saying so.
    ReadValues {
        /// How, and what told it.
        ready: ReadyScale,
        /// The scale of analysis.
        scale: Scale,
    },
    /// Standard errors of natural values were turned to the scale of analysis.
    NaturalErrors,
    /// No prediction interval below three studies.
    NoPrediction,
    /// The prediction interval that was asked for is narrower than the confidence interval.
    PredictionNarrower {
        /// Its code.
        kind: String,
    },
    /// No event, or nothing but events, in all studies together.
    NoEvents {
        /// Nothing but events.
        all: bool,
        /// How many studies.
        studies: usize,
        /// Patients, or person-time.
        size: f64,
        /// Exact one-sided bound.
        bound: f64,
        /// Its level in percent.
        level: f64,
        /// Person-time instead of patients.
        rate: bool,
    },
    /// The GLMM estimates a median.
    MedianProportion,
    /// The beta-binomial model estimates a mean.
    MeanProportion,
    /// The variance grew to the limit of the model.
    SpreadAtLimit,
    /// Asymmetry of effects about their mean says nothing on bias in these data.
    AsymmetryUnclear {
        /// Why.
        reason: String,
    },
    /// Fail-safe numbers say little.
    FailSafeWeak,
    /// A parameter of a selection model lies on its bound.
    SelectionAtBound,
    /// Weights of the beta selection model grow without end near p = 0.
    BetaEdge,
    /// The conclusion hangs on single studies.
    ConclusionTurns {
        /// Which of them change it when left out.
        studies: Vec<String>,
        /// The value that it is about, where it is not that of no effect.
        against: Option<f64>,
    },
    /// Rows with imputed variances stay out of the primary analysis.
    Imputed {
        /// Which studies.
        studies: Vec<String>,
    },
}

pub(super) fn names(studies: &[String]) -> String {
    let shown: Vec<&str> = studies.iter().take(6).map(String::as_str).collect();
    let more = studies.len().saturating_sub(6);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn named_reasons(studies: &[(String, String)]) -> String {
    let parts: Vec<String> = studies.iter().take(6).map(|(s, r)| format!("{s} ({r})")).collect();
    let more = studies.len().saturating_sub(6);
    if more > 0 { format!("{} and {more} more", parts.join("; ")) } else { parts.join("; ") }
}

pub(super) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Note {
    /// A stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OneStudy => "one-study",
            Self::AsymmetryUnclear { .. } => "asymmetry-unclear",
            Self::FailSafeWeak => "fail-safe-weak",
            Self::SelectionAtBound => "selection-at-bound",
            Self::BetaEdge => "beta-edge",
            Self::ConclusionTurns { .. } => "conclusion-turns",
            Self::NoStudies => "no-studies",
            Self::FewStudies { .. } => "few-studies",
            Self::Tau2AtZero => "tau2-at-zero",
            Self::HksjNarrower => "hksj-narrower",
            Self::HksjVanishes => "hksj-vanishes",
            Self::Corrected { .. } => "continuity-correction",
            Self::ModeratorMissing { .. } => "moderator-missing",
            Self::SubgroupMissing { .. } => "subgroup-missing",
            Self::SubgroupsNotPooled { .. } => "subgroups-not-pooled",
            Self::SubgroupsOfTwo { .. } => "subgroups-of-two",
            Self::SubgroupTestCautious { .. } => "subgroup-test-cautious",
            Self::LevelsAlike { .. } => "levels-alike",
            Self::Aliased { .. } => "aliased",
            Self::FewStudiesPerModerator { .. } => "few-studies-per-moderator",
            Self::FewClusters { .. } => "few-clusters",
            Self::ModelsSelected { .. } => "models-selected",
            Self::DoubleZeros { .. } => "double-zeros",
            Self::DoubleZerosUsable { .. } => "double-zeros-usable",
            Self::PetoUnbalanced { .. } => "peto-unbalanced",
            Self::PetoLarge => "peto-large",
            Self::NotRare { .. } => "not-rare",
            Self::InfiniteRatio => "infinite-ratio",
            Self::MarginalOddsRatio => "marginal-odds-ratio",
            Self::NotEstimable { .. } => "not-estimable",
            Self::Excluded { .. } => "excluded",
            Self::IterationLimit => "iteration-limit",
            Self::FreemanTukey { .. } => "freeman-tukey",
            Self::TransformedProportion => "transformed-proportion",
            Self::AsymmetricLimits { .. } => "asymmetric-limits",
            Self::StandardisedChange => "standardised-change",
            Self::LargeStandardised { .. } => "large-standardised",
            Self::Overcorrected { .. } => "overcorrected",
            Self::NoMoments { .. } => "no-moments",
            Self::Tau2IntervalEmpty => "tau2-interval-empty",
            Self::StandardisedByPost => "standardised-by-post",
            Self::DerivedSd { .. } => "derived-sd",
            Self::Noticed(n) => noticed::code(n),
            Self::RiskBeyondOne { .. } => "risk-beyond-one",
            Self::NoEventsDifference { .. } => "no-events-difference",
            Self::ReadValues { .. } => "values-read",
            Self::NaturalErrors => "natural-standard-errors",
            Self::NoPrediction => "no-prediction",
            Self::PredictionNarrower { .. } => "prediction-narrower",
            Self::NoEvents { all: false, .. } => "no-events",
            Self::NoEvents { .. } => "only-events",
            Self::MedianProportion => "median-proportion",
            Self::MeanProportion => "mean-proportion",
            Self::SpreadAtLimit => "spread-at-limit",
            Self::Imputed { .. } => "imputed",
        }
    }

    /// What is the case.
    pub fn message(&self) -> String {
        match self {
            Self::AsymmetryUnclear { reason } => reason.clone(),
            Self::FailSafeWeak => {
                "a fail-safe number says nothing of how likely such studies are, nor of heterogeneity".into()
            }
            Self::SelectionAtBound => {
                "a weight lies on its bound: the studies hardly tell selection from a small effect".into()
            }
            Self::BetaEdge => {
                "the weights grow without end near p = 0; p is kept at 0.00001 and above, which the estimate hangs on".into()
            }
            Self::ConclusionTurns { studies, against } => format!(
                "without {} alone the conclusion{} differs",
                if studies.len() == 1 { names(studies) } else { format!("any one of {}", names(studies)) },
                against.map_or(String::new(), |x| format!(" about {x}")),
            ),
            Self::OneStudy => "a single study: nothing is pooled, and between-study variance cannot be estimated".into(),
            Self::NoStudies => "no study can be pooled".into(),
            Self::FewStudies { k: 2, small_sample_ci: true, counts: false } => {
                "only 2 studies: an interval with one degree of freedom, or a τ² from two effects, is hardly informative".into()
            }
            Self::FewStudies { k, .. } => format!("only {k} studies: τ² and every interval that uses it are uncertain"),
            Self::Tau2AtZero => "τ² is estimated as 0: the random-effects estimate equals the common-effect estimate".into(),
            Self::HksjNarrower => "the Hartung-Knapp interval rests on a smaller standard error than the ordinary one".into(),
            Self::HksjVanishes => "the studies agree so closely that the Hartung-Knapp standard error is all but zero".into(),
            Self::Corrected { studies, correction, own, .. } => format!(
                "continuity correction ({correction}) in {}: {}{}",
                plural(studies.len(), "study", "studies"),
                names(studies),
                if *own { "; for their own estimates only, the pooled estimate uses the counts as they are" } else { "" }
            ),
            Self::ModeratorMissing { studies } => format!(
                "{} left out, because a moderator is missing: {}",
                plural(studies.len(), "study is", "studies are"),
                names(studies)
            ),
            Self::SubgroupMissing { column, studies } => format!(
                "{} no value of `{column}`: {}",
                plural(studies.len(), "study has", "studies have"),
                names(studies)
            ),
            Self::SubgroupsNotPooled { groups } => format!(
                "{} no estimate: {}",
                plural(groups.len(), "subgroup has", "subgroups have"),
                named_reasons(groups)
            ),
            Self::SubgroupsOfTwo { groups } => format!(
                "only 2 studies in {}: an interval with one degree of freedom is hardly informative",
                names(groups)
            ),
            Self::SubgroupTestCautious { df } => format!(
                "the test of subgroup differences is conservative here ({} within groups): it misses differences that there are",
                plural(*df, "degree of freedom", "degrees of freedom")
            ),
            Self::LevelsAlike { column, levels } => {
                let sets: Vec<String> = levels
                    .iter()
                    .map(|set| set.iter().map(|l| format!("`{l}`")).collect::<Vec<_>>().join(" and "))
                    .collect();
                format!("levels of `{column}` differ in case or blanks only: {}", sets.join("; "))
            }
            Self::Aliased { terms } => format!(
                "{} left out: constant, or a combination of the terms before: {}",
                plural(terms.len(), "coefficient is", "coefficients are"),
                names(terms)
            ),
            Self::FewStudiesPerModerator { k, coefficients } => format!(
                "{k} studies for {}: fewer than ten for each",
                plural(*coefficients, "moderator coefficient", "moderator coefficients")
            ),
            Self::FewClusters { clusters } => {
                format!("{clusters} clusters: robust variances are themselves uncertain with fewer than twenty")
            }
            Self::ModelsSelected { models } => format!(
                "the best of {models} models is chosen by the data: its p-values and intervals are too optimistic"
            ),
            Self::DoubleZeros { studies } => format!(
                "no events in both groups of {}: pooled by the correction alone, as if without effect",
                names(studies)
            ),
            Self::DoubleZerosUsable { studies } => {
                format!("no events in both groups of {}: left out, though UM.RS can use them", names(studies))
            }
            Self::PetoUnbalanced { studies } => format!(
                "one group is more than twice the other in {}: Peto's method is biased where groups are unbalanced",
                names(studies)
            ),
            Self::PetoLarge => "the effect is large: Peto's method is biased towards none there".into(),
            Self::NotRare { risk } => {
                format!("the method is for rare events, and {} of all patients have the rarer outcome", super::format::risk(*risk))
            }
            Self::InfiniteRatio => "in every study one group has no events, or nothing but events: the ratio has a limit on one side only".into(),
            Self::MarginalOddsRatio => "the estimate is the ratio of the average odds of both groups, not an average of the studies' ratios".into(),
            Self::NotEstimable { studies } => {
                format!("{} not pooled: {}", plural(studies.len(), "study is", "studies are"), named_reasons(studies))
            }
            Self::Excluded { studies } => {
                format!("{} left out on request: {}", plural(studies.len(), "study is", "studies are"), names(studies))
            }
            Self::IterationLimit => "the iteration for τ² reached its limit; the estimate is the best found".into(),
            Self::FreemanTukey { n } => format!(
                "the Freeman-Tukey back-transformation needs one number of patients; the harmonic mean, {n:.1}, was used"
            ),
            Self::TransformedProportion => {
                "inverse variance on transformed proportions misleads when studies are few and small".into()
            }
            Self::AsymmetricLimits { studies } => {
                format!("the confidence limits are not symmetric about the estimate in {}", names(studies))
            }
            Self::StandardisedChange => {
                "a standardised change holds natural change and regression to the mean as well as the treatment".into()
            }
            Self::LargeStandardised { studies } => format!(
                "the means differ by more than two SDs in {}: was a standard error taken for an SD?",
                names(studies)
            ),
            Self::NoMoments { what, of } => {
                format!("the posterior has so heavy a tail that the {what} of {of} do not exist: they are left empty")
            }
            Self::Tau2IntervalEmpty => {
                "the Q-profile interval of τ² is empty, shown as 0 to 0: the studies agree more closely than 39 of 40 sets of \
                 studies do that differ by chance alone"
                    .into()
            }
            Self::Overcorrected { studies } => format!(
                "the small-sample correction is larger than the effect that it corrects in {}",
                names(studies)
            ),
            Self::StandardisedByPost => "the change is divided by the SD after treatment (`sd_post`, metafor's sd1i)".into(),
            Self::DerivedSd { studies } => format!("the SD of the change was derived: {}", named_reasons(studies)),
            Self::Noticed(n) => noticed::message(n),
            Self::RiskBeyondOne { baselines } => {
                let shown: Vec<String> = baselines.iter().map(|b| format!("{}%", significant(100.0 * b, 3))).collect();
                format!("the ratio takes a risk of {} beyond 100%: there it says nothing", shown.join(", "))
            }
            Self::NoEventsDifference { all, lower, upper, level } => format!(
                "{} in either group of any study: the estimate and its interval come from the correction; exact one-sided \
                 {level}% bounds of the difference, all patients together: at least {}, at most {}",
                if *all { "nothing but events" } else { "no event" },
                significant(*lower, 2),
                significant(*upper, 2)
            ),
            Self::ReadValues { ready, scale } => noticed::read_values(ready, *scale),
            Self::NaturalErrors => {
                "standard errors were given on the natural scale and turned by the delta method".into()
            }
            Self::NoPrediction => "no prediction interval: it needs three studies".into(),
            Self::PredictionNarrower { kind } => format!(
                "the prediction interval `{kind}` is narrower than the confidence interval of the mean, which cannot be true of both"
            ),
            Self::NoEvents { all, studies, size, bound, level, rate } => {
                let seen = if *all { "nothing but events" } else { "no event" };
                let (of, value) = if *rate {
                    (format!("{} of person-time", significant(*size, 6)), significant(*bound, 3))
                } else {
                    (format!("{} patients", grouped(&size.to_string())), risk(*bound))
                };
                let side = if *all { "lower" } else { "upper" };
                let over = plural(*studies, "study", "studies");
                format!("{seen} in {of} over {over}: if they share one rate, its exact one-sided {level}% {side} bound is {value}")
            }
            Self::Imputed { studies } => format!(
                "the SD of the change is imputed in {}: {} out of the primary analysis",
                names(studies),
                if studies.len() == 1 { "it stays" } else { "they stay" }
            ),
            Self::MedianProportion => "the estimate is the median over studies, not the mean".into(),
            Self::MeanProportion => "the estimate is the mean over studies, not the median".into(),
            Self::SpreadAtLimit => "the between-study variance grew to the limit of the model: the studies contradict each other".into(),
        }
    }

    /// Whether it says what the estimate means, whatever the data: a report says it once.
    pub fn is_about_the_method(&self) -> bool {
        matches!(
            self,
            Self::MedianProportion
                | Self::MeanProportion
                | Self::TransformedProportion
                | Self::MarginalOddsRatio
        )
    }

    /// Whether it speaks of the default interval of the mean, and falls with it.
    pub(crate) fn is_about_interval(&self) -> bool {
        matches!(self, Self::HksjNarrower | Self::HksjVanishes | Self::NoPrediction)
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::AsymmetryUnclear { .. } => {
                "show it as a description: neither its asymmetry nor the lack of it is evidence on bias"
                    .into()
            }
            Self::FailSafeWeak => "prefer ⟦test=selection⟧ or ⟦test=pet-peese⟧".into(),
            Self::SelectionAtBound => {
                "compare ⟦type=stepfun⟧ with one step, and other selection models".into()
            }
            Self::BetaEdge => "compare ⟦type=stepfun⟧, `negexp` or `halfnorm`".into(),
            Self::ConclusionTurns { .. } => "say so where the conclusion is quoted".into(),
            Self::OneStudy => "report the study's own interval".into(),
            Self::NoStudies => "see the reasons in the table of studies".into(),
            Self::FewStudies { counts: true, .. } => {
                "quote the interval, and show the studies beside it".into()
            }
            Self::FewStudies { k: 2, small_sample_ci: true, .. } => {
                "show both studies, and say how far they agree".into()
            }
            Self::FewStudies { small_sample_ci: true, .. } => {
                "quote the interval, not the point; compare ⟦tau2=PM⟧ and ⟦tau2=DL⟧".into()
            }
            Self::FewStudies { .. } => {
                "prefer ⟦ci=hksj-adhoc⟧, which allows for the uncertainty of τ²".into()
            }
            Self::Tau2AtZero => {
                "this is no evidence of homogeneity: see the confidence interval of τ²".into()
            }
            Self::HksjNarrower => {
                "prefer ⟦ci=hksj-adhoc⟧ (`auto`), which is never narrower than the ordinary interval".into()
            }
            Self::HksjVanishes => {
                "use ⟦ci=hksj-adhoc⟧ (`auto`): agreement by chance is no precision".into()
            }
            Self::Corrected { own: true, .. } => "they are shown so; the model needs no correction".into(),
            Self::Corrected { instead: "", .. } => {
                "compare ⟦add=0.25⟧: where the answer moves, the correction made it".into()
            }
            Self::Corrected { instead, .. } => format!("compare {instead}, which needs no correction"),
            Self::ModeratorMissing { .. } => "say so in the report, or look the values up in its sources".into(),
            Self::SubgroupMissing { studies, .. } => format!(
                "{} in the overall estimate, and in no group and no test of groups; fill the value in",
                if studies.len() == 1 { "it is" } else { "they are" }
            ),
            Self::SubgroupsNotPooled { .. } => {
                "they are in no test of differences; say so in the report".into()
            }
            Self::SubgroupsOfTwo { .. } => {
                "show the studies; the test of differences draws on all groups together".into()
            }
            Self::SubgroupTestCautious { .. } => {
                "a large p is no evidence that groups are alike: quote each group with its interval".into()
            }
            Self::LevelsAlike { .. } => {
                "they are kept apart as written; if they mean the same, write them alike in the data".into()
            }
            Self::Aliased { .. } => "leave it out of the formula, or another term that says the same".into(),
            Self::FewStudiesPerModerator { .. } => {
                "read it as an exploration; a permutation test (⟦permute⟧) needs no distribution".into()
            }
            Self::FewClusters { .. } => {
                "keep ⟦robust=CR2⟧, and distrust tests with fewer than four degrees of freedom".into()
            }
            Self::ModelsSelected { .. } => {
                "report the search, and the weight of each term over all models".into()
            }
            Self::DoubleZeros { .. } => {
                "⟦double-zero=auto⟧ leaves them out; or use ⟦model=mantel-haenszel⟧ or `glmm`".into()
            }
            Self::DoubleZerosUsable { .. } => "add ⟦keep-double-zero⟧".into(),
            Self::PetoUnbalanced { .. } | Self::PetoLarge => {
                "compare ⟦measure=OR‖model=mantel-haenszel⟧ or ⟦model=glmm⟧".into()
            }
            Self::NotRare { .. } => "compare ⟦model=glmm‖glmm-model=CM.EL⟧".into(),
            Self::InfiniteRatio => "quote the limit; a risk difference (⟦measure=RD⟧) is finite".into(),
            Self::MarginalOddsRatio => "compare ⟦model=glmm⟧".into(),
            Self::NotEstimable { studies } if studies.len() == 1 => {
                "it stays in tables and plots; report it as not estimable".into()
            }
            Self::NotEstimable { .. } => "they stay in tables and plots; report them as not estimable".into(),
            Self::Excluded { .. } => "say so in the report".into(),
            Self::IterationLimit => "compare ⟦tau2=DL⟧, which has a closed form".into(),
            Self::FreemanTukey { .. } => "other means give other answers: prefer ⟦measure=PLO⟧".into(),
            Self::TransformedProportion => {
                "read the pooled line beside the exact intervals of the studies".into()
            }
            Self::AsymmetricLimits { .. } => {
                "check them in the source: do estimate and limits belong together, on the scale of the measure?".into()
            }
            Self::StandardisedChange => {
                "prefer ⟦measure=MC⟧ where the scale is the same in all studies".into()
            }
            Self::LargeStandardised { .. } => {
                "look it up: SD = SE √n; a difference of two SDs is rare outside the laboratory".into()
            }
            Self::NoMoments { .. } => {
                "quote median and interval, or take a prior with a lighter tail: ⟦tau-prior=\"half-normal(SCALE)\"⟧"
                    .into()
            }
            Self::Tau2IntervalEmpty => {
                "it is no sign of certainty that τ² is 0; where it surprises, look whether effects were copied or standard errors \
                 are too large"
                    .into()
            }
            Self::Overcorrected { .. } => {
                "its SD is large beside its mean: check the SD, and compare ⟦no-correction⟧".into()
            }
            Self::StandardisedByPost => "⟦standardizer=pre⟧ divides by the SD before treatment".into(),
            Self::DerivedSd { .. } => "check the source of each; compare the result without them".into(),
            Self::Noticed(n) => noticed::hint(n),
            Self::RiskBeyondOne { .. } => "⟦measure=OR⟧ carries over to any risk".into(),
            Self::NoEventsDifference { .. } => "quote the bounds; nothing seen is not nothing there".into(),
            Self::ReadValues { ready, .. } => format!("say ⟦values={}⟧ to settle it", ready.values.id()),
            Self::NaturalErrors => "limits, where reported, lose less: prefer them".into(),
            Self::NoPrediction => "quote the confidence interval".into(),
            Self::PredictionNarrower { .. } => {
                "leave ⟦prediction⟧ out: the partner of ⟦ci⟧ is never the narrower one".into()
            }
            Self::NoEvents { .. } => {
                "quote the bound with the number of patients; nothing seen is not nothing there".into()
            }
            Self::Imputed { .. } => "compare the estimates with imputed rows: ⟦impute=grid⟧".into(),
            Self::MedianProportion => "compare ⟦model=beta-binomial⟧, which estimates the mean".into(),
            Self::MeanProportion => "compare ⟦model=glmm⟧, which estimates the median".into(),
            Self::SpreadAtLimit => "show the studies; one pooled number does not describe them".into(),
        }
    }
}
