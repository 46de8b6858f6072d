//! What sensitivity analyses return.

use super::{Note, PoolResult};
pub use crate::choice::Analysis;
use crate::effect::Natural;

/// Where an interval lies of no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// All of it below.
    Below,
    /// It holds no effect.
    Undecided,
    /// All of it above.
    Above,
}

impl Conclusion {
    /// Of an interval; `None` for measures without a value of no effect. Unbounded sides never exclude it.
    pub fn of(lower: Option<f64>, upper: Option<f64>, null: Option<f64>) -> Option<Self> {
        let null = null?;
        Some(match (lower, upper) {
            (Some(l), _) if l > null => Self::Above,
            (_, Some(u)) if u < null => Self::Below,
            _ => Self::Undecided,
        })
    }

    /// In words; `against` is the value that it is about, as it is read, if that is not the value of no effect.
    pub fn words(self, against: Option<f64>) -> String {
        let value = against.map_or("no effect".to_string(), |x| x.to_string());
        match self {
            Self::Below => format!("below {value}"),
            Self::Undecided => format!("{value} not excluded"),
            Self::Above => format!("above {value}"),
        }
    }
}

/// The pooled estimate of some of the studies, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refit {
    /// Studies pooled.
    pub k: usize,
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: Option<f64>,
    /// Test statistic against no effect.
    pub statistic: Option<f64>,
    /// Degrees of freedom; `None` for the normal distribution.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
    /// Lower confidence limit; `None` when unbounded.
    pub lower: Option<f64>,
    /// Upper confidence limit; `None` when unbounded.
    pub upper: Option<f64>,
    /// Cochran's Q, or the likelihood-ratio statistic.
    pub q: Option<f64>,
    /// Its p-value.
    pub q_p_value: Option<f64>,
    /// Between-study variance.
    pub tau2: Option<f64>,
    /// I² in percent.
    pub i2: Option<f64>,
    /// H².
    pub h2: Option<f64>,
    /// I², or the same share of the likelihood ratio where a model has no I²; in percent.
    pub inconsistency: Option<f64>,
}

/// The pooled estimate without, or up to, a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The study or cluster left out, or added.
    pub label: String,
    /// Its rows in the table.
    pub rows: Vec<usize>,
    /// Value of the column that orders a cumulative analysis.
    pub order: Option<String>,
    /// The estimate; `None` where it cannot be computed.
    pub fit: Option<Refit>,
    /// For reading.
    pub natural: Natural,
    /// Why there is no estimate.
    pub reason: Option<String>,
    /// Whether the conclusion differs: from that of all studies when one is left out, from the step before when one is added.
    pub turns: bool,
}

/// Diagnostics of one study.
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Externally standardised residual: against the estimate without the study.
    pub rstudent: Option<f64>,
    /// Change of the estimate in standard errors of the fitted value; `None` for models without leverage.
    pub dffits: Option<f64>,
    /// Cook's distance.
    pub cook_distance: Option<f64>,
    /// Variance of the estimate without the study over that with it.
    pub covratio: Option<f64>,
    /// τ² without the study.
    pub tau2_deleted: Option<f64>,
    /// Q without the study.
    pub q_deleted: Option<f64>,
    /// Leverage; `None` for models without weights.
    pub hat: Option<f64>,
    /// Weight in percent; `None` for models without weights.
    pub weight: Option<f64>,
    /// Change of the estimate in standard errors without the study.
    pub dfbeta: Option<f64>,
    /// Raw residual.
    pub residual: Option<f64>,
    /// Internally standardised residual.
    pub standardized_residual: Option<f64>,
    /// Which rules flag it, in words; empty for none.
    pub flags: Vec<&'static str>,
}

/// Coordinates of a study in a Baujat plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Baujat {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Squared Pearson residual: its contribution to Q.
    pub q_contribution: Option<f64>,
    /// Squared change of the estimate over its variance without the study.
    pub influence: Option<f64>,
}

/// A study's effect drawn towards the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Blup {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Prediction.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// For reading.
    pub natural: Natural,
    /// How far it was drawn, 0 for not at all to 1 for all the way.
    pub shrinkage: f64,
}

/// What a study does to the cloud of subsets.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Label.
    pub study: String,
    /// Row of the table.
    pub row: usize,
    /// Mean estimate of the subsets with it.
    pub estimate_with: f64,
    /// Mean estimate of those without it.
    pub estimate_without: f64,
    /// Mean I² with it.
    pub i2_with: f64,
    /// Mean I² without it.
    pub i2_without: f64,
    /// Distance between both centres, in standard deviations of the cloud.
    pub distance: f64,
}

