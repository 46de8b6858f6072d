//! Counts in one group: the GLMM estimates the median proportion or rate, the beta-binomial model the mean, the exact
//! model the one that all studies share.

use super::{
    Limits, Problem, check_measure, fit_statistics, interval, likelihood_ratio, one_group_family,
    prediction_note, settings,
};
use crate::choice::Chosen;
use crate::dataset::StudyData;
use crate::effect::{
    EffectTable, Inclusion, Measure, Natural, Scale, Status, StudyEffect, StudyInterval, rate_limits,
};
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::Interval;
use crate::model::likelihood::{BetaBinomial, Counts, Family, Fit, Likelihood, NormalMixture};
use crate::model::notes::row_notes;
use crate::model::pooled::no_studies;
use crate::model::prediction::covering;
use crate::model::{MixedModel, Model, ModelOptions};
use crate::result::{Heterogeneity, Note, PoolResult, Pooled, Prediction};
use crate::result::{IntervalSource, PredictionSource};

/// Counts of the studies that report them, in order.
pub(in crate::model) struct OneGroup {
    pub(in crate::model) family: Family,
    pub(in crate::model) counts: Vec<Counts>,
}

impl OneGroup {
    pub(in crate::model) fn of(table: &EffectTable) -> Option<Self> {
        let family = one_group_family(table.measure())?;
        let counts =
            table.studies.iter().filter(|s| s.status != Status::Excluded).filter_map(|s| match s.data {
                Some(StudyData::Events(e)) => Some(Counts { x: e.x, size: e.n }),
                Some(StudyData::Rate(r)) => Some(Counts { x: r.x, size: r.t }),
                _ => None,
            });
        Some(Self { family, counts: counts.collect() })
    }

    /// All events and all patients or person-time.
    pub(in crate::model) fn totals(&self) -> (f64, f64) {
        self.counts.iter().fold((0.0, 0.0), |t, c| (t.0 + c.x, t.1 + c.size))
    }

    /// Exact limits of all studies taken as one; `None` where unbounded.
    fn sole(&self, scale: Scale, level: f64) -> Limits {
        let (lower, upper) = self.exact_limits(level);
        let forward = |v: f64| scale.forward(v, None).filter(|v| v.is_finite());
        (forward(lower), forward(upper))
    }

    /// Exact limits of all studies taken as one, on the natural scale; level in percent.
    pub(in crate::model) fn exact_limits(&self, level: f64) -> (f64, f64) {
        let (x, size) = self.totals();
        match self.family {
            Family::Binomial => (StudyInterval::ClopperPearson.spec().limits)(x, size, level / 100.0),
            Family::Poisson => rate_limits(x, size, level / 100.0),
        }
    }

    /// The one-sided exact bound at a level in percent: the upper for no events, the lower for nothing but events.
    pub(in crate::model) fn one_sided(&self, level: f64) -> Option<f64> {
        let (x, size) = self.totals();
        let alpha = 1.0 - level / 100.0;
        match self.family {
            // (1 − p)ⁿ = α
            Family::Binomial if x == 0.0 => Some(-(alpha.ln() / size).exp_m1()),
            Family::Binomial if x == size => Some((alpha.ln() / size).exp()),
            Family::Poisson if x == 0.0 => Some(-alpha.ln() / size),
            _ => None,
        }
    }
}

