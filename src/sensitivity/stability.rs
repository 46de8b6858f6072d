//! The conclusion under every defensible choice of measure, model, interval and correction, and without each study.
//!
//! A multiverse: all combinations are analysed, and one table says for each choice how often the conclusion of the
//! primary analysis holds. References: \[steegen2016\], \[voracek2019\].

use crate::choice::Chosen;
use crate::dataset::{Shape, StudyData};
use crate::effect::{
    Continuity, CorrectWhere, DoubleZero, EffectOptions, EffectTable, Measure, Scale, has_empty_cell,
};
use crate::error::Error;
use crate::math::parallel::{Progress, in_portions};
use crate::model::interval::Interval;
use crate::model::refit::{PooledFit, Refit};
use crate::model::tau2::Tau2;
use crate::model::{self, GlmmModel, Model, ModelOptions, Pooling};
use crate::registry::Member;
use crate::result::sensitivity::{Choice, Conclusion, Specification, Stability};
use crate::result::{Note, PoolResult};
use std::borrow::Cow;

/// Estimators of τ² that are compared.
const ESTIMATORS: [Tau2; 6] = [
    Tau2::Reml,
    Tau2::PauleMandel,
    Tau2::DerSimonianLaird,
    Tau2::MaximumLikelihood,
    Tau2::EmpiricalBayes,
    Tau2::SidikJonkman,
];
const INTERVALS: [Interval; 3] = [Interval::HartungKnapp, Interval::HartungKnappAdHoc, Interval::Wald];
/// Likelihoods of counts are fitted again without each study only up to so many studies.
const MOST_REFITTED: usize = 30;

const DIMENSIONS: [&str; 4] = ["measure", "model", "interval", "correction"];

/// An analysis, before it is tried.
#[derive(Clone)]
struct Plan {
    effects: EffectOptions,
    model: ModelOptions,
    choices: [String; 4],
    primary: bool,
}

/// Measures of the same question from the same data.
fn measures(shape: Shape, primary: Measure) -> Vec<Measure> {
    use Measure as M;
    let mut all = match shape {
        Shape::TwoByTwo => vec![M::RiskRatio, M::OddsRatio, M::RiskDifference],
        Shape::TwoRates => vec![M::RateRatio, M::RateDifference],
        Shape::TwoMeans => vec![M::MeanDifference, M::StandardisedDifference],
        Shape::Events => vec![M::LogitProportion, M::ArcsineProportion],
        Shape::Rate => vec![M::LogRate, M::RootRate],
        Shape::Correlation => vec![M::FisherZ, M::Correlation],
        _ => vec![],
    };
    if !all.contains(&primary) {
        // another question, such as variability: not compared with these
        all = vec![];
    }
    all.retain(|m| *m != primary);
    all.insert(0, primary);
    all
}

