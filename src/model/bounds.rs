//! Counts known only within bounds: the range that the pooled estimate runs through.
//!
//! The pooled proportion rises with every count, so its extremes lie where all counts are at their least and at
//! their most; with few combinations every one is pooled, which needs no such argument.

use super::{ModelOptions, pool};
use crate::dataset::{Events, StudyData};
use crate::effect::{EffectTable, Status};
use crate::result::{BoundedRange, PoolResult, RangeEnd};

/// Up to so many combinations are all pooled.
const ALL_COMBINATIONS: usize = 64;

/// The range of the estimate over the bounds of a result; `None` when every count is known.
pub fn range(result: &PoolResult, options: &ModelOptions) -> Option<BoundedRange> {
    let table = &result.table;
    let bounded: Vec<usize> =
        (0..table.studies.len()).filter(|&i| table.studies[i].bounds.is_some()).collect();
    if bounded.is_empty() {
        return None;
    }
    let ends: Vec<(f64, f64)> = bounded.iter().filter_map(|&i| table.studies[i].bounds).collect();
    let widths: Vec<usize> = ends.iter().map(|(lo, hi)| (hi - lo) as usize + 1).collect();
    let all = widths.iter().try_fold(1usize, |p, w| p.checked_mul(*w)).is_some_and(|p| p <= ALL_COMBINATIONS);
    let combinations: Vec<Vec<f64>> = if all {
        every(&ends)
    } else {
        vec![ends.iter().map(|e| e.0).collect(), ends.iter().map(|e| e.1).collect()]
    };
    let pooled: Vec<RangeEnd> =
        combinations.iter().filter_map(|counts| at(table, &bounded, counts, options)).collect();
    let by = |a: &&RangeEnd, b: &&RangeEnd| a.estimate.total_cmp(&b.estimate);
    let (low, high) = (pooled.iter().min_by(by)?.clone(), pooled.iter().max_by(by)?.clone());
    let studies = bounded.iter().map(|&i| table.studies[i].study.clone()).collect();
    Some(BoundedRange { low, high, studies, k: result.k + bounded.len() })
}

/// All integer combinations of counts.
fn every(ends: &[(f64, f64)]) -> Vec<Vec<f64>> {
    ends.iter().fold(vec![vec![]], |combinations, (lo, hi)| {
        let mut out = vec![];
        for c in &combinations {
            let mut x = *lo;
            while x <= *hi {
                out.push([c.as_slice(), &[x]].concat());
                x += 1.0;
            }
        }
        out
    })
}

/// The pooled estimate with these counts in place of the bounds.
fn at(table: &EffectTable, bounded: &[usize], counts: &[f64], options: &ModelOptions) -> Option<RangeEnd> {
    let rows: Vec<crate::dataset::StudyRow> = table
        .studies
        .iter()
        .enumerate()
        .filter(|(_, s)| s.status != Status::Excluded)
        .map(|(i, s)| {
            let known = s.data.ok_or_else(|| s.reason.clone().unwrap_or_default());
            let data = match bounded.iter().position(|&b| b == i) {
                Some(p) => {
                    s.size.map(|n| StudyData::Events(Events { x: counts[p], n })).ok_or_else(String::new)
                }
                None => known,
            };
            crate::dataset::StudyRow { study: s.study.clone(), line: s.line, data, n: s.size, bounds: None }
        })
        .collect();
    let table = EffectTable::compute(&rows, table.options).ok()?;
    let result = pool(table, *options).ok()?;
    let natural = result.main()?.natural;
    Some(RangeEnd { estimate: natural.estimate?, lower: natural.lower, upper: natural.upper })
}
