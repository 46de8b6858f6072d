//! Tests of bias and estimates that allow for it.

use super::answer;
use super::pool::{Estimates, PoolSettings};
use crate::choice::bias::{Alternative, BiasTest, Estimator, SelectionModel};
use crate::effect::Natural;
use crate::math::root::Stop;
use crate::result::bias::{
    Adjusted, BiasOutcome, BiasResult, Conditional, Filled, Finding, Refused, SelectionPoint, Side, Statistic,
};
use serde::Serialize;
use serde_json::Value;

/// One test.
#[derive(Serialize)]
pub(in crate::report) struct Outcome<'a> {
    test: BiasTest,
    title: &'a str,
    variant: &'a str,
    k: usize,
    statistic: Option<f64>,
    statistic_kind: Statistic,
    df: Option<f64>,
    p_value: Option<f64>,
    one_sided: bool,
    #[serde(flatten)]
    adjusted: Option<AdjustedRow<'a>>,
    #[serde(flatten)]
    limit: Option<LimitRow<'a>>,
    #[serde(flatten)]
    finding: Option<FindingRow<'a>>,
}

impl<'a> From<&'a BiasOutcome> for Outcome<'a> {
    fn from(o: &'a BiasOutcome) -> Self {
        // of selection models the test is that of selection, and the estimate has its own
        let own = matches!(o.finding, Finding::Selection(_) | Finding::Limit { .. } | Finding::TrimFill(_));
        let adjusted = |a: &'a Adjusted| AdjustedRow {
            estimate: a.estimate,
            se: a.se,
            ci_lower: a.lower,
            ci_upper: a.upper,
            tau2: a.tau2,
            natural: &a.natural,
            estimate_p_value: own.then_some(a.p_value),
        };
        Self {
            test: o.test,
            title: &o.title,
            variant: &o.variant,
            k: o.k,
            statistic: o.statistic,
            statistic_kind: o.statistic_kind,
            df: o.df,
            p_value: o.p_value,
            one_sided: o.one_sided,
            adjusted: o.adjusted.as_ref().map(adjusted),
            limit: o.limit.as_ref().map(LimitRow::from),
            finding: FindingRow::of(&o.finding),
        }
    }
}

/// An estimate that allows for bias.
#[derive(Serialize)]
struct AdjustedRow<'a> {
    estimate: f64,
    se: Option<f64>,
    ci_lower: Option<f64>,
    ci_upper: Option<f64>,
    tau2: Option<f64>,
    natural: &'a Natural,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate_p_value: Option<Option<f64>>,
}

row! {
    /// The effect where a study has no error.
    struct LimitRow<'a> = a: &'a Adjusted {
        limit_estimate: f64 = a.estimate,
        limit_se: Option<f64> = a.se,
        limit_ci_lower: Option<f64> = a.lower,
        limit_ci_upper: Option<f64> = a.upper,
        limit_tau2: Option<f64> = a.tau2,
        limit_natural: &'a Natural = &a.natural,
    }
}

/// What a test found beside its statistic.
#[derive(Serialize)]
#[serde(untagged)]
enum FindingRow<'a> {
    Line {
        predictor: &'a str,
        intercept: f64,
        slope: f64,
        slope_se: f64,
    },
    Rank {
        tau: f64,
        exact: bool,
    },
    TrimFill {
        estimator: Estimator,
        missing_studies: usize,
        missing_studies_se: Option<f64>,
        missing_studies_p_value: Option<f64>,
        side: Side,
        filled: Vec<FilledRow<'a>>,
        iterations: usize,
    },
    FailSafe {
        failsafe_n: f64,
        target: Option<f64>,
        average: Option<f64>,
    },
    Excess {
        observed: usize,
        expected: f64,
    },
    Selection {
        r#type: SelectionModel,
        alternative: Alternative,
        steps: &'a [f64],
        delta: &'a [f64],
        delta_se: &'a [Option<f64>],
        studies_per_step: &'a [usize],
        tau2_se: Option<f64>,
        log_likelihood: f64,
        lrt: f64,
        lrt_df: usize,
        lrt_p_value: f64,
        iterations: usize,
        stop: Stop,
        at_boundary: bool,
        curve: &'a [SelectionPoint],
    },
    Limit {
        alpha: f64,
        q_small_study_effects: f64,
        q_remaining: f64,
        q_remaining_df: usize,
        q_remaining_p_value: f64,
        g2: Option<f64>,
    },
    PCurve {
        significant: usize,
        significant_half: usize,
        right_skew: Skew,
        right_skew_half: Option<Skew>,
        flat: Skew,
        flat_half: Option<Skew>,
        power: Option<f64>,
        power_lower: Option<f64>,
        power_upper: Option<f64>,
        power_says: String,
        shares: [f64; 5],
    },
    PUniform {
        significant: usize,
        log_likelihood: f64,
        iterations: usize,
    },
    Conditional {
        taken: Conditional,
        pet_one_sided_p_value: f64,
    },
}

