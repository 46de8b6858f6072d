//! JSON: numbers on the analysis scale, `natural` for reading; missing is null.

use crate::effect::{EffectTable, Natural, StudyEffect};
use crate::registry::Member;
use crate::result::{
    AbsoluteEffect, Agreement, BayesResult, FitStatistics, Heterogeneity, ImputedResult, Marginal, MissingSd,
    Note, PoolResult, Pooled, RangeEnd, Subgroup, SubgroupTest, Test,
};
use serde_json::{Map, Value, json};

/// A number, or null where there is none.
pub(super) fn number(x: Option<f64>) -> Value {
    // the sum turns a negative zero into zero
    x.filter(|x| x.is_finite()).map_or(Value::Null, |x| json!(x + 0.0))
}

/// A result as text: indented, with a final newline, and no zero with a sign.
pub fn text(value: &Value) -> String {
    fn unsigned(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(unsigned),
            Value::Object(map) => map.values_mut().for_each(unsigned),
            Value::Number(n) if n.as_f64() == Some(0.0) && n.is_f64() => *value = json!(0.0),
            _ => {}
        }
    }
    let mut value = value.clone();
    unsigned(&mut value);
    format!("{value:#}\n")
}

pub(super) fn natural(n: &Natural) -> Value {
    json!({ "estimate": number(n.estimate), "ci_lower": number(n.lower), "ci_upper": number(n.upper) })
}