/// A density of subsets over estimate and I².
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// Range of the estimates.
    pub range: (f64, f64),
    /// Cells along the estimate.
    pub columns: usize,
    /// Cells along I², from 0 to 100.
    pub rows: usize,
    /// Subsets per cell, row by row from I² = 0.
    pub counts: Vec<u32>,
    /// For each cell, how many of its subsets hold the study that splits the cloud most.
    pub with_split: Vec<u32>,
    /// Subsets beyond the range.
    pub outside: u64,
}

/// All subsets, or a sample of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gosh {
    /// Subsets fitted.
    pub subsets: u64,
    /// Whether these are all.
    pub exhaustive: bool,
    /// Of the random numbers.
    pub seed: Option<u64>,
    /// Subsets that the model could not fit.
    pub failed: u64,
    /// Mean of the estimates.
    pub estimate_mean: f64,
    /// Their standard deviation.
    pub estimate_sd: f64,
    /// The least and the greatest.
    pub estimate_range: (f64, f64),
    /// Mean of I².
    pub i2_mean: f64,
    /// Standard deviation of I².
    pub i2_sd: f64,
    /// One per study, in order.
    pub splits: Vec<Split>,
    /// Which of them is widest.
    pub widest: usize,
    /// The picture of it.
    pub cloud: Cloud,
}

impl Gosh {
    /// The study that splits the cloud most.
    pub fn widest(&self) -> Option<&Split> {
        self.splits.get(self.widest)
    }
}

/// A study left out to lower heterogeneity.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    /// Label; `None` for the start with all studies.
    pub study: Option<String>,
    /// Row of the table.
    pub row: Option<usize>,
    /// The estimate without it and those before it.
    pub fit: Refit,
    /// For reading.
    pub natural: Natural,
    /// Whether the conclusion differs from that of all studies.
    pub turns: bool,
}

/// Studies left out, one after the other, until I² is at most the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Outliers {
    /// I² in percent that was aimed at.
    pub target: f64,
    /// All studies first, then one fewer each time.
    pub path: Vec<Removal>,
    /// Whether the target was reached.
    pub reached: bool,
}

/// A choice within a dimension of the analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is chosen: measure, model, τ², interval, correction, study left out.
    pub dimension: &'static str,
    /// The choice.
    pub option: String,
    /// Analyses with it.
    pub analyses: usize,
    /// How many of them keep the conclusion; `None` where there is none to keep.
    pub holds: Option<usize>,
    /// Least, median and greatest estimate for reading; `None` where measures differ.
    pub estimates: Option<(f64, f64, f64)>,
    /// Whether the primary analysis chose it.
    pub primary: bool,
}

/// One way to analyse the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Specification {
    /// The choice in every dimension but the study left out.
    pub choices: Vec<String>,
    /// Measure code.
    pub measure: &'static str,
    /// Whether the measure is read as a ratio.
    pub ratio: bool,
    /// Value of no effect for reading.
    pub null: Option<f64>,
    /// Estimate and limits for reading.
    pub natural: Natural,
    /// p-value.
    pub p_value: Option<f64>,
    /// Studies pooled.
    pub k: usize,
    /// What it says.
    pub conclusion: Option<Conclusion>,
    /// Least and greatest estimate when one study is left out, for reading.
    pub left_out: Option<(f64, f64)>,
    /// How many of the analyses with one study left out keep the primary conclusion, and how many there are.
    pub left_out_holds: Option<(usize, usize)>,
    /// Whether it is the primary analysis.
    pub primary: bool,
}

/// The conclusion under every defensible choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// Names of the dimensions, in the order of the choices of each specification.
    pub dimensions: Vec<&'static str>,
    /// Every combination that can be computed.
    pub specifications: Vec<Specification>,
    /// Per choice.
    pub choices: Vec<Choice>,
    /// What the primary analysis concludes.
    pub conclusion: Option<Conclusion>,
    /// The value that conclusions are about, as it is read, where it was asked for; else that of no effect.
    pub against: Option<f64>,
    /// Analyses in all, those with a study left out included.
    pub analyses: usize,
    /// How many keep the conclusion.
    pub holds: Option<usize>,
    /// Combinations that cannot be computed, with the first reason.
    pub refused: (usize, Option<String>),
}

/// The likelihood over τ², μ maximised at each.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileCurve {
    /// τ² and log-likelihood, increasing in τ².
    pub points: Vec<(f64, f64)>,
    /// τ² at the maximum, and the log-likelihood there.
    pub peak: (f64, f64),
    /// Log-likelihood below which τ² is outside the interval.
    pub cut: f64,
    /// Lower limit of τ²; `None` where the likelihood never falls below the cut on that side.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Whether it is restricted.
    pub restricted: bool,
}

