//! The effect table: what every model takes and no model changes.

use super::continuity::{has_empty_cell, is_double_zero};
use super::ready::{self, ReadyScale};
use super::study_interval::{StudyInterval, rate_limits};
use super::{Compute, Context, Continuity, DoubleZero, Effect, Measure, Scale, Variance};
use crate::dataset::{
    Noticed, PrePost, Precision, Ready, SdSource, Shape, SharedControl, StudyData, StudyRow,
};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Options that decide how effects are computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectOptions {
    /// What to compute.
    pub measure: Measure,
    /// Continuity correction of counts.
    pub continuity: Continuity,
    /// Variance formula; `None` takes the measure's default.
    pub variance: Option<Variance>,
    /// Interval of each study's proportion.
    pub study_interval: StudyInterval,
    /// Confidence level in percent.
    pub level: f64,
    /// Standardise SMCR and SMCRH by the SD before instead of the SD after.
    pub standardise_by_pre: bool,
    /// How ready values are read.
    pub ready: ReadyScale,
    /// Correct for small samples, where the measure has a correction.
    pub small_sample_correction: bool,
    /// Rates, proportions and their differences are read per so many; estimates stay as they are.
    pub per: Option<f64>,
}

impl EffectOptions {
    /// The defaults: +½ only where a cell is empty (nothing for measures defined there), Clopper–Pearson for proportions, 95%.
    pub fn new(measure: Measure) -> Self {
        Self {
            measure,
            continuity: Continuity { add: measure.default_add(), ..Continuity::default() },
            variance: None,
            study_interval: StudyInterval::ClopperPearson,
            level: 95.0,
            standardise_by_pre: false,
            ready: ReadyScale::default(),
            small_sample_correction: true,
            per: None,
        }
    }

    /// With another continuity correction.
    #[must_use]
    pub fn continuity(self, continuity: Continuity) -> Self {
        Self { continuity, ..self }
    }

    /// With another confidence level, in percent.
    #[must_use]
    pub fn level(self, level: f64) -> Self {
        Self { level, ..self }
    }

    /// Whether the options suit the measure.
    ///
    /// # Errors
    /// The measure has no such variance or correction, or a number is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let options = self;
        let spec = options.measure.spec();
        if let Some(variance) = options.variance
            && !spec.variances.contains(&variance)
        {
            let all: Vec<&str> = spec.variances.iter().map(|v| v.id()).collect();
            return Err(Error::usage(format!("`{}` has no variance `{}`", spec.id, variance.id()))
                .with_hint(format!("for {} choose ⟦vtype⟧ from {}", spec.id, all.join(", "))));
        }
        super::check_level("level", options.level)?;
        let add = options.continuity.add;
        if !(0.0..=10.0).contains(&add) {
            return Err(Error::usage(format!("a continuity correction of {add}"))
                .with_hint("⟦add⟧ takes a number from 0 to 10; 0.5 is usual"));
        }
        if options.standardise_by_pre
            && !matches!(options.measure, Measure::ChangeByPre | Measure::ChangeByPreHetero)
        {
            return Err(Error::usage(format!("`{}` is not standardised by one SD", options.measure.id()))
                .with_hint("⟦standardizer=pre⟧ goes with SMCR and SMCRH"));
        }
        if !options.small_sample_correction && spec.correction.is_none() {
            let with = Measure::ALL.iter().filter(|m| m.spec().correction.is_some());
            let all: Vec<&str> = with.map(|m| m.id()).collect();
            return Err(Error::usage(format!("`{}` has no small-sample correction to leave out", spec.id))
                .with_hint(format!("leave out ⟦no-correction⟧, which goes with {}", all.join(", "))));
        }
        self.check_per()
    }

    fn check_per(&self) -> Result<(), Error> {
        let Some(per) = self.per else { return Ok(()) };
        if !self.measure.counts_per() {
            return Err(Error::usage(format!("`{}` is not read per {per}", self.measure.id()))
                .with_hint("⟦per⟧ goes with rates and proportions of one group, and with RD, MPRD and IRD"));
        }
        if !(per > 0.0 && per.is_finite()) {
            return Err(Error::usage(format!("rates and proportions per {per}"))
                .with_hint("give a number above 0, such as ⟦per=1000⟧ or ⟦per=100000⟧"));
        }
        Ok(())
    }

    /// The variance formula in force.
    pub fn variance_in_force(&self) -> Variance {
        self.variance.unwrap_or(self.measure.spec().variances[0])
    }
}

