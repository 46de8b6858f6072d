//! What models return and reports read: plain values, no behaviour beyond display.

pub mod bias;
pub mod format;
pub mod look;
mod note;
mod noticed;
pub mod regression;
pub mod sensitivity;
pub mod sentence;
mod settings;
mod subgroups;

use crate::choice::{Interval, Model};
use crate::effect::{Compute, EffectTable, Natural};
use crate::registry::Member;
pub use note::Note;
pub use settings::{IntervalSource, PredictionSource, Settings, Tau2Source};
pub use subgroups::{Subgroup, SubgroupTest, Subgroups};

/// A pooled effect on the analysis scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooled {
    /// Point estimate.
    pub estimate: f64,
    /// Standard error; `None` where the method has none.
    pub se: Option<f64>,
    /// z, t or likelihood-ratio statistic against no effect; `None` where the measure has no such value.
    pub statistic: Option<f64>,
    /// Degrees of freedom; `None` for the normal distribution.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
    /// Lower confidence limit; `None` when unbounded.
    pub lower: Option<f64>,
    /// Upper confidence limit; `None` when unbounded.
    pub upper: Option<f64>,
    /// Estimate and limits for reading.
    pub natural: Natural,
    /// Prediction interval for the effect in a new study.
    pub prediction: Option<Prediction>,
}

/// A prediction interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Lower limit on the analysis scale.
    pub lower: f64,
    /// Upper limit on the analysis scale.
    pub upper: f64,
    /// Limits for reading; its estimate is empty.
    pub natural: Natural,
}

/// What the statistic Q is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QKind {
    /// Cochran's Q.
    #[default]
    Cochran,
    /// Likelihood ratio of the common against the saturated model.
    LikelihoodRatio,
}

/// How much studies differ beyond chance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heterogeneity {
    /// Cochran's Q, or the likelihood-ratio statistic.
    pub q: f64,
    /// Which of them.
    pub q_kind: QKind,
    /// Degrees of freedom of Q.
    pub q_df: usize,
    /// p-value of Q.
    pub q_p_value: f64,
    /// Between-study variance τ²; `None` where the model has another parameter, or the data none.
    pub tau2: Option<f64>,
    /// Its standard error.
    pub tau2_se: Option<f64>,
    /// Lower confidence limit of τ².
    pub tau2_lower: Option<f64>,
    /// Upper confidence limit of τ²; `None` when unbounded.
    pub tau2_upper: Option<f64>,
    /// I² in percent, from τ² and the typical sampling variance.
    pub i2: Option<f64>,
    /// Lower confidence limit of I².
    pub i2_lower: Option<f64>,
    /// Upper confidence limit of I².
    pub i2_upper: Option<f64>,
    /// I² in percent, from Q.
    pub i2_q: Option<f64>,
    /// H² from τ².
    pub h2: Option<f64>,
    /// Intraclass correlation of the beta-binomial model.
    pub intraclass: Option<f64>,
}

/// How well the model fits, and how the fitting ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitStatistics {
    /// Log-likelihood: restricted for REML, full otherwise.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Akaike's criterion for small samples.
    pub aicc: f64,
    /// Iterations used for τ².
    pub iterations: usize,
    /// How they ended.
    pub stop: &'static str,
}

impl FitStatistics {
    /// From a log-likelihood of `parameters` on `n` observations (k, or k − p under REML).
    pub fn new(log_likelihood: f64, parameters: f64, n: f64, iterations: usize, stop: &'static str) -> Self {
        let size = n.max(parameters + 2.0);
        Self {
            log_likelihood,
            aic: -2.0 * log_likelihood + 2.0 * parameters,
            bic: -2.0 * log_likelihood + parameters * n.ln(),
            aicc: -2.0 * log_likelihood + 2.0 * parameters * size / (size - parameters - 1.0),
            iterations,
            stop,
        }
    }
}

/// A test beside those of the estimate and of heterogeneity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The interval of the effect that it belongs to, if it does to one.
    pub of: Option<Interval>,
    /// A stable code.
    pub id: &'static str,
    /// In words.
    pub title: &'static str,
    /// χ²; `None` for exact tests.
    pub statistic: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<usize>,
    /// p-value.
    pub p_value: f64,
}

/// One method's answer in a panel of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// The method in words.
    pub method: String,
    /// Estimate for reading.
    pub estimate: Option<f64>,
    /// Lower limit for reading.
    pub lower: Option<f64>,
    /// Upper limit for reading.
    pub upper: Option<f64>,
    /// What to know about it, if anything.
    pub remark: String,
}