/// A test of the p-curve.
#[derive(Serialize)]
struct Skew {
    z: f64,
    p_value: f64,
}

impl From<(f64, f64)> for Skew {
    fn from((z, p_value): (f64, f64)) -> Self {
        Self { z, p_value }
    }
}

row! {
    /// A study that trim and fill believes missing.
    pub(in crate::report) struct FilledRow<'a> = f: &'a Filled {
        mirror_of: &'a str = &f.study,
        estimate: f64 = f.estimate,
        variance: f64 = f.variance,
    }
}

impl<'a> FindingRow<'a> {
    fn of(finding: &'a Finding) -> Option<Self> {
        Some(match finding {
            Finding::Line(l) => Self::Line {
                predictor: &l.predictor,
                intercept: l.intercept,
                slope: l.slope,
                slope_se: l.slope_se,
            },
            Finding::Rank { tau, exact } => Self::Rank { tau: *tau, exact: *exact },
            Finding::TrimFill(t) => Self::TrimFill {
                estimator: t.estimator,
                missing_studies: t.missing,
                missing_studies_se: t.missing_se,
                missing_studies_p_value: t.missing_p_value,
                side: t.side,
                filled: t.filled.iter().map(FilledRow::from).collect(),
                iterations: t.iterations,
            },
            Finding::FailSafe { n, target, average } => {
                Self::FailSafe { failsafe_n: *n, target: *target, average: *average }
            }
            Finding::Excess { observed, expected } => {
                Self::Excess { observed: *observed, expected: *expected }
            }
            Finding::Selection(s) => Self::Selection {
                r#type: s.kind,
                alternative: s.alternative,
                steps: &s.steps,
                delta: &s.delta,
                delta_se: &s.delta_se,
                studies_per_step: &s.counts,
                tau2_se: s.tau2_se,
                log_likelihood: s.log_likelihood,
                lrt: s.lrt,
                lrt_df: s.lrt_df,
                lrt_p_value: s.lrt_p_value,
                iterations: s.iterations,
                stop: s.stop,
                at_boundary: s.at_boundary,
                curve: &s.curve,
            },
            Finding::Limit { alpha, q_small, q_remaining, df_remaining, p_remaining, g2, .. } => {
                Self::Limit {
                    alpha: *alpha,
                    q_small_study_effects: *q_small,
                    q_remaining: *q_remaining,
                    q_remaining_df: *df_remaining,
                    q_remaining_p_value: *p_remaining,
                    g2: *g2,
                }
            }
            Finding::PCurve(c) => Self::PCurve {
                significant: c.significant,
                significant_half: c.half,
                right_skew: c.right_skew.into(),
                right_skew_half: c.right_skew_half.map(Skew::from),
                flat: c.flat.into(),
                flat_half: c.flat_half.map(Skew::from),
                power: c.power.value(),
                power_lower: c.power_limits.0.value(),
                power_upper: c.power_limits.1.value(),
                power_says: c.power_line(),
                shares: c.shares,
            },
            Finding::PUniform { significant, log_likelihood, iterations } => Self::PUniform {
                significant: *significant,
                log_likelihood: *log_likelihood,
                iterations: *iterations,
            },
            Finding::Conditional { taken, pet_p_value } => {
                Self::Conditional { taken: *taken, pet_one_sided_p_value: *pet_p_value }
            }
            Finding::Nothing => return None,
        })
    }
}

row! {
    /// A test that was not done.
    pub(in crate::report) struct RefusedRow<'a> = r: &'a Refused {
        test: BiasTest = r.test,
        title: &'static str = r.test.name(),
        reason: &'a str = &r.reason,
    }
}

/// One test where one was asked for, else those that suit.
#[derive(Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "made once, to be written")]
enum Tests<'a> {
    One { result: Option<Outcome<'a>> },
    Panel { results: Vec<Outcome<'a>>, refused: Vec<RefusedRow<'a>> },
}

#[derive(Serialize)]
struct Body<'a> {
    k: usize,
    #[serde(flatten)]
    estimates: Estimates,
    #[serde(flatten)]
    tests: Tests<'a>,
}

/// The answer of `metapool bias`.
pub(in crate::report) fn bias(result: &BiasResult, input: &Value) -> Value {
    let mut outcomes = result.outcomes.iter().map(Outcome::from);
    let tests = if result.single {
        Tests::One { result: outcomes.next() }
    } else {
        let refused = result.refused.iter().map(RefusedRow::from).collect();
        Tests::Panel { results: outcomes.collect(), refused }
    };
    let body = Body { k: result.pool.k, estimates: (&result.pool).into(), tests };
    answer("bias", input, PoolSettings::from(&result.pool), body, &result.notes()).value()
}
