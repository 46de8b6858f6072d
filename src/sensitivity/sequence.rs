//! Estimates without each study, and up to each study.
//!
//! References: \[lau1992\], \[viechtbauer2010\].

use crate::effect::Natural;
use crate::error::Error;
use crate::model::refit::Refit;
use crate::result::sensitivity::{Conclusion, PartialFit, Step};

/// Rows that are left out together, under a label.
pub type Groups = Vec<(String, Vec<usize>)>;

fn step(fit: &dyn Refit, label: String, rows: &[usize], partial: Result<PartialFit, Error>) -> Step {
    let rows = rows.to_vec();
    match partial {
        Ok(partial) => {
            let natural = fit.natural(&partial);
            Step { label, rows, order: None, fit: Some(partial), natural, reason: None, turns: false }
        }
        Err(e) => {
            let natural = Natural::default();
            Step { label, rows, order: None, fit: None, natural, reason: Some(e.marked()), turns: false }
        }
    }
}

/// Leaves out every group in turn and fits the rest.
pub fn leave_one_out(fit: &dyn Refit, groups: &Groups, whole: Option<Conclusion>) -> Vec<Step> {
    let without = |(label, out): &(String, Vec<usize>)| {
        let mut s = step(fit, label.clone(), out, fit.without(out));
        let now = s.fit.as_ref().and_then(|f| fit.conclusion(f));
        s.turns = now.is_some() && now != whole;
        s
    };
    groups.iter().map(without).collect()
}

/// Fits the first row, the first two, and so on; each row comes with the value that orders it, if one does.
pub fn cumulative(fit: &dyn Refit, order: &[(usize, Option<String>)]) -> Vec<Step> {
    let mut before = None;
    let mut keep = vec![];
    let mut steps = vec![];
    for (row, value) in order {
        keep.push(*row);
        // the order of the table, whatever the order of adding: the same sums as the whole fit
        keep.sort_unstable();
        let mut s = step(fit, fit.label(*row), &[*row], fit.with_rows(&keep));
        s.order.clone_from(value);
        let now = s.fit.as_ref().and_then(|f| fit.conclusion(f));
        s.turns = before.is_some() && now.is_some() && before != now;
        before = now.or(before);
        steps.push(s);
    }
    steps
}