/// A marginal posterior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marginal {
    /// Mean; `None` where the posterior has none.
    pub mean: Option<f64>,
    /// Median.
    pub median: f64,
    /// Standard deviation; `None` where the posterior has none.
    pub sd: Option<f64>,
    /// Lower credible limit.
    pub lower: f64,
    /// Upper credible limit.
    pub upper: f64,
}

/// A study's own effect, drawn towards the mean of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrinkage {
    /// Posterior mean.
    pub mean: f64,
    /// Lower credible limit.
    pub lower: f64,
    /// Upper credible limit.
    pub upper: f64,
}

/// A Bayesian random-effects analysis, on the analysis scale.
#[derive(Clone, Debug, PartialEq)]
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

/// One end of a range, for reading.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeEnd {
    /// Estimate.
    pub estimate: f64,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
}

/// The pooled estimate when counts that are known only within bounds take every value, for reading.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundedRange {
    /// The least estimate.
    pub low: RangeEnd,
    /// The greatest.
    pub high: RangeEnd,
    /// Studies with bounds.
    pub studies: Vec<String>,
    /// Studies pooled, those with bounds included.
    pub k: usize,
    /// Whether every combination of counts was pooled; otherwise only the ends of the bounds were.
    pub exhaustive: bool,
}

/// The pooled estimate under one assumption on what was not reported, on the analysis scale.
#[derive(Clone, Debug, PartialEq)]
pub struct ImputedResult {
    /// The assumption in words.
    pub label: String,
    /// The correlation assumed, if it is one.
    pub correlation: Option<f64>,
    /// Studies pooled.
    pub k: usize,
    /// Estimate.
    pub estimate: f64,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
}

/// What imputed rows would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Imputation {
    /// How many rows were imputed.
    pub studies: usize,
    /// The estimate under each assumption.
    pub results: Vec<ImputedResult>,
    /// Correlation at which the conclusion changes, if there is one.
    pub tipping_point: Option<f64>,
    /// Studies whose standard deviation no correlation can give.
    pub missing_sds: Vec<MissingSd>,
}

/// A study that lacks the standard deviation of its change, and the values of it that would decide.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingSd {
    /// Label.
    pub study: String,
    /// Mean change.
    pub change: f64,
    /// Patients.
    pub n: f64,
    /// Confidence level of its own interval, in percent.
    pub level: f64,
    /// Below it the study's own interval (t, n − 1 degrees of freedom) excludes no change.
    pub own_tipping_sd: Option<f64>,
    /// Studies pooled with it.
    pub k: Option<usize>,
    /// The standard deviation at which the pooled conclusion with the study changes, if there is one.
    pub tipping_sd: Option<f64>,
    /// Whether the pooled interval with the study excludes no change at the least standard deviation tried.
    pub excludes_at_least: Option<bool>,
}

/// The result of one pooling.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolResult {
    /// What was pooled.
    pub table: EffectTable,
    /// How.
    pub settings: Settings,
    /// Number of studies pooled.
    pub k: usize,
    /// The common-effect estimate.
    pub common: Option<Pooled>,
    /// The random-effects estimate.
    pub random: Option<Pooled>,
    /// Absent for a single study.
    pub heterogeneity: Option<Heterogeneity>,
    /// Absent for a single study.
    pub fit: Option<FitStatistics>,
    /// Percentages under the common-effect model, one per row of the table; `None` for studies not pooled.
    pub weights_common: Vec<Option<f64>>,
    /// Percentages under the random-effects model.
    pub weights_random: Vec<Option<f64>>,
    /// Tests that the model adds.
    pub tests: Vec<Test>,
    /// Studies by the levels of a column.
    pub subgroups: Option<Subgroups>,
    /// What the estimate means for patients at given baseline risks.
    pub absolute: Vec<AbsoluteEffect>,
    /// The same question answered by every sensible method, on the natural scale; for proportions.
    pub agreement: Vec<Agreement>,
    /// The range of the estimate over counts known within bounds.
    pub range: Option<BoundedRange>,
    /// The estimate with imputed rows.
    pub imputation: Option<Imputation>,
    /// What the reader should know before quoting a number.
    pub notes: Vec<Note>,
}

