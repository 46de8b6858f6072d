//! Inverse-variance pooling: yᵢ ~ N(μ, vᵢ + τ²).
//!
//! ```text
//! μ̂ = Σ wᵢ yᵢ / Σ wᵢ,   wᵢ = 1/(vᵢ + τ²)
//! ```
//! References: \[dersimonian1986\], \[viechtbauer2005\].

use super::Model;
use super::counts::GlmmModel;
use super::interval::{Fitted, Interval, Kind, critical, profile_limits};
use super::kernel::Sample;
use super::prediction::{PredictionInterval, covering, narrower, no_prediction};
use super::tau2::{Between, Tau2, log_likelihood};
use super::tau2_interval::Tau2Interval;
use crate::choice::Profile;
use crate::dataset::{SdSource, StudyData};
use crate::effect::{
    Compute, EffectTable, Measure, Natural, Scale, Status, StudyEffect, check_level, is_asymmetric,
    is_double_zero,
};
use crate::error::Error;
use crate::math::{dist, root::Stop};
use crate::registry::Member;
use crate::result::{
    FitStatistics, Heterogeneity, IntervalSource, Note, PoolResult, Pooled, Prediction, PredictionSource,
    QKind, Settings, Tau2Source,
};

/// How the pooling is done. Every field has the default of the profile unless set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelOptions {
    /// Pooling model; `None` takes the one that suits the measure.
    pub model: Option<Model>,
    /// Estimator of τ²; `None` takes REML.
    pub tau2: Option<Tau2>,
    /// A given τ², instead of an estimate.
    pub tau2_given: Option<f64>,
    /// Interval of the pooled effect; `None` takes the profile's.
    pub ci: Option<Interval>,
    /// Prediction interval; `None` takes the profile's, `Some(None)` gives none.
    pub prediction: Option<Option<PredictionInterval>>,
    /// Interval of τ²; `None` takes the model's, `Some(None)` gives none.
    pub tau2_ci: Option<Option<Tau2Interval>>,
    /// Mixed model of two groups of counts; `None` takes the first.
    pub glmm_model: Option<GlmmModel>,
    /// Whether UM.RS keeps studies without events in both groups.
    pub keep_double_zero: bool,
    /// Whether Mantel and Haenszel's sums are over corrected counts; `None` takes the profile's.
    pub pool_corrected: Option<bool>,
    /// Confidence level in percent.
    pub level: f64,
    /// Whose defaults.
    pub profile: Profile,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            model: None,
            tau2: None,
            tau2_given: None,
            ci: None,
            prediction: None,
            tau2_ci: None,
            glmm_model: None,
            keep_double_zero: false,
            pool_corrected: None,
            level: 95.0,
            profile: Profile::Metapool,
        }
    }
}

impl ModelOptions {
    /// The estimator of τ² in force.
    pub fn estimator(&self) -> Tau2 {
        self.tau2.unwrap_or(Tau2::Reml)
    }

    /// Whether all studies are taken to have the same effect.
    pub(crate) fn equal_effects(&self) -> bool {
        self.estimator() == Tau2::EqualEffects && self.tau2_given.is_none()
    }

    /// The interval of τ² of the inverse-variance model: Q-profile unless told otherwise.
    fn tau2_interval(&self) -> Option<Tau2Interval> {
        self.tau2_ci.unwrap_or(Some(Tau2Interval::QProfile))
    }

    /// Whether Mantel and Haenszel's sums are over corrected counts.
    pub(super) fn pools_corrected(&self, measure: Measure) -> bool {
        self.pool_corrected.unwrap_or_else(|| self.profile.pools_corrected(measure))
    }

    /// Refuses the options of mixed models of two groups.
    pub(super) fn check_glmm_only(&self, model: Model) -> Result<(), Error> {
        let option = match (self.glmm_model, self.keep_double_zero) {
            (Some(_), _) => "glmm-model",
            (_, true) => "keep-double-zero",
            _ => return Ok(()),
        };
        Err(Error::usage(format!("⟦{option}⟧ is for the glmm model of two groups, not for {}", model.id()))
            .with_hint("add ⟦model=glmm⟧, or leave it out"))
    }

