//! Counts known only within bounds: the range that the pooled estimate runs through.
//!
//! The estimate need not rise with every count: a larger count can raise the between-study variance, which moves weight
//! to other studies. Its extremes are therefore sought over every combination of counts, as long as there are not
//! too many; otherwise over the ends of the bounds, and the result says so.

use super::{ModelOptions, pool};
use crate::dataset::{Events, StudyData};
use crate::effect::EffectTable;
use crate::result::{BoundedRange, PoolResult, RangeEnd};

/// Most combinations that are pooled.
const MOST_COMBINATIONS: usize = 4096;

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
    let count =
        |widths: &[usize]| widths.iter().try_fold(1usize, |p, w| p.checked_mul(*w)).unwrap_or(usize::MAX);
    let corners: Vec<usize> = vec![2; ends.len()];
    let exhaustive = count(&widths) <= MOST_COMBINATIONS;
    let combinations: Vec<Vec<f64>> = if exhaustive {
        every(&ends, 1.0)
    } else if count(&corners) <= MOST_COMBINATIONS {
        every(&ends, f64::INFINITY)
    } else {
        vec![ends.iter().map(|e| e.0).collect(), ends.iter().map(|e| e.1).collect()]
    };
    let pooled: Vec<RangeEnd> =
        combinations.iter().filter_map(|counts| at(table, &bounded, counts, options)).collect();
    let by = |a: &&RangeEnd, b: &&RangeEnd| a.estimate.total_cmp(&b.estimate);
    let (low, high) = (pooled.iter().min_by(by)?.clone(), pooled.iter().max_by(by)?.clone());
    let studies = bounded.iter().map(|&i| table.studies[i].study.clone()).collect();
    Some(BoundedRange { low, high, studies, k: result.k + bounded.len(), exhaustive })
}

/// All combinations of counts from the least to the most in steps, both ends included.
fn every(ends: &[(f64, f64)], step: f64) -> Vec<Vec<f64>> {
    ends.iter().fold(vec![vec![]], |combinations: Vec<Vec<f64>>, &(lo, hi)| {
        let next = |x: &f64| (*x < hi).then(|| (x + step).min(hi));
        let values: Vec<f64> = std::iter::successors(Some(lo), next).collect();
        combinations.iter().flat_map(|c| values.iter().map(|x| [c.as_slice(), &[*x]].concat())).collect()
    })
}

/// The pooled estimate with these counts in place of the bounds.
fn at(table: &EffectTable, bounded: &[usize], counts: &[f64], options: &ModelOptions) -> Option<RangeEnd> {
    let mut rows = table.rows();
    for (&i, &x) in bounded.iter().zip(counts) {
        let row = rows.get_mut(i)?;
        row.data = row.n.map(|n| StudyData::Events(Events { x, n })).ok_or_else(String::new);
        row.bounds = None;
    }
    let table = EffectTable::compute(&rows, table.options).ok()?;
    let result = pool(table, *options).ok()?;
    let natural = result.main()?.natural;
    Some(RangeEnd { estimate: natural.estimate?, lower: natural.lower, upper: natural.upper })
}
