//! Pooling counts by their own likelihoods: GLMM, beta-binomial, exact; in one group and in two.
//!
//! Every one of them answers, for one study, for two, and where no event or nothing but events was seen; the answer
//! says what it is. References: \[stijnen2010\], \[jackson2018\], \[kuss2015\], \[clopper1934\], \[mehta1985\].

mod exact;
mod one_group;
mod two_groups;

use super::interval::{Interval, critical};
use super::likelihood::{Family, Fit, Likelihood, fit, location_limits, spread_limits};
use super::prediction::{PredictionInterval, covering, narrower};
use super::tau2::Tau2;
use super::tau2_interval::Tau2Interval;
use super::{Model, ModelOptions};
use crate::choice::Chosen;
pub use crate::choice::GlmmModel;
use crate::dataset::Shape;
use crate::effect::{EffectTable, Measure, Natural, Scale};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use crate::result::{
    FitStatistics, Heterogeneity, IntervalSource, Note, PoolResult, Pooled, Prediction, PredictionSource,
    QKind, Settings, Tau2Source, Test,
};
pub(super) use one_group::OneGroup;
pub(super) use two_groups::TwoGroups;

/// The family of a measure, if it is of counts in one group.
pub(super) fn one_group_family(measure: Measure) -> Option<Family> {
    match measure.spec().compute.shape() {
        Shape::Events => Some(Family::Binomial),
        Shape::Rate => Some(Family::Poisson),
        _ => None,
    }
}

/// Pools a table of counts.
pub(super) fn pool(model: Model, options: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    check(model, options)?;
    if let Some(data) = OneGroup::of(&table) {
        return one_group::pool(model, options, table, &data);
    }
    if let Some(data) = TwoGroups::of(&table) {
        return two_groups::pool(model, options, table, data);
    }
    Err(Error::usage(format!("the {} model is for counts, not for {}", model.id(), table.measure().id()))
        .with_hint("use ⟦measure=PLO⟧ or IRLN for one group, OR or IRR for two, or ⟦model=inverse-variance⟧"))
}

/// The measure on whose scale the likelihood of counts works.
fn check_measure(model: Model, measure: Measure, expected: Measure) -> Result<(), Error> {
    if measure == expected {
        return Ok(());
    }
    Err(Error::usage(format!(
        "the {} model works on the scale of {}, not of {}",
        model.id(),
        expected.id(),
        measure.id()
    ))
    .with_hint(format!("use ⟦measure={}⟧, or ⟦model=inverse-variance⟧", expected.id())))
}

/// Options that a model cannot use are refused, not ignored.
fn check(model: Model, o: &ModelOptions) -> Result<(), Error> {
    o.check_level()?;
    let refuse = |what: String, hint: &str| Err(Error::usage(what).with_hint(hint));
    let name = model.id();
    if o.tau2.is_some_and(|t| t != Tau2::MaximumLikelihood) || o.tau2_given.is_some() {
        return refuse(
            format!("the {name} model estimates its variance by maximum likelihood"),
            "leave ⟦tau2⟧ out, or choose ⟦model=inverse-variance⟧",
        );
    }
    let intervals: &[Interval] = match model {
        Model::Exact => &[Interval::Exact, Interval::MidP],
        _ => &[Interval::Profile, Interval::Wald, Interval::T],
    };
    if let Some(ci) = o.ci.filter(|ci| !intervals.contains(ci)) {
        let all: Vec<&str> = intervals.iter().map(|i| i.id()).collect();
        return refuse(
            format!("the {name} model has no `{}` interval", ci.id()),
            &format!("choose ⟦ci⟧ from {}, or ⟦model=inverse-variance⟧", all.join(", ")),
        );
    }
    if let Some(p) = o.prediction.named() {
        let known =
            [PredictionInterval::Normal, PredictionInterval::T, PredictionInterval::Higgins].contains(&p);
        match model {
            Model::Glmm if known => {}
            Model::Glmm => {
                return refuse(
                    format!("the glmm model has no `{}` prediction interval", p.id()),
                    "choose ⟦prediction⟧ from t, hts, normal, none",
                );
            }
            Model::BetaBinomial => {
                return refuse(
                    format!("the beta-binomial model has no `{}` prediction interval", p.id()),
                    "leave ⟦prediction⟧ out: proportions have the quantiles of the fitted beta distribution",
                );
            }
            _ => {
                return refuse(
                    "the exact model has no prediction interval: it takes all studies to share one effect"
                        .into(),
                    "leave ⟦prediction⟧ out, or choose ⟦model=glmm⟧",
                );
            }
        }
    }
    match (o.tau2_ci.named(), model) {
        (Some(Tau2Interval::QProfile), _) => refuse(
            "the Q-profile interval needs sampling variances, which counts do not have".into(),
            "leave ⟦tau2-ci⟧ out for the profile likelihood, or choose ⟦model=inverse-variance⟧",
        ),
        (Some(_), Model::BetaBinomial | Model::Exact) => {
            refuse(format!("the {name} model has no τ²"), "leave ⟦tau2-ci⟧ out, or choose ⟦model=glmm⟧")
        }
        _ => Ok(()),
    }
}

/// A likelihood with what is known of its data.
struct Problem<'a> {
    likelihood: &'a dyn Likelihood,
    scale: Scale,
    /// Studies that say something.
    k: usize,
    /// Exact limits of a single study, where there are.
    sole: Option<Limits>,
}

/// Lower and upper limit; `None` where unbounded.
type Limits = (Option<f64>, Option<f64>);

