//! The result of one pooling.

use super::{
    BoundedRange, FitStatistics, Heterogeneity, Imputation, Note, Pooled, Settings, Subgroups, Test,
};
use crate::choice::Model;
use crate::effect::{Compute, EffectTable, Included, Inclusion, Natural, Scale, StudyEffect};
use crate::registry::Member;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The result of one pooling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PoolResult {
    /// What was pooled.
    pub table: EffectTable,
    /// What the model made of every row of it.
    pub inclusion: Vec<Inclusion>,
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

/// One method's answer in a panel of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Agreement {
    /// The method in words.
    pub method: String,
    /// Estimate for reading.
    pub estimate: Option<f64>,
    /// Lower limit for reading.
    #[serde(rename = "ci_lower")]
    pub lower: Option<f64>,
    /// Upper limit for reading.
    #[serde(rename = "ci_upper")]
    pub upper: Option<f64>,
    /// What to know about it, if anything.
    pub remark: String,
}

/// What a pooled effect means where the risk (or rate) without treatment is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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
            inclusion: table.inclusion(),
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

    /// Its rows as the model took them.
    pub fn included(&self) -> Included<'_> {
        self.table.included(&self.inclusion)
    }

    /// The rows of the table as the model shows them, in order.
    pub fn studies(&self) -> impl Iterator<Item = Cow<'_, StudyEffect>> {
        self.included().studies()
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
            1 if self.studies().any(|s| s.corrected) && !s.is_inverse_variance() => {
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
        if pooled && spec.scale != Scale::Identity {
            parts.push(format!("analysed on the {} scale", spec.scale.title()));
        }
        parts.extend(self.table.correction());
        if self.studies().any(|s| s.corrected) {
            let own = self.notes.iter().any(|n| matches!(n, Note::Corrected { own: true, .. }));
            let of = if own { "of the studies' own estimates " } else { "" };
            parts.push(format!("continuity correction {of}{}", self.table.options.continuity.title()));
        }
        parts.join("; ")
    }
}
