//! Sensitivity analyses.

use super::answer;
use super::pool::{Estimates, HeterogeneityRow, PoolSettings};
use crate::effect::Natural;
use crate::result::sensitivity::{
    Analysis, Baujat, Blup, Choice, Conclusion, Flag, Gosh, Influence, Outliers, PartialFit, ProfileCurve,
    Removal, SensitivityResult, Specification, Split, Stability, Step,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The pooled estimate of some of the studies; empty where it cannot be computed.
#[derive(Serialize)]
pub(in crate::report) struct RefitRow {
    k: Option<usize>,
    estimate: Option<f64>,
    se: Option<f64>,
    statistic: Option<f64>,
    df: Option<f64>,
    p_value: Option<f64>,
    ci_lower: Option<f64>,
    ci_upper: Option<f64>,
    q: Option<f64>,
    q_p_value: Option<f64>,
    tau2: Option<f64>,
    i2: Option<f64>,
    h2: Option<f64>,
}

impl From<Option<&PartialFit>> for RefitRow {
    fn from(f: Option<&PartialFit>) -> Self {
        let of = |get: fn(&PartialFit) -> Option<f64>| f.and_then(get);
        Self {
            k: f.map(|f| f.k),
            estimate: of(|f| Some(f.estimate)),
            se: of(|f| f.se),
            statistic: of(|f| f.statistic),
            df: of(|f| f.df),
            p_value: of(|f| f.p_value),
            ci_lower: of(|f| f.lower),
            ci_upper: of(|f| f.upper),
            q: of(|f| f.q),
            q_p_value: of(|f| f.q_p_value),
            tau2: of(|f| f.tau2),
            i2: of(|f| f.i2),
            h2: of(|f| f.h2),
        }
    }
}

row! {
    /// The estimate without, or up to, a study.
    pub(in crate::report) struct StepRow<'a> = s: &'a Step {
        study: &'a str = &s.label,
        studies: usize = s.rows.len(),
        #[serde(skip_serializing_if = "Option::is_none")]
        order: Option<&'a str> = s.order.as_deref(),
        #[serde(flatten)]
        fit: RefitRow = s.fit.as_ref().into(),
        natural: &'a Natural = &s.natural,
        conclusion_changes: bool = s.turns,
        reason: Option<&'a str> = s.reason.as_deref(),
    }
}

row! {
    /// Diagnostics of one study.
    pub(in crate::report) struct InfluenceRow<'a> = d: &'a Influence {
        study: &'a str = &d.study,
        rstudent: Option<f64> = d.rstudent,
        dffits: Option<f64> = d.dffits,
        cook_distance: Option<f64> = d.cook_distance,
        covratio: Option<f64> = d.covratio,
        tau2_deleted: Option<f64> = d.tau2_deleted,
        q_deleted: Option<f64> = d.q_deleted,
        hat: Option<f64> = d.hat,
        weight: Option<f64> = d.weight,
        dfbeta: Option<f64> = d.dfbeta,
        residual: Option<f64> = d.residual,
        standardized_residual: Option<f64> = d.standardized_residual,
        influential: bool = !d.flags.is_empty(),
        flags: &'a [Flag] = &d.flags,
    }
}

row! {
    /// A study in a Baujat plot.
    pub(in crate::report) struct BaujatRow<'a> = b: &'a Baujat {
        study: &'a str = &b.study,
        q_contribution: Option<f64> = b.q_contribution,
        influence: Option<f64> = b.influence,
    }
}

row! {
    /// A study's effect drawn towards the mean.
    pub(in crate::report) struct BlupRow<'a> = b: &'a Blup {
        study: &'a str = &b.study,
        estimate: f64 = b.estimate,
        se: f64 = b.se,
        ci_lower: f64 = b.lower,
        ci_upper: f64 = b.upper,
        natural: &'a Natural = &b.natural,
        shrinkage: f64 = b.shrinkage,
    }
}

row! {
    /// What a study does to the cloud of subsets.
    pub(in crate::report) struct SplitRow<'a> = s: &'a Split {
        study: &'a str = &s.study,
        estimate_with: f64 = s.estimate_with,
        estimate_without: f64 = s.estimate_without,
        i2_with: f64 = s.i2_with,
        i2_without: f64 = s.i2_without,
        distance: f64 = s.distance,
    }
}

row! {
    /// The cloud of subsets in numbers.
    pub(in crate::report) struct GoshSummary = g: &Gosh {
        estimate_mean: f64 = g.estimate_mean,
        estimate_sd: f64 = g.estimate_sd,
        estimate_min: f64 = g.estimate_range.0,
        estimate_max: f64 = g.estimate_range.1,
        i2_mean: f64 = g.i2_mean,
        i2_sd: f64 = g.i2_sd,
    }
}

row! {
    /// All subsets, or a sample of them.
    struct GoshAnswer<'a> = g: &'a Gosh {
        subsets: u64 = g.subsets,
        exhaustive: bool = g.exhaustive,
        seed: Option<u64> = g.seed,
        failed: u64 = g.failed,
        summary: GoshSummary = g.into(),
        splits: Vec<SplitRow<'a>> = g.splits.iter().map(SplitRow::from).collect(),
        widest_split: Option<&'a str> = g.widest().map(|s| s.study.as_str()),
    }
}

row! {
    /// The estimate without a study and those left out before it.
    pub(in crate::report) struct RemovalRow<'a> = r: &'a Removal {
        left_out: Option<&'a str> = r.study.as_deref(),
        #[serde(flatten)]
        fit: RefitRow = Some(&r.fit).into(),
        natural: &'a Natural = &r.natural,
        conclusion_changes: bool = r.turns,
    }
}

row! {
    /// Studies left out until heterogeneity is low.
    struct OutliersAnswer<'a> = o: &'a Outliers {
        i2_target: f64 = o.target,
        reached: bool = o.reached,
        path: Vec<RemovalRow<'a>> = o.path.iter().map(RemovalRow::from).collect(),
    }
}

row! {
    /// A choice, and how often the conclusion holds with it.
    pub(in crate::report) struct ChoiceRow<'a> = c: &'a Choice {
        dimension: &'a str = &c.dimension,
        option: &'a str = &c.option,
        primary: bool = c.primary,
        analyses: usize = c.analyses,
        holds: Option<usize> = c.holds,
        estimate_min: Option<f64> = c.estimates.map(|e| e.0),
        estimate_median: Option<f64> = c.estimates.map(|e| e.1),
        estimate_max: Option<f64> = c.estimates.map(|e| e.2),
    }
}

/// One way to analyse the data.
#[derive(Serialize)]
pub(in crate::report) struct SpecificationRow<'a> {
    choices: Map<String, Value>,
    k: usize,
    natural: &'a Natural,
    p_value: Option<f64>,
    conclusion: Option<String>,
    primary: bool,
    left_out_min: Option<f64>,
    left_out_max: Option<f64>,
    left_out_holds: Option<usize>,
    left_out: Option<usize>,
}