/// What became of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It has an effect and a variance.
    Estimable,
    /// It stays in every table, without weight.
    NotEstimable,
    /// Left out on request.
    Excluded,
    /// Its variance was imputed: it stays out of the primary analysis.
    Imputed,
}

impl Status {
    /// The word in outputs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Estimable => "estimable",
            Self::NotEstimable => "not-estimable",
            Self::Excluded => "excluded",
            Self::Imputed => "imputed",
        }
    }
}

/// Two confidence limits; `None` where a limit is infinite or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Lower.
    pub lower: Option<f64>,
    /// Upper.
    pub upper: Option<f64>,
}

/// A quantity on the scale people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Natural {
    /// Estimate.
    pub estimate: Option<f64>,
    /// Lower confidence limit.
    #[serde(rename = "ci_lower")]
    pub lower: Option<f64>,
    /// Upper confidence limit.
    #[serde(rename = "ci_upper")]
    pub upper: Option<f64>,
}

/// One row of the effect table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyEffect {
    /// Label.
    pub study: String,
    /// Line in the file.
    pub line: usize,
    /// Estimate on the analysis scale.
    pub y: Option<f64>,
    /// Sampling variance.
    pub v: Option<f64>,
    /// Confidence limits on the analysis scale.
    pub limits: Limits,
    /// The same for reading.
    pub natural: Natural,
    /// Whether it can be pooled.
    pub status: Status,
    /// Why not, in words.
    pub reason: Option<String>,
    /// What was reported, before any correction.
    pub data: Option<StudyData>,
    /// Whether a continuity correction was added.
    pub corrected: bool,
    /// Patients, or person-time for rates.
    pub size: Option<f64>,
    /// Events known only within bounds: fewest and most.
    pub bounds: Option<(f64, f64)>,
    /// Degrees of freedom of the study's own interval and test; `None` for the normal distribution.
    pub df: Option<f64>,
}

impl StudyEffect {
    /// Patients of all groups together; `None` where they are not known.
    pub fn patients(&self) -> Option<f64> {
        match self.data {
            Some(StudyData::TwoByTwo(t)) => Some(t.n1() + t.n2()),
            Some(StudyData::TwoMeans(m)) => Some(m.n1 + m.n2),
            // person-time is no number of patients
            Some(StudyData::Rate(_) | StudyData::TwoRates(_)) => None,
            _ => self.size,
        }
    }

    /// The effect, if it can be pooled.
    pub fn effect(&self) -> Option<Effect> {
        match (self.status, self.y, self.v) {
            (Status::Estimable, Some(y), Some(v)) => Some(Effect { y, v }),
            _ => None,
        }
    }
}

/// One effect per study, in the order of the data, with the settings they were computed under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectTable {
    /// How the effects were computed.
    pub options: EffectOptions,
    /// One per row of the data.
    pub studies: Vec<StudyEffect>,
    /// What was noticed about the rows while they were read.
    pub noticed: Vec<Noticed>,
}

impl EffectTable {
    /// Computes one effect per row.
    ///
    /// # Errors
    /// The variance formula does not exist for the measure, or the level is not between 50 and 100.
    pub fn compute(rows: &[StudyRow], options: EffectOptions) -> Result<Self, Error> {
        options.check()?;
        let any_empty = rows.iter().any(|r| r.data.as_ref().is_ok_and(has_empty_cell));
        let context = average_context(rows, &options, any_empty);
        let studies = rows.iter().map(|r| study(r, &options, &context, any_empty)).collect();
        Ok(Self { options, studies, noticed: vec![] })
    }

    /// A table of ready effects: labels, estimates and sampling variances on the analysis scale.
    ///
    /// # Errors
    /// The lengths differ.
    pub fn from_effects(measure: Measure, labels: &[String], y: &[f64], v: &[f64]) -> Result<Self, Error> {
        if labels.len() != y.len() || y.len() != v.len() {
            return Err(Error::data(format!(
                "{} labels, {} estimates, {} variances",
                labels.len(),
                y.len(),
                v.len()
            )));
        }
        let options = EffectOptions::new(measure);
        let row = |((study, &y), &v): ((&String, &f64), &f64)| {
            let mut s = blank(study, 0);
            s.data = Some(StudyData::Ready(Ready {
                estimate: y,
                precision: Precision::Variance(v),
                limits: None,
            }));
            settle(&mut s, Effect { y, v }, &options);
            s
        };
        Ok(Self { options, studies: labels.iter().zip(y).zip(v).map(row).collect(), noticed: vec![] })
    }