    /// Refuses an option of Mantel and Haenszel's sums.
    pub(super) fn check_sums_only(&self, model: Model) -> Result<(), Error> {
        if self.pool_corrected.is_none() {
            return Ok(());
        }
        Err(Error::usage(format!("⟦pool-corrected⟧ is for Mantel-Haenszel pooling, not for {}", model.id()))
            .with_hint("add ⟦model=mantel-haenszel⟧, or leave it out"))
    }

    pub(super) fn check_level(&self) -> Result<(), Error> {
        check_level("level", self.level)
    }
}

/// The inverse-variance model with its options.
#[derive(Clone, Copy, Debug, Default)]
pub struct InverseVariance {
    options: ModelOptions,
}

/// The numbers of one fit, without labels: what mass analyses and benchmarks need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// μ̂.
    pub estimate: f64,
    /// Its standard error under the chosen interval.
    pub se: f64,
    /// Degrees of freedom; infinite for the normal distribution.
    pub df: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// τ² and how it was reached.
    pub between: Between,
    /// Cochran's Q.
    pub q: f64,
    /// I² in percent, from τ².
    pub i2: f64,
}

/// Fits k ≥ 2 effects with a quantile interval; allocates nothing.
pub fn fit(sample: Sample<'_>, tau2: Tau2, ci: Interval, level: f64) -> Fit {
    let common = sample.moments(0.0, sample.y[0]);
    let between = tau2.estimate_from(sample, &common);
    let fitted = Fitted::at(sample, between.tau2);
    let (se, df) = match ci.kind() {
        Kind::Quantile(parts) => parts(&fitted),
        Kind::Profile | Kind::Counts => (fitted.wald_se(), f64::INFINITY),
    };
    let half = critical(level, df) * se;
    let typical = (sample.k() as f64 - 1.0) / common.trace_p();
    Fit {
        estimate: fitted.mean,
        se,
        df,
        lower: fitted.mean - half,
        upper: fitted.mean + half,
        between,
        q: common.q(),
        i2: 100.0 * between.tau2 / (between.tau2 + typical),
    }
}

impl InverseVariance {
    /// With these options.
    pub fn new(options: ModelOptions) -> Self {
        Self { options }
    }

    /// Pools a table. One study gives its own effect as the common one and no random-effects estimate.
    ///
    /// # Errors
    /// The options contradict each other, or no study can be pooled.
    pub fn pool(&self, table: EffectTable) -> Result<PoolResult, Error> {
        let o = self.checked()?;
        let (y, v) = table.arrays();
        let k = y.len();
        if k == 0 {
            return Err(no_studies(&table));
        }
        let sample = Sample::new(y.as_slice().unwrap_or_default(), v.as_slice().unwrap_or_default());
        let mut notes = table_notes(&table);
        let common = match only_study(&table).filter(|_| k == 1) {
            Some(study) => own_effect(&table, study),
            None => common_effect(&table, sample, o.level),
        };
        let weights_common = weights(&table, 0.0);
        let settings = self.settings(&o);
        let mut result = PoolResult::new(table, settings, k);
        result.common = Some(common);
        result.weights_common = weights_common;
        if k == 1 {
            notes.insert(0, Note::OneStudy);
        } else {
            self.random(&mut result, sample, &o, &mut notes);
        }
        result.notes = notes;
        Ok(result)
    }