/// Corrections that differ where a cell is empty; the one in force first.
fn corrections(table: &EffectTable, base: &EffectOptions) -> Vec<Continuity> {
    let own = base.continuity;
    let data = || table.studies.iter().filter_map(|s| s.data);
    let empty = data().any(|d| has_empty_cell(&d));
    let mut all = vec![own];
    if empty && own.add > 0.0 {
        let two = data().any(|d| matches!(d, StudyData::TwoByTwo(_) | StudyData::TwoRates(_)));
        let only = Continuity { add: 0.5, to: CorrectWhere::Only0, double_zero: DoubleZero::Auto };
        all.push(only);
        if two {
            all.push(Continuity { to: CorrectWhere::Tacc, ..only });
            all.push(Continuity { double_zero: DoubleZero::Keep, ..only });
        }
    }
    let mut out: Vec<Continuity> = vec![];
    for c in all {
        if !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

fn correction_title(c: &Continuity) -> String {
    let kept = if c.double_zero == DoubleZero::Keep { ", double zeros kept" } else { "" };
    format!("{}{kept}", c.title())
}

/// Models of a measure with their intervals: label of the model, its options.
fn models(measure: Measure, shape: Shape, base: &ModelOptions) -> Vec<(String, ModelOptions)> {
    let plain = ModelOptions {
        model: Some(Pooling::InverseVariance),
        tau2: None,
        tau2_given: None,
        ci: None,
        prediction: Chosen::None,
        tau2_ci: Chosen::None,
        ..*base
    };
    let mut out = vec![];
    for tau2 in ESTIMATORS {
        for ci in INTERVALS {
            out.push((tau2.id().to_string(), ModelOptions { tau2: Some(tau2), ci: Some(ci), ..plain }));
        }
    }
    let wald = ModelOptions { tau2: Some(Tau2::EqualEffects), ci: Some(Interval::Wald), ..plain };
    out.push(("equal effects".into(), wald));
    let of = |model: Model| ModelOptions { model: Some(model.into()), ..plain };
    let mixed = |glmm: GlmmModel| ModelOptions { model: Some(Pooling::glmm(glmm)), ..plain };
    match (shape, measure) {
        (Shape::TwoByTwo, Measure::OddsRatio) | (Shape::TwoRates, Measure::RateRatio) => {
            out.push(("Mantel-Haenszel".into(), of(Model::MantelHaenszel)));
            out.push(("GLMM UM.FS".into(), mixed(GlmmModel::FixedStudies)));
            out.push(("GLMM CM.EL".into(), mixed(GlmmModel::ConditionalExact)));
        }
        (Shape::TwoByTwo, Measure::RiskRatio | Measure::RiskDifference)
        | (Shape::TwoRates, Measure::RateDifference) => {
            out.push(("Mantel-Haenszel".into(), of(Model::MantelHaenszel)));
        }
        (Shape::Events, Measure::LogitProportion) => {
            out.push(("GLMM".into(), of(Model::Glmm)));
            out.push(("beta-binomial".into(), of(Model::BetaBinomial)));
        }
        (Shape::Rate, Measure::LogRate) => out.push(("GLMM".into(), of(Model::Glmm))),
        _ => {}
    }
    out
}

/// Label of the model and interval of a pooled result.
fn labels(result: &PoolResult) -> (String, String) {
    let s = &result.settings;
    let model = match s.model {
        Some(Model::InverseVariance) if s.is_equal_effects() => "equal effects".to_string(),
        Some(Model::InverseVariance) => s.tau2.id(),
        Some(Model::Glmm) => s.glmm_model.map_or_else(|| "GLMM".to_string(), |v| format!("GLMM {}", v.id())),
        Some(Model::MantelHaenszel) => "Mantel-Haenszel".into(),
        Some(other) => other.id().to_string(),
        None => "none".into(),
    };
    (model, s.ci.id().to_string())
}

/// The options under which the primary analysis took its effects, before its model took them without correction.
fn base_options(primary: &PoolResult) -> EffectOptions {
    let options = primary.table.options;
    if primary.table.measure() != Measure::Peto || options.continuity.to != CorrectWhere::None {
        return options;
    }
    let usual = EffectOptions::new(Measure::Peto).continuity;
    options.continuity(Continuity { to: usual.to, ..options.continuity })
}

/// Every combination of measure, correction and model beside the primary analysis, which comes first.
fn plans(primary: &PoolResult, options: &ModelOptions, against: Option<f64>) -> Vec<Plan> {
    let (table, shape) = (&primary.table, primary.table.shape());
    let base = base_options(primary);
    let (model, ci) = labels(primary);
    let mut plans = vec![Plan {
        effects: base,
        model: *options,
        choices: [base.measure.id().into(), model, ci, correction_title(&base.continuity)],
        primary: true,
    }];
    // what is read on another scale has no common value to be compared with
    let measures = match against {
        Some(_) if !table.measure().is_proportion() => vec![base.measure],
        _ => measures(shape, base.measure),
    };
    for &measure in &measures {
        for continuity in corrections(table, &base) {
            let effects = effects(&base, measure, continuity);
            let correction = if measure.default_add() == 0.0 && effects.continuity.add == 0.0 {
                correction_title(&base.continuity)
            } else {
                correction_title(&effects.continuity)
            };
            for (label, model) in models(measure, shape, options) {
                let ci = model.ci.map_or_else(String::new, |c| c.id().to_string());
                let choices = [measure.id().into(), label, ci, correction.clone()];
                plans.push(Plan { effects, model, choices, primary: false });
            }
        }
    }
    plans
}

/// The options of the primary analysis for another measure and correction.
fn effects(base: &EffectOptions, measure: Measure, continuity: Continuity) -> EffectOptions {
    let add = if measure == base.measure { continuity.add } else { measure.default_add() };
    EffectOptions {
        measure,
        continuity: Continuity { add: if continuity.add == 0.0 { 0.0 } else { add }, ..continuity },
        variance: base.variance.filter(|v| measure.spec().variances.contains(v)),
        small_sample_correction: base.small_sample_correction || measure.spec().correction.is_none(),
        ..*base
    }
}

/// Analyses the rows of the primary result in every way beside it; `against` is a value other than no effect, for reading,
/// that the conclusion is about.
///
/// # Errors
/// No analysis can be computed.
pub fn stability(
    primary: &PoolResult,
    options: &ModelOptions,
    against: Option<f64>,
    progress: Progress<'_>,
) -> Result<Stability, Error> {
    let plans = plans(primary, options, against);
    let whole = conclusion_of(primary, against)?;
    // portions of one: each plan takes its own time
    let analysed = in_portions(plans.len(), |i| analyse(&primary.table, &plans[i], against, whole), progress);
    let mut specifications: Vec<Specification> = vec![];
    let mut refused = (0, None);
    for outcome in analysed {
        match outcome {
            // the primary analysis comes first; one that is the same is not counted twice
            Ok(s) if specifications.iter().any(|o| o.choices == s.choices) => {}
            Ok(s) => specifications.push(s),
            Err(e) => {
                refused.0 += 1;
                refused.1.get_or_insert_with(|| e.marked());
            }
        }
    }
    if specifications.is_empty() {
        return Err(Error::model("no analysis of these data can be computed")
            .with_hint(refused.1.unwrap_or_default()));
    }
    Ok(Stability { against, ..summary(specifications, whole, refused) })
}

fn conclusion_of(result: &PoolResult, against: Option<f64>) -> Result<Option<Conclusion>, Error> {
    let null = null_of(&result.table, against)?;
    Ok(result.main().and_then(|m| Conclusion::of(m.lower, m.upper, null)))
}

/// The value on the analysis scale that a conclusion is about.
///
/// # Errors
/// The value has no place on the scale.
pub fn null_of(table: &EffectTable, against: Option<f64>) -> Result<Option<f64>, Error> {
    let Some(value) = against else { return Ok(table.measure().spec().null) };
    let size = if table.scale().needs_size() { table.harmonic_size() } else { None };
    let (low, high) = table.scale().range();
    let null = table.scale().forward(value, size).filter(|_| (low..=high).contains(&value));
    null.filter(|x| x.is_finite()).map(Some).ok_or_else(|| {
        Error::usage(format!("⟦against={value}⟧ is no value of {}", table.measure().id()))
            .with_hint("give it as it is read: a ratio, a proportion between 0 and 1, a difference")
    })
}

fn analyse(
    table: &EffectTable,
    plan: &Plan,
    against: Option<f64>,
    whole: Option<Conclusion>,
) -> Result<Specification, Error> {
    let result = model::pool(table.recompute(plan.effects)?, plan.model)?;
    if result.notes.iter().any(|n| matches!(n, Note::HksjVanishes)) {
        return Err(Error::model("the studies agree so closely that this interval has all but no width"));
    }
    let (model, ci) = labels(&result);
    let mut choices = plan.choices.clone();
    // what the model settled on, under one name whoever asked for it
    (choices[1], choices[2]) = (model, ci);
    let needs_none = !result.studies().any(|s| s.corrected);
    if needs_none || !result.settings.is_inverse_variance() {
        choices[3] = "none needed".into();
    }
    let main = result.main().ok_or_else(|| Error::model("the model gives no estimate"))?;
    let null = null_of(&result.table, against)?;
    let conclusion = Conclusion::of(main.lower, main.upper, null);
    let fit = PooledFit::new(&result, &plan.model).about(null);
    let p_value = match against {
        None => main.p_value,
        Some(_) => fit.whole().and_then(|w| w.p_value),
    };
    let (left_out, left_out_holds) = left_out(&fit, whole);
    Ok(Specification {
        measure: plan.effects.measure,
        ratio: plan.effects.measure.spec().scale == Scale::Log && !plan.effects.measure.is_proportion(),
        null: null.and_then(|n| result.table.back(n)),
        natural: main.natural,
        p_value,
        k: result.k,
        conclusion,
        left_out,
        left_out_holds,
        primary: plan.primary,
        choices: choices.to_vec(),
    })
}

/// The range of the estimates without each study, for reading, and how many of how many keep the conclusion; neither where
/// the fits would take too long.
#[allow(clippy::type_complexity, reason = "the two answers of one loop")]
fn left_out(fit: &PooledFit<'_>, whole: Option<Conclusion>) -> (Option<(f64, f64)>, Option<(usize, usize)>) {
    if fit.k() <= 2 || !(fit.is_quick() || fit.k() <= MOST_REFITTED) {
        return (None, None);
    }
    let fits: Vec<_> = fit.rows().iter().filter_map(|&row| fit.without(&[row]).ok()).collect();
    let read = fits.iter().filter_map(|f| fit.natural(f).estimate);
    let range = read.fold(None, |range: Option<(f64, f64)>, x| {
        Some(range.map_or((x, x), |(lo, hi)| (lo.min(x), hi.max(x))))
    });
    let holds = fits.iter().filter(|f| fit.conclusion(f) == whole).count();
    (range, whole.map(|_| (holds, fits.len())))
}

fn summary(
    specifications: Vec<Specification>,
    whole: Option<Conclusion>,
    refused: (usize, Option<String>),
) -> Stability {
    let mut choices = vec![];
    for (d, dimension) in DIMENSIONS.into_iter().enumerate() {
        let mut options: Vec<&String> = vec![];
        for s in &specifications {
            if !options.contains(&&s.choices[d]) {
                options.push(&s.choices[d]);
            }
        }
        for option in options {
            let with: Vec<&Specification> =
                specifications.iter().filter(|s| s.choices[d] == *option).collect();
            let mut estimates: Vec<f64> = with.iter().filter_map(|s| s.natural.estimate).collect();
            estimates.sort_by(f64::total_cmp);
            let same = with.windows(2).all(|pair| pair[0].measure == pair[1].measure);
            choices.push(Choice {
                dimension: dimension.into(),
                option: option.clone(),
                analyses: with.len(),
                holds: whole.map(|_| with.iter().filter(|s| s.conclusion == whole).count()),
                estimates: (same && !estimates.is_empty())
                    .then(|| (estimates[0], estimates[estimates.len() / 2], estimates[estimates.len() - 1])),
                primary: with.iter().any(|s| s.primary),
            });
        }
    }
    let left: usize = specifications.iter().filter_map(|s| s.left_out_holds).map(|l| l.1).sum();
    let left_holds: usize = specifications.iter().filter_map(|s| s.left_out_holds).map(|l| l.0).sum();
    let own = specifications.iter().filter(|s| s.conclusion == whole).count();
    Stability {
        dimensions: DIMENSIONS.map(Cow::from).to_vec(),
        choices,
        conclusion: whole,
        against: None,
        analyses: specifications.len() + left,
        holds: whole.map(|_| own + left_holds),
        specifications,
        refused,
    }
}
