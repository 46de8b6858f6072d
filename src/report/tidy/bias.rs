//! Tests of bias and estimates that allow for it.

use super::{Cells, Tidy, cell, fields};
use crate::document::Sheet;
use crate::registry::Member;
use crate::report::answer::{Estimate, FilledRow, Outcome, RefusedRow};
use crate::result::bias::{BiasOutcome, BiasResult, Finding, Selection};

/// Lists within a test, which have rows of their own.
const LISTS: [&str; 7] = ["curve", "filled", "steps", "delta", "delta_se", "studies_per_step", "shares"];

/// The whole answer of `metapool bias`.
///
/// Kinds: `test`; `step`, `parameter` and `curve` of a selection model; `filled` of trim and fill; `share` of p-curve; `refused`, with
/// the reason; `random` or `common`, the estimate as pooled; `note`.
pub(in crate::report) fn bias(result: &BiasResult) -> Sheet {
    let mut out = Tidy::open();
    for o in &result.outcomes {
        let mut cells = fields(Outcome::from(o));
        cells.retain(|(name, _)| !LISTS.contains(&name.as_str()));
        out.of_kind("test", cells);
    }
    for refused in &result.refused {
        out.of_kind("refused", fields(RefusedRow::from(refused)));
    }
    for (kind, pooled) in [("random", &result.pool.random), ("common", &result.pool.common)] {
        if let Some(p) = pooled {
            out.of_kind(kind, fields(Estimate::from(p)));
        }
    }
    for o in &result.outcomes {
        lists(&mut out, o);
    }
    out.notes(&result.notes());
    out.sheet()
}

fn lists(out: &mut Tidy, o: &BiasOutcome) {
    let mut add = |kind: &str, cells: Cells| {
        out.of_kind(kind, [vec![cell("test", o.test.id())], cells].concat());
    };
    match &o.finding {
        Finding::Selection(s) => {
            let kind = if s.steps.is_empty() { "parameter" } else { "step" };
            (0..s.delta.len()).for_each(|i| add(kind, weight(s, i)));
            s.curve.iter().for_each(|point| add("curve", fields(point)));
        }
        Finding::TrimFill(t) => t.filled.iter().for_each(|f| add("filled", fields(FilledRow::from(f)))),
        // five bins of significant p-values: .01, .02 ... .05
        Finding::PCurve(c) => c.shares.iter().enumerate().for_each(|(i, share)| {
            add("share", vec![cell("bin", i + 1), cell("share", *share)]);
        }),
        _ => {}
    }
}

/// A parameter of the weight function, of step functions with the step that it belongs to.
fn weight(s: &Selection, i: usize) -> Cells {
    let se = s.delta_se.get(i).copied().flatten();
    let mut cells = vec![cell("delta", s.delta[i]), cell("delta_se", se)];
    if let Some(step) = s.steps.get(i) {
        let studies = s.counts.get(i).map(|n| *n as f64);
        cells.extend([cell("step", *step), cell("studies", studies)]);
    }
    cells
}