/// What a pooled effect means where the risk (or rate) without treatment is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbsoluteEffect {
    /// Risk, or rate, in the second group.
    pub baseline: f64,
    /// Risk, or rate, in the first group, with the confidence limits of the effect.
    pub risk: Natural,
    /// Events more (or fewer, negative) per thousand patients or units of person-time.
    pub per_thousand: Natural,
    /// The same in a new study: limits of prediction.
    pub prediction: Option<(f64, f64)>,
    /// Whether the baseline is a rate.
    pub rate: bool,
}

impl AbsoluteEffect {
    /// Patients for one event fewer (positive) or one more (negative): −1000 over the difference.
    pub fn number_needed(&self, per_thousand: Option<f64>) -> Option<f64> {
        per_thousand.map(|d| -1000.0 / d).filter(|n| n.is_finite())
    }
}

impl PoolResult {
    /// A table with its settings, not yet pooled.
    pub fn new(table: EffectTable, settings: Settings, k: usize) -> Self {
        let rows = table.studies.len();
        Self {
            table,
            settings,
            k,
            common: None,
            random: None,
            heterogeneity: None,
            fit: None,
            weights_common: vec![None; rows],
            weights_random: vec![None; rows],
            tests: vec![],
            subgroups: None,
            absolute: vec![],
            agreement: vec![],
            range: None,
            imputation: None,
            notes: vec![],
        }
    }

    /// The estimate to quote: random effects where there are any, else the common effect.
    pub fn main(&self) -> Option<&Pooled> {
        self.random.as_ref().or(self.common.as_ref())
    }

    /// The weights that belong to [`PoolResult::main`].
    pub fn main_weights(&self) -> &[Option<f64>] {
        if self.random.is_some() { &self.weights_random } else { &self.weights_common }
    }

    /// The model in words, as it was applied to these data.
    pub fn model_title(&self) -> String {
        let s = &self.settings;
        match (s.model, s.glmm_model) {
            (None, _) => "nothing pooled".into(),
            (Some(Model::InverseVariance), _) if s.is_equal_effects() => {
                "inverse-variance equal-effects".into()
            }
            (Some(Model::Glmm), Some(v)) => format!("generalised linear mixed ({}: {})", v.id(), v.title()),
            (Some(Model::Exact), _) => match self.table.measure().spec().compute {
                Compute::TwoByTwo(_) => "exact conditional common odds ratio".into(),
                Compute::TwoRates(_) => "exact conditional common rate ratio".into(),
                _ => "exact common-proportion".into(),
            },
            (Some(model), _) => model.title().into(),
        }
    }

    /// The line that says how the result was made.
    pub fn method_line(&self) -> String {
        let s = &self.settings;
        let spec = self.table.measure().spec();
        let pooled = self.k > 1;
        let mut parts = vec![match self.k {
            0 => "nothing is pooled, each row with its own interval".into(),
            // a model of counts needs no correction where the study's own row has one
            1 if self.table.studies.iter().any(|s| s.corrected) && !s.is_inverse_variance() => {
                format!("one study: nothing is pooled, its interval by the {} model", self.model_title())
            }
            1 => "one study: nothing is pooled, its own interval".into(),
            _ => format!("{} model", self.model_title()),
        }];
        if pooled {
            if self.random.is_some() {
                let what =
                    if s.model == Some(Model::BetaBinomial) { "intraclass correlation" } else { "τ²" };
                parts.push(format!("{what}: {}", s.tau2.title()));
            }
            parts.push(format!("CI: {}", s.ci.title()));
            let shown = self.main().is_some_and(|m| m.prediction.is_some());
            if let Some(p) = s.prediction.as_ref().filter(|_| shown) {
                parts.push(format!("prediction interval: {}", p.title()));
            }
            if self.heterogeneity.is_some_and(|h| h.i2.is_some()) {
                parts.push(if s.is_equal_effects() { "I² from Q" } else { "I² from τ²" }.into());
            }
        }
        if pooled && spec.scale.title() != "untransformed" {
            parts.push(format!("analysed on the {} scale", spec.scale.title()));
        }
        parts.extend(self.table.correction());
        if self.table.studies.iter().any(|s| s.corrected) {
            let own = self.notes.iter().any(|n| matches!(n, Note::Corrected { own: true, .. }));
            let of = if own { "of the studies' own estimates " } else { "" };
            parts.push(format!("continuity correction {of}{}", self.table.options.continuity.title()));
        }
        parts.join("; ")
    }
}