    /// The same effects of some of the rows, which keep their order; nothing is computed anew.
    #[must_use]
    pub fn part(&self, rows: &[usize]) -> Self {
        Self {
            options: self.options,
            studies: rows.iter().map(|&i| self.studies[i].clone()).collect(),
            noticed: vec![],
        }
    }

    /// Whether control groups were divided among comparisons: their patients are nobody's.
    pub fn splits_controls(&self) -> bool {
        let split = |n: &Noticed| matches!(n, Noticed::SharedControl { how: SharedControl::Split, .. });
        self.noticed.iter().any(split)
    }

    /// The kind of data behind the effects: that of the measure, unless effects were given ready.
    pub fn shape(&self) -> Shape {
        if self.is_ready() { Shape::Ready } else { self.measure().spec().compute.shape() }
    }

    /// Whether effects were given ready, so that models of counts have nothing to work on.
    pub fn is_ready(&self) -> bool {
        self.studies.iter().any(|s| matches!(s.data, Some(StudyData::Ready(_))))
    }

    /// The rows that it was computed from.
    pub fn rows(&self) -> Vec<StudyRow> {
        let row = |s: &StudyEffect| StudyRow {
            study: s.study.clone(),
            line: s.line,
            data: s.data.ok_or_else(|| s.reason.clone().unwrap_or_default()),
            n: s.size,
            bounds: s.bounds,
        };
        self.studies.iter().map(row).collect()
    }

    /// What the effects are.
    pub fn measure(&self) -> Measure {
        self.options.measure
    }

    /// The name of the measure in reports: without its correction it is another estimator.
    pub fn title(&self) -> String {
        let spec = self.options.measure.spec();
        match (self.options.small_sample_correction, self.options.measure) {
            // given ready, nobody knows which
            (_, Measure::StandardisedDifference) if self.is_ready() => "Standardised mean difference".into(),
            (false, Measure::StandardisedDifference) => "Standardised mean difference (Cohen's d)".into(),
            (false, _) if spec.correction.is_some() => format!("{}, uncorrected", spec.title),
            _ => spec.title.into(),
        }
    }

    /// Whether the estimates hold a small-sample correction, in words; `None` where the measure has none or where all
    /// effects were given.
    pub fn correction(&self) -> Option<String> {
        let what = self.options.measure.spec().correction?;
        let computed = |s: &StudyEffect| s.data.is_some_and(|d| !matches!(d, StudyData::Ready(_)));
        let with = if self.options.small_sample_correction { "with" } else { "without" };
        self.studies.iter().any(computed).then(|| format!("{with} {what}"))
    }

    /// Studies whose correction is larger than the effect that it corrects, where it is not lost in the standard error.
    pub fn overcorrected(&self) -> Vec<String> {
        /// Share of the standard error from which a correction counts.
        const COUNTS: f64 = 0.1;
        let spec = self.options.measure.spec();
        // Hedges' correction is a share of the effect, and a level has no effect to be larger than
        let ratio = spec.scale == Scale::Log && spec.null.is_some();
        if spec.correction.is_none() || !ratio || !self.options.small_sample_correction {
            return vec![];
        }
        let plain = EffectOptions { small_sample_correction: false, ..self.options };
        let Ok(plain) = Self::compute(&self.rows(), plain) else { return vec![] };
        let pairs = self.studies.iter().zip(&plain.studies);
        pairs
            .filter_map(|(s, p)| {
                let (e, plain) = (s.effect()?, p.y?);
                let correction = (e.y - plain).abs();
                (correction > plain.abs() && correction > COUNTS * e.v.sqrt()).then(|| s.study.clone())
            })
            .collect()
    }

    /// The scale of analysis.
    pub fn scale(&self) -> Scale {
        self.options.measure.spec().scale
    }

    /// Estimates and sampling variances of the studies that can be pooled, in order.
    pub fn arrays(&self) -> (Array1<f64>, Array1<f64>) {
        let effects: Vec<Effect> = self.studies.iter().filter_map(StudyEffect::effect).collect();
        (effects.iter().map(|e| e.y).collect(), effects.iter().map(|e| e.v).collect())
    }

    /// Number of studies that can be pooled.
    pub fn k(&self) -> usize {
        self.studies.iter().filter(|s| s.effect().is_some()).count()
    }

    /// Harmonic mean of the sizes of the pooled studies: the n that a Freeman–Tukey back-transformation uses.
    pub fn harmonic_size(&self) -> Option<f64> {
        let sizes: Option<Vec<f64>> =
            self.studies.iter().filter(|s| s.effect().is_some()).map(|s| s.size).collect();
        let sizes = sizes.filter(|s| !s.is_empty())?;
        Some(sizes.len() as f64 / sizes.iter().map(|n| 1.0 / n).sum::<f64>())
    }

