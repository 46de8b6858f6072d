//! Pools with priors and shows the posterior.

use super::Outcome;
use super::data::{input, load};
use super::output::{Output, aligned, json as printed};
use crate::choice::Format;
use crate::choice::option::{Given, table};
use crate::effect::{EffectTable, Measure, Scale};
use crate::error::Error;
use crate::model::bayes::{MuPrior, TauPrior, fit};
use crate::model::bayes_counts::fit_counts;
use crate::model::table_notes;
use crate::report::{json, summary, tidy};
use crate::result::format::significant;
use crate::result::{BayesResult, Note};
use std::io::Write;

/// The prior of τ.
fn prior(given: &Given, effects: &EffectTable) -> Result<TauPrior, Error> {
    match given.text(&table::TAU_PRIOR) {
        Some(text) => TauPrior::parse(text),
        None if matches!(effects.scale(), Scale::Log | Scale::Logit) => Ok(TauPrior::HalfNormal(0.5)),
        None => {
            Err(Error::usage(format!("a prior for τ has no default on the scale of {}", effects.title()))
                .with_hint("give one that suits the unit of the effects: ⟦tau-prior=\"half-normal(SCALE)\"⟧"))
        }
    }
}

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let output = Output::of(given)?;
    let mu = MuPrior::parse(given.text(&table::MU_PRIOR).unwrap_or("flat"))?;
    let loaded = load(given)?;
    let tau = prior(given, &loaded.table)?;
    let credible = given.choice(&table::INTERVAL)?.unwrap_or_default();
    let level = loaded.table.options.level;
    let measure = loaded.table.measure();
    let counted = matches!(measure, Measure::LogitProportion | Measure::LogRate);
    if given.has(&table::NORMAL) && !counted {
        return Err(table::NORMAL
            .idle(
                "effects of this measure are taken as normal in any case",
                "counts of one group: ⟦measure=PLO⟧ or `IRLN`",
            )
            .into());
    }
    let own = counted && !given.has(&table::NORMAL);
    let counts = if own { fit_counts(&loaded.table, tau, mu, level, credible) } else { None };
    let mut notes = table_notes(&loaded.table);
    if loaded.table.k() == 1 {
        notes.insert(0, Note::OneStudy);
    }
    let by_counts = counts.is_some();
    let result = match counts {
        Some(result) => {
            notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
            result?
        }
        None => {
            let (y, v) = loaded.table.arrays();
            fit(&y.to_vec(), &v.to_vec(), tau, mu, level, credible)?
        }
    };
    notes.extend(result.notes.iter().cloned());
    let digits = output.digits;
    let sheet = summary::bayes_table(&loaded.table, &result, digits);
    let text = match output.format {
        Format::Json => printed(&json::bayes(&loaded.table, &result, &input(given, &loaded), &notes)),
        Format::Csv => tidy::bayes(&loaded.table, &result, &notes).csv(),
        Format::Markdown => sheet.markdown() + &format!("\n{}\n", method(&loaded.table, &result, by_counts)),
        Format::Table => format!(
            "{}\n\n{}\n{}\n",
            loaded.table.title(),
            aligned(&sheet),
            method(&loaded.table, &result, by_counts)
        ),
    };
    output.notes(&notes);
    output.emit(&text, out)
}

fn method(table: &EffectTable, r: &BayesResult, by_counts: bool) -> String {
    let mut text = String::new();
    if table.measure().spec().null == Some(0.0) {
        text += &format!(
            "P(mean effect below no effect) = {}; in a new study {}\n",
            significant(r.mu_below_null, 3),
            significant(r.predictive_below_null, 3)
        );
    }
    let kind = if r.shortest { "shortest" } else { "central" };
    let model = match (by_counts, table.measure().is_proportion()) {
        (true, true) => "Binomial-normal",
        (true, false) => "Poisson-normal",
        _ => "Normal-normal",
    };
    text +=
        &format!("{model} model by quadrature; τ ~ {}; μ ~ {}; {kind} intervals", r.tau_prior, r.mu_prior);
    table.correction().map_or_else(|| text.clone(), |c| format!("{text}; {c}"))
}
