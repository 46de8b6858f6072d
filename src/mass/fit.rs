//! One small meta-analysis after the other, into columns: the numbers of `metapool pool` without its words.
//!
//! ```text
//! μ̂ = Σwy/Σw,  w = 1/v  and  w = 1/(v + τ²),   Q = Σw(y − μ̂)²,   I² = τ²/(τ² + typical variance)
//! ```
//! References: \[dersimonian1986\], \[viechtbauer2005\].

use crate::math::dist;
use crate::math::root::Stop;
use crate::model::interval::{Fitted, Interval, Kind, critical};
use crate::model::prediction::PredictionInterval;
use crate::model::tau2::{Between, Tau2};
use crate::model::{Inconsistency, Moments, NormalModel, Sample, moments_all};

/// What is computed for every group.
#[derive(Clone, Debug)]
pub struct Method {
    /// Estimators of τ²; the first gives the columns without suffix.
    pub tau2: Vec<Tau2>,
    /// Interval of the random-effects estimate.
    pub ci: Interval,
    /// Prediction interval.
    pub prediction: Option<PredictionInterval>,
    /// Confidence level in percent.
    pub level: f64,
    /// Value of no effect on the analysis scale.
    pub null: f64,
    /// Whether z-values weighted by the sizes of the studies are summed as well.
    pub by_size: bool,
}

/// The random-effects estimate by one estimator of τ².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Random {
    /// Estimate.
    pub estimate: f64,
    /// Its standard error under the interval.
    pub se: f64,
    /// Lower and upper limit.
    pub limits: (f64, f64),
    /// Two-sided p-value.
    pub p_value: f64,
    /// Limits of prediction; NaN where there are none.
    pub prediction: (f64, f64),
    /// τ².
    pub tau2: f64,
    /// I² in percent.
    pub i2: f64,
}

impl Random {
    /// Its numbers, in the order of the columns of results.
    pub(super) fn values(&self) -> [f64; 9] {
        let Self { estimate, se, limits, p_value, prediction, tau2, i2 } = *self;
        [estimate, se, limits.0, limits.1, p_value, prediction.0, prediction.1, tau2, i2]
    }
}

const NONE: Random = Random {
    estimate: f64::NAN,
    se: f64::NAN,
    limits: (f64::NAN, f64::NAN),
    p_value: f64::NAN,
    prediction: (f64::NAN, f64::NAN),
    tau2: f64::NAN,
    i2: f64::NAN,
};

/// What a group gives besides its random-effects estimates; NaN stands for what there is none of, and is never written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Studies pooled.
    pub k: u32,
    /// Common-effect estimate.
    pub common: f64,
    /// Its standard error.
    pub common_se: f64,
    /// Its limits.
    pub common_limits: (f64, f64),
    /// Its p-value.
    pub common_p: f64,
    /// Cochran's Q and its p-value.
    pub q: (f64, f64),
    /// Sum of z-values weighted by the roots of sizes, its p-value and the sum of sizes.
    pub by_size: (f64, f64, f64),
    /// Caveats.
    pub notes: u32,
}

/// Caveats as bits: their codes are in [`codes`].
pub mod note {
    /// A single study: its own effect.
    pub const ONE_STUDY: u32 = 1;
    /// Rows without an estimate or variance were left out.
    pub const MISSING: u32 = 2;
    /// Rows with an infinite or impossible value were left out.
    pub const IMPOSSIBLE: u32 = 4;
    /// The same study twice: the first was kept.
    pub const DUPLICATE: u32 = 8;
    /// The Hartung–Knapp standard error is smaller than Wald's.
    pub const HKSJ_NARROWER: u32 = 16;
    /// The iteration for τ² reached its limit.
    pub const ITERATION_LIMIT: u32 = 32;
    /// No study could be pooled.
    pub const NO_STUDIES: u32 = 64;
    /// Alleles that do not fit those of the first file; the rows were left out.
    pub const ALLELES: u32 = 128;
    /// Alleles that read the same on both strands: the strand was taken as it stands.
    pub const PALINDROME: u32 = 256;
    /// Effects turned round, as the alleles were.
    pub const FLIPPED: u32 = 512;
    /// The prediction interval that was asked for is narrower than the confidence interval.
    pub const PREDICTION_NARROWER: u32 = 1024;
}

