//! Tables of a pooled result for files, in full precision.

use crate::document::{Cell, Heading, Sheet};
use crate::report::{answer, tidy};
use crate::result::{FitStatistics, Heterogeneity, PoolResult, Pooled};

/// The effect table with weights.
pub fn studies_file(result: &PoolResult) -> Sheet {
    let shown: Vec<_> = result.studies().collect();
    tidy::from_rows(answer::weighted_studies(result, &shown))
}

/// The agreement of methods.
pub fn agreement_file(result: &PoolResult) -> Sheet {
    tidy::from_rows(&result.agreement)
}

/// Model, estimates and heterogeneity in one long table: a row a quantity.
pub fn pooled_file(result: &PoolResult) -> Sheet {
    let mut out = Quantities(vec![]);
    settings(&mut out, result);
    let scale = format!("{} scale", result.table.scale().title());
    for (name, pooled) in [("random", &result.random), ("common", &result.common)] {
        if let Some(p) = pooled {
            estimate(&mut out, name, p, &scale);
        }
    }
    if let Some(h) = &result.heterogeneity {
        heterogeneity(&mut out, h, result);
    }
    for t in &result.tests {
        let id = t.id.replace('-', "_");
        out.number(&format!("{id}_statistic"), t.statistic, &t.title);
        out.number(&format!("{id}_p_value"), t.p_value, "");
    }
    for a in &result.absolute {
        let n = &a.per_thousand;
        let at = format!("at a baseline of {}", a.baseline);
        out.interval("per_thousand", n.estimate.into(), (n.lower, n.upper), &at);
    }
    if let Some(f) = &result.fit {
        fit(&mut out, f);
    }
    for note in &result.notes {
        out.words("note", &format!("{}: {}", note.code(), note.message()));
    }
    out.sheet()
}

/// Rows of quantity, value, limits and detail.
struct Quantities(Vec<Vec<Cell>>);

impl Quantities {
    fn interval(
        &mut self,
        name: &str,
        value: Cell,
        (lower, upper): (Option<f64>, Option<f64>),
        detail: &str,
    ) {
        self.0.push(vec![name.into(), value, lower.into(), upper.into(), detail.into()]);
    }

    fn number(&mut self, name: &str, value: impl Into<Cell>, detail: &str) {
        self.interval(name, value.into(), (None, None), detail);
    }

    fn words(&mut self, name: &str, detail: &str) {
        self.number(name, Cell::Missing, detail);
    }

    fn sheet(self) -> Sheet {
        let headings = vec![
            Heading::text("quantity", "quantity"),
            Heading::number("value", "value"),
            Heading::number("ci_lower", "ci_lower"),
            Heading::number("ci_upper", "ci_upper"),
            Heading::text("detail", "detail"),
        ];
        Sheet::new(headings, self.0)
    }
}

fn settings(out: &mut Quantities, result: &PoolResult) {
    let spec = result.table.measure().spec();
    out.words("measure", &format!("{}: {}", spec.id, result.table.title()));
    out.words("model", &result.method_line());
    out.number("level", result.settings.level, "percent");
    out.number("studies", result.table.studies.len(), "in the table");
    out.number("studies_pooled", result.k, "");
}

fn estimate(out: &mut Quantities, name: &str, p: &Pooled, scale: &str) {
    let (n, of) = (&p.natural, |what: &str| format!("{name}_{what}"));
    out.interval(&of("natural"), n.estimate.into(), (n.lower, n.upper), "for reading");
    out.interval(&of("estimate"), p.estimate.into(), (p.lower, p.upper), scale);
    out.number(&of("se"), p.se, scale);
    out.number(&of("statistic"), p.statistic, if p.df.is_some() { "t" } else { "z" });
    out.number(&of("df"), p.df, "");
    out.number(&of("p_value"), p.p_value, "");
    if let Some(q) = &p.prediction {
        let read = (q.natural.lower, q.natural.upper);
        out.interval(&of("prediction_natural"), Cell::Missing, read, "for reading");
        out.interval(&of("prediction"), Cell::Missing, (Some(q.lower), Some(q.upper)), scale);
    }
}

fn heterogeneity(out: &mut Quantities, h: &Heterogeneity, result: &PoolResult) {
    let root = |x: Option<f64>| x.map(f64::sqrt);
    let limits = (h.tau2_lower, h.tau2_upper);
    out.interval("tau2", h.tau2.into(), limits, &result.settings.tau2.title());
    out.interval("tau", root(h.tau2).into(), (root(limits.0), root(limits.1)), "");
    out.interval("i2", h.i2.into(), (h.i2_lower, h.i2_upper), "percent, from tau2");
    out.number("i2_q", h.i2_q, "percent, from Q");
    out.number("h2", h.h2, "");
    out.number("q", h.q, "");
    out.number("q_df", h.q_df, "");
    out.number("q_p_value", h.q_p_value, "");
}

fn fit(out: &mut Quantities, f: &FitStatistics) {
    out.number("log_likelihood", f.log_likelihood, "");
    out.number("aic", f.aic, "");
    out.number("bic", f.bic, "");
    out.number("aicc", f.aicc, "");
    out.number("iterations", f.iterations, f.stop.id());
}
