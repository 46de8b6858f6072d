//! The standard deviation of a change that a study lacks and no correlation can give: where it would decide.
//!
//! ```text
//! |d| > t(n−1) s/√n   ⇔   s < |d| √n / t(n−1)        the study's own interval excludes no change
//! s : the pooled interval with the study touches no change
//! ```
//! The reader can judge whether the true value lies on one side or the other, which is less than to assume it.
//! References: \[follmann1992\], \[higgins2019\].

use super::tipping::{beyond_null, first_crossing};
use crate::dataset::{PrePost, SdSource, StudyData, StudyRow};
use crate::effect::{EffectOptions, Measure, replaced};
use crate::math::dist;
use crate::result::{ImputedResult, MissingSd};

/// Standard deviations tried run from a thousandth to a thousand times the mean change.
const DECADES: f64 = 3.0;

/// Steps of the search, each about an eighth of a factor.
const STEPS: i32 = 120;

/// Every study whose standard deviation only the study itself could give, with what it would decide.
pub(super) fn missing_sds(
    rows: &[StudyRow],
    effects: EffectOptions,
    pooled: &dyn Fn(&[StudyRow]) -> Option<ImputedResult>,
) -> Vec<MissingSd> {
    if effects.measure != Measure::MeanChange {
        return vec![];
    }
    let of = |(i, row): (usize, &StudyRow)| match &row.data {
        Ok(StudyData::PrePost(p)) if lacks(p) => Some(explored(rows, (i, p), effects.level, pooled)),
        _ => None,
    };
    rows.iter().enumerate().filter_map(of).collect()
}

fn lacks(p: &PrePost) -> bool {
    p.sd_change.is_none() && (p.pre.1.is_none() || p.post.1.is_none()) && p.change != 0.0 && p.n > 1.0
}

fn explored(
    rows: &[StudyRow],
    (at, p): (usize, &PrePost),
    level: f64,
    pooled: &dyn Fn(&[StudyRow]) -> Option<ImputedResult>,
) -> MissingSd {
    let quantile = dist::t_upper_quantile((1.0 - level / 100.0) / 2.0, p.n - 1.0);
    let with = |log_sd: f64| pooled(&given(rows, at, log_sd.exp()));
    let excess = |log_sd: f64| with(log_sd).and_then(|r| beyond_null(&r));
    let middle = p.change.abs().ln();
    let half = DECADES * std::f64::consts::LN_10;
    let point = |i: i32| middle - half + 2.0 * half * f64::from(i) / f64::from(STEPS);
    let tipping = first_crossing(&excess, &point, STEPS);
    let least = excess(point(0));
    MissingSd {
        study: rows[at].study.clone(),
        change: p.change,
        n: p.n,
        level,
        own_tipping_sd: Some(p.change.abs() * p.n.sqrt() / quantile).filter(|s| s.is_finite()),
        k: with(middle).map(|r| r.k),
        tipping_sd: tipping.map(f64::exp),
        excludes_at_least: least.map(|x| x > 0.0),
    }
}

/// The rows with a standard deviation for one of them.
fn given(rows: &[StudyRow], at: usize, sd: f64) -> Vec<StudyRow> {
    let one = replaced(&rows[at..=at], &|_| Some((sd, SdSource::Assumed))).0;
    let mut all = rows.to_vec();
    all.splice(at..=at, one);
    all
}
