//! A Bayesian analysis.

use super::cells::{effect_word, estimate, limits, notes, remark};
use super::{answer, tidy};
use crate::document::{Block, Cell, Document, Heading, Report, Sheet, View};
use crate::effect::Natural;
use crate::result::format::significant;
use crate::result::look::Look;
use crate::result::{BayesAnalysis, Likelihood, Marginal, Note};
use serde_json::Value;

impl Report for BayesAnalysis {
    fn document(&self, view: &View) -> Document {
        let mut out = Document::default();
        out.push(Block::Opening(self.table.title()));
        out.push(Block::Table(table(self, view.digits)));
        out.push(Block::Prose(method(self)));
        out.extend(notes(&self.caveats()));
        out
    }

    fn json(&self, input: &Value) -> Value {
        answer::bayes(self, input)
    }

    fn tidy(&self) -> Sheet {
        tidy::bayes(self)
    }

    fn caveats(&self) -> Vec<Note> {
        self.notes.clone()
    }
}

/// Posterior summaries on the scale people read; τ stays on the analysis scale.
fn table(result: &BayesAnalysis, digits: Option<usize>) -> Sheet {
    let table = &result.table;
    let look = Look::of(table, digits);
    let row = |name: &str, n: &Natural, look: Look, detail: &str| -> Vec<Cell> {
        vec![name.into(), estimate(n, look), limits(n, look), detail.into()]
    };
    let mut rows: Vec<Vec<Cell>> = vec![];
    for (s, shrunk) in result.studies() {
        rows.push(match shrunk {
            Some(x) => row(&s.study, &result.read(x.mean, x.lower, x.upper), look, "shrinkage"),
            None => row(&s.study, &Natural::default(), look, &remark(s)),
        });
    }
    let rules = vec![rows.len()];
    let p = &result.posterior;
    let read = |m: &Marginal| result.read(m.median, m.lower, m.upper);
    rows.push(row("Mean effect", &read(&p.mu), look, "median"));
    rows.push(row("New study", &read(&p.predictive), look, "predictive median"));
    let t = &p.tau;
    let plain = Look::plain(&[t.median], vec![t.upper - t.lower], digits);
    let n = Natural { estimate: Some(t.median), lower: Some(t.lower), upper: Some(t.upper) };
    rows.push(row("τ", &n, plain, "median, analysis scale"));
    let headings = vec![
        Heading::text("quantity", "Study"),
        Heading::number("estimate", &effect_word(table)),
        Heading::number("interval", &format!("{}% CrI", p.level)),
        Heading::text("detail", "Posterior"),
    ];
    Sheet { headings, rows, rules }
}

/// What was assumed, and the probability of an effect below none.
fn method(result: &BayesAnalysis) -> String {
    let (table, p) = (&result.table, &result.posterior);
    let mut text = String::new();
    if table.measure().spec().null == Some(0.0) {
        let (mean, new) = (significant(p.mu_below_null, 3), significant(p.predictive_below_null, 3));
        text += &format!("P(mean effect below no effect) = {mean}; in a new study {new}\n");
    }
    let kind = if p.shortest { "shortest" } else { "central" };
    let model = match (result.likelihood, table.measure().is_proportion()) {
        (Likelihood::Counts, true) => "Binomial-normal",
        (Likelihood::Counts, false) => "Poisson-normal",
        (Likelihood::Effects, _) => "Normal-normal",
    };
    text +=
        &format!("{model} model by quadrature; τ ~ {}; μ ~ {}; {kind} intervals", p.tau_prior, p.mu_prior);
    match table.correction() {
        Some(c) => format!("{text}; {c}"),
        None => text,
    }
}
