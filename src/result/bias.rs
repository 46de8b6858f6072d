//! What tests of small-study effects and corrections for selective publication return.

use super::{Note, PoolResult};
pub use crate::choice::bias::Side;
use crate::choice::bias::{Alternative, BiasTest, Estimator, SelectionModel};
use crate::effect::Natural;
use crate::math::root::Stop;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An estimate that allows for bias, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Adjusted {
    /// Estimate.
    pub estimate: f64,
    /// Standard error; `None` where the method has none.
    pub se: Option<f64>,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
    /// Two-sided p-value against no effect.
    pub p_value: Option<f64>,
    /// Between-study variance.
    pub tau2: Option<f64>,
    /// For reading.
    pub natural: Natural,
}

words! {
    /// The distribution that a test statistic is compared with, by the letter before its value.
    #[derive(Default)]
    pub enum Statistic {
        /// There is no statistic, or it has no distribution.
        #[default]
        None => "",
        /// Standard normal.
        Z => "z",
        /// Student's.
        T => "t",
        /// χ².
        ChiSquared => "χ²",
    }
}

words! {
    /// Which line PET-PEESE takes.
    pub enum Conditional {
        /// Along the standard error: no effect is left.
        Pet => "pet",
        /// Along the variance: there is an effect.
        Peese => "peese",
    }
}

/// A line through effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fitted {
    /// Code of the predictor, such as `sei`.
    pub predictor: String,
    /// Whether effects are those of the table, so that the line can be drawn among them.
    pub of_table: bool,
    /// Its value where the predictor is 0.
    pub intercept: f64,
    /// Change per unit of the predictor.
    pub slope: f64,
    /// Standard error of the slope.
    pub slope_se: f64,
}

/// A study that trim and fill believes missing: the mirror image of one that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Filled {
    /// Row of the study that is mirrored.
    pub row: usize,
    /// Its label.
    pub study: String,
    /// Estimate of the missing study.
    pub estimate: f64,
    /// Its variance.
    pub variance: f64,
}

/// Trim and fill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrimFill {
    /// How they were counted.
    pub estimator: Estimator,
    /// Studies believed missing.
    pub missing: usize,
    /// Standard error of their number.
    pub missing_se: Option<f64>,
    /// p-value of no missing study; R0 alone has one.
    pub missing_p_value: Option<f64>,
    /// Where.
    pub side: Side,
    /// Which.
    pub filled: Vec<Filled>,
    /// Iterations.
    pub iterations: usize,
}

/// A selection model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// Its weight function.
    pub kind: SelectionModel,
    /// Side of the p-values.
    pub alternative: Alternative,
    /// Upper ends of the intervals of p, for step functions; the last is 1.
    pub steps: Vec<f64>,
    /// Parameters of the weight function; the first step is 1 by definition.
    pub delta: Vec<f64>,
    /// Their standard errors; `None` where fixed or on the boundary.
    pub delta_se: Vec<Option<f64>>,
    /// Studies per interval, for step functions.
    pub counts: Vec<usize>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Likelihood ratio against no selection.
    pub lrt: f64,
    /// Its degrees of freedom.
    pub lrt_df: usize,
    /// Its p-value.
    pub lrt_p_value: f64,
    /// Standard error of τ²; `None` on the boundary.
    pub tau2_se: Option<f64>,
    /// p and relative probability of publication, with limits: the weight function.
    pub curve: Vec<SelectionPoint>,
    /// One-sided (or two-sided) p-values of the studies.
    pub p_values: Vec<f64>,
    /// Iterations.
    pub iterations: usize,
    /// How they ended.
    pub stop: Stop,
    /// Whether a parameter lies on its boundary.
    pub at_boundary: bool,
}

/// A point of a weight function.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelectionPoint {
    /// p-value.
    pub p: f64,
    /// Relative probability of publication.
    pub weight: f64,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// The p-curve of significant results.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PCurve {
    /// Significant results.
    pub significant: usize,
    /// Those with p below half of the level.
    pub half: usize,
    /// z and p of right skew among all of them.
    pub right_skew: (f64, f64),
    /// The same among those below half the level.
    pub right_skew_half: Option<(f64, f64)>,
    /// z and p of being flatter than with 33% power.
    pub flat: (f64, f64),
    /// z and p of the same among those below half the level.
    pub flat_half: Option<(f64, f64)>,
    /// Average power that fits the p-values best, in percent.
    pub power: Power,
    /// Its 90% limits, in percent.
    pub power_limits: (Power, Power),
    /// Shares of p in (0, .01], (.01, .02], ... (.04, .05], in percent.
    pub shares: [f64; 5],
}

impl PCurve {
    /// Power with its limits, in words: what lies beyond the ends of the scale has no number.
    pub fn power_line(&self) -> String {
        let (lower, upper) = self.power_limits;
        format!("{} (90% CI {} to {})", self.power.words(), lower.words(), upper.words())
    }
}