    /// A pooled quantity on the scale people read.
    pub fn back(&self, x: f64) -> Option<f64> {
        let size = if self.scale().needs_size() { self.harmonic_size() } else { None };
        self.scale().back(x, size)
    }
}

/// The weighted means that average variances need, from the corrected counts.
fn average_context(rows: &[StudyRow], options: &EffectOptions, any_empty: bool) -> Context {
    let mut context = Context {
        variance: options.variance_in_force(),
        mean: [0.0; 2],
        correct: options.small_sample_correction,
    };
    let averaged = matches!(context.variance, Variance::AV | Variance::AVHO);
    if let Some(average) = options.measure.spec().average.filter(|_| averaged) {
        let mut sums = [(0.0, 0.0); 2];
        for data in rows.iter().filter_map(|r| r.data.as_ref().ok()) {
            let data = prepared(data, options, any_empty).0;
            for (sum, (value, weight)) in sums.iter_mut().zip(average(&data, &context)) {
                if value.is_finite() {
                    *sum = (sum.0 + weight * value, sum.1 + weight);
                }
            }
        }
        context.mean = sums.map(|(total, weight)| total / weight);
    }
    context
}

/// The data with corrections, and whether a continuity correction was added.
fn prepared(data: &StudyData, options: &EffectOptions, any_empty: bool) -> (StudyData, bool) {
    let correct = options.continuity.applies(data, any_empty) && options.continuity.add > 0.0;
    let mut data = if correct { options.continuity.corrected(data) } else { *data };
    if options.standardise_by_pre
        && let StudyData::PrePost(p) = &mut data
    {
        *p = PrePost { pre: (p.pre.0, p.post.1), post: (p.post.0, p.pre.1), ..*p };
    }
    (data, correct && is_count(&data))
}

fn is_count(data: &StudyData) -> bool {
    matches!(
        data,
        StudyData::TwoByTwo(_)
            | StudyData::Pairs(_)
            | StudyData::TwoRates(_)
            | StudyData::Events(_)
            | StudyData::Rate(_)
    )
}

fn blank(study: &str, line: usize) -> StudyEffect {
    StudyEffect {
        study: study.to_string(),
        line,
        y: None,
        v: None,
        limits: Limits::default(),
        natural: Natural::default(),
        status: Status::NotEstimable,
        reason: None,
        data: None,
        corrected: false,
        size: None,
        bounds: None,
        df: None,
    }
}

fn study(row: &StudyRow, options: &EffectOptions, context: &Context, any_empty: bool) -> StudyEffect {
    let mut s = blank(&row.study, row.line);
    s.size = row.n;
    s.bounds = row.bounds;
    let data = match &row.data {
        Ok(data) => data,
        Err(reason) => {
            s.reason = Some(reason.clone());
            return s;
        }
    };
    s.data = Some(*data);
    match data {
        StudyData::Rate(r) => s.size = Some(r.t),
        // the patients that the proportion is of, evaluated or enrolled
        StudyData::Events(e) => s.size = Some(e.n),
        _ => {}
    }
    if let Some((status, reason)) = uninformative(data, options) {
        s.status = status;
        s.reason = Some(reason);
        return s;
    }
    let (ready, corrected) = prepared(data, options, any_empty);
    s.corrected = corrected;
    let effect = match &ready {
        StudyData::Ready(r) => ready::effect(r, options),
        data => options.measure.spec().compute.apply(data, context),
    };
    s.df = own_df(data, options);
    match effect {
        Ok(effect) => settle(&mut s, effect, options),
        Err(reason) => s.reason = Some(reason.into()),
    }
    exact_limits(&mut s, data, options);
    if let StudyData::Ready(r) = data
        && s.status == Status::Estimable
        && let Some(limits) = ready::reported_limits(r, options)
    {
        s.limits = limits;
        let back = |x: Option<f64>| x.and_then(|x| options.measure.spec().scale.back(x, s.size));
        s.natural = Natural { lower: back(limits.lower), upper: back(limits.upper), ..s.natural };
    }
    if let (StudyData::PrePost(p), Status::Estimable) = (data, s.status)
        && let Some((_, source)) = p.sd_change.filter(|(_, source)| source.is_imputed())
    {
        s.status = Status::Imputed;
        s.reason = Some(format!("the SD of the change is imputed: {}", source.title()));
    }
    s
}

