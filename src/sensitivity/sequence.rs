//! Estimates without each study, and up to each study.
//!
//! References: \[lau1992\], \[viechtbauer2010\].

use super::subset::Pooler;
use crate::effect::Natural;
use crate::result::sensitivity::{Conclusion, Refit, Step};

/// Groups of pooled studies that are left out together: a label and places among the pooled studies.
pub type Groups = Vec<(String, Vec<usize>)>;

fn step(pooler: &Pooler<'_>, label: String, places: &[usize], fit: Result<Refit, crate::Error>) -> Step {
    let rows = places.iter().map(|&i| pooler.rows[i]).collect();
    match fit {
        Ok(fit) => {
            let natural = pooler.natural(&fit);
            Step { label, rows, order: None, fit: Some(fit), natural, reason: None, turns: false }
        }
        Err(e) => {
            let natural = Natural::default();
            Step { label, rows, order: None, fit: None, natural, reason: Some(e.marked()), turns: false }
        }
    }
}

/// Leaves out every group in turn and pools the rest.
pub fn leave_one_out(pooler: &Pooler<'_>, groups: &Groups, whole: Option<Conclusion>) -> Vec<Step> {
    let without = |(label, out): &(String, Vec<usize>)| {
        let mut s = step(pooler, label.clone(), out, pooler.fit_without(out));
        let now = s.fit.as_ref().and_then(|f| pooler.conclusion(f));
        s.turns = now.is_some() && now != whole;
        s
    };
    groups.iter().map(without).collect()
}

/// Pools the first study, the first two, and so on, in the order of `places`; `values` says what orders them.
pub fn cumulative(pooler: &Pooler<'_>, places: &[usize], values: &[Option<String>]) -> Vec<Step> {
    let mut before = None;
    (0..places.len())
        .map(|n| {
            let mut keep = places[..=n].to_vec();
            // the order of the data, whatever the order of adding: the same sums as the pooled result
            keep.sort_unstable();
            let at = places[n];
            let mut s = step(pooler, pooler.label(at), &[at], pooler.fit(&keep));
            s.order = values.get(at).cloned().flatten();
            let now = s.fit.as_ref().and_then(|f| pooler.conclusion(f));
            s.turns = before.is_some() && now.is_some() && before != now;
            before = now.or(before);
            s
        })
        .collect()
}
