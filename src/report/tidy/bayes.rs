//! A Bayesian analysis.

use super::{Cells, Tidy, study};
use crate::effect::EffectTable;
use crate::report::sheet::{Cell, Sheet};
use crate::result::{BayesResult, Marginal, Note};

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
pub fn bayes(table: &EffectTable, result: &BayesResult, notes: &[Note]) -> Sheet {
    let mut out = Tidy::new(COLUMNS);
    let mut shrinkage = result.shrinkage.iter();
    for s in &table.studies {
        let mut cells = study(s);
        if let Some(x) = s.effect().and_then(|_| shrinkage.next()) {
            cells.extend([
                ("shrinkage_mean", Cell::from(x.mean)),
                ("shrinkage_ci_lower", x.lower.into()),
                ("shrinkage_ci_upper", x.upper.into()),
                ("natural_shrinkage_mean", table.back(x.mean).into()),
                ("natural_shrinkage_ci_lower", table.back(x.lower).into()),
                ("natural_shrinkage_ci_upper", table.back(x.upper).into()),
            ]);
        }
        out.row("study", &s.study, cells);
    }
    let read = |m: &Marginal, below: f64| -> Cells {
        let natural: Cells = vec![
            ("natural_median", table.back(m.median).into()),
            ("natural_ci_lower", table.back(m.lower).into()),
            ("natural_ci_upper", table.back(m.upper).into()),
            ("below_null", below.into()),
        ];
        [marginal(m), natural].concat()
    };
    out.row("mu", "mean effect", read(&result.mu, result.mu_below_null));
    out.row("tau", "between-study standard deviation", marginal(&result.tau));
    out.row("predictive", "effect in a new study", read(&result.predictive, result.predictive_below_null));
    let spec = table.measure().spec();
    out.setting("measure", format!("{}: {}", spec.id, table.title()));
    out.setting("scale", spec.scale.title().into());
    out.setting("level", result.level.to_string());
    out.setting("tau_prior", result.tau_prior.clone());
    out.setting("mu_prior", result.mu_prior.clone());
    out.setting("interval", if result.shortest { "shortest" } else { "central" }.into());
    out.notes(notes);
    out.sheet()
}

fn marginal(m: &Marginal) -> Cells {
    let reason = match (m.mean, m.sd) {
        (None, _) => "the posterior has no mean",
        (_, None) => "the posterior has no standard deviation",
        _ => "",
    };
    vec![
        ("reason", reason.into()),
        ("mean", m.mean.into()),
        ("median", m.median.into()),
        ("sd", m.sd.into()),
        ("ci_lower", m.lower.into()),
        ("ci_upper", m.upper.into()),
    ]
}