impl EffectTable {
    /// The table with imputed studies taken in as if their variances were known.
    #[must_use]
    pub fn with_imputed(&self) -> Self {
        let mut table = self.clone();
        for s in table.studies.iter_mut().filter(|s| s.status == Status::Imputed) {
            s.status = Status::Estimable;
            s.reason = None;
        }
        table
    }
}

/// Why a study without events in both groups, or with events only, is not pooled; `None` where it is.
fn uninformative(data: &StudyData, options: &EffectOptions) -> Option<(Status, String)> {
    let discordant = |d: &StudyData| !matches!(d, StudyData::Pairs(p) if p.first == 0.0 && p.second == 0.0);
    let concordant = options.measure == Measure::PairsOddsRatio && !discordant(data);
    if !is_double_zero(data) && !concordant {
        return None;
    }
    let seen = match data {
        _ if !is_double_zero(data) => "no pair differs",
        StudyData::TwoByTwo(t) if t.b == 0.0 && t.d == 0.0 => "nothing but events in both groups",
        StudyData::Pairs(p) if p.neither == 0.0 => "nothing but events in both groups",
        _ => "no events in both groups",
    };
    match options.continuity.double_zero {
        DoubleZero::Drop => Some((Status::Excluded, format!("{seen}, and such studies were to be left out"))),
        DoubleZero::Auto if options.measure.needs_events() => {
            Some((Status::NotEstimable, format!("{seen}: it says nothing about a ratio")))
        }
        _ => None,
    }
}

/// Degrees of freedom of a study's own test, where its standard error was derived from a t test or its interval.
fn own_df(data: &StudyData, options: &EffectOptions) -> Option<f64> {
    let StudyData::PrePost(p) = data else { return None };
    let (_, source) = p.sd_change.filter(|_| options.measure == Measure::MeanChange)?;
    matches!(source, SdSource::Interval | SdSource::TStatistic | SdSource::PValue).then_some(p.n - 1.0)
}

/// Enters the effect with its Wald limits, or the reason why it cannot be pooled.
fn settle(s: &mut StudyEffect, Effect { y, v }: Effect, options: &EffectOptions) {
    s.y = Some(y).filter(|y| y.is_finite());
    // a formula beyond its domain (n below 2) gives no variance at all
    s.v = Some(v).filter(|v| v.is_finite() && *v >= 0.0);
    let empty = s.data.as_ref().is_some_and(has_empty_cell);
    s.reason = match (s.y, s.v) {
        (Some(_), Some(v)) if v > 0.0 => None,
        (Some(_), Some(_)) => Some(if empty {
            "an empty cell makes the sampling variance zero".into()
        } else {
            format!("the sampling variance is {v}")
        }),
        _ if empty => Some("an empty cell leaves the effect undefined".into()),
        (None, _) if options.measure.spec().scale == Scale::FisherZ => {
            Some("the correlation estimated is ±1 or beyond, where Fisher's z is not defined".into())
        }
        _ => Some("the effect or its variance is not defined for these values".into()),
    };
    let size = s.size;
    let back = |x: f64| options.measure.spec().scale.back(x, size);
    s.natural.estimate = s.y.and_then(back);
    if s.reason.is_none() {
        s.status = Status::Estimable;
        let half =
            dist::t_upper_quantile(0.5 - options.level / 200.0, s.df.unwrap_or(f64::INFINITY)) * v.sqrt();
        s.limits = Limits { lower: Some(y - half), upper: Some(y + half) };
        s.natural.lower = back(y - half);
        s.natural.upper = back(y + half);
    }
}

/// Proportions and rates: the raw estimate with limits from the counts, brought to the analysis scale where finite.
fn exact_limits(s: &mut StudyEffect, data: &StudyData, options: &EffectOptions) {
    let level = options.level / 100.0;
    let (estimate, (lower, upper)) = match (data, options.measure.spec().compute) {
        (StudyData::Events(e), Compute::Events(_)) => {
            (e.x / e.n, (options.study_interval.spec().limits)(e.x, e.n, level))
        }
        (StudyData::Rate(r), Compute::Rate(_)) => (r.x / r.t, rate_limits(r.x, r.t, level)),
        _ => return,
    };
    s.natural = Natural { estimate: Some(estimate), lower: Some(lower), upper: Some(upper) };
    let size = s.size;
    let forward = |x: f64| options.measure.spec().scale.forward(x, size).filter(|x| x.is_finite());
    s.limits = Limits { lower: forward(lower), upper: forward(upper) };
}
