//! From a row as reported to its effect, its limits and its status.

use super::continuity::{has_empty_cell, is_double_zero};
use super::ready;
use super::study_interval::rate_limits;
use super::{
    Compute, Context, DoubleZero, Effect, EffectOptions, Limits, Measure, Natural, Scale, Status,
    StudyEffect, Variance,
};
use crate::dataset::{PrePost, SdSource, StudyData, StudyRow};
use crate::math::dist;

/// The effects of rows, in their order.
pub(super) fn estimates(rows: &[StudyRow], options: &EffectOptions) -> Vec<StudyEffect> {
    let any_empty = rows.iter().any(|r| r.data.as_ref().is_ok_and(has_empty_cell));
    let context = average_context(rows, options, any_empty);
    rows.iter().map(|r| study(r, options, &context, any_empty)).collect()
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

fn study(row: &StudyRow, options: &EffectOptions, context: &Context, any_empty: bool) -> StudyEffect {
    let mut s = StudyEffect::unknown(&row.study, row.line);
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
        Ok(effect) => enter(&mut s, effect, options),
        Err(reason) => s.reason = Some(reason.into()),
    }
    exact_limits(&mut s, data, options);
    reported_limits(&mut s, data, options);
    set_imputed_apart(&mut s, data);
    s
}

/// Ready effects keep the limits that were reported with them.
fn reported_limits(s: &mut StudyEffect, data: &StudyData, options: &EffectOptions) {
    if let StudyData::Ready(r) = data
        && s.status == Status::Estimable
        && let Some(limits) = ready::reported_limits(r, options)
    {
        s.limits = limits;
        let back = |x: Option<f64>| x.and_then(|x| options.measure.spec().scale.back(x, s.size));
        s.natural = Natural { lower: back(limits.lower), upper: back(limits.upper), ..s.natural };
    }
}

/// An effect whose variance was assumed is no part of the primary analysis.
fn set_imputed_apart(s: &mut StudyEffect, data: &StudyData) {
    if let (StudyData::PrePost(p), Status::Estimable) = (data, s.status)
        && let Some((_, source)) = p.sd_change.filter(|(_, source)| source.is_imputed())
    {
        s.status = Status::Imputed;
        s.reason = Some(format!("the SD of the change is imputed: {}", source.title()));
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
pub(super) fn enter(s: &mut StudyEffect, Effect { y, v }: Effect, options: &EffectOptions) {
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
