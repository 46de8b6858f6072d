//! Counts in two groups: odds ratios of patients, rate ratios of person-time.

use super::GlmmModel;
use super::exact::{Conditional, Stratum};
use super::{
    Limits, Problem, check_measure, fit_statistics, interval, likelihood_ratio, natural, prediction_note,
    settings, wald_test,
};
use crate::dataset::StudyData;
use crate::effect::{EffectTable, Included, Inclusion, Measure, Scale, Status};
use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::likelihood::{
    BetaBinomialPair, Counts, Family, FixedIntercepts, Hypergeometric, Kernel, Likelihood, Mixture, Pair,
    RandomIntercepts, Table, conditional_binomial,
};
use crate::model::no_events;
use crate::model::notes::row_notes;
use crate::model::pooled::no_studies;
use crate::model::{Model, ModelOptions};
use crate::result::IntervalSource;
use crate::result::{Heterogeneity, Note, PoolResult, Pooled, Test};

/// One study: its row in the table, and its groups.
#[derive(Clone, Copy, Debug)]
struct Row {
    index: usize,
    pair: Pair,
}

impl Row {
    /// Whether the study says something about a measure: all do about a difference, those with events in one group
    /// about a ratio of risks or rates, those with others as well about a ratio of odds.
    fn contributes(&self, measure: Measure) -> bool {
        match measure {
            Measure::RiskDifference | Measure::RateDifference => true,
            Measure::RiskRatio => self.pair.first.counts.x + self.pair.second.counts.x > 0.0,
            _ => self.pair.is_informative(),
        }
    }

    /// Why a study contributes nothing.
    fn why_not(&self) -> String {
        let seen = if self.pair.first.counts.x > 0.0 { "nothing but events" } else { "no events" };
        format!("{seen} in both groups: it says nothing about a ratio")
    }
}

/// The studies of a table that have counts in two groups.
pub(in crate::model) struct TwoGroups {
    pub(in crate::model) family: Family,
    rows: Vec<Row>,
}

impl TwoGroups {
    pub(in crate::model) fn of(table: &EffectTable) -> Option<Self> {
        let mut family = None;
        let mut rows = vec![];
        for (index, s) in table.studies.iter().enumerate() {
            let counts = |x, size| Counts { x, size };
            let (kind, first, second) = match s.data {
                Some(StudyData::TwoByTwo(t)) => (Family::Binomial, counts(t.a, t.n1()), counts(t.c, t.n2())),
                Some(StudyData::TwoRates(r)) => (Family::Poisson, counts(r.x1, r.t1), counts(r.x2, r.t2)),
                _ => continue,
            };
            family = Some(kind);
            if s.status != Status::Excluded {
                rows.push(Row { index, pair: Pair::new(kind, first, second) });
            }
        }
        Some(Self { family: family?, rows })
    }

    /// What a model that pools counts for a measure makes of the rows: those that contribute are used, whether or not
    /// they have an effect of their own; the others stay in the table, without estimate and weight.
    pub(in crate::model) fn inclusion(&self, table: &EffectTable, measure: Measure) -> Vec<Inclusion> {
        let mut all = table.inclusion();
        for row in &self.rows {
            let Some(inclusion) = all.get_mut(row.index) else { continue };
            if !row.contributes(measure) {
                *inclusion = Inclusion::left_out(row.why_not());
            } else if inclusion.status == Status::NotEstimable {
                *inclusion = inclusion.clone().used();
            }
        }
        all
    }

    /// Pairs of the studies that say something about a ratio, or of all.
    fn pairs(&self, all: bool) -> Vec<Pair> {
        self.rows.iter().map(|r| r.pair).filter(|p| all || p.is_informative()).collect()
    }

    /// Rows of the studies that contribute to a measure.
    pub(in crate::model) fn contributing(&self, measure: Measure) -> Vec<usize> {
        self.rows.iter().filter(|r| r.contributes(measure)).map(|r| r.index).collect()
    }

    fn measure(&self) -> Measure {
        if self.family == Family::Binomial { Measure::OddsRatio } else { Measure::RateRatio }
    }

