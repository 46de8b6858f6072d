//! A Bayesian analysis.

use super::{Cells, Tidy, cell, fields, unbounded};
use crate::document::Sheet;
use crate::report::answer::shrunk_studies;
use crate::result::{BayesAnalysis, Marginal};

/// Kinds: `study`, `mu`, `tau`, `predictive`, `setting`, `note`. Limits of studies are confidence limits of their own estimates,
/// those of `mu`, `tau`, `predictive` and `shrinkage_…` credible limits.
const COLUMNS: &[&str] = &[
    "kind",
    "label",
    "estimate",
    "variance",
    "se",
    "mean",
    "median",
    "sd",
    "ci_lower",
    "ci_upper",
    "below_null",
    "natural_estimate",
    "natural_median",
    "natural_ci_lower",
    "natural_ci_upper",
    "shrinkage_mean",
    "shrinkage_ci_lower",
    "shrinkage_ci_upper",
    "natural_shrinkage_mean",
    "natural_shrinkage_ci_lower",
    "natural_shrinkage_ci_upper",
    "status",
    "reason",
    "text",
];

/// The whole answer of `metapool bayes`.
pub(in crate::report) fn bayes(result: &BayesAnalysis) -> Sheet {
    let mut out = Tidy::new(COLUMNS);
    studies(&mut out, result);
    let (table, p) = (&result.table, &result.posterior);
    let read = |m: &Marginal, below: f64| -> Cells {
        let natural = vec![
            cell("natural_median", table.back(m.median)),
            cell("natural_ci_lower", table.back(m.lower)),
            cell("natural_ci_upper", table.back(m.upper)),
            cell("below_null", below),
        ];
        [marginal(m), natural].concat()
    };
    out.row("mu", "mean effect", read(&p.mu, p.mu_below_null));
    out.row("tau", "between-study standard deviation", marginal(&p.tau));
    out.row("predictive", "effect in a new study", read(&p.predictive, p.predictive_below_null));
    out.setting("measure", format!("{}: {}", table.measure().spec().id, table.title()));
    out.setting("scale", table.scale().title());
    out.setting("level", p.level.to_string());
    out.setting("tau_prior", p.tau_prior.as_str());
    out.setting("mu_prior", p.mu_prior.as_str());
    out.setting("interval", if p.shortest { "shortest" } else { "central" });
    out.notes(&result.notes);
    out.sheet()
}

fn studies(out: &mut Tidy, result: &BayesAnalysis) {
    for ((s, shrunk), row) in result.studies().zip(shrunk_studies(result)) {
        let mut cells = fields(row);
        if s.reason.is_none() {
            cells.push(unbounded(s.limits.lower, s.limits.upper));
        }
        if let Some(x) = shrunk {
            cells.push(cell("natural_shrinkage_mean", result.table.back(x.mean)));
            cells.push(cell("natural_shrinkage_ci_lower", result.table.back(x.lower)));
            cells.push(cell("natural_shrinkage_ci_upper", result.table.back(x.upper)));
        }
        out.row("study", &s.study, cells);
    }
}

fn marginal(m: &Marginal) -> Cells {
    let reason = match (m.mean, m.sd) {
        (None, _) => "the posterior has no mean",
        (_, None) => "the posterior has no standard deviation",
        _ => "",
    };
    [fields(m), vec![cell("reason", reason)]].concat()
}