fn study(s: &StudyEffect) -> Map<String, Value> {
    let value = json!({
        "study": s.study,
        "estimate": number(s.y),
        "variance": number(s.v),
        "se": number(s.v.map(f64::sqrt)),
        "ci_lower": number(s.limits.lower),
        "ci_upper": number(s.limits.upper),
        "natural": natural(&s.natural),
        "status": s.status.id(),
        "reason": s.reason,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

pub(super) fn effect_settings(table: &EffectTable) -> Map<String, Value> {
    let o = &table.options;
    let spec = o.measure.spec();
    let mut map = Map::new();
    map.insert("measure".into(), json!(spec.id));
    map.insert("measure_title".into(), json!(table.title()));
    map.insert("scale".into(), json!(spec.scale.title()));
    map.insert("variance".into(), json!(o.variance_in_force().id()));
    if spec.correction.is_some() {
        map.insert("small_sample_correction".into(), json!(o.small_sample_correction));
    }
    map.insert("add".into(), json!(o.continuity.add));
    map.insert("to".into(), json!(o.continuity.to.id()));
    map.insert("double_zero".into(), json!(o.continuity.double_zero.id()));
    if table.is_ready() {
        map.insert("values".into(), json!(o.ready.values.id()));
        map.insert("se_scale".into(), json!(o.ready.se.id()));
    }
    if o.measure.is_proportion() {
        map.insert("study_ci".into(), json!(o.study_interval.spec().id));
    }
    map.insert("level".into(), json!(o.level));
    // a matter of tables and pictures: no number here is multiplied by it
    map.insert("per".into(), number(o.per));
    map
}

/// What every command says first.
pub(super) fn head(command: &str, input: &Value, settings: Map<String, Value>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("metapool".into(), json!(env!("CARGO_PKG_VERSION")));
    map.insert("command".into(), json!(command));
    map.insert("input".into(), input.clone());
    map.insert("settings".into(), Value::Object(settings));
    map
}

/// Notes with code, message and hint.
pub fn notes(notes: &[Note]) -> Value {
    notes.iter().map(|n| json!({ "code": n.code(), "message": n.message(), "hint": n.hint() })).collect()
}

/// The result of `metapool effects`.
pub fn effects(table: &EffectTable, input: &Value, caveats: &[Note]) -> Value {
    let mut map = head("effects", input, effect_settings(table));
    map.insert("studies".into(), table.studies.iter().map(|s| Value::Object(study(s))).collect());
    map.insert("notes".into(), notes(caveats));
    Value::Object(map)
}

fn marginal(m: &Marginal) -> Value {
    json!({
        "mean": number(m.mean),
        "median": number(Some(m.median)),
        "sd": number(m.sd),
        "ci_lower": number(Some(m.lower)),
        "ci_upper": number(Some(m.upper)),
    })
}

/// The result of `metapool bayes`.
pub fn bayes(table: &EffectTable, result: &BayesResult, input: &Value, notes_: &[Note]) -> Value {
    let mut settings = effect_settings(table);
    settings.insert("tau_prior".into(), json!(result.tau_prior));
    settings.insert("mu_prior".into(), json!(result.mu_prior));
    settings.insert("interval".into(), json!(if result.shortest { "shortest" } else { "central" }));
    let mut map = head("bayes", input, settings);
    map.insert("k".into(), json!(table.k()));
    map.insert("mu".into(), marginal(&result.mu));
    map.insert("tau".into(), marginal(&result.tau));
    map.insert("predictive".into(), marginal(&result.predictive));
    map.insert("mu_below_null".into(), number(Some(result.mu_below_null)));
    map.insert("predictive_below_null".into(), number(Some(result.predictive_below_null)));
    let mut shrinkage = result.shrinkage.iter();
    let rows = table.studies.iter().map(|s| {
        let mut row = study(s);
        let shrunk = s.effect().and_then(|_| shrinkage.next());
        row.insert("shrinkage_mean".into(), number(shrunk.map(|x| x.mean)));
        row.insert("shrinkage_ci_lower".into(), number(shrunk.map(|x| x.lower)));
        row.insert("shrinkage_ci_upper".into(), number(shrunk.map(|x| x.upper)));
        Value::Object(row)
    });
    map.insert("studies".into(), rows.collect());
    map.insert("notes".into(), notes(notes_));
    Value::Object(map)
}

pub(super) fn pooled(p: &Pooled) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("estimate".into(), number(Some(p.estimate)));
    map.insert("se".into(), number(p.se));
    map.insert("statistic".into(), number(p.statistic));
    map.insert("df".into(), number(p.df));
    map.insert("p_value".into(), number(p.p_value));
    map.insert("ci_lower".into(), number(p.lower));
    map.insert("ci_upper".into(), number(p.upper));
    let mut read = natural(&p.natural);
    if let (Some(prediction), Value::Object(read)) = (&p.prediction, &mut read) {
        read.insert("prediction_lower".into(), number(prediction.natural.lower));
        read.insert("prediction_upper".into(), number(prediction.natural.upper));
    }
    map.insert("natural".into(), read);
    map
}

pub(super) fn random(p: &Pooled) -> Value {
    let mut map = pooled(p);
    map.insert("prediction_lower".into(), number(p.prediction.map(|x| x.lower)));
    map.insert("prediction_upper".into(), number(p.prediction.map(|x| x.upper)));
    Value::Object(map)
}

pub(super) fn heterogeneity(h: &Heterogeneity) -> Value {
    json!({
        "q": number(Some(h.q)),
        "q_df": h.q_df,
        "q_p_value": number(Some(h.q_p_value)),
        "tau2": number(h.tau2),
        "tau2_se": number(h.tau2_se),
        "tau2_ci_lower": number(h.tau2_lower),
        "tau2_ci_upper": number(h.tau2_upper),
        "tau": number(h.tau2.map(f64::sqrt)),
        "i2": number(h.i2),
        "i2_ci_lower": number(h.i2_lower),
        "i2_ci_upper": number(h.i2_upper),
        "i2_q": number(h.i2_q),
        "h2": number(h.h2),
    })
}

pub(super) fn fit(f: &FitStatistics) -> Value {
    json!({
        "log_likelihood": number(Some(f.log_likelihood)),
        "aic": number(Some(f.aic)),
        "bic": number(Some(f.bic)),
        "aicc": number(Some(f.aicc)),
        "iterations": f.iterations,
        "stop": f.stop,
    })
}

/// Numbers needed are negative where there is one event more, not one fewer.
fn absolute(a: &AbsoluteEffect) -> Value {
    let d = &a.per_thousand;
    json!({
        "baseline": number(Some(a.baseline)),
        "kind": if a.rate { "rate" } else { "risk" },
        "risk": natural(&a.risk),
        "per_thousand": natural(d),
        "per_thousand_prediction_lower": number(a.prediction.map(|p| p.0)),
        "per_thousand_prediction_upper": number(a.prediction.map(|p| p.1)),
        "number_needed": number(a.number_needed(d.estimate)),
        "number_needed_at_ci_lower": number(a.number_needed(d.lower)),
        "number_needed_at_ci_upper": number(a.number_needed(d.upper)),
    })
}

/// How a pooled result was made.
pub(super) fn pool_settings(result: &PoolResult) -> Map<String, Value> {
    let s = &result.settings;
    let mut settings = effect_settings(&result.table);
    settings.insert("model".into(), json!(s.model.map_or("none", Member::id)));
    if let Some(variant) = s.glmm_model {
        settings.insert("glmm_model".into(), json!(variant.id()));
    }
    settings.insert("tau2".into(), json!(s.tau2.id()));
    settings.insert("ci".into(), json!(s.ci.id()));
    settings.insert("prediction".into(), json!(s.prediction.map_or("none", |p| p.id())));
    settings.insert("tau2_ci".into(), json!(s.tau2_ci.map_or("none", Member::id)));
    settings.insert("profile".into(), json!(s.profile.id()));
    settings.insert("method".into(), json!(result.method_line()));
    settings
}

/// A test of subgroup differences: `q` only where the statistic is χ², `df2` only where it is F.
fn subgroup_test(t: &SubgroupTest) -> Value {
    json!({
        "q": number(t.q()),
        "statistic": number(Some(t.statistic)),
        "df": t.df,
        "df2": t.df2,
        "p_value": number(Some(t.p_value)),
        "tau2": number(t.tau2),
        "method": t.method,
    })
}

/// What a standard deviation that was not reported would decide.
fn missing_sd(m: &MissingSd) -> Value {
    json!({
        "study": m.study,
        "change": number(Some(m.change)),
        "n": number(Some(m.n)),
        "own_tipping_sd": number(m.own_tipping_sd),
        "k": m.k,
        "tipping_sd": number(m.tipping_sd),
    })
}

/// The result of `metapool pool`.
pub fn pool(result: &PoolResult, input: &Value) -> Value {
    let mut map = head("pool", input, pool_settings(result));
    map.insert("k".into(), json!(result.k));
    let rows = result.table.studies.iter().enumerate().map(|(i, row)| {
        let mut row = study(row);
        row.insert("weight_common".into(), number(result.weights_common[i]));
        row.insert("weight_random".into(), number(result.weights_random[i]));
        Value::Object(row)
    });
    map.insert("studies".into(), rows.collect());
    map.insert("common".into(), result.common.as_ref().map_or(Value::Null, |p| Value::Object(pooled(p))));
    map.insert("random".into(), result.random.as_ref().map_or(Value::Null, random));
    map.insert("heterogeneity".into(), result.heterogeneity.as_ref().map_or(Value::Null, heterogeneity));
    map.insert("fit".into(), result.fit.as_ref().map_or(Value::Null, fit));
    if !result.tests.is_empty() {
        let test = |t: &Test| {
            let value = json!({ "statistic": number(t.statistic), "df": t.df, "p_value": number(Some(t.p_value)), "title": t.title });
            (t.id.replace('-', "_"), value)
        };
        map.insert("tests".into(), Value::Object(result.tests.iter().map(test).collect()));
    }
    if let Some(s) = &result.subgroups {
        let group = |g: &Subgroup| {
            json!({
                "level": g.level,
                "k": g.k,
                "common": g.common.as_ref().map_or(Value::Null, |p| Value::Object(pooled(p))),
                "random": g.random.as_ref().map_or(Value::Null, random),
                "heterogeneity": g.heterogeneity.as_ref().map_or_else(
                    // a single study has but the τ² that all groups share
                    || s.tau2(g).map_or(Value::Null, |t| json!({ "tau2": t, "tau": t.sqrt() })),
                    heterogeneity,
                ),
                "reason": g.reason,
            })
        };
        let study = |&i: &usize| result.table.studies[i].study.clone();
        map.insert(
            "subgroup".into(),
            json!({
                "column": s.column,
                "common_tau2": number(s.common_tau2),
                "without_level": s.without_level.iter().map(study).collect::<Vec<_>>(),
            }),
        );
        map.insert("subgroups".into(), s.groups.iter().map(group).collect());
        map.insert(
            "subgroup_test".into(),
            json!({
                "common": s.common.as_ref().map_or(Value::Null, subgroup_test),
                "random": s.random.as_ref().map_or(Value::Null, subgroup_test),
                "reason": s.no_test,
            }),
        );
    }
    if !result.absolute.is_empty() {
        map.insert("absolute".into(), result.absolute.iter().map(absolute).collect());
    }
    if !result.agreement.is_empty() {
        let row = |a: &Agreement| {
            json!({ "method": a.method, "estimate": number(a.estimate), "ci_lower": number(a.lower),
                    "ci_upper": number(a.upper), "remark": a.remark })
        };
        map.insert("agreement".into(), result.agreement.iter().map(row).collect());
    }
    if let Some(r) = &result.range {
        let end = |e: &RangeEnd| json!({ "estimate": number(Some(e.estimate)), "ci_lower": number(e.lower), "ci_upper": number(e.upper) });
        map.insert(
            "range".into(),
            json!({ "low": end(&r.low), "high": end(&r.high), "studies": r.studies, "k": r.k, "exhaustive": r.exhaustive }),
        );
    }
    if let Some(i) = &result.imputation {
        let row = |r: &ImputedResult| {
            json!({ "assumption": r.label, "correlation": number(r.correlation), "k": r.k, "estimate": number(Some(r.estimate)),
                    "ci_lower": number(r.lower), "ci_upper": number(r.upper), "p_value": number(r.p_value) })
        };
        map.insert(
            "imputation".into(),
            json!({
                "studies": i.studies,
                "results": i.results.iter().map(row).collect::<Vec<_>>(),
                "tipping_point": number(i.tipping_point),
                "missing_sd": i.missing_sds.iter().map(missing_sd).collect::<Vec<_>>(),
            }),
        );
    }
    map.insert("notes".into(), notes(&result.notes));
    Value::Object(map)
}
