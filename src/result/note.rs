//! Caveats: one enum, carried by the result, each with advice that knows what was chosen.

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
        /// What was added.
        add: f64,
    },
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
    /// SMCR divides by the SD after.
    StandardisedByPost,
    /// The SD of a change was derived from other numbers.
    DerivedSd {
        /// Study and source.
        studies: Vec<(String, String)>,
    },
    /// Two rows have the same label.
    DuplicateLabels {
        /// Which labels.
        labels: Vec<String>,
    },
    /// No prediction interval below three studies.
    NoPrediction,
}

fn names(studies: &[String]) -> String {
    let shown: Vec<&str> = studies.iter().take(6).map(String::as_str).collect();
    let more = studies.len().saturating_sub(6);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn named_reasons(studies: &[(String, String)]) -> String {
    let parts: Vec<String> = studies.iter().take(6).map(|(s, r)| format!("{s} ({r})")).collect();
    let more = studies.len().saturating_sub(6);
    if more > 0 { format!("{} and {more} more", parts.join("; ")) } else { parts.join("; ") }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Note {
    /// A stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OneStudy => "one-study",
            Self::NoStudies => "no-studies",
            Self::FewStudies { .. } => "few-studies",
            Self::Tau2AtZero => "tau2-at-zero",
            Self::HksjNarrower => "hksj-narrower",
            Self::HksjVanishes => "hksj-vanishes",
            Self::Corrected { .. } => "continuity-correction",
            Self::NotEstimable { .. } => "not-estimable",
            Self::Excluded { .. } => "excluded",
            Self::IterationLimit => "iteration-limit",
            Self::FreemanTukey { .. } => "freeman-tukey",
            Self::TransformedProportion => "transformed-proportion",
            Self::AsymmetricLimits { .. } => "asymmetric-limits",
            Self::StandardisedChange => "standardised-change",
            Self::StandardisedByPost => "standardised-by-post",
            Self::DerivedSd { .. } => "derived-sd",
            Self::DuplicateLabels { .. } => "duplicate-labels",
            Self::NoPrediction => "no-prediction",
        }
    }

    /// What is the case.
    pub fn message(&self) -> String {
        match self {
            Self::OneStudy => "a single study: nothing is pooled, and between-study variance cannot be estimated".into(),
            Self::NoStudies => "no study can be pooled".into(),
            Self::FewStudies { k, .. } => format!("only {k} studies: τ² and every interval that uses it are uncertain"),
            Self::Tau2AtZero => "τ² is estimated as 0: the random-effects estimate equals the common-effect estimate".into(),
            Self::HksjNarrower => "the Hartung-Knapp interval rests on a smaller standard error than the ordinary one".into(),
            Self::HksjVanishes => "the studies agree so closely that the Hartung-Knapp standard error is all but zero".into(),
            Self::Corrected { studies, add } => format!(
                "{add} was added to every cell of {}: {}",
                plural(studies.len(), "study with an empty cell", "studies"),
                names(studies)
            ),
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
            Self::StandardisedByPost => "the change is divided by the SD after treatment (`sd_post`, metafor's sd1i)".into(),
            Self::DerivedSd { studies } => format!("the SD of the change was derived: {}", named_reasons(studies)),
            Self::DuplicateLabels { labels } => format!("more than one row is labelled {}", names(labels)),
            Self::NoPrediction => "no prediction interval: it needs three studies".into(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::OneStudy => "report the study's own interval".into(),
            Self::NoStudies => "see the reasons in the table of studies".into(),
            Self::FewStudies { small_sample_ci: true, .. } => {
                "quote the interval, not the point; compare `--tau2 PM` and `--tau2 DL`".into()
            }
            Self::FewStudies { .. } => "prefer `--ci hksj`, which allows for the uncertainty of τ²".into(),
            Self::Tau2AtZero => {
                "this is no evidence of homogeneity: see the confidence interval of τ²".into()
            }
            Self::HksjNarrower => {
                "compare `--ci hksj-adhoc`, which is never narrower than the ordinary interval".into()
            }
            Self::HksjVanishes => "use `--ci hksj-adhoc` or `--ci t`".into(),
            Self::Corrected { .. } => {
                "compare `--add 0.25`, or a measure that needs no correction (RD, AS, PETO, PAS)".into()
            }
            Self::NotEstimable { .. } => "they stay in tables and plots; report them as not estimable".into(),
            Self::Excluded { .. } => "say so in the report".into(),
            Self::IterationLimit => "compare `--tau2 DL`, which has a closed form".into(),
            Self::FreemanTukey { .. } => "other means give other answers: prefer `--measure PLO`".into(),
            Self::TransformedProportion => {
                "read the pooled line beside the exact intervals of the studies".into()
            }
            Self::AsymmetricLimits { .. } => {
                "ratios need logarithms: are estimate and limits on the analysis scale?".into()
            }
            Self::StandardisedChange => {
                "prefer `--measure MC` where the scale is the same in all studies".into()
            }
            Self::StandardisedByPost => "`--standardizer pre` divides by the SD before treatment".into(),
            Self::DerivedSd { .. } => "check the source of each; compare the result without them".into(),
            Self::DuplicateLabels { .. } => {
                "the same study twice? tell them apart with `--study COLUMN`".into()
            }
            Self::NoPrediction => "quote the confidence interval".into(),
        }
    }
}
