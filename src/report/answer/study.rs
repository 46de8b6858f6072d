//! Studies and how their effects were computed.

use super::answer;
use crate::effect::{EffectTable, Natural, StudyEffect};
use crate::registry::Member;
use crate::result::EffectsResult;
use serde::Serialize;
use serde_json::Value;

row! {
    /// The effect of a study.
    pub(in crate::report) struct Study<'a> = s: &'a StudyEffect {
        study: &'a str = &s.study,
        estimate: Option<f64> = s.y,
        variance: Option<f64> = s.v,
        se: Option<f64> = s.v.map(f64::sqrt),
        ci_lower: Option<f64> = s.limits.lower,
        ci_upper: Option<f64> = s.limits.upper,
        natural: &'a Natural = &s.natural,
        status: &'static str = s.status.id(),
        reason: Option<&'a str> = s.reason.as_deref(),
    }
}

/// How effects were computed.
#[derive(Serialize)]
pub(super) struct EffectSettings {
    measure: &'static str,
    measure_title: String,
    scale: &'static str,
    variance: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    small_sample_correction: Option<bool>,
    add: f64,
    to: &'static str,
    double_zero: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    se_scale: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    study_ci: Option<&'static str>,
    level: f64,
    /// A matter of tables and pictures: no number here is multiplied by it.
    per: Option<f64>,
}

impl From<&EffectTable> for EffectSettings {
    fn from(table: &EffectTable) -> Self {
        let o = &table.options;
        let spec = o.measure.spec();
        let ready = table.is_ready().then_some(o.ready);
        Self {
            measure: spec.id,
            measure_title: table.title(),
            scale: spec.scale.title(),
            variance: o.variance_in_force().id(),
            small_sample_correction: spec.correction.map(|_| o.small_sample_correction),
            add: o.continuity.add,
            to: o.continuity.to.id(),
            double_zero: o.continuity.double_zero.id(),
            values: ready.map(|r| r.values.id()),
            se_scale: ready.map(|r| r.se.id()),
            study_ci: o.measure.is_proportion().then(|| o.study_interval.id()),
            level: o.level,
            per: o.per,
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    studies: Vec<Study<'a>>,
}

/// The answer of `metapool effects`.
pub(in crate::report) fn effects(result: &EffectsResult, input: &Value) -> Value {
    let studies = result.table.studies.iter().map(Study::from).collect();
    let settings = EffectSettings::from(&result.table);
    answer("effects", input, settings, Body { studies }, &result.notes).value()
}
