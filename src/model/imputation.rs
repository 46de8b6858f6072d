//! Standard deviations of a change that nobody reported: what the answer would be under each assumption.
//!
//! ```text
//! s_d² = s₁² + s₂² − 2 r s₁ s₂                       an assumed correlation r
//! s_d of a named study                               borrowed
//! step² f(1−f) ≤ s_d² ≤ (R − d)(R + d)               set by a scale of range R and step; f = frac(d/step)
//! ```
//! Imputed rows stay out of the primary analysis; this room pools with them, over a grid, and finds the correlation
//! at which the conclusion changes; `missing_sd` does so for standard deviations that no correlation gives. References: \[follmann1992\], \[higgins2019\], \[bhatia2000\].

use super::{ModelOptions, missing_sd, pool};
use crate::dataset::{MeasuringScale, PrePost, SdSource, StudyData, StudyRow};
use crate::effect::{EffectOptions, EffectTable};
use crate::error::{Error, nearest};
use crate::math::root;
use crate::result::{Imputation, ImputedResult};

/// How missing standard deviations of a change are replaced.
#[derive(Clone, Debug, PartialEq)]
pub enum Impute {
    /// Not at all.
    None,
    /// By correlations of this grid, where both standard deviations are known.
    Grid(Vec<f64>),
    /// By the standard deviation of the change of this study.
    Borrow(String),
    /// By the least and the greatest that the scale allows.
    Bounds(MeasuringScale),
}

/// The grid used when none is given.
pub const GRID: [f64; 4] = [0.3, 0.5, 0.7, 0.9];

impl Impute {
    /// Parses `none`, `grid`, `borrow:STUDY` or `bounds`; bounds need a scale.
    ///
    /// # Errors
    /// It is none of them, or the scale is missing.
    pub fn parse(how: &str, grid: &[f64], scale: Option<MeasuringScale>) -> Result<Self, Error> {
        match (how, how.split_once(':')) {
            ("none", _) => Ok(Self::None),
            ("grid", _) => Ok(Self::Grid(if grid.is_empty() { GRID.to_vec() } else { grid.to_vec() })),
            ("bounds", _) => scale.map(Self::Bounds).ok_or_else(|| {
                Error::usage("bounds need the scale of measurement")
                    .with_hint("add it: ⟦scale=0:10:0.5⟧ for the EDSS")
            }),
            (_, Some(("borrow", study))) if !study.is_empty() => Ok(Self::Borrow(study.to_string())),
            _ => Err(Error::usage(format!("⟦impute={how}⟧"))
                .with_hint("choose none, grid, borrow:STUDY or bounds")),
        }
    }
}

/// Replaces what is missing in rows by `sd`, where it gives a value; counts the replacements.
pub(super) fn replaced(
    rows: &[StudyRow],
    sd: &dyn Fn(&PrePost) -> Option<(f64, SdSource)>,
) -> (Vec<StudyRow>, usize) {
    let mut count = 0;
    let rows = rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            if let Ok(StudyData::PrePost(p)) = &mut row.data
                && p.sd_change.is_none()
                && let Some(found) = sd(p).filter(|(sd, _)| *sd > 0.0)
            {
                p.sd_change = Some(found);
                count += 1;
            }
            row
        })
        .collect();
    (rows, count)
}

/// From both standard deviations at a correlation.
fn at_correlation(r: f64) -> impl Fn(&PrePost) -> Option<(f64, SdSource)> {
    move |p| {
        let (s0, s1) = (p.pre.1?, p.post.1?);
        Some(((s0 * s0 + s1 * s1 - 2.0 * r * s0 * s1).max(0.0).sqrt(), SdSource::Assumed))
    }
}

/// The least and greatest standard deviation of changes of mean `d` on a scale.
pub fn scale_bounds(d: f64, scale: &MeasuringScale) -> (f64, f64) {
    let range = scale.high - scale.low;
    let f = (d / scale.step).rem_euclid(1.0);
    let least = scale.step * (f * (1.0 - f)).sqrt();
    (least, ((range - d) * (range + d)).max(0.0).sqrt())
}

/// Rows with an assumed correlation, marked as imputed, for the tables.
pub fn assumed(rows: &[StudyRow], r: f64) -> Vec<StudyRow> {
    replaced(rows, &at_correlation(r)).0
}

