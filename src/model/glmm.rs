//! Pooling counts of one group by their own likelihoods: GLMM, beta-binomial, exact.
//!
//! Every one of them answers, for one study, for two, and where no event or nothing but events was seen; the answer
//! says what it is: the GLMM estimates the median proportion, the beta-binomial the mean, the exact model the one
//! proportion that all studies share. References: \[stijnen2010\], \[kuss2015\], \[clopper1934\].

use super::interval::{Interval, critical};
use super::inverse_variance::{ModelOptions, table_notes};
use super::likelihood::{BetaBinomial, Counts, Family, Fit, Likelihood, NormalMixture, fit, location_limits, spread_limits};
use super::tau2::Tau2;
use super::tau2_interval::Tau2Interval;
use super::{Model, ModelSpec};
use crate::dataset::StudyData;
use crate::effect::{Compute, EffectTable, Measure, Natural, Scale, Status, StudyInterval, rate_limits};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use crate::result::{FitStatistics, Heterogeneity, Method, Note, PoolResult, Pooled, Prediction, Settings};

pub(super) const GLMM: ModelSpec =
    ModelSpec { id: "glmm", aliases: &[], title: "generalised linear mixed", reference: "stijnen2010" };

pub(super) const BETA_BINOMIAL: ModelSpec =
    ModelSpec { id: "beta-binomial", aliases: &[], title: "beta-binomial", reference: "kuss2015" };

pub(super) const EXACT: ModelSpec =
    ModelSpec { id: "exact", aliases: &[], title: "exact common-proportion", reference: "clopper1934" };

/// Counts of the studies that report them, in order, and which rows of the table they are.
pub(super) struct OneGroup {
    pub family: Family,
    pub counts: Vec<Counts>,
}

/// The family of a measure, if it is of counts in one group.
pub(super) fn family(measure: Measure) -> Option<Family> {
    match measure.spec().compute {
        Compute::Events(_) => Some(Family::Binomial),
        Compute::Rate(_) => Some(Family::Poisson),
        _ => None,
    }
}

impl OneGroup {
    pub(super) fn of(table: &EffectTable) -> Option<Self> {
        let family = family(table.measure())?;
        let counts =
            table.studies.iter().filter(|s| s.status != Status::Excluded).filter_map(|s| match s.data {
                Some(StudyData::Events(e)) => Some(Counts { x: e.x, size: e.n }),
                Some(StudyData::Rate(r)) => Some(Counts { x: r.x, size: r.t }),
                _ => None,
            });
        Some(Self { family, counts: counts.collect() })
    }

    /// All events and all patients or person-time.
    pub(super) fn totals(&self) -> (f64, f64) {
        self.counts.iter().fold((0.0, 0.0), |t, c| (t.0 + c.x, t.1 + c.size))
    }

    /// Exact limits of all studies taken as one, on the natural scale; level in percent.
    pub(super) fn exact_limits(&self, level: f64) -> (f64, f64) {
        let (x, size) = self.totals();
        match self.family {
            Family::Binomial => (StudyInterval::ClopperPearson.spec().limits)(x, size, level / 100.0),
            Family::Poisson => rate_limits(x, size, level / 100.0),
        }
    }