    fn checked(&self) -> Result<Resolved, Error> {
        let o = &self.options;
        let ci = o.ci.unwrap_or_else(|| o.profile.ci());
        o.check_level()?;
        o.check_glmm_only(Model::InverseVariance)?;
        o.check_sums_only(Model::InverseVariance)?;
        if matches!(ci.kind(), Kind::Counts) {
            return Err(Error::usage(format!("inverse-variance pooling has no `{}` interval", ci.id()))
                .with_hint("add ⟦model=exact⟧, or leave ⟦ci⟧ out"));
        }
        if let Some(t) = o.tau2_given
            && !(t >= 0.0 && t.is_finite())
        {
            return Err(
                Error::usage(format!("τ² of {t}")).with_hint("give a number of 0 or more, or an estimator")
            );
        }
        if ci == Interval::Profile && (o.estimator() != Tau2::MaximumLikelihood || o.tau2_given.is_some()) {
            return Err(Error::usage("the profile-likelihood interval needs maximum likelihood")
                .with_hint("add ⟦tau2=ML⟧, or leave ⟦ci⟧ out"));
        }
        if ci == Interval::KenwardRoger && o.estimator() != Tau2::Reml {
            return Err(Error::usage("the Kenward-Roger interval needs REML")
                .with_hint("leave ⟦tau2⟧ at REML, or leave ⟦ci⟧ out"));
        }
        if let Some(interval) = o.tau2_interval()
            && !interval.suits(o.estimator())
        {
            return Err(Error::usage(format!("⟦tau2-ci={}⟧ needs ⟦tau2=REML⟧ or `ML`", interval.id()))
                .with_hint("the Q-profile interval suits every estimator: ⟦tau2-ci=QP⟧"));
        }
        let equal = o.equal_effects();
        if equal && o.prediction.flatten().is_some() {
            return Err(no_prediction());
        }
        if (equal || o.tau2_given.is_some()) && o.tau2_ci.flatten().is_some() {
            return Err(Error::usage("a τ² that is given has no interval")
                .with_hint("leave ⟦tau2-ci⟧ out, or choose an estimator of τ²"));
        }
        let prediction = o.prediction.unwrap_or_else(|| o.profile.prediction(ci)).filter(|_| !equal);
        Ok(Resolved { ci, prediction, named: o.prediction.is_some(), level: o.level })
    }

    fn settings(&self, o: &Resolved) -> Settings {
        Settings {
            model: Some(Model::InverseVariance),
            glmm_model: None,
            tau2: match self.options.tau2_given {
                Some(tau2) => Tau2Source::Given(tau2),
                None => Tau2Source::Estimated(self.options.estimator()),
            },
            ci: IntervalSource::Of(o.ci),
            prediction: o.prediction.map(PredictionSource::Of),
            tau2_ci: self.options.tau2_interval(),
            level: o.level,
            profile: self.options.profile,
        }
    }

    fn random(&self, result: &mut PoolResult, sample: Sample<'_>, o: &Resolved, notes: &mut Vec<Note>) {
        let estimator = self.options.estimator();
        let between = match self.options.tau2_given {
            Some(tau2) => Between { tau2, iterations: 0, stop: Stop::Closed },
            None => (estimator.spec().estimate)(sample),
        };
        let given = self.options.tau2_given.is_some();
        let fitted = Fitted::at(sample, between.tau2);
        let random = random_effect(&result.table, &fitted, o);
        let named = random.prediction.as_ref().zip(o.prediction).filter(|_| o.named);
        notes.extend(
            named.and_then(|(p, kind)| narrower(kind.id(), (p.lower, p.upper), (random.lower, random.upper))),
        );
        result.random = Some(random);
        result.weights_random = weights(&result.table, between.tau2);
        let heterogeneity = self.heterogeneity(sample, between.tau2);
        if heterogeneity.tau2_upper == Some(0.0) && estimator != Tau2::EqualEffects {
            notes.push(Note::Tau2IntervalEmpty);
        }
        result.heterogeneity = Some(heterogeneity);
        result.fit = Some(fit_statistics(sample, &between, estimator, given));
        small_sample_notes(&fitted, &between, o, estimator == Tau2::EqualEffects || given, notes);
    }