    /// Share of patients with event; `None` for person-time.
    pub(in crate::model) fn risk(&self) -> Option<f64> {
        let sum = |f: &dyn Fn(&Counts) -> f64| -> f64 {
            self.rows.iter().map(|r| f(&r.pair.first.counts) + f(&r.pair.second.counts)).sum()
        };
        (self.family == Family::Binomial).then(|| sum(&|c| c.x) / sum(&|c| c.size))
    }

    /// Studies whose groups differ in size by more than a factor.
    pub(in crate::model) fn unbalanced(&self, table: &EffectTable, factor: f64) -> Vec<String> {
        let ratio = |p: &Pair| p.first.counts.size / p.second.counts.size;
        let far = |r: &&Row| ratio(&r.pair).max(1.0 / ratio(&r.pair)) > factor;
        self.rows.iter().filter(far).map(|r| table.studies[r.index].study.clone()).collect()
    }

    /// Studies without events, or with events only, in both groups.
    pub(in crate::model) fn double_zeros(&self, table: &EffectTable) -> Vec<String> {
        let none = |r: &&Row| !r.pair.is_informative();
        self.rows.iter().filter(none).map(|r| table.studies[r.index].study.clone()).collect()
    }

    fn tables(&self) -> Vec<Hypergeometric> {
        let table = |r: &Row| {
            let (first, second) = (r.pair.first.counts, r.pair.second.counts);
            Hypergeometric::new(Table { a: first.x, n1: first.size, c: second.x, n2: second.size })
        };
        self.rows.iter().filter_map(table).collect()
    }

    /// The first study with a count that is no whole number.
    fn fractional<'a>(&self, table: &'a EffectTable) -> Option<(&'a str, f64)> {
        let odd = |c: &Counts| {
            let size = if self.family == Family::Binomial { c.size } else { 0.0 };
            [c.x, size].into_iter().find(|v| v.fract() != 0.0)
        };
        self.rows.iter().find_map(|r| {
            let value = odd(&r.pair.first.counts).or_else(|| odd(&r.pair.second.counts))?;
            Some((table.studies[r.index].study.as_str(), value))
        })
    }
}

fn nothing_to_compare(rows: Included<'_>, data: &TwoGroups) -> Error {
    if data.rows.is_empty() || no_events::refusal(rows.table).is_some() {
        return no_studies(rows);
    }
    Error::model(
        "every study has no events, or nothing but events, in both groups: a ratio cannot be estimated",
    )
    .with_hint("⟦measure=RD⟧ takes the difference of risks")
}

/// The likelihood of a model, with its statistics of heterogeneity.
struct Built {
    likelihood: Box<dyn Likelihood>,
    /// Likelihood ratio of the common against the saturated model.
    ratio: f64,
    wald: Option<(f64, usize)>,
    parameters: usize,
}

fn mixture<K: Kernel + 'static>(mixture: Mixture<K>) -> Built {
    Built { ratio: mixture.deviance(), wald: mixture.wald(), likelihood: Box::new(mixture), parameters: 2 }
}

fn build(model: Model, variant: GlmmModel, data: &TwoGroups, all: bool) -> Built {
    let informative = || data.pairs(false);
    let poisson = data.family == Family::Poisson;
    let saturated = || FixedIntercepts::new(informative());
    // these are tested against a free effect in every study with fixed intercepts
    let beside_saturated = |likelihood: Box<dyn Likelihood>, parameters| {
        let fixed = saturated();
        Built { likelihood, ratio: fixed.deviance(), wald: fixed.wald(), parameters }
    };
    match (model, variant) {
        (Model::BetaBinomial, _) => beside_saturated(Box::new(BetaBinomialPair::new(data.pairs(true))), 3),
        (_, GlmmModel::ConditionalExact) if !poisson => mixture(Mixture::of(data.tables())),
        (_, GlmmModel::ConditionalExact | GlmmModel::ConditionalApproximate) => {
            mixture(conditional_binomial(&informative()))
        }
        (_, GlmmModel::FixedStudies) => {
            let likelihood = saturated();
            let (ratio, wald) = (likelihood.deviance(), likelihood.wald());
            Built { likelihood: Box::new(likelihood), ratio, wald, parameters: informative().len() + 2 }
        }
        (_, GlmmModel::RandomStudies) => {
            beside_saturated(Box::new(RandomIntercepts::new(data.pairs(all))), 4)
        }
    }
}