/// Pools a table of counts in one group.
pub(super) fn pool(
    model: Model,
    options: &ModelOptions,
    table: EffectTable,
    data: &OneGroup,
) -> Result<PoolResult, Error> {
    check(model, options, &table, data)?;
    let inclusion = inclusion(&table);
    let level = options.level;
    let ci = interval(options);
    let scale = data.family.scale();
    let k = data.counts.len();
    let mut notes = row_notes(table.included(&inclusion));
    notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
    let mixture = NormalMixture::new(data.family, &data.counts);
    let exact = model == Model::Exact || k == 1;
    let source = if exact { IntervalSource::ClopperPearson } else { IntervalSource::Of(ci) };
    let mut result = PoolResult::new(table, settings(model, options, source, None), k);
    result.inclusion = inclusion;
    result.common = Some(common(data, &mixture, scale, level));
    if model == Model::BetaBinomial && options.prediction != Chosen::None {
        result.settings.prediction = Some(PredictionSource::BetaQuantiles);
    }
    if model != Model::Exact {
        let beta = BetaBinomial::new(data.counts.clone());
        let likelihood: &dyn Likelihood = if model == Model::BetaBinomial { &beta } else { &mixture };
        let sole = (k == 1).then(|| data.sole(scale, level));
        let problem = Problem { likelihood, scale, k, sole };
        let fitted = problem.fit(false);
        let random = problem.pooled(&fitted, ci, level);
        let ratio = (mixture.deviance(), k - 1);
        let (random, heterogeneity) = if model == Model::BetaBinomial {
            let separated = !fitted.location.is_finite();
            let intraclass = (!separated).then_some(fitted.spread / (1.0 + fitted.spread));
            let predicted = if prediction_wanted(options, k) {
                beta_prediction(random, &fitted, scale, level)
            } else {
                random
            };
            (predicted, Heterogeneity { intraclass, ..likelihood_ratio(ratio) })
        } else {
            (
                problem.with_prediction(random, fitted.spread, options),
                problem.heterogeneity(&fitted, ratio, options),
            )
        };
        notes.extend(prediction_note(&random, options));
        result.random = Some(random);
        if k > 1 {
            result.heterogeneity = Some(heterogeneity);
            result.fit = Some(fit_statistics(&fitted, k, 2));
        }
        if model == Model::Glmm && fitted.spread >= 0.999 * mixture.spread_limit() {
            notes.push(Note::SpreadAtLimit);
        }
        if k == 1 {
            notes.insert(0, Note::OneStudy);
        } else if data.family == Family::Binomial {
            notes.push(if model == Model::Glmm { Note::MedianProportion } else { Note::MeanProportion });
        }
        if (2..5).contains(&k) {
            notes.push(Note::FewStudies { k, small_sample_ci: true, counts: true });
        }
    }
    if let Some(bound) = data.one_sided(level) {
        let (x, size) = data.totals();
        let rate = data.family == Family::Poisson;
        notes.insert(0, Note::NoEvents { all: x != 0.0, studies: k, size, bound, level, rate });
    }
    result.notes = notes;
    Ok(result)
}

fn check(model: Model, o: &ModelOptions, table: &EffectTable, data: &OneGroup) -> Result<(), Error> {
    let expected = if data.family == Family::Binomial { Measure::LogitProportion } else { Measure::LogRate };
    check_measure(model, table.measure(), expected)?;
    if model == Model::BetaBinomial && data.family != Family::Binomial {
        return Err(Error::usage("the beta-binomial model is for proportions")
            .with_hint("use ⟦model=glmm⟧ for rates"));
    }
    if o.ci == Some(Interval::MidP) {
        return Err(Error::usage("the mid-p interval is for two groups of counts")
            .with_hint("leave ⟦ci⟧ out for the Clopper-Pearson interval"));
    }
    if o.mixed_model() != MixedModel::default() {
        return Err(Error::usage("⟦glmm-model⟧ and ⟦keep-double-zero⟧ are for two groups")
            .with_hint("leave them out: in one group there is one mixed model"));
    }
    if data.counts.is_empty() {
        return Err(no_studies(table.included(&table.inclusion())));
    }
    Ok(())
}

/// Under these models a study with an empty cell is as good as any other, and none needs a correction.
fn inclusion(table: &EffectTable) -> Vec<Inclusion> {
    let row = |s: &StudyEffect| {
        let row = Inclusion { corrected: false, ..Inclusion::as_tabled(s) };
        if s.status == Status::NotEstimable && s.data.is_some() { row.used() } else { row }
    };
    table.studies.iter().map(row).collect()
}

/// All studies as one: exact limits, no between-study variance.
fn common(data: &OneGroup, mixture: &NormalMixture, scale: Scale, level: f64) -> Pooled {
    let (x, size) = data.totals();
    let (lower, upper) = data.exact_limits(level);
    let sole = data.sole(scale, level);
    Pooled {
        estimate: mixture.common(),
        se: mixture.common_se(),
        statistic: None,
        df: None,
        p_value: None,
        lower: sole.0,
        upper: sole.1,
        natural: Natural { estimate: Some(x / size), lower: Some(lower), upper: Some(upper) },
        prediction: None,
    }
}

fn prediction_wanted(o: &ModelOptions, k: usize) -> bool {
    o.prediction != Chosen::None && k >= 3
}

/// Quantiles of the fitted beta distribution.
fn beta_prediction(p: Pooled, fitted: &Fit, scale: Scale, level: f64) -> Pooled {
    if fitted.spread <= 0.0 || p.se.is_none() {
        return p;
    }
    let mean = scale.back(fitted.location, None).unwrap_or(0.5);
    let tail = 0.5 - level / 200.0;
    let quantile = |q: f64| dist::beta_quantile(q, mean / fitted.spread, (1.0 - mean) / fitted.spread);
    let forward = |v: f64| scale.forward(v, None).unwrap_or(0.0);
    // quantiles of the fitted distribution take its mean as known
    let limits = covering((forward(quantile(tail)), forward(quantile(1.0 - tail))), (p.lower, p.upper));
    let prediction = limits.map(|(lower, upper)| {
        let natural =
            Natural { estimate: None, lower: scale.back(lower, None), upper: scale.back(upper, None) };
        Prediction { lower, upper, natural }
    });
    Pooled { prediction, ..p }
}
