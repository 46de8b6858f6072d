//! A pooled result.

use super::study::{EffectSettings, Study};
use super::{answer, value};
use crate::choice::{GlmmModel, Profile};
use crate::effect::{Natural, StudyEffect};
use crate::registry::Member;
use crate::result::{
    AbsoluteEffect, Agreement, BoundedRange, FitStatistics, Heterogeneity, Imputation, ImputedResult,
    MissingSd, PoolResult, Pooled, Subgroup, SubgroupTest, Subgroups, Test,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

row! {
    /// How a pooled result was made.
    pub(super) struct PoolSettings = r: &PoolResult {
        #[serde(flatten)]
        effects: EffectSettings = (&r.table).into(),
        model: &'static str = r.settings.model.map_or("none", Member::id),
        #[serde(skip_serializing_if = "Option::is_none")]
        glmm_model: Option<GlmmModel> = r.settings.glmm_model,
        tau2: String = r.settings.tau2.id(),
        ci: &'static str = r.settings.ci.id(),
        prediction: &'static str = r.settings.prediction.map_or("none", |p| p.id()),
        tau2_ci: &'static str = r.settings.tau2_ci.map_or("none", Member::id),
        profile: Profile = r.settings.profile,
        method: String = r.method_line(),
    }
}

row! {
    /// A pooled effect.
    pub(in crate::report) struct Estimate = p: &Pooled {
        estimate: f64 = p.estimate,
        se: Option<f64> = p.se,
        statistic: Option<f64> = p.statistic,
        df: Option<f64> = p.df,
        p_value: Option<f64> = p.p_value,
        ci_lower: Option<f64> = p.lower,
        ci_upper: Option<f64> = p.upper,
        natural: NaturalEstimate = p.into(),
    }
}

row! {
    /// A pooled effect as it is read.
    struct NaturalEstimate = p: &Pooled {
        #[serde(flatten)]
        estimate: Natural = p.natural,
        #[serde(flatten)]
        prediction: Option<PredictionLimits> = p.prediction.map(|q| PredictionLimits {
            prediction_lower: q.natural.lower,
            prediction_upper: q.natural.upper,
        }),
    }
}

/// Limits of an effect in a new study.
#[derive(Default, Serialize)]
struct PredictionLimits {
    prediction_lower: Option<f64>,
    prediction_upper: Option<f64>,
}

row! {
    /// The random-effects estimate, which has a prediction interval or could have one.
    struct RandomEstimate = p: &Pooled {
        #[serde(flatten)]
        estimate: Estimate = p.into(),
        prediction_lower: Option<f64> = p.prediction.map(|q| q.lower),
        prediction_upper: Option<f64> = p.prediction.map(|q| q.upper),
    }
}

/// Both estimates.
#[derive(Serialize)]
pub(super) struct Estimates {
    common: Option<Estimate>,
    random: Option<RandomEstimate>,
}

impl Estimates {
    fn new(common: Option<&Pooled>, random: Option<&Pooled>) -> Self {
        Self { common: common.map(Estimate::from), random: random.map(RandomEstimate::from) }
    }
}

impl From<&PoolResult> for Estimates {
    fn from(result: &PoolResult) -> Self {
        Self::new(result.common.as_ref(), result.random.as_ref())
    }
}

row! {
    /// How much studies differ beyond chance.
    pub(super) struct HeterogeneityRow = h: &Heterogeneity {
        q: f64 = h.q,
        q_df: usize = h.q_df,
        q_p_value: f64 = h.q_p_value,
        tau2: Option<f64> = h.tau2,
        tau2_se: Option<f64> = h.tau2_se,
        tau2_ci_lower: Option<f64> = h.tau2_lower,
        tau2_ci_upper: Option<f64> = h.tau2_upper,
        tau: Option<f64> = h.tau2.map(f64::sqrt),
        i2: Option<f64> = h.i2,
        i2_ci_lower: Option<f64> = h.i2_lower,
        i2_ci_upper: Option<f64> = h.i2_upper,
        i2_q: Option<f64> = h.i2_q,
        h2: Option<f64> = h.h2,
    }
}

/// A study with its weights in percent.
#[derive(Serialize)]
pub(in crate::report) struct WeightedStudy<'a> {
    #[serde(flatten)]
    study: Study<'a>,
    weight_common: Option<f64>,
    weight_random: Option<f64>,
}

/// Studies in the order of the table; `shown` are the rows as the model shows them.
pub(in crate::report) fn weighted_studies<'a>(
    result: &'a PoolResult,
    shown: &'a [Cow<'a, StudyEffect>],
) -> impl Iterator<Item = WeightedStudy<'a>> {
    let weights = result.weights_common.iter().zip(&result.weights_random);
    shown.iter().zip(weights).map(|(s, (common, random))| WeightedStudy {
        study: s.as_ref().into(),
        weight_common: *common,
        weight_random: *random,
    })
}

/// A test that the model adds, under its code.
#[derive(Serialize)]
struct TestRow<'a> {
    statistic: Option<f64>,
    df: Option<usize>,
    p_value: f64,
    title: &'a str,
}

fn tests(tests: &[Test]) -> Option<Map<String, Value>> {
    let row = |t: &Test| {
        let row = TestRow { statistic: t.statistic, df: t.df, p_value: t.p_value, title: &t.title };
        (t.id.replace('-', "_"), value(row))
    };
    (!tests.is_empty()).then(|| tests.iter().map(row).collect())
}

/// What a result says of subgroups.
#[derive(Serialize)]
struct SubgroupAnswer<'a> {
    subgroup: SubgroupColumn<'a>,
    subgroups: Vec<SubgroupRow<'a>>,
    subgroup_test: SubgroupTests<'a>,
}