/// Pools a table of counts in two groups.
pub(super) fn pool(
    model: Model,
    options: &ModelOptions,
    table: EffectTable,
    data: TwoGroups,
) -> Result<PoolResult, Error> {
    let told = options.mixed_model();
    let variant = told.variant.unwrap_or(GlmmModel::FixedStudies);
    check(model, variant, options, &table, &data)?;
    let all = model == Model::BetaBinomial || told.keep_double_zero;
    // a difference is the measure to which every study contributes
    let inclusion = data.inclusion(&table, if all { Measure::RiskDifference } else { data.measure() });
    let rows = table.included(&inclusion);
    let informative = data.pairs(false).len();
    let k = if all { data.rows.len() } else { informative };
    if informative == 0 {
        return Err(nothing_to_compare(rows, &data));
    }
    let mut notes = row_notes(rows);
    // the correction is of the studies' own estimates alone
    notes.retain(|n| !matches!(n, Note::DoubleZeros { .. }));
    for note in &mut notes {
        if let Note::Corrected { own, .. } = note {
            *own = true;
        }
    }
    let mut result = if model == Model::Exact {
        exact(options, table, &data, k)?
    } else {
        mixed(model, variant, options, table, &data, (k, all), &mut notes)
    };
    result.inclusion = inclusion;
    if k == 1 {
        notes.insert(0, Note::OneStudy);
    } else if (2..5).contains(&k) && model != Model::Exact {
        notes.push(Note::FewStudies { k, small_sample_ci: true, counts: true });
    }
    if result.main().is_some_and(|m| !m.estimate.is_finite()) {
        notes.insert(0, Note::InfiniteRatio);
    }
    let risk = data.risk().map(|r| r.min(1.0 - r));
    if let Some(risk) = risk.filter(|r| *r > 0.1)
        && model == Model::Glmm
        && variant == GlmmModel::ConditionalApproximate
    {
        notes.push(Note::NotRare { risk });
    }
    if variant == GlmmModel::RandomStudies && !all {
        let studies = data.double_zeros(&result.table);
        if !studies.is_empty() {
            notes.push(Note::DoubleZerosUsable { studies });
        }
    }
    result.notes = notes;
    Ok(result)
}

/// GLMM and beta-binomial.
fn mixed(
    model: Model,
    variant: GlmmModel,
    o: &ModelOptions,
    table: EffectTable,
    data: &TwoGroups,
    (k, all): (usize, bool),
    notes: &mut Vec<Note>,
) -> PoolResult {
    let ci = interval(o);
    let glmm = (model == Model::Glmm).then_some(variant);
    let built = build(model, variant, data, all);
    let problem = Problem { likelihood: built.likelihood.as_ref(), scale: Scale::Log, k, sole: None };
    let fitted = problem.fit(false);
    let random = problem.pooled(&fitted, ci, o.level);
    let settings = settings(model, o, IntervalSource::Of(ci), glmm);
    let mut result = PoolResult::new(table, settings, k);
    // the beta-binomial model without spread is another model than a common odds ratio
    result.common = (model == Model::Glmm).then(|| problem.pooled(&problem.fit(true), ci, o.level));
    let informative = data.pairs(false).len();
    let ratio = (built.ratio, informative.saturating_sub(1));
    if model == Model::Glmm {
        if fitted.spread >= 0.999 * built.likelihood.spread_limit() {
            notes.push(Note::SpreadAtLimit);
        }
        let random = problem.with_prediction(random, fitted.spread, o);
        notes.extend(prediction_note(&random, o));
        result.random = Some(random);
        result.heterogeneity = (k > 1).then(|| problem.heterogeneity(&fitted, ratio, o));
    } else {
        let intraclass = Some(fitted.spread / (1.0 + fitted.spread));
        result.random = Some(random);
        result.heterogeneity = (k > 1).then(|| Heterogeneity { intraclass, ..likelihood_ratio(ratio) });
        notes.push(Note::MarginalOddsRatio);
    }
    if k > 1 {
        result.fit = Some(fit_statistics(&fitted, k, built.parameters));
        result.tests.extend(built.wald.map(wald_test));
    }
    result
}

