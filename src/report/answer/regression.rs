//! A meta-regression.

use super::answer;
use super::study::EffectSettings;
use crate::choice::Profile;
use crate::effect::Natural;
use crate::result::FitStatistics;
use crate::result::regression::{
    self as values, Candidate, Comparison, Fitted, Omnibus, PermutationRun, RegressionResult,
    ResidualHeterogeneity, ScaleModel,
};
use serde::Serialize;
use serde_json::Value;

row! {
    /// How a regression was made.
    struct Settings<'a> = r: &'a RegressionResult {
        #[serde(flatten)]
        effects: EffectSettings = (&r.table).into(),
        formula: &'a str = &r.formula,
        tau2: String = r.settings.tau2.id(),
        ci: &'static str = r.settings.ci.id(),
        prediction: &'static str = r.settings.prediction.map_or("none", |p| p.id()),
        profile: Profile = r.settings.profile,
        method: String = r.method_line(),
        #[serde(skip_serializing_if = "Option::is_none")]
        permutation: Option<&'a PermutationRun> = r.permutation.as_ref(),
    }
}

row! {
    /// A coefficient, or a combination of several.
    pub(in crate::report) struct Coefficient<'a> = c: &'a values::Coefficient {
        term: &'a str = &c.term,
        estimate: f64 = c.estimate,
        se: f64 = c.se,
        statistic: f64 = c.statistic,
        df: Option<f64> = c.df,
        p_value: f64 = c.p_value,
        ci_lower: f64 = c.lower,
        ci_upper: f64 = c.upper,
        vif: Option<f64> = c.vif,
        permutation_p_value: Option<f64> = c.permuted.map(|p| p.p_value),
        permutation_ci_lower: Option<f64> = c.permuted.and_then(|p| p.limits.0),
        permutation_ci_upper: Option<f64> = c.permuted.and_then(|p| p.limits.1),
        bootstrap_ci_lower: Option<f64> = c.bootstrap.map(|b| b.0),
        bootstrap_ci_upper: Option<f64> = c.bootstrap.map(|b| b.1),
    }
}

fn coefficients(list: &[values::Coefficient]) -> Vec<Coefficient<'_>> {
    list.iter().map(Coefficient::from).collect()
}

row! {
    /// The value that the model predicts.
    pub(in crate::report) struct Predicted<'a> = p: &'a values::Predicted {
        at: &'a str = &p.at,
        estimate: f64 = p.estimate,
        se: f64 = p.se,
        ci_lower: f64 = p.lower,
        ci_upper: f64 = p.upper,
        prediction_lower: Option<f64> = p.prediction.map(|q| q.lower),
        prediction_upper: Option<f64> = p.prediction.map(|q| q.upper),
        natural: &'a Natural = &p.natural,
    }
}

row! {
    /// Heterogeneity that moderators leave.
    struct Residual = h: &ResidualHeterogeneity {
        tau2: f64 = h.tau2,
        tau2_se: Option<f64> = h.tau2_se,
        tau2_bootstrap_ci_lower: Option<f64> = h.tau2_bootstrap.map(|b| b.0),
        tau2_bootstrap_ci_upper: Option<f64> = h.tau2_bootstrap.map(|b| b.1),
        tau: f64 = h.tau2.sqrt(),
        i2: f64 = h.i2,
        h2: f64 = h.h2,
        r2: Option<f64> = h.r2,
        qe: f64 = h.qe,
        qe_df: usize = h.qe_df,
        qe_p_value: f64 = h.qe_p_value,
    }
}

/// A study against the model.
#[derive(Serialize)]
struct FittedStudy<'a> {
    study: &'a str,
    fitted: f64,
    residual: f64,
    standardized_residual: f64,
    hat: f64,
    weight: f64,
}

row! {
    /// Moderators of the between-study variance.
    struct Scale<'a> = s: &'a ScaleModel {
        formula: &'a str = &s.formula,
        coefficients: Vec<Coefficient<'a>> = coefficients(&s.coefficients),
        omnibus: Option<&'a Omnibus> = s.omnibus.as_ref(),
        tau2: &'a [f64] = &s.tau2,
    }
}

/// All models with subsets of the terms.
#[derive(Serialize)]
struct Selection<'a> {
    models: usize,
    best: &'a [Candidate],
    importance: Vec<Importance<'a>>,
}

#[derive(Serialize)]
struct Importance<'a> {
    term: &'a str,
    weight: f64,
}

impl<'a> From<&'a values::Selection> for Selection<'a> {
    fn from(s: &'a values::Selection) -> Self {
        let row = |(term, weight): &'a (String, f64)| Importance { term, weight: *weight };
        Self { models: s.models, best: &s.best, importance: s.importance.iter().map(row).collect() }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    k: usize,
    coefficients: Vec<Coefficient<'a>>,
    covariance: &'a [f64],
    moderators: Option<&'a Omnibus>,
    terms: &'a [Omnibus],
    heterogeneity: Residual,
    fit: &'a FitStatistics,
    studies: Vec<FittedStudy<'a>>,
    contrasts: Vec<Coefficient<'a>>,
    predicted: Vec<Predicted<'a>>,
    marginal_means: Vec<Predicted<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a Comparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<Scale<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<Selection<'a>>,
}

/// The answer of `metapool regress`.
pub(in crate::report) fn regression(result: &RegressionResult, input: &Value) -> Value {
    let study = |f: &Fitted| FittedStudy {
        study: &result.table.studies[f.row].study,
        fitted: f.fitted,
        residual: f.residual,
        standardized_residual: f.standardized,
        hat: f.hat,
        weight: f.weight,
    };
    let body = Body {
        k: result.k,
        coefficients: coefficients(&result.coefficients),
        covariance: &result.covariance,
        moderators: result.moderators.as_ref(),
        terms: &result.terms,
        heterogeneity: (&result.heterogeneity).into(),
        fit: &result.fit,
        studies: result.studies.iter().map(study).collect(),
        contrasts: coefficients(&result.contrasts),
        predicted: result.predicted.iter().map(Predicted::from).collect(),
        marginal_means: result.marginal_means.iter().map(Predicted::from).collect(),
        comparison: result.comparison.as_ref(),
        scale: result.scale.as_ref().map(Scale::from),
        selection: result.selection.as_ref().map(Selection::from),
    };
    answer("regress", input, Settings::from(result), body, &result.notes).value()
}