#[derive(Serialize)]
struct SubgroupColumn<'a> {
    column: &'a str,
    common_tau2: Option<f64>,
    without_level: Vec<&'a str>,
}

#[derive(Serialize)]
struct SubgroupRow<'a> {
    level: &'a str,
    k: usize,
    #[serde(flatten)]
    estimates: Estimates,
    heterogeneity: Option<GroupHeterogeneity>,
    reason: Option<&'a str>,
}

/// A single study has but the τ² that all groups share.
#[derive(Serialize)]
#[serde(untagged)]
enum GroupHeterogeneity {
    Own(HeterogeneityRow),
    Shared { tau2: f64, tau: f64 },
}

#[derive(Serialize)]
struct SubgroupTests<'a> {
    common: Option<SubgroupTestRow<'a>>,
    random: Option<SubgroupTestRow<'a>>,
    reason: Option<&'a str>,
}

row! {
    /// `q` only where the statistic is χ², `df2` only where it is F.
    struct SubgroupTestRow<'a> = t: &'a SubgroupTest {
        q: Option<f64> = t.q(),
        statistic: f64 = t.statistic,
        df: usize = t.df,
        df2: Option<usize> = t.df2,
        p_value: f64 = t.p_value,
        tau2: Option<f64> = t.tau2,
        method: &'a str = &t.method,
    }
}

impl<'a> SubgroupAnswer<'a> {
    fn new(result: &'a PoolResult, s: &'a Subgroups) -> Self {
        let studies = &result.table.studies;
        let name = |&row: &usize| studies[row].study.as_str();
        let test = |t: &'a Option<SubgroupTest>| t.as_ref().map(SubgroupTestRow::from);
        Self {
            subgroup: SubgroupColumn {
                column: &s.column,
                common_tau2: s.common_tau2,
                without_level: s.without_level.iter().map(name).collect(),
            },
            subgroups: s.groups.iter().map(|g| SubgroupRow::new(s, g)).collect(),
            subgroup_test: SubgroupTests {
                common: test(&s.common),
                random: test(&s.random),
                reason: s.no_test.as_deref(),
            },
        }
    }
}

impl<'a> SubgroupRow<'a> {
    fn new(s: &Subgroups, g: &'a Subgroup) -> Self {
        let heterogeneity = match &g.heterogeneity {
            Some(h) => Some(GroupHeterogeneity::Own(h.into())),
            None => s.tau2(g).map(|tau2| GroupHeterogeneity::Shared { tau2, tau: tau2.sqrt() }),
        };
        Self {
            level: &g.level,
            k: g.k,
            estimates: Estimates::new(g.common.as_ref(), g.random.as_ref()),
            heterogeneity,
            reason: g.reason.as_deref(),
        }
    }
}

row! {
    /// What the effect means at a baseline risk. Numbers needed are negative where there is one event more, not one fewer.
    struct AbsoluteRow<'a> = a: &'a AbsoluteEffect {
        baseline: f64 = a.baseline,
        kind: &'static str = if a.rate { "rate" } else { "risk" },
        risk: &'a Natural = &a.risk,
        per_thousand: &'a Natural = &a.per_thousand,
        per_thousand_prediction_lower: Option<f64> = a.prediction.map(|p| p.0),
        per_thousand_prediction_upper: Option<f64> = a.prediction.map(|p| p.1),
        number_needed: Option<f64> = a.number_needed(a.per_thousand.estimate),
        number_needed_at_ci_lower: Option<f64> = a.number_needed(a.per_thousand.lower),
        number_needed_at_ci_upper: Option<f64> = a.number_needed(a.per_thousand.upper),
    }
}

row! {
    /// What imputed rows would change.
    struct ImputationRow<'a> = i: &'a Imputation {
        studies: usize = i.studies,
        results: &'a [ImputedResult] = &i.results,
        tipping_point: Option<f64> = i.tipping_point,
        missing_sd: Vec<MissingSdRow<'a>> = i.missing_sds.iter().map(MissingSdRow::from).collect(),
    }
}

row! {
    /// What a standard deviation that was not reported would decide.
    struct MissingSdRow<'a> = m: &'a MissingSd {
        study: &'a str = &m.study,
        change: f64 = m.change,
        n: f64 = m.n,
        own_tipping_sd: Option<f64> = m.own_tipping_sd,
        k: Option<usize> = m.k,
        tipping_sd: Option<f64> = m.tipping_sd,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    k: usize,
    studies: Vec<WeightedStudy<'a>>,
    #[serde(flatten)]
    estimates: Estimates,
    heterogeneity: Option<HeterogeneityRow>,
    fit: Option<&'a FitStatistics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tests: Option<Map<String, Value>>,
    #[serde(flatten)]
    subgroups: Option<SubgroupAnswer<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absolute: Vec<AbsoluteRow<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    agreement: &'a [Agreement],
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<&'a BoundedRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imputation: Option<ImputationRow<'a>>,
}

/// The answer of `metapool pool`.
pub(in crate::report) fn pool(result: &PoolResult, input: &Value) -> Value {
    let shown: Vec<Cow<'_, StudyEffect>> = result.studies().collect();
    let body = Body {
        k: result.k,
        studies: weighted_studies(result, &shown).collect(),
        estimates: result.into(),
        heterogeneity: result.heterogeneity.as_ref().map(HeterogeneityRow::from),
        fit: result.fit.as_ref(),
        tests: tests(&result.tests),
        subgroups: result.subgroups.as_ref().map(|s| SubgroupAnswer::new(result, s)),
        absolute: result.absolute.iter().map(AbsoluteRow::from).collect(),
        agreement: &result.agreement,
        range: result.range.as_ref(),
        imputation: result.imputation.as_ref().map(ImputationRow::from),
    };
    answer("pool", input, PoolSettings::from(result), body, &result.notes).value()
}