/// Exact inference on one common ratio.
fn exact(o: &ModelOptions, table: EffectTable, data: &TwoGroups, k: usize) -> Result<PoolResult, Error> {
    let ci = o.ci.unwrap_or(Interval::Exact);
    let settings = settings(Model::Exact, o, IntervalSource::Of(ci), None);
    let mut result = PoolResult::new(table, settings, k);
    match data.family {
        Family::Binomial => exact_of(&mut result, &data.tables(), ci)?,
        Family::Poisson => {
            let mixture = conditional_binomial(&data.pairs(false));
            exact_of(&mut result, mixture.studies(), ci)?;
        }
    }
    Ok(result)
}

fn exact_of<K: Stratum + Clone>(result: &mut PoolResult, studies: &[K], ci: Interval) -> Result<(), Error> {
    let mixture = Mixture::of(studies.to_vec());
    let estimate = mixture.common();
    let side = if estimate.is_finite() { 0 } else { estimate.signum() as i8 };
    let centre = if side == 0 { estimate } else { mixture.starts()[0] };
    let conditional = Conditional::new(studies, side, centre)?;
    let limits: Limits = conditional.limits(result.settings.level, ci == Interval::MidP);
    let (exact, mid) = conditional.p_values();
    result.common = Some(Pooled {
        estimate,
        se: mixture.common_se(),
        statistic: None,
        df: None,
        p_value: Some(if ci == Interval::MidP { mid } else { exact }),
        lower: limits.0,
        upper: limits.1,
        natural: natural(Scale::Log, estimate, limits),
        prediction: None,
    });
    if result.k > 1 {
        result.heterogeneity = Some(likelihood_ratio((mixture.deviance(), result.k - 1)));
        result.tests.extend(mixture.wald().map(wald_test));
    }
    let test = |of, id: &'static str, title: &'static str, p_value| Test {
        of: Some(of),
        id: id.into(),
        title: title.into(),
        statistic: None,
        df: None,
        p_value,
    };
    result.tests.push(test(Interval::Exact, "exact", "Exact test of no effect", exact));
    result.tests.push(test(Interval::MidP, "mid-p", "Mid-p test of no effect", mid));
    Ok(())
}

fn check(
    model: Model,
    variant: GlmmModel,
    o: &ModelOptions,
    table: &EffectTable,
    data: &TwoGroups,
) -> Result<(), Error> {
    check_measure(model, table.measure(), data.measure())?;
    let refuse = |what: String, hint: &str| Err(Error::usage(what).with_hint(hint));
    if model == Model::BetaBinomial && data.family == Family::Poisson {
        return refuse(
            "the beta-binomial model is for patients, not for person-time".into(),
            "use ⟦model=glmm⟧",
        );
    }
    if o.mixed_model().keep_double_zero && variant != GlmmModel::RandomStudies {
        return refuse(
            "only UM.RS can be told to keep studies without events in both groups".into(),
            "add ⟦glmm-model=UM.RS⟧; the others learn nothing from them",
        );
    }
    if model == Model::BetaBinomial && o.prediction.named().is_some() {
        return refuse(
            "the beta-binomial model of two groups has no prediction interval".into(),
            "leave ⟦prediction⟧ out, or choose ⟦model=glmm⟧",
        );
    }
    let whole = match (model, data.family) {
        (Model::Exact, _) | (Model::Glmm, Family::Poisson) => model == Model::Exact,
        (Model::BetaBinomial, _) => true,
        _ => variant == GlmmModel::ConditionalExact,
    };
    if whole && let Some((study, value)) = data.fractional(table) {
        return Err(Error::data(format!(
            "{study}: {value} is no whole number, and this model counts patients"
        ))
        .with_hint("use ⟦model=glmm⟧ with UM.FS, or ⟦model=mantel-haenszel⟧"));
    }
    Ok(())
}