    fn heterogeneity(&self, sample: Sample<'_>, tau2: f64) -> Heterogeneity {
        let estimator = self.options.estimator();
        let given = self.options.tau2_given.is_some();
        let equal = estimator == Tau2::EqualEffects && !given;
        let df = sample.k() - 1;
        let q = sample.q(0.0);
        let typical = sample.typical_variance();
        let i2 = |t: f64| 100.0 * t / (t + typical);
        let (lower, upper) = match self.options.tau2_interval() {
            Some(interval) if !given && !equal => {
                match interval.limits(sample, estimator, tau2, self.options.level) {
                    // no value fits: the nearest is zero
                    (None, None) => (Some(0.0), Some(0.0)),
                    limits => limits,
                }
            }
            _ => (None, None),
        };
        let i2_q = Some(if q > 0.0 { (100.0 * (q - df as f64) / q).max(0.0) } else { 0.0 });
        Heterogeneity {
            q,
            q_df: df,
            q_p_value: dist::chi2_sf(q, df as f64),
            q_kind: QKind::Cochran,
            tau2: Some(tau2),
            tau2_se: if given {
                None
            } else {
                (estimator.spec().standard_error)(sample, tau2).filter(|s| s.is_finite())
            },
            tau2_lower: lower,
            tau2_upper: upper,
            i2: if equal { i2_q } else { Some(i2(tau2)) },
            i2_lower: lower.map(i2),
            i2_upper: upper.map(i2),
            i2_q,
            h2: Some(if equal { q / df as f64 } else { tau2 / typical + 1.0 }),
            intraclass: None,
        }
    }
}

/// Options with the profile's defaults filled in.
struct Resolved {
    ci: Interval,
    prediction: Option<PredictionInterval>,
    /// Whether the prediction interval was asked for by name.
    named: bool,
    level: f64,
}

pub(super) fn no_studies(table: &EffectTable) -> Error {
    if let Some(refusal) = super::no_events::refusal(table)
        .filter(|_| table.measure().needs_events() || table.measure() == Measure::Peto)
    {
        return refusal;
    }
    let reasons: Vec<String> = table
        .studies
        .iter()
        .filter_map(|s| s.reason.as_ref().map(|r| format!("{} ({r})", s.study)))
        .take(3)
        .collect();
    Error::model(format!("no study can be pooled: {}", reasons.join("; ")))
        .with_hint("⟦effects:⟧ shows every study with its reason")
}

/// Percentages per row of the table.
fn weights(table: &EffectTable, tau2: f64) -> Vec<Option<f64>> {
    let weight: Vec<Option<f64>> =
        table.studies.iter().map(|s| s.effect().map(|e| 1.0 / (e.v + tau2))).collect();
    let total: f64 = weight.iter().flatten().sum();
    weight.into_iter().map(|w| w.map(|w| 100.0 * w / total)).collect()
}

/// The only study with an effect.
pub(super) fn only_study(table: &EffectTable) -> Option<&StudyEffect> {
    table.studies.iter().find(|s| s.effect().is_some())
}

/// The effect of a study as its own row has it: with the interval that was reported or that its counts give.
pub(super) fn own_effect(table: &EffectTable, study: &StudyEffect) -> Pooled {
    let (y, se) = study.effect().map_or((f64::NAN, f64::NAN), |e| (e.y, e.v.sqrt()));
    let unbounded = |x: Option<f64>, side: f64| x.unwrap_or(side * f64::INFINITY);
    let limits = (unbounded(study.limits.lower, -1.0), unbounded(study.limits.upper, 1.0));
    let own = pooled(table, y, se, study.df.unwrap_or(f64::INFINITY), limits);
    Pooled { natural: study.natural, ..own }
}

fn common_effect(table: &EffectTable, sample: Sample<'_>, level: f64) -> Pooled {
    let fitted = Fitted::at(sample, 0.0);
    let half = critical(level, f64::INFINITY) * fitted.wald_se();
    pooled(table, fitted.mean, fitted.wald_se(), f64::INFINITY, (fitted.mean - half, fitted.mean + half))
}