impl<'a> SpecificationRow<'a> {
    fn new(s: &Stability, x: &'a Specification) -> Self {
        let chosen = s.dimensions.iter().zip(&x.choices);
        Self {
            choices: chosen.map(|(d, c)| (d.to_string(), c.as_str().into())).collect(),
            k: x.k,
            natural: &x.natural,
            p_value: x.p_value,
            conclusion: words(x.conclusion, s.against),
            primary: x.primary,
            left_out_min: x.left_out.map(|l| l.0),
            left_out_max: x.left_out.map(|l| l.1),
            left_out_holds: x.left_out_holds.map(|l| l.0),
            left_out: x.left_out_holds.map(|l| l.1),
        }
    }
}

fn words(conclusion: Option<Conclusion>, against: Option<f64>) -> Option<String> {
    conclusion.map(|c| c.words(against))
}

row! {
    /// The conclusion under every defensible choice.
    pub(in crate::report) struct StabilityRow<'a> = s: &'a Stability {
        conclusion: Option<String> = words(s.conclusion, s.against),
        analyses: usize = s.analyses,
        holds: Option<usize> = s.holds,
        pub(in crate::report) choices: Vec<ChoiceRow<'a>> = s.choices.iter().map(ChoiceRow::from).collect(),
        pub(in crate::report) specifications: Vec<SpecificationRow<'a>> = s.specifications.iter().map(|x| SpecificationRow::new(s, x)).collect(),
        refused: usize = s.refused.0,
        refused_reason: Option<&'a str> = s.refused.1.as_deref(),
    }
}

row! {
    /// A point of the likelihood of τ².
    pub(in crate::report) struct PointRow = point: &(f64, f64) {
        tau2: f64 = point.0,
        log_likelihood: f64 = point.1,
    }
}

row! {
    /// The likelihood of τ².
    pub(in crate::report) struct ProfileRow = p: &ProfileCurve {
        tau2: f64 = p.peak.0,
        log_likelihood: f64 = p.peak.1,
        cut: f64 = p.cut,
        ci_lower: f64 = p.lower.unwrap_or(0.0),
        ci_upper: Option<f64> = p.upper,
        restricted: bool = p.restricted,
        pub(in crate::report) points: Vec<PointRow> = p.points.iter().map(PointRow::from).collect(),
    }
}

row! {
    struct Settings<'a> = result: &'a SensitivityResult {
        #[serde(flatten)]
        pool: PoolSettings = (&result.pool).into(),
        analyses: &'a [Analysis] = &result.analyses,
        order: Option<&'a str> = result.order.as_deref(),
        descending: bool = result.descending,
        cluster: Option<&'a str> = result.cluster.as_deref(),
        against: Option<f64> = result.null,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    k: usize,
    #[serde(flatten)]
    estimates: Estimates,
    heterogeneity: Option<HeterogeneityRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leave_one_out: Option<Vec<StepRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cumulative: Option<Vec<StepRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    influence: Option<Vec<InfluenceRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baujat: Option<Vec<BaujatRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blup: Option<Vec<BlupRow<'a>>>,
    #[serde(flatten)]
    gosh: Option<GoshAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outliers: Option<OutliersAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stability: Option<StabilityRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileRow>,
}

/// Rows of values that were asked for.
fn rows<'a, T, Row: From<&'a T>>(values: Option<&'a Vec<T>>) -> Option<Vec<Row>> {
    values.map(|v| v.iter().map(Row::from).collect())
}

/// The answer of `metapool sensitivity`.
pub(in crate::report) fn sensitivity(result: &SensitivityResult, input: &Value) -> Value {
    let pool = &result.pool;
    let body = Body {
        k: pool.k,
        estimates: pool.into(),
        heterogeneity: pool.heterogeneity.as_ref().map(HeterogeneityRow::from),
        leave_one_out: rows(result.leave_one_out.as_ref()),
        cumulative: rows(result.cumulative.as_ref()),
        influence: rows(result.influence.as_ref()),
        baujat: rows(result.baujat.as_ref()),
        blup: rows(result.blup.as_ref()),
        gosh: result.gosh.as_ref().map(GoshAnswer::from),
        outliers: result.outliers.as_ref().map(OutliersAnswer::from),
        stability: result.stability.as_ref().map(StabilityRow::from),
        profile: result.profile.as_ref().map(ProfileRow::from),
    };
    answer("sensitivity", input, Settings::from(result), body, &result.notes()).value()
}