/// Bits with their codes and meanings.
pub const CODES: [(u32, &str, &str); 11] = [
    (note::ONE_STUDY, "one-study", "a single study: the estimate is its own"),
    (note::MISSING, "missing-values", "rows without an estimate or a variance were left out"),
    (
        note::IMPOSSIBLE,
        "impossible-values",
        "rows with an infinite effect or a variance of 0 or less were left out",
    ),
    (note::DUPLICATE, "duplicate-study", "a study stood twice in the group: its first row was kept"),
    (
        note::HKSJ_NARROWER,
        "hksj-narrower",
        "the Hartung-Knapp interval rests on a smaller standard error than the ordinary one",
    ),
    (
        note::PREDICTION_NARROWER,
        "prediction-narrower",
        "the prediction interval that was asked for is narrower than the confidence interval",
    ),
    (note::ITERATION_LIMIT, "iteration-limit", "the search for τ² reached its limit"),
    (note::NO_STUDIES, "no-studies", "no study of the group could be pooled"),
    (note::ALLELES, "alleles-differ", "rows whose alleles are not those of the first file were left out"),
    (
        note::PALINDROME,
        "palindromic",
        "the alleles read the same on both strands: the strand was taken as it stands",
    ),
    (note::FLIPPED, "flipped", "effects of some studies were turned round, as their alleles were"),
];

/// The codes of a set of bits, joined by `;`.
pub fn codes(bits: u32) -> String {
    let set: Vec<&str> = CODES.iter().filter(|c| bits & c.0 != 0).map(|c| c.1).collect();
    set.join(";")
}

/// Pooled groups, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pools {
    /// One per group.
    pub groups: Vec<Group>,
    /// One per group and estimator, groups outside.
    pub random: Vec<Random>,
}

impl Pools {
    /// The random-effects estimates of a group; none where there is no such group.
    pub fn random(&self, group: usize) -> &[Random] {
        let each = self.random.len() / self.groups.len().max(1);
        self.random.get(group * each..(group + 1) * each).unwrap_or_default()
    }
}

impl Group {
    /// A group without a study.
    fn empty(notes: u32) -> Self {
        Self {
            k: 0,
            common: f64::NAN,
            common_se: f64::NAN,
            common_limits: (f64::NAN, f64::NAN),
            common_p: f64::NAN,
            q: (f64::NAN, f64::NAN),
            by_size: (f64::NAN, f64::NAN, f64::NAN),
            notes: notes | note::NO_STUDIES,
        }
    }
}

/// A group to be pooled.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Effects and variances.
    pub sample: Sample<'a>,
    /// Patients of the studies, used where z-values are summed.
    pub sizes: &'a [f64],
    /// Caveats of its rows.
    pub notes: u32,
}

