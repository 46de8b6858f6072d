//! Inverse-variance pooling: yᵢ ~ N(μ, vᵢ + τ²).
//!
//! ```text
//! μ̂ = Σ wᵢ yᵢ / Σ wᵢ,   wᵢ = 1/(vᵢ + τ²)
//! ```
//! References: \[dersimonian1986\], \[viechtbauer2005\].

use super::fit_statistics::fit_statistics;
use super::interval::{Fitted, Interval, Kind, critical, profile_limits};
use super::notes::table_notes;
use super::pooled::{no_studies, only_study, own_effect, pooled};
use super::prediction::{PredictionInterval, covering, narrower, no_prediction};
use super::sums::{Inconsistency, NormalModel, Sample};
use super::tau2::{Between, Tau2};
use super::tau2_interval::Tau2Limits;
use super::{Model, ModelOptions};
use crate::effect::{EffectTable, Natural};
use crate::error::Error;
use crate::math::{dist, root::Stop};
use crate::registry::Member;
use crate::result::{
    Heterogeneity, IntervalSource, Note, PoolResult, Pooled, Prediction, PredictionSource, QKind, Settings,
    Tau2Source,
};

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
    let common = sample.moments(0.0);
    let between = tau2.estimate_of(&sample, || common);
    let fitted = Fitted::at(sample, between.tau2);
    let (se, df) = match ci.kind() {
        Kind::Quantile(parts) => parts(&fitted),
        Kind::Profile | Kind::Counts => (fitted.wald_se(), f64::INFINITY),
    };
    let half = critical(level, df) * se;
    let inconsistency = Inconsistency::new(&common, sample.df());
    Fit {
        estimate: fitted.mean,
        se,
        df,
        lower: fitted.mean - half,
        upper: fitted.mean + half,
        between,
        q: inconsistency.q,
        i2: inconsistency.i2(between.tau2),
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
        let (y, v) = table.arrays()?;
        let k = y.len();
        if k == 0 {
            return Err(no_studies(table.included(&table.inclusion())));
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
        if equal && o.prediction.named().is_some() {
            return Err(no_prediction());
        }
        if (equal || o.tau2_given.is_some()) && o.tau2_ci.named().is_some() {
            return Err(Error::usage("a τ² that is given has no interval")
                .with_hint("leave ⟦tau2-ci⟧ out, or choose an estimator of τ²"));
        }
        let prediction = o.prediction.or_else(|| o.profile.prediction(ci)).filter(|_| !equal);
        Ok(Resolved { ci, prediction, named: !o.prediction.is_auto(), level: o.level })
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
            Some(tau2) => Between::given(tau2),
            None => estimator.estimate(sample),
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
        result.fit = Some(fit_statistics(&sample, &between, estimator, given));
        small_sample_notes(&fitted, &between, o, estimator == Tau2::EqualEffects || given, notes);
    }

    fn heterogeneity(&self, sample: Sample<'_>, tau2: f64) -> Heterogeneity {
        let estimator = self.options.estimator();
        let equal = self.options.equal_effects();
        let free = self.options.tau2_given.is_none();
        // Q from the mean itself: no digit is lost however far the first effect lies from the others
        let inconsistency =
            Inconsistency { q: sample.q(0.0), ..Inconsistency::new(&sample.moments(0.0), sample.df()) };
        let (lower, upper) = self.tau2_limits(sample, tau2);
        let (i2, h2) = inconsistency.of_model(tau2, equal);
        Heterogeneity {
            q: inconsistency.q,
            q_df: sample.k() - 1,
            q_p_value: dist::chi2_sf(inconsistency.q, inconsistency.df),
            q_kind: QKind::Cochran,
            tau2: Some(tau2),
            tau2_se: if free { estimator.standard_error(&sample, tau2) } else { None },
            tau2_lower: lower,
            tau2_upper: upper,
            i2: Some(i2),
            i2_lower: lower.map(|t| inconsistency.i2(t)),
            i2_upper: upper.map(|t| inconsistency.i2(t)),
            i2_q: Some(inconsistency.i2_of_q()),
            h2: Some(h2),
            intraclass: None,
        }
    }

    /// Limits of an estimated τ².
    fn tau2_limits(&self, sample: Sample<'_>, tau2: f64) -> Tau2Limits {
        let o = &self.options;
        let estimated = o.tau2_given.is_none() && !o.equal_effects();
        let Some(interval) = o.tau2_interval().filter(|_| estimated) else { return (None, None) };
        match interval.limits(sample, o.estimator(), tau2, o.level) {
            // no value fits: the nearest is zero
            (None, None) => (Some(0.0), Some(0.0)),
            limits => limits,
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

/// Percentages per row of the table.
fn weights(table: &EffectTable, tau2: f64) -> Vec<Option<f64>> {
    let weight: Vec<Option<f64>> =
        table.studies.iter().map(|s| s.effect().map(|e| 1.0 / (e.v + tau2))).collect();
    let total: f64 = weight.iter().flatten().sum();
    weight.into_iter().map(|w| w.map(|w| 100.0 * w / total)).collect()
}

fn common_effect(table: &EffectTable, sample: Sample<'_>, level: f64) -> Pooled {
    let fitted = Fitted::at(sample, 0.0);
    let half = critical(level, f64::INFINITY) * fitted.wald_se();
    pooled(table, fitted.mean, fitted.wald_se(), f64::INFINITY, (fitted.mean - half, fitted.mean + half))
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