/// Quantiles of residuals against those of the normal distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// Row of the table, normal quantile, residual; sorted.
    pub points: Vec<(usize, f64, f64)>,
    /// Simulated limits at each point.
    pub envelope: Vec<(f64, f64)>,
    /// Samples drawn.
    pub samples: usize,
    /// Of the random numbers.
    pub seed: u64,
}

/// A pooled result with the analyses that were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SensitivityResult {
    /// All studies pooled.
    pub pool: PoolResult,
    /// What was asked for.
    pub analyses: Vec<Analysis>,
    /// Every study left out in turn.
    pub leave_one_out: Option<Vec<Step>>,
    /// What is left out: studies, or clusters by the values of a column.
    pub cluster: Option<String>,
    /// Studies added one by one.
    pub cumulative: Option<Vec<Step>>,
    /// In which order.
    pub order: Option<String>,
    /// From the largest value down.
    pub descending: bool,
    /// The value on the analysis scale that conclusions are about.
    pub null: Option<f64>,
    /// The same as it is read, where it was asked for; else it is that of no effect.
    pub against: Option<f64>,
    /// Statistic and p-value of all studies about that value; `None` where it is no effect.
    pub whole_test: Option<(Option<f64>, Option<f64>)>,
    /// Influence diagnostics.
    pub influence: Option<Vec<Influence>>,
    /// Baujat coordinates.
    pub baujat: Option<Vec<Baujat>>,
    /// Predictions of study effects.
    pub blup: Option<Vec<Blup>>,
    /// Subsets.
    pub gosh: Option<Gosh>,
    /// Studies left out until heterogeneity is low.
    pub outliers: Option<Outliers>,
    /// The conclusion under every defensible choice.
    pub stability: Option<Stability>,
    /// The likelihood of τ².
    pub profile: Option<ProfileCurve>,
    /// Quantiles of residuals.
    pub quantiles: Option<Quantiles>,
}

impl SensitivityResult {
    /// A pooled result, nothing analysed yet.
    pub fn new(pool: PoolResult) -> Self {
        Self {
            pool,
            analyses: vec![],
            leave_one_out: None,
            cluster: None,
            cumulative: None,
            order: None,
            descending: false,
            null: None,
            against: None,
            whole_test: None,
            influence: None,
            baujat: None,
            blup: None,
            gosh: None,
            outliers: None,
            stability: None,
            profile: None,
            quantiles: None,
        }
    }
}

impl SensitivityResult {
    /// The estimate of all studies.
    pub fn whole(&self) -> Option<Refit> {
        let (m, h) = (self.pool.main()?, self.pool.heterogeneity);
        let (statistic, p_value) = self.whole_test.unwrap_or((m.statistic, m.p_value));
        Some(Refit {
            k: self.pool.k,
            estimate: m.estimate,
            se: m.se,
            statistic,
            df: m.df,
            p_value,
            lower: m.lower,
            upper: m.upper,
            q: h.map(|h| h.q),
            q_p_value: h.map(|h| h.q_p_value),
            tau2: h.and_then(|h| h.tau2),
            i2: h.and_then(|h| h.i2.or(h.i2_q)),
            h2: h.and_then(|h| h.h2),
            inconsistency: h.and_then(|h| h.i2.or(h.i2_q)),
        })
    }

    /// What [`Refit::inconsistency`] is called.
    pub fn inconsistency_word(&self) -> &'static str {
        match self.whole() {
            Some(f) if f.i2.is_none() => "The excess of the likelihood ratio over its degrees of freedom",
            _ => "I²",
        }
    }

    /// "the conclusion", or "the conclusion about 0.1".
    pub fn conclusion_word(&self) -> String {
        self.against.map_or("the conclusion".into(), |x| format!("the conclusion about {x}"))
    }

    /// What all studies conclude.
    pub fn conclusion(&self) -> Option<Conclusion> {
        self.pool.main().and_then(|m| Conclusion::of(m.lower, m.upper, self.null))
    }

    /// Caveats of the pooled result and of the analyses.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.pool.notes.clone();
        let turning = |s: &&Step| s.turns;
        let studies: Vec<String> =
            self.leave_one_out.iter().flatten().filter(turning).map(|s| s.label.clone()).collect();
        if !studies.is_empty() {
            notes.push(Note::ConclusionTurns { studies, against: self.against });
        }
        notes
    }
}