/// Pools groups, in order.
pub fn groups(inputs: &[Input<'_>], m: &Method) -> Pools {
    let mut out = Pools {
        groups: Vec::with_capacity(inputs.len()),
        random: Vec::with_capacity(inputs.len() * m.tau2.len()),
    };
    let with_studies: Vec<Sample<'_>> = inputs.iter().map(|i| i.sample).filter(|s| s.k() > 0).collect();
    let mut at_zero = vec![];
    moments_all(&with_studies, |_| 0.0, &mut at_zero);
    // τ² and the moments there, of the groups with several studies
    let (several, common): (Vec<Sample<'_>>, Vec<Moments>) =
        with_studies.iter().zip(&at_zero).filter(|(s, _)| s.k() > 1).unzip();
    let random: Vec<(Vec<Between>, Vec<Moments>)> = m
        .tau2
        .iter()
        .map(|t| {
            let between = t.estimate_with(&several, &common);
            let mut sums = vec![];
            moments_all(&several, |i| between[i].tau2, &mut sums);
            (between, sums)
        })
        .collect();
    let mut at = 0;
    let mut zero = at_zero.iter();
    for input in inputs {
        let Some(common) = (input.sample.k() > 0).then(|| zero.next()).flatten() else {
            out.groups.push(Group::empty(input.notes));
            out.random.extend(m.tau2.iter().map(|_| NONE));
            continue;
        };
        let mut group = common_effect(input, common, m);
        if input.sample.k() == 1 {
            group.notes |= note::ONE_STUDY;
            out.random.extend(m.tau2.iter().map(|_| NONE));
        } else {
            let inconsistency =
                Inconsistency { q: group.q.0, ..Inconsistency::new(common, input.sample.df()) };
            for (e, (&estimator, (between, sums))) in m.tau2.iter().zip(&random).enumerate() {
                // estimators often agree that τ² = 0
                if let Some(same) = (0..e).find(|i| random[*i].0[at].tau2 == between[at].tau2)
                    && [m.tau2[same], estimator].iter().all(|t| *t != Tau2::EqualEffects)
                {
                    out.random.push(out.random[out.random.len() - e + same]);
                    continue;
                }
                let fitted = Fitted::of(input.sample, between[at].tau2, &sums[at]);
                let estimate = random_effects(&fitted, estimator, inconsistency, &mut group, m);
                if between[at].stop == Stop::Patience {
                    group.notes |= note::ITERATION_LIMIT;
                }
                out.random.push(estimate);
            }
            at += 1;
        }
        out.groups.push(group);
    }
    out
}

/// Two-sided p-value against the value of no effect.
fn p_value(estimate: f64, se: f64, df: f64, m: &Method) -> f64 {
    let s = (estimate - m.null) / se;
    if !s.is_finite() {
        f64::NAN
    } else if df.is_finite() {
        dist::t_two_sided(s, df)
    } else {
        dist::normal_two_sided(s)
    }
}

/// The common effect of a group with a study.
fn common_effect(input: &Input<'_>, sums: &Moments, m: &Method) -> Group {
    let Input { sample, sizes, notes } = *input;
    let common = Fitted::of(sample, 0.0, sums);
    let se = common.wald_se();
    let half = critical_of(m.level, f64::INFINITY) * se;
    let df = common.df();
    Group {
        k: sample.k() as u32,
        common: common.mean,
        common_se: se,
        common_limits: (common.mean - half, common.mean + half),
        common_p: p_value(common.mean, se, f64::INFINITY, m),
        q: if df > 0.0 { (common.q, dist::chi2_sf(common.q, df)) } else { (f64::NAN, f64::NAN) },
        by_size: if m.by_size {
            weighted_by_size(sample, sizes, m.null)
        } else {
            (f64::NAN, f64::NAN, f64::NAN)
        },
        notes,
    }
}

/// The random-effects estimate of a group of several studies.
fn random_effects(
    fitted: &Fitted<'_>,
    estimator: Tau2,
    inconsistency: Inconsistency,
    group: &mut Group,
    m: &Method,
) -> Random {
    let (tau2, k) = (fitted.tau2, fitted.sample.k());
    let (se, df) = match m.ci.kind() {
        Kind::Quantile(parts) => parts(fitted),
        Kind::Profile | Kind::Counts => (fitted.wald_se(), f64::INFINITY),
    };
    if m.ci == Interval::HartungKnapp && se < fitted.wald_se() * (1.0 - 1e-9) {
        group.notes |= note::HKSJ_NARROWER;
    }
    let half = critical_of(m.level, df) * se;
    let prediction = m.prediction.filter(|_| k >= 3 && estimator != Tau2::EqualEffects).map_or(
        (f64::NAN, f64::NAN),
        |p| {
            let (se, df) = p.parts(fitted);
            let wide = critical_of(m.level, df) * (se * se + tau2).sqrt();
            if wide < half * (1.0 - 1e-9) {
                group.notes |= note::PREDICTION_NARROWER;
            }
            if df > 0.0 { (fitted.mean - wide, fitted.mean + wide) } else { (f64::NAN, f64::NAN) }
        },
    );
    let (i2, _) = inconsistency.of_model(tau2, estimator == Tau2::EqualEffects);
    Random {
        estimate: fitted.mean,
        se,
        limits: (fitted.mean - half, fitted.mean + half),
        p_value: p_value(fitted.mean, se, df, m),
        prediction,
        tau2,
        i2,
    }
}

/// Critical values by degrees of freedom (∞ first), which few groups do not share with others.
fn critical_of(level: f64, df: f64) -> f64 {
    use std::cell::RefCell;
    const KEPT: f64 = 1000.0;
    thread_local! { static TABLE: RefCell<(f64, Vec<f64>)> = const { RefCell::new((f64::NAN, vec![])) }; }
    let at = if df.is_infinite() { 0.0 } else { df };
    if !(0.0..KEPT).contains(&at) || at.fract() != 0.0 || df == 0.0 {
        return critical(level, df);
    }
    TABLE.with_borrow_mut(|(last, values)| {
        if *last != level {
            (*last, *values) = (level, vec![f64::NAN; KEPT as usize]);
        }
        let value = &mut values[at as usize];
        if value.is_nan() {
            *value = critical(level, df);
        }
        *value
    })
}

/// Stouffer's sum with the roots of the sizes: Σ zᵢ√nᵢ / √Σnᵢ.
fn weighted_by_size(sample: Sample<'_>, sizes: &[f64], null: f64) -> (f64, f64, f64) {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((y, v), n) in sample.y.iter().zip(sample.v).zip(sizes) {
        if n.is_nan() || *n <= 0.0 {
            return (f64::NAN, f64::NAN, f64::NAN);
        }
        sum += (y - null) / v.sqrt() * n.sqrt();
        total += n;
    }
    let z = sum / total.sqrt();
    (z, dist::normal_two_sided(z), total)
}