/// Pools with imputed rows under every assumption asked for.
///
/// # Errors
/// The study to borrow from is not there or has no standard deviation, or a correlation lies outside −1 to 1.
pub fn explore(
    rows: &[StudyRow],
    effects: EffectOptions,
    options: ModelOptions,
    impute: &Impute,
) -> Result<Option<Imputation>, Error> {
    let with = |rows: &[StudyRow], label: String, r: Option<f64>| -> Option<ImputedResult> {
        let table = EffectTable::compute(rows, effects).ok()?.with_imputed();
        let result = pool(table, options).ok()?;
        let main = result.main()?;
        Some(ImputedResult {
            label,
            correlation: r,
            k: result.k,
            estimate: main.estimate,
            lower: main.lower,
            upper: main.upper,
            p_value: main.p_value,
        })
    };
    let mut results = vec![];
    let mut tipping = None;
    let mut studies = 0;
    let mut missing_sds = vec![];
    match impute {
        Impute::None => return Ok(None),
        Impute::Grid(grid) => {
            for &r in grid {
                check_correlation(r)?;
                let (rows, count) = replaced(rows, &at_correlation(r));
                studies = count;
                // without a row to impute, it would be the primary analysis again
                if count > 0 {
                    results.extend(with(&rows, format!("r = {r}"), Some(r)));
                }
            }
            let unnamed = |rows: &[StudyRow]| with(rows, String::new(), None);
            if studies > 0 {
                tipping = tipping_point(rows, &unnamed);
            }
            missing_sds = missing_sd::missing_sds(rows, effects, &unnamed);
        }
        Impute::Borrow(name) => {
            let sd = lender(rows, name)?;
            let (rows, count) = replaced(rows, &|_| Some((sd, SdSource::Borrowed)));
            studies = count;
            results.extend(with(&rows, format!("SD {sd:.3} of {name}"), None));
        }
        Impute::Bounds(scale) => {
            for (word, least) in [("least", true), ("greatest", false)] {
                let bound = |p: &PrePost| {
                    let (lo, hi) = scale_bounds(p.change, scale);
                    Some((if least { lo } else { hi }, SdSource::ScaleBound))
                };
                let (rows, count) = replaced(rows, &bound);
                studies = count;
                results.extend(with(&rows, format!("{word} SD on the scale"), None));
            }
        }
    }
    Ok(Some(Imputation { studies, results, tipping_point: tipping, missing_sds }))
}

/// A correlation lies between −1 and 1.
///
/// # Errors
/// It does not.
pub fn check_correlation(r: f64) -> Result<(), Error> {
    if (-1.0..=1.0).contains(&r) {
        return Ok(());
    }
    Err(Error::usage(format!("a correlation of {r}"))
        .with_hint("it lies between -1 and 1; 0.5 and 0.7 are usual"))
}

fn lender(rows: &[StudyRow], name: &str) -> Result<f64, Error> {
    let sd = |row: &StudyRow| match &row.data {
        Ok(StudyData::PrePost(p)) => p.sd_change.map(|(sd, _)| sd),
        _ => None,
    };
    let lenders: Vec<&str> = rows.iter().filter(|r| sd(r).is_some()).map(|r| r.study.as_str()).collect();
    rows.iter().find(|r| r.study == name).and_then(sd).ok_or_else(|| {
        let near = nearest(name, lenders.iter().copied())
            .map(|n| format!("did you mean `{n}`? "))
            .unwrap_or_default();
        Error::usage(format!("there is no SD of the change to borrow from `{name}`"))
            .with_hint(format!("{near}studies with one: {}", lenders.join(", ")))
    })
}

/// The correlation at which the interval first touches no effect, if there is one between −0.99 and 0.99.
fn tipping_point(rows: &[StudyRow], pooled: &dyn Fn(&[StudyRow]) -> Option<ImputedResult>) -> Option<f64> {
    // positive where the interval excludes zero
    let excludes = |r: f64| {
        let (rows, _) = replaced(rows, &at_correlation(r));
        missing_sd::beyond_null(&pooled(&rows)?)
    };
    const STEPS: i32 = 66;
    let at = |i: i32| -0.99 + 0.03 * f64::from(i);
    let mut last = excludes(at(0))?;
    for i in 1..=STEPS {
        let value = excludes(at(i))?;
        if (value > 0.0) != (last > 0.0) {
            return root::brent(|r| excludes(r).unwrap_or(f64::NAN), at(i - 1), at(i));
        }
        last = value;
    }
    None
}
