//! Pools with priors and shows the posterior.

use super::Outcome;
use super::data::{input, load};
use super::output::Output;
use crate::choice::option::{Given, table};
use crate::effect::{EffectTable, Measure, Scale};
use crate::error::Error;
use crate::model::bayes::{MuPrior, TauPrior, fit};
use crate::model::bayes_counts::fit_counts;
use crate::model::table_notes;
use crate::result::{BayesAnalysis, Likelihood, Note};
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
    let (likelihood, posterior) = match counts {
        Some(posterior) => {
            notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
            (Likelihood::Counts, posterior?)
        }
        None => {
            let (y, v) = loaded.table.arrays()?;
            (Likelihood::Effects, fit(&y.to_vec(), &v.to_vec(), tau, mu, level, credible)?)
        }
    };
    notes.extend(posterior.notes.iter().cloned());
    let input = input(given, &loaded);
    let result = BayesAnalysis::new(loaded.table, posterior, likelihood, notes);
    output.show(&result, &input, out)
}
