//! Caveats: one enum, carried by the result, each with advice that knows what was chosen.
//!
//! A caveat is a line of the list below, which names what it holds and the function that words it: its code, its message and
//! its hint stand together in a file of this room. Hints name options in marks (`⟦tau2=PM⟧`), which each door words.

mod analyses;
mod counts;
mod effects;
mod groups;
mod pooling;
mod rows;

use crate::effect::{Noticed, ReadyScale, Scale};
use std::borrow::Cow;

/// What a caveat says.
struct Words {
    /// A stable code for scripts.
    code: &'static str,
    message: String,
    hint: String,
}

fn words(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Words {
    Words { code, message: message.into(), hint: hint.into() }
}

/// Declares the enum, and which function words each variant.
macro_rules! caveats {
    ($(
        $(#[$doc:meta])*
        $variant:ident
        $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })?
        $(($inner:ident: $inner_type:ty))?
        => $words:path,
    )+) => {
        /// A caveat that travels with a result. Never printed by the library.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Note {
            $(
                $(#[$doc])*
                $variant $({ $($(#[$field_doc])* $field: $type,)* })? $(($inner_type))?,
            )+
        }

        impl Note {
            fn words(&self) -> Words {
                match self {
                    $(Self::$variant $({ $($field),* })? $(($inner))? => {
                        $words($($($field),*)? $($inner)?)
                    })+
                }
            }
        }
    };
}

caveats! {
    /// A single study: nothing is pooled.
    OneStudy => pooling::one_study,
    /// Fewer than five studies.
    FewStudies {
        /// How many.
        k: usize,
        /// Whether the interval already allows for it.
        small_sample_ci: bool,
        /// Whether counts were pooled by their own likelihood.
        counts: bool,
    } => pooling::few_studies,
    /// τ² is estimated as zero.
    Tau2AtZero => pooling::tau2_at_zero,
    /// The Hartung–Knapp standard error is smaller than the ordinary one.
    HksjNarrower => pooling::hksj_narrower,
    /// The studies agree so closely that the Hartung–Knapp standard error vanishes.
    HksjVanishes => pooling::hksj_vanishes,
    /// Studies that stay in the tables without weight.
    NotEstimable {
        /// Label and reason.
        studies: Vec<(String, String)>,
    } => pooling::not_estimable,
    /// Studies left out on request.
    Excluded {
        /// Which.
        studies: Vec<String>,
    } => pooling::excluded,
    /// The iteration for τ² reached its limit.
    IterationLimit => pooling::iteration_limit,
    /// No value of τ² is compatible with effects so alike: the Q-profile interval is empty.
    Tau2IntervalEmpty => pooling::tau2_interval_empty,
    /// No prediction interval below three studies.
    NoPrediction => pooling::no_prediction,
    /// The prediction interval that was asked for is narrower than the confidence interval.
    PredictionNarrower {
        /// Its code.
        kind: String,
    } => pooling::prediction_narrower,
    /// A continuity correction was added.
    Corrected {
        /// To which studies.
        studies: Vec<String>,
        /// What was added, in words.
        correction: String,
        /// For their own estimates only: the pooled estimate uses the counts as they are.
        own: bool,
        /// Models that need no correction.
        instead: Cow<'static, str>,
    } => counts::corrected,
    /// Studies without events in both groups were pooled by a correction alone.
    DoubleZeros {
        /// Which.
        studies: Vec<String>,
    } => counts::double_zeros,
    /// Studies without events in both groups were left out of a model that could use them.
    DoubleZerosUsable {
        /// Which.
        studies: Vec<String>,
    } => counts::double_zeros_usable,
    /// Peto's method with groups of unequal size.
    PetoUnbalanced {
        /// Which studies.
        studies: Vec<String>,
    } => counts::peto_unbalanced,
    /// Peto's method with a large effect.
    PetoLarge => counts::peto_large,
    /// A method for rare events where they are not.
    NotRare {
        /// Share of patients with event (or without, if that is less).
        risk: f64,
    } => counts::not_rare,
    /// The ratio has no finite estimate.
    InfiniteRatio => counts::infinite_ratio,
    /// The beta-binomial model of two groups estimates a ratio of average odds.
    MarginalOddsRatio => counts::marginal_odds_ratio,
    /// A Freeman–Tukey result needs one number of patients that does not exist.
    FreemanTukey {
        /// The one used.
        n: f64,
    } => counts::freeman_tukey,
    /// Inverse variance on transformed proportions of few, small studies.
    TransformedProportion => counts::transformed_proportion,
    /// An effect that takes baseline risks beyond 1.
    RiskBeyondOne {
        /// Which.
        baselines: Vec<f64>,
    } => counts::risk_beyond_one,
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
    } => counts::no_events_difference,
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
    } => counts::no_events,
    /// The GLMM estimates a median.
    MedianProportion => counts::median_proportion,
    /// The beta-binomial model estimates a mean.
    MeanProportion => counts::mean_proportion,
    /// The variance grew to the limit of the model.
    SpreadAtLimit => counts::spread_at_limit,
    /// Confidence limits far from symmetric about the estimate.
    AsymmetricLimits {
        /// Which studies.
        studies: Vec<String>,
    } => effects::asymmetric_limits,
    /// A standardised change holds natural change and regression to the mean.
    StandardisedChange => effects::standardised_change,
    /// Standardised differences so large that the divisor may be a standard error.
    LargeStandardised {
        /// Which studies.
        studies: Vec<String>,
    } => effects::large_standardised,
    /// A correction for small samples is larger than the effect that it corrects.
    Overcorrected {
        /// Which studies.
        studies: Vec<String>,
    } => effects::overcorrected,
    /// SMCR divides by the SD after.
    StandardisedByPost => effects::standardised_by_post,
    /// The SD of a change was derived from other numbers.
    DerivedSd {
        /// Study and source.
        studies: Vec<(String, String)>,
    } => effects::derived_sd,
    /// On which scale ready values were read, without the user saying so.
    ReadValues {
        /// How, and what told it.
        ready: ReadyScale,
        /// The scale of analysis.
        scale: Scale,
    } => effects::read_values,
    /// Standard errors of natural values were turned to the scale of analysis.
    NaturalErrors => effects::natural_errors,
    /// Rows with imputed variances stay out of the primary analysis.
    Imputed {
        /// Which studies.
        studies: Vec<String>,
    } => effects::imputed,
    /// Studies without a value of a moderator.
    ModeratorMissing {
        /// Which.
        studies: Vec<String>,
    } => groups::moderator_missing,
    /// Studies without a value of the column of subgroups.
    SubgroupMissing {
        /// The column.
        column: String,
        /// Which.
        studies: Vec<String>,
    } => groups::subgroup_missing,
    /// Subgroups without an estimate.
    SubgroupsNotPooled {
        /// Level and reason.
        groups: Vec<(String, String)>,
    } => groups::subgroups_not_pooled,
    /// Subgroups of two studies, with an interval on one degree of freedom.
    SubgroupsOfTwo {
        /// Which.
        groups: Vec<String>,
    } => groups::subgroups_of_two,
    /// Few studies within subgroups: the test of their differences keeps well below its level.
    SubgroupTestCautious {
        /// Studies less groups.
        df: usize,
    } => groups::subgroup_test_cautious,
    /// Levels of a column that differ in case or blanks only.
    LevelsAlike {
        /// The column.
        column: String,
        /// Sets of levels that are the same but for that.
        levels: Vec<Vec<String>>,
    } => groups::levels_alike,
    /// Columns of the design that are combinations of earlier ones.
    Aliased {
        /// Their names.
        terms: Vec<String>,
    } => groups::aliased,
    /// Fewer than ten studies for each coefficient.
    FewStudiesPerModerator {
        /// Studies.
        k: usize,
        /// Coefficients beside the intercept.
        coefficients: usize,
    } => groups::few_studies_per_moderator,
    /// Robust variances with few clusters.
    FewClusters {
        /// How many.
        clusters: usize,
    } => groups::few_clusters,
    /// The best of many models was looked for.
    ModelsSelected {
        /// How many.
        models: usize,
    } => groups::models_selected,
    /// A posterior whose tail is too heavy for some moments.
    NoMoments {
        /// Which of mean and SD.
        what: Cow<'static, str>,
        /// Of which quantities.
        of: Cow<'static, str>,
    } => analyses::no_moments,
    /// Asymmetry of effects about their mean says nothing on bias in these data.
    AsymmetryUnclear {
        /// Why.
        reason: String,
    } => analyses::asymmetry_unclear,
    /// Fail-safe numbers say little.
    FailSafeWeak => analyses::fail_safe_weak,
    /// A parameter of a selection model lies on its bound.
    SelectionAtBound => analyses::selection_at_bound,
    /// Weights of the beta selection model grow without end near p = 0.
    BetaEdge => analyses::beta_edge,
    /// The conclusion hangs on single studies.
    ConclusionTurns {
        /// Which of them change it when left out.
        studies: Vec<String>,
        /// The value that it is about, where it is not that of no effect.
        against: Option<f64>,
    } => analyses::conclusion_turns,
    /// What was noticed about the rows while they were read.
    Noticed(noticed: Noticed) => rows::noticed,
}

impl Note {
    /// A stable code for scripts.
    pub fn code(&self) -> &'static str {
        self.words().code
    }

    /// What is the case.
    pub fn message(&self) -> String {
        self.words().message
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        self.words().hint
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
}

/// Names in a row, the first six of them.
fn names(studies: &[String]) -> String {
    first_six(studies, ", ", String::clone)
}

/// The same with what is to be said of each.
fn named_reasons(studies: &[(String, String)]) -> String {
    first_six(studies, "; ", |(study, reason)| format!("{study} ({reason})"))
}

fn first_six<T>(items: &[T], between: &str, shown: impl Fn(&T) -> String) -> String {
    let parts: Vec<String> = items.iter().take(6).map(shown).collect();
    let more = items.len().saturating_sub(6);
    if more > 0 { format!("{} and {more} more", parts.join(between)) } else { parts.join(between) }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