/// A pooled effect with its test against no effect and its values for reading.
pub(super) fn pooled(
    table: &EffectTable,
    estimate: f64,
    se: f64,
    df: f64,
    (lower, upper): (f64, f64),
) -> Pooled {
    let null = table.measure().spec().null;
    // levels such as proportions have no null: the test is against zero on the analysis scale, as the field does
    let statistic = Some((estimate - null.unwrap_or(0.0)) / se).filter(|s| s.is_finite());
    Pooled {
        estimate,
        se: Some(se),
        statistic,
        df: Some(df).filter(|d| d.is_finite()),
        p_value: statistic
            .map(|s| if df.is_finite() { dist::t_two_sided(s, df) } else { dist::normal_two_sided(s) }),
        lower: Some(lower).filter(|x| x.is_finite()),
        upper: Some(upper).filter(|x| x.is_finite()),
        natural: Natural {
            estimate: table.back(estimate),
            lower: table.back(lower),
            upper: table.back(upper),
        },
        prediction: None,
    }
}

fn random_effect(table: &EffectTable, fitted: &Fitted<'_>, o: &Resolved) -> Pooled {
    let mut result = match o.ci.kind() {
        Kind::Quantile(parts) => {
            let (se, df) = parts(fitted);
            let half = critical(o.level, df) * se;
            pooled(table, fitted.mean, se, df, (fitted.mean - half, fitted.mean + half))
        }
        Kind::Profile | Kind::Counts => {
            let null = table.measure().spec().null.unwrap_or(0.0);
            let (lower, upper, ratio) = profile_limits(fitted, o.level, null);
            let wald = pooled(table, fitted.mean, fitted.wald_se(), f64::INFINITY, (lower, upper));
            Pooled { statistic: Some(ratio), p_value: Some(dist::chi2_sf(ratio, 1.0)), ..wald }
        }
    };
    if let Some(interval) = o.prediction.filter(|_| fitted.sample.k() >= 3) {
        let (se, df) = interval.parts(fitted);
        if df > 0.0 {
            let half = critical(o.level, df) * (se * se + fitted.tau2).sqrt();
            let limits = (fitted.mean - half, fitted.mean + half);
            let limits = if o.named { Some(limits) } else { covering(limits, (result.lower, result.upper)) };
            result.prediction = limits.map(|(lower, upper)| {
                let natural = Natural { estimate: None, lower: table.back(lower), upper: table.back(upper) };
                Prediction { lower, upper, natural }
            });
        }
    }
    result
}

/// Log-likelihood and information criteria: restricted for REML, full otherwise; τ² counts as a parameter.
fn fit_statistics(sample: Sample<'_>, between: &Between, estimator: Tau2, given: bool) -> FitStatistics {
    let k = sample.k() as f64;
    let reml = estimator == Tau2::Reml;
    let n = if reml { k - 1.0 } else { k };
    let log_likelihood = log_likelihood(sample, between.tau2, reml);
    let parameters = if estimator == Tau2::EqualEffects || given { 1.0 } else { 2.0 };
    FitStatistics::new(log_likelihood, parameters, n, between.iterations, between.stop.id())
}

fn small_sample_notes(f: &Fitted<'_>, between: &Between, o: &Resolved, fixed: bool, notes: &mut Vec<Note>) {
    let k = f.sample.k();
    if k < 5 {
        notes.push(Note::FewStudies { k, small_sample_ci: o.ci != Interval::Wald, counts: false });
    }
    if between.tau2 == 0.0 && !fixed {
        notes.push(Note::Tau2AtZero);
    }
    if between.stop == Stop::Patience {
        notes.push(Note::IterationLimit);
    }
    if o.ci == Interval::HartungKnapp {
        let ratio = f.hartung_knapp_se() / f.wald_se();
        if ratio < 0.01 {
            notes.push(Note::HksjVanishes);
        } else if ratio < 1.0 - 1e-9 {
            notes.push(Note::HksjNarrower);
        }
    }
    if o.prediction.is_some() && k < 3 {
        notes.push(Note::NoPrediction);
    }
}