    /// The one-sided exact bound at a level in percent: the upper for no events, the lower for nothing but events.
    pub(super) fn one_sided(&self, level: f64) -> Option<f64> {
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
pub(super) fn pool(model: Model, options: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    let data = OneGroup::of(&table).ok_or_else(|| wrong_measure(model, table.measure()))?;
    check(model, options, &table, &data)?;
    let mut table = table;
    revive(&mut table);
    let level = options.level;
    let ci = options.ci.unwrap_or(Interval::Profile);
    let scale = data.family.scale();
    let k = data.counts.len();
    let no_spread = k == 1 || model == Model::Exact;
    let mut notes = table_notes(&table);
    notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
    let (x, size) = data.totals();
    let mixture = NormalMixture::new(data.family, &data.counts);
    let common = common(&data, &mixture, scale, level);
    let mut result = PoolResult {
        weights_common: vec![None; table.studies.len()],
        weights_random: vec![None; table.studies.len()],
        settings: settings(model, options, ci, k),
        k,
        common: Some(common),
        random: None,
        heterogeneity: None,
        fit: None,
        agreement: vec![],
        range: None,
        imputation: None,
        notes: vec![],
        table,
    };
    if model != Model::Exact {
        let beta = (model == Model::BetaBinomial).then(|| BetaBinomial::new(data.counts.clone()));
        let (fitted, random, limits) = match &beta {
            Some(beta) => estimate(beta, &data, no_spread, ci, options),
            None => estimate(&mixture, &data, no_spread, ci, options),
        };
        result.random = Some(with_prediction(random, &fitted, model, options, scale, k, level));
        if k > 1 {
            result.heterogeneity = Some(heterogeneity(&mixture, &fitted, model, limits, k));
            result.fit = Some(fit_statistics(&fitted, k, no_spread));
        }
        if fitted.spread >= 0.999 * mixture.spread_limit() && model == Model::Glmm {
            notes.push(Note::SpreadAtLimit);
        }
        if k == 1 {
            notes.insert(0, Note::OneStudy);
        } else {
            notes.push(if model == Model::Glmm { Note::MedianProportion } else { Note::MeanProportion });
        }
        if (2..5).contains(&k) {
            notes.push(Note::FewStudies { k, small_sample_ci: true, counts: true });
        }
    }
    if let Some(bound) = data.one_sided(level) {
        let events = x != 0.0;
        notes.insert(
            0,
            Note::NoEvents {
                all: events,
                studies: k,
                size,
                bound,
                level,
                rate: data.family == Family::Poisson,
            },
        );
    }
    result.notes = notes;
    Ok(result)
}

fn wrong_measure(model: Model, measure: Measure) -> Error {
    Error::usage(format!("the {} model is for counts in one group, not for {}", model.id(), measure.id()))
        .with_hint("use `--measure PLO` for proportions or IRLN for rates, or `--model inverse-variance`")
}

fn check(model: Model, o: &ModelOptions, table: &EffectTable, data: &OneGroup) -> Result<(), Error> {
    o.check_level()?;
    let measure = table.measure();
    let expected = if data.family == Family::Binomial { Measure::LogitProportion } else { Measure::LogRate };
    if measure != expected {
        return Err(Error::usage(format!(
            "the {} model works on the scale of {}, not of {}",
            model.id(),
            expected.id(),
            measure.id()
        ))
        .with_hint(format!("use `--measure {}`, or `--model inverse-variance`", expected.id())));
    }
    if model == Model::BetaBinomial && data.family != Family::Binomial {
        return Err(Error::usage("the beta-binomial model is for proportions")
            .with_hint("use `--model glmm` for rates"));
    }
    if o.tau2.is_some_and(|t| t != Tau2::MaximumLikelihood) || o.tau2_given.is_some() {
        return Err(Error::usage(format!(
            "the {} model estimates its variance by maximum likelihood",
            model.id()
        ))
        .with_hint("leave `--tau2` out, or choose `--model inverse-variance`"));
    }
    if let Some(ci) = o.ci
        && !matches!(ci, Interval::Profile | Interval::Wald | Interval::T)
    {
        return Err(Error::usage(format!("the {} model has no `{}` interval", model.id(), ci.id()))
            .with_hint("choose `--ci profile`, `wald` or `t`, or `--model inverse-variance`"));
    }
    if o.tau2_ci == Some(Some(Tau2Interval::QProfile)) {
        return Err(Error::usage(
            "the Q-profile interval needs sampling variances, which counts do not have",
        )
        .with_hint(
            "leave `--tau2-ci` out for the profile likelihood, or choose `--model inverse-variance`",
        ));
    }
    if data.counts.is_empty() {
        return Err(super::inverse_variance::no_studies(table));
    }
    Ok(())
}

/// Under these models a study with an empty cell is as good as any other.
fn revive(table: &mut EffectTable) {
    for s in &mut table.studies {
        if s.status == Status::NotEstimable && s.data.is_some() {
            s.status = Status::Estimable;
            s.reason = None;
        }
        s.corrected = false;
    }
}

/// All studies as one: exact limits, no between-study variance.
fn common(data: &OneGroup, mixture: &NormalMixture, scale: Scale, level: f64) -> Pooled {
    let (x, size) = data.totals();
    let (lower, upper) = data.exact_limits(level);
    let estimate = mixture.common();
    let variance = match data.family {
        Family::Binomial => 1.0 / x + 1.0 / (size - x),
        Family::Poisson => 1.0 / x,
    };
    let forward = |v: f64| scale.forward(v, None).filter(|v| v.is_finite());
    Pooled {
        estimate,
        se: Some(variance.sqrt()).filter(|s| s.is_finite()),
        statistic: None,
        df: None,
        p_value: None,
        lower: forward(lower),
        upper: forward(upper),
        natural: Natural { estimate: Some(x / size), lower: Some(lower), upper: Some(upper) },
        prediction: None,
    }
}

type SpreadLimits = (Option<f64>, Option<f64>);

fn estimate(
    model: &impl Likelihood,
    data: &OneGroup,
    no_spread: bool,
    ci: Interval,
    options: &ModelOptions,
) -> (Fit, Pooled, SpreadLimits) {
    let level = options.level;
    let fitted = fit(model, no_spread);
    let scale = data.family.scale();
    let df = data.counts.len() as f64 - 1.0;
    let se = fitted.se;
    let (lower, upper) = match (ci, se) {
        // a single study: its own exact limits
        _ if no_spread => {
            let (l, u) = data.exact_limits(level);
            let forward = |v: f64| scale.forward(v, None).filter(|v| v.is_finite());
            (forward(l), forward(u))
        }
        (Interval::Wald | Interval::T, Some(se)) => {
            let q = critical(level, if ci == Interval::T { df } else { f64::INFINITY });
            (Some(fitted.location - q * se), Some(fitted.location + q * se))
        }
        _ => location_limits(model, &fitted, level),
    };
    let (least, most) = scale.range();
    let back = |x: Option<f64>, open: f64| x.map_or(Some(open), |x| scale.back(x, None));
    let natural = Natural {
        estimate: scale.back(fitted.location, None),
        lower: back(lower, least),
        upper: back(upper, most).filter(|u| u.is_finite()),
    };
    let statistic = se.map(|se| fitted.location / se);
    let pooled = Pooled {
        estimate: fitted.location,
        se,
        statistic,
        df: (ci == Interval::T).then_some(df),
        p_value: statistic
            .map(|s| if ci == Interval::T { dist::t_two_sided(s, df) } else { dist::normal_two_sided(s) }),
        lower,
        upper,
        natural,
        prediction: None,
    };
    let spread =
        if options.tau2_ci == Some(None) { (None, None) } else { spread_limits(model, &fitted, level) };
    (fitted, pooled, spread)
}

/// μ̂ ± t √(SE² + τ²) on the scale of the model, or normal; for the beta-binomial its own quantiles.
fn with_prediction(
    p: Pooled,
    fitted: &Fit,
    model: Model,
    o: &ModelOptions,
    scale: Scale,
    k: usize,
    level: f64,
) -> Pooled {
    let wanted = !matches!(o.prediction, Some(None));
    let (Some(se), true) = (p.se, wanted && k >= 3) else { return p };
    let (lower, upper) = if model == Model::BetaBinomial {
        if fitted.spread <= 0.0 {
            return p;
        }
        let mean = scale.back(fitted.location, None).unwrap_or(0.5);
        let tail = 0.5 - level / 200.0;
        let quantile = |q: f64| dist::beta_quantile(q, mean / fitted.spread, (1.0 - mean) / fitted.spread);
        let forward = |v: f64| scale.forward(v, None).unwrap_or(0.0);
        (forward(quantile(tail)), forward(quantile(1.0 - tail)))
    } else {
        let half = critical(level, k as f64 - 1.0) * (se * se + fitted.spread * fitted.spread).sqrt();
        (fitted.location - half, fitted.location + half)
    };
    let natural = Natural { estimate: None, lower: scale.back(lower, None), upper: scale.back(upper, None) };
    Pooled { prediction: Some(Prediction { lower, upper, natural }), ..p }
}

fn heterogeneity(
    mixture: &NormalMixture,
    fitted: &Fit,
    model: Model,
    limits: SpreadLimits,
    k: usize,
) -> Heterogeneity {
    let q = mixture.deviance();
    let square = |x: Option<f64>| x.map(|x| x * x);
    let glmm = model == Model::Glmm;
    let separated = !fitted.location.is_finite();
    Heterogeneity {
        q,
        q_df: k - 1,
        q_p_value: dist::chi2_sf(q, k as f64 - 1.0),
        q_kind: crate::result::QKind::LikelihoodRatio,
        tau2: (glmm && !separated).then_some(fitted.spread * fitted.spread),
        tau2_lower: if glmm { square(limits.0) } else { None },
        tau2_upper: if glmm { square(limits.1) } else { None },
        intraclass: (!glmm && !separated).then_some(fitted.spread / (1.0 + fitted.spread)),
        ..Heterogeneity::default()
    }
}

fn fit_statistics(f: &Fit, k: usize, no_spread: bool) -> FitStatistics {
    let parameters = if no_spread { 1.0 } else { 2.0 };
    let n = k as f64;
    let size = n.max(parameters + 2.0);
    FitStatistics {
        log_likelihood: f.log,
        aic: -2.0 * f.log + 2.0 * parameters,
        bic: -2.0 * f.log + parameters * n.ln(),
        aicc: -2.0 * f.log + 2.0 * parameters * size / (size - parameters - 1.0),
        iterations: f.iterations,
        stop: f.stop.id(),
    }
}

fn settings(model: Model, o: &ModelOptions, ci: Interval, k: usize) -> Settings {
    let named = |m: (&str, &str)| Method::new(m.0, m.1);
    let ci =
        if model == Model::Exact || k == 1 { ("exact", "Clopper-Pearson") } else { (ci.id(), ci.title()) };
    let prediction = match (model, o.prediction) {
        (Model::Exact, _) | (_, Some(None)) => None,
        (Model::BetaBinomial, _) => Some(("beta", "quantiles of the fitted beta distribution")),
        _ => Some(("t", "t (k − 1)")),
    };
    Settings {
        model: named((model.id(), model.title())),
        tau2: if model == Model::Exact {
            Method::new("EE", "none (one proportion)")
        } else {
            Method::new("ML", "maximum likelihood")
        },
        ci: named(ci),
        prediction: prediction.map(named),
        tau2_ci: (model == Model::Glmm && o.tau2_ci != Some(None))
            .then(|| named(("PL", "profile likelihood"))),
        level: o.level,
        profile: named((o.profile.id(), o.profile.title())),
    }
}
