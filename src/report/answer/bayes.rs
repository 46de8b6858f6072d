//! A Bayesian analysis.

use super::answer;
use super::study::{EffectSettings, Study};
use crate::result::{BayesAnalysis, Marginal, Shrinkage};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Settings<'a> {
    #[serde(flatten)]
    effects: EffectSettings,
    tau_prior: &'a str,
    mu_prior: &'a str,
    interval: &'static str,
}

#[derive(Serialize)]
struct Body<'a> {
    k: usize,
    mu: &'a Marginal,
    tau: &'a Marginal,
    predictive: &'a Marginal,
    mu_below_null: f64,
    predictive_below_null: f64,
    studies: Vec<ShrunkStudy<'a>>,
}

/// A study with its effect drawn towards the mean.
#[derive(Serialize)]
pub(in crate::report) struct ShrunkStudy<'a> {
    #[serde(flatten)]
    study: Study<'a>,
    shrinkage_mean: Option<f64>,
    shrinkage_ci_lower: Option<f64>,
    shrinkage_ci_upper: Option<f64>,
}

/// Studies in the order of the table.
pub(in crate::report) fn shrunk_studies(result: &BayesAnalysis) -> impl Iterator<Item = ShrunkStudy<'_>> {
    result.studies().map(|(s, shrunk)| {
        let of = |get: fn(&Shrinkage) -> f64| shrunk.map(get);
        ShrunkStudy {
            study: s.into(),
            shrinkage_mean: of(|x| x.mean),
            shrinkage_ci_lower: of(|x| x.lower),
            shrinkage_ci_upper: of(|x| x.upper),
        }
    })
}

/// The answer of `metapool bayes`.
pub(in crate::report) fn bayes(result: &BayesAnalysis, input: &Value) -> Value {
    let p = &result.posterior;
    let settings = Settings {
        effects: (&result.table).into(),
        tau_prior: &p.tau_prior,
        mu_prior: &p.mu_prior,
        interval: if p.shortest { "shortest" } else { "central" },
    };
    let body = Body {
        k: result.table.k(),
        mu: &p.mu,
        tau: &p.tau,
        predictive: &p.predictive,
        mu_below_null: p.mu_below_null,
        predictive_below_null: p.predictive_below_null,
        studies: shrunk_studies(result).collect(),
    };
    answer("bayes", input, settings, body, &result.notes).value()
}
