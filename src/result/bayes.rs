//! What Bayesian analyses return.

use super::Note;
use crate::effect::{EffectTable, Natural, StudyEffect};
use serde::{Deserialize, Serialize};

/// A marginal posterior.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Marginal {
    /// Mean; `None` where the posterior has none.
    pub mean: Option<f64>,
    /// Median.
    pub median: f64,
    /// Standard deviation; `None` where the posterior has none.
    pub sd: Option<f64>,
    /// Lower credible limit.
    #[serde(rename = "ci_lower")]
    pub lower: f64,
    /// Upper credible limit.
    #[serde(rename = "ci_upper")]
    pub upper: f64,
}

/// A study's own effect, drawn towards the mean of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shrinkage {
    /// Posterior mean.
    pub mean: f64,
    /// Lower credible limit.
    pub lower: f64,
    /// Upper credible limit.
    pub upper: f64,
}

/// The posterior of a random-effects model, on the analysis scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BayesResult {
    /// The mean effect.
    pub mu: Marginal,
    /// The between-study standard deviation.
    pub tau: Marginal,
    /// The effect in a new study.
    pub predictive: Marginal,
    /// P(effect in a new study < 0).
    pub predictive_below_null: f64,
    /// P(μ < 0).
    pub mu_below_null: f64,
    /// One per pooled study, in order.
    pub shrinkage: Vec<Shrinkage>,
    /// Prior of τ.
    pub tau_prior: String,
    /// Prior of μ.
    pub mu_prior: String,
    /// Credible level in percent.
    pub level: f64,
    /// Shortest intervals, else central ones.
    pub shortest: bool,
    /// Caveats of the posterior.
    pub notes: Vec<Note>,
}

/// What studies are taken to follow, given their effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Likelihood {
    /// Normal about the effect with a known variance.
    Effects,
    /// The distribution of their counts.
    Counts,
}

/// A table of effects with the posterior of its mean and heterogeneity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BayesAnalysis {
    /// What was pooled.
    pub table: EffectTable,
    /// Posteriors.
    pub posterior: BayesResult,
    /// By which likelihood.
    pub likelihood: Likelihood,
    /// Caveats of the table and of the posterior.
    pub notes: Vec<Note>,
}

impl BayesAnalysis {
    /// A posterior of the studies in a table, with the caveats of both.
    pub fn new(table: EffectTable, posterior: BayesResult, likelihood: Likelihood, notes: Vec<Note>) -> Self {
        Self { table, posterior, likelihood, notes }
    }

    /// Every row of the table, those that were pooled with their effect drawn towards the mean.
    pub fn studies(&self) -> impl Iterator<Item = (&StudyEffect, Option<&Shrinkage>)> {
        let mut shrinkage = self.posterior.shrinkage.iter();
        self.table.studies.iter().map(move |s| (s, s.effect().and_then(|_| shrinkage.next())))
    }

    /// A quantity on the analysis scale, as it is read.
    pub fn read(&self, estimate: f64, lower: f64, upper: f64) -> Natural {
        let back = |x: f64| self.table.back(x);
        Natural { estimate: back(estimate), lower: back(lower), upper: back(upper) }
    }
}