/// Caveats that come from the table rather than from the model.
pub fn table_notes(table: &EffectTable) -> Vec<Note> {
    let mut notes = Note::of_rows(table);
    let measure = table.measure();
    let named = |keep: &dyn Fn(&crate::effect::StudyEffect) -> bool| -> Vec<String> {
        table.studies.iter().filter(|s| keep(s)).map(|s| s.study.clone()).collect()
    };
    let missing: Vec<(String, String)> = table
        .studies
        .iter()
        .filter(|s| s.status == Status::NotEstimable)
        .map(|s| (s.study.clone(), s.reason.clone().unwrap_or_default()))
        .collect();
    if !missing.is_empty() {
        notes.push(Note::NotEstimable { studies: missing });
    }
    let imputed = named(&|s| s.status == Status::Imputed);
    if !imputed.is_empty() {
        notes.push(Note::Imputed { studies: imputed });
    }
    let excluded = named(&|s| s.status == Status::Excluded);
    if !excluded.is_empty() {
        notes.push(Note::Excluded { studies: excluded });
    }
    let corrected = named(&|s| s.corrected && s.effect().is_some());
    let nothing = super::no_events::note(table).filter(|_| !measure.needs_events());
    if let Some(note) = nothing {
        notes.push(note);
    } else if !corrected.is_empty() {
        let instead = match measure {
            Measure::OddsRatio | Measure::RateRatio => "⟦model=mantel-haenszel⟧, `glmm` or `exact`",
            Measure::RiskRatio | Measure::RiskDifference | Measure::RateDifference => {
                "⟦model=mantel-haenszel⟧"
            }
            Measure::LogitProportion | Measure::LogRate => "⟦model=glmm⟧",
            m if m.is_proportion() => "⟦measure=PLO⟧",
            m if m.is_rate() => "⟦measure=IRLN⟧",
            _ => "",
        };
        notes.push(Note::Corrected {
            studies: corrected,
            correction: table.options.continuity.title(),
            own: false,
            instead,
        });
        let double: Vec<String> =
            named(&|s| s.corrected && s.effect().is_some() && s.data.as_ref().is_some_and(is_double_zero));
        if !double.is_empty() && measure.spec().scale == Scale::Log {
            notes.push(Note::DoubleZeros { studies: double });
        }
    }
    let asymmetric =
        named(&|s| matches!(&s.data, Some(StudyData::Ready(r)) if is_asymmetric(r, &table.options)));
    if !asymmetric.is_empty() {
        notes.push(Note::AsymmetricLimits { studies: asymmetric });
    }
    let derived: Vec<(String, String)> = table
        .studies
        .iter()
        .filter_map(|s| match s.data {
            Some(StudyData::PrePost(p)) => p.sd_change.map(|(_, source)| (s.study.clone(), source)),
            _ => None,
        })
        .filter(|(_, source)| !matches!(source, SdSource::Reported | SdSource::Correlation))
        .map(|(study, source)| (study, source.title().to_string()))
        .collect();
    if !derived.is_empty() {
        notes.push(Note::DerivedSd { studies: derived });
    }
    measure_notes(table, &mut notes);
    notes
}

fn measure_notes(table: &EffectTable, notes: &mut Vec<Note>) {
    let measure = table.measure();
    if matches!(measure, Measure::ChangeByPre | Measure::ChangeByPreHetero)
        && !table.options.standardise_by_pre
    {
        notes.push(Note::StandardisedByPost);
    }
    if matches!(measure.spec().compute, Compute::PrePost(_)) && measure.spec().label == "Standardised change"
    {
        notes.push(Note::StandardisedChange);
    }
    let large: Vec<String> = table
        .studies
        .iter()
        .filter(|s| measure.is_standardised_difference() && s.effect().is_some_and(|e| e.y.abs() > 2.0))
        .map(|s| s.study.clone())
        .collect();
    if !large.is_empty() {
        notes.push(Note::LargeStandardised { studies: large });
    }
    let overcorrected = table.overcorrected();
    if !overcorrected.is_empty() {
        notes.push(Note::Overcorrected { studies: overcorrected });
    }
    if let Some(n) = table.harmonic_size().filter(|_| table.scale().needs_size()) {
        notes.push(Note::FreemanTukey { n });
    }
    let small = table.harmonic_size().is_some_and(|n| n < 50.0);
    if measure.is_proportion() && measure != Measure::Proportion && (table.k() < 10 || small) {
        notes.push(Note::TransformedProportion);
    }
}