/// A power in percent, or the end of the scale beyond which it lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Power {
    /// Estimated.
    At(f64),
    /// Less than the level of significance, the least that a power can be.
    Below(f64),
    /// More than can be told apart from certainty.
    Above(f64),
}

impl Power {
    /// The estimate, where there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::At(x) => Some(x),
            Self::Below(_) | Self::Above(_) => None,
        }
    }

    /// For reading.
    pub fn words(self) -> String {
        match self {
            Self::At(x) => format!("{x:.0}%"),
            Self::Below(x) => format!("below {}%", (x * 1e6).round() / 1e6),
            Self::Above(x) => format!("above {x}%"),
        }
    }
}

/// What a test found beside its statistic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Finding {
    /// A regression of effects on a measure of their precision.
    Line(Fitted),
    /// A rank correlation.
    Rank {
        /// Kendall's τ.
        tau: f64,
        /// Whether the p-value is exact.
        exact: bool,
    },
    /// Trim and fill.
    TrimFill(TrimFill),
    /// Studies of no effect that would remove the finding.
    FailSafe {
        /// How many.
        n: f64,
        /// Average effect aimed at, for Orwin's.
        target: Option<f64>,
        /// Average effect of the studies.
        average: Option<f64>,
    },
    /// Significant studies against what their power lets expect.
    Excess {
        /// Significant ones.
        observed: usize,
        /// Expected ones.
        expected: f64,
    },
    /// Weights by p-value.
    Selection(Selection),
    /// The effect of an infinitely precise study.
    Limit {
        /// Small-study effect: the intercept of the radial line.
        alpha: f64,
        /// Q of all heterogeneity that small studies explain.
        q_small: f64,
        /// Q of what remains.
        q_remaining: f64,
        /// Degrees of freedom of what remains.
        df_remaining: usize,
        /// p-value of what remains.
        p_remaining: f64,
        /// Share of heterogeneity left after allowing for small studies, in percent; `None` where no limit differs from 0.
        g2: Option<f64>,
        /// Effects of the studies, freed of their small-study effect.
        shrunken: Vec<(usize, f64)>,
    },
    /// The distribution of significant p-values.
    PCurve(PCurve),
    /// Significant and other results, each by the likelihood of its kind.
    PUniform {
        /// Significant ones.
        significant: usize,
        /// Log-likelihood, conditional on significance.
        log_likelihood: f64,
        /// Iterations.
        iterations: usize,
    },
    /// PET-PEESE: which of both was taken.
    Conditional {
        /// The line.
        taken: Conditional,
        /// One-sided p-value of the effect in PET.
        pet_p_value: f64,
    },
    /// Nothing else.
    Nothing,
}

/// One test or correction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BiasOutcome {
    /// Its code and name.
    pub test: BiasTest,
    /// What it does, in a sentence.
    pub title: Cow<'static, str>,
    /// How it was done, beside its name: model, predictor, estimator.
    pub variant: String,
    /// Test statistic.
    pub statistic: Option<f64>,
    /// What it is.
    pub statistic_kind: Statistic,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// p-value.
    pub p_value: Option<f64>,
    /// Whether it is of one side alone: small for one direction, and near 1 for the other.
    pub one_sided: bool,
    /// The estimate that allows for bias.
    pub adjusted: Option<Adjusted>,
    /// The effect where a study has no error, from a line.
    pub limit: Option<Adjusted>,
    /// What else it found.
    pub finding: Finding,
    /// Studies used.
    pub k: usize,
    /// What to know about it.
    pub notes: Vec<Note>,
}

/// A test that was not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refused {
    /// Its code and name.
    pub test: BiasTest,
    /// Why.
    pub reason: String,
}

/// All that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BiasResult {
    /// All studies pooled.
    pub pool: PoolResult,
    /// What was done.
    pub outcomes: Vec<BiasOutcome>,
    /// What does not suit the data.
    pub refused: Vec<Refused>,
    /// What to know about the data where a test or picture does not suit them.
    pub notes: Vec<Note>,
    /// Whether one test was asked for, rather than those that suit.
    pub single: bool,
}

impl BiasResult {
    /// The trim and fill among the outcomes.
    pub fn trim_fill(&self) -> Option<&TrimFill> {
        self.outcomes.iter().find_map(|o| match &o.finding {
            Finding::TrimFill(t) => Some(t),
            _ => None,
        })
    }

    /// The selection model among the outcomes.
    pub fn selection(&self) -> Option<(&Selection, &BiasOutcome)> {
        self.outcomes.iter().find_map(|o| match &o.finding {
            Finding::Selection(s) => Some((s, o)),
            _ => None,
        })
    }
}

impl BiasResult {
    /// Caveats of the pooled result and of the tests, each once.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.pool.notes.clone();
        for note in self.notes.iter().chain(self.outcomes.iter().flat_map(|o| &o.notes)) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        notes
    }
}
