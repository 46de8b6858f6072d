//! Standard deviations of a change that nobody reported: what the answer would be under each assumption.
//!
//! ```text
//! s_d² = s₁² + s₂² − 2 r s₁ s₂                       an assumed correlation r
//! s_d of a named study                               borrowed
//! least and greatest s_d                             set by the scale of measurement
//! ```
//! Imputed rows stay out of the primary analysis; this room pools with them, over a grid, and finds the correlation
//! at which the conclusion changes; `missing_sd` does so for standard deviations that no correlation gives. References: \[follmann1992\], \[higgins2019\], \[bhatia2000\].

mod missing_sd;
mod tipping;

use super::{ModelOptions, pool};
use crate::dataset::{MeasuringScale, PrePost, SdSource, StudyData, StudyRow};
use crate::effect::{EffectOptions, EffectTable, at_correlation, check_correlation, replaced, scale_bounds};
use crate::error::{Error, nearest};
use crate::result::{Imputation, ImputedResult};
use missing_sd::missing_sds;
use tipping::{beyond_null, first_crossing};

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

/// Pools with imputed rows under every assumption asked for.
///
/// # Errors
/// The study to borrow from is not there or has no standard deviation, or a correlation lies outside −1 to 1.
pub fn explore(
    table: &EffectTable,
    options: ModelOptions,
    impute: &Impute,
) -> Result<Option<Imputation>, Error> {
    let rows = &table.rows();
    let pooled = |rows: &[StudyRow]| -> Option<ImputedResult> {
        let table = EffectTable::compute(rows, table.options).ok()?.with_imputed();
        let result = pool(table, options).ok()?;
        let main = result.main()?;
        Some(ImputedResult {
            label: String::new(),
            correlation: None,
            k: result.k,
            estimate: main.estimate,
            lower: main.lower,
            upper: main.upper,
            p_value: main.p_value,
        })
    };
    match impute {
        Impute::None => Ok(None),
        Impute::Grid(grid) => over_correlations(rows, grid, table.options, &pooled).map(Some),
        Impute::Borrow(name) => {
            let sd = lender(rows, name)?;
            let borrowed = |_: &PrePost| Some((sd, SdSource::Borrowed));
            Ok(Some(with_each(rows, vec![(format!("SD {sd:.3} of {name}"), &borrowed)], &pooled)))
        }
        Impute::Bounds(scale) => {
            let least = |p: &PrePost| Some((scale_bounds(p.change, scale).0, SdSource::ScaleBound));
            let greatest = |p: &PrePost| Some((scale_bounds(p.change, scale).1, SdSource::ScaleBound));
            let word = |w: &str| format!("{w} SD on the scale");
            let both: Vec<Assumption<'_>> = vec![(word("least"), &least), (word("greatest"), &greatest)];
            Ok(Some(with_each(rows, both, &pooled)))
        }
    }
}

/// Pools rows, imputed ones included; `None` where they cannot be pooled.
type Pooled<'a> = &'a dyn Fn(&[StudyRow]) -> Option<ImputedResult>;

/// A standard deviation for rows without one, under its name.
type Assumption<'a> = (String, &'a dyn Fn(&PrePost) -> Option<(f64, SdSource)>);

fn with_each(rows: &[StudyRow], assumptions: Vec<Assumption<'_>>, pooled: Pooled<'_>) -> Imputation {
    let mut out = Imputation { studies: 0, results: vec![], tipping_point: None, missing_sds: vec![] };
    for (label, sd) in assumptions {
        let (rows, count) = replaced(rows, sd);
        out.studies = count;
        out.results.extend(pooled(&rows).map(|r| ImputedResult { label, ..r }));
    }
    out
}

fn over_correlations(
    rows: &[StudyRow],
    grid: &[f64],
    effects: EffectOptions,
    pooled: Pooled<'_>,
) -> Result<Imputation, Error> {
    let mut out = Imputation { studies: 0, results: vec![], tipping_point: None, missing_sds: vec![] };
    for &r in grid {
        check_correlation(r)?;
        let (rows, count) = replaced(rows, &at_correlation(r));
        out.studies = count;
        // without a row to impute, it would be the primary analysis again
        if count > 0 {
            let (label, correlation) = (format!("r = {r}"), Some(r));
            out.results.extend(pooled(&rows).map(|p| ImputedResult { label, correlation, ..p }));
        }
    }
    if out.studies > 0 {
        out.tipping_point = tipping_correlation(rows, pooled);
    }
    out.missing_sds = missing_sds(rows, effects, pooled);
    Ok(out)
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
fn tipping_correlation(
    rows: &[StudyRow],
    pooled: &dyn Fn(&[StudyRow]) -> Option<ImputedResult>,
) -> Option<f64> {
    let excess = |r: f64| beyond_null(&pooled(&replaced(rows, &at_correlation(r)).0)?);
    first_crossing(&excess, &|i| -0.99 + 0.03 * f64::from(i), 66)
}