impl Problem<'_> {
    fn fit(&self, no_spread: bool) -> Fit {
        fit(self.likelihood, no_spread || self.k == 1)
    }

    /// The location with its interval and its test against zero.
    fn pooled(&self, fitted: &Fit, ci: Interval, level: f64) -> Pooled {
        let df = self.k as f64 - 1.0;
        let t = ci == Interval::T && self.k > 1;
        let (lower, upper) = match (self.sole, ci, fitted.se) {
            (Some(limits), ..) => limits,
            (_, Interval::Wald | Interval::T, Some(se)) => {
                let half = critical(level, if t { df } else { f64::INFINITY }) * se;
                (Some(fitted.location - half), Some(fitted.location + half))
            }
            _ => location_limits(self.likelihood, fitted, level),
        };
        let statistic = fitted.se.map(|se| fitted.location / se);
        let p_value = |s| if t { dist::t_two_sided(s, df) } else { dist::normal_two_sided(s) };
        Pooled {
            estimate: fitted.location,
            se: fitted.se,
            statistic,
            df: t.then_some(df),
            p_value: statistic.map(p_value),
            lower,
            upper,
            natural: natural(self.scale, fitted.location, (lower, upper)),
            prediction: None,
        }
    }

    /// μ̂ ± q √(SE² + τ²).
    fn with_prediction(&self, p: Pooled, spread: f64, o: &ModelOptions) -> Pooled {
        let (Some(interval), Some(se)) = (prediction(o).filter(|_| self.k >= 3), p.se) else { return p };
        let k = self.k as f64;
        let df = match interval {
            PredictionInterval::Normal => f64::INFINITY,
            PredictionInterval::Higgins => k - 2.0,
            _ => k - 1.0,
        };
        let half = critical(o.level, df) * (se * se + spread * spread).sqrt();
        let limits = (p.estimate - half, p.estimate + half);
        // the partner of the profile likelihood may be shorter than the profile itself
        let limits =
            if !o.prediction.is_auto() { Some(limits) } else { covering(limits, (p.lower, p.upper)) };
        let back = |x| self.scale.back(x, None);
        let prediction = limits.map(|(lower, upper)| {
            let natural = Natural { estimate: None, lower: back(lower), upper: back(upper) };
            Prediction { lower, upper, natural }
        });
        Pooled { prediction, ..p }
    }

    fn heterogeneity(&self, fitted: &Fit, (q, q_df): (f64, usize), o: &ModelOptions) -> Heterogeneity {
        let square = |x: Option<f64>| x.map(|x| x * x);
        let limits = match o.tau2_ci {
            Chosen::None => (None, None),
            _ => spread_limits(self.likelihood, fitted, o.level),
        };
        Heterogeneity {
            tau2: fitted.location.is_finite().then_some(fitted.spread * fitted.spread),
            tau2_lower: square(limits.0),
            tau2_upper: square(limits.1),
            ..likelihood_ratio((q, q_df))
        }
    }
}

/// For reading; an unbounded side takes the end of the scale, and a ratio may be infinite.
fn natural(scale: Scale, estimate: f64, (lower, upper): Limits) -> Natural {
    let (least, most) = scale.range();
    let back = |x: Option<f64>, open: f64| x.map_or(Some(open), |x| scale.back(x, None));
    Natural {
        estimate: scale.back(estimate, None),
        lower: back(lower, least).filter(|l| l.is_finite()),
        upper: back(upper, most).filter(|u| u.is_finite()),
    }
}

/// The statistic of heterogeneity of a likelihood, with its test.
fn likelihood_ratio((q, q_df): (f64, usize)) -> Heterogeneity {
    Heterogeneity {
        q,
        q_df,
        q_p_value: dist::chi2_sf(q, q_df as f64),
        q_kind: QKind::LikelihoodRatio,
        ..Heterogeneity::default()
    }
}

/// Wald's test of heterogeneity, beside the likelihood ratio.
fn wald_test((q, df): (f64, usize)) -> Test {
    Test {
        of: None,
        id: "wald-heterogeneity".into(),
        title: "Wald's test of heterogeneity".into(),
        statistic: Some(q),
        df: Some(df),
        p_value: dist::chi2_sf(q, df as f64),
    }
}

fn fit_statistics(f: &Fit, k: usize, parameters: usize) -> FitStatistics {
    FitStatistics::new(f.log, parameters as f64, k as f64, f.iterations, f.stop)
}

/// The prediction interval in force for a GLMM.
fn prediction(o: &ModelOptions) -> Option<PredictionInterval> {
    o.prediction.or_else(|| o.profile.prediction(interval(o)))
}

/// The note on a prediction interval that was asked for by name and is narrower than the confidence interval.
fn prediction_note(p: &Pooled, o: &ModelOptions) -> Option<Note> {
    let (kind, limits) = o.prediction.named().zip(p.prediction.as_ref())?;
    narrower(kind.id(), (limits.lower, limits.upper), (p.lower, p.upper))
}

/// The interval in force for a GLMM or a beta-binomial model.
fn interval(o: &ModelOptions) -> Interval {
    o.ci.unwrap_or_else(|| o.profile.counts_ci())
}

fn settings(model: Model, o: &ModelOptions, ci: IntervalSource, glmm_model: Option<GlmmModel>) -> Settings {
    let mixed = model == Model::Glmm;
    Settings {
        model: Some(model),
        glmm_model,
        tau2: if model == Model::Exact { Tau2Source::CommonEffect } else { Tau2Source::CountLikelihood },
        ci,
        prediction: if mixed { prediction(o).map(PredictionSource::Of) } else { None },
        tau2_ci: (mixed && o.tau2_ci != Chosen::None).then_some(Tau2Interval::ProfileLikelihood),
        level: o.level,
        profile: o.profile,
    }
}
