//! All subsets of the terms, fitted by maximum likelihood and weighed by AICc.

use super::Regression;
use crate::error::Error;
use crate::math::linalg::Basis;
use crate::math::parallel::in_portions;
use crate::result::Note;
use crate::result::regression::{Candidate, RegressionResult, Selection};

/// Most terms of which all subsets are fitted.
const MOST_TERMS: usize = 16;

/// Models that are listed.
const LISTED: usize = 10;

/// Models that one worker takes at a time.
const PORTION: usize = 32;

/// The model of some of the terms.
struct Subset {
    terms: Vec<usize>,
    aicc: f64,
    tau2: f64,
}

impl Regression<'_> {
    /// Adds the models with every subset of up to `largest` terms, and the weight of each term over all of them.
    ///
    /// # Errors
    /// There are no terms to choose from, or too many.
    pub fn select(&self, result: &mut RegressionResult, largest: usize) -> Result<(), Error> {
        let names = &self.design.term_names;
        if names.is_empty() || names.len() > MOST_TERMS {
            return Err(Error::usage(format!("{} terms to select from", names.len()))
                .with_hint(format!("name 1 to {MOST_TERMS} terms in ⟦mods⟧")));
        }
        let all = self.subsets(largest);
        let best = all.first().map_or(0.0, |m| m.aicc);
        let evidence = |m: &Subset| (-0.5 * (m.aicc - best)).exp();
        let total: f64 = all.iter().map(evidence).sum();
        let listed = all.iter().take(LISTED).map(|m| Candidate {
            formula: self.formula_of(&m.terms),
            aicc: m.aicc,
            weight: evidence(m) / total,
            tau2: m.tau2,
        });
        let with = |t: usize| all.iter().filter(move |m| m.terms.contains(&t));
        let importance = |t: usize| with(t).map(|m| evidence(m) / total).sum();
        result.selection = Some(Selection {
            models: all.len(),
            best: listed.collect(),
            importance: names.iter().enumerate().map(|(t, n)| (n.clone(), importance(t))).collect(),
        });
        result.notes.push(Note::ModelsSelected { models: all.len() });
        Ok(())
    }

    fn formula_of(&self, terms: &[usize]) -> String {
        let names: Vec<&str> = terms.iter().map(|&t| self.design.term_names[t].as_str()).collect();
        if names.is_empty() { "1".to_string() } else { names.join(" + ") }
    }

    /// All subsets of the terms, the best first; an interaction only with the terms it consists of.
    fn subsets(&self, largest: usize) -> Vec<Subset> {
        let terms = self.design.term_names.len();
        let whole = |m: &u32| (0..terms).all(|t| m >> t & 1 == 0 || self.frame.margins(t) & !m == 0);
        let masks: Vec<u32> =
            (0..1u32 << terms).filter(|m| m.count_ones() as usize <= largest && whole(m)).collect();
        let portions: Vec<&[u32]> = masks.chunks(PORTION).collect();
        let chosen = |mask: &u32| (0..terms).filter(|t| mask >> t & 1 == 1).collect();
        let work = |i: usize| portions[i].iter().filter_map(|m| self.subset(chosen(m))).collect::<Vec<_>>();
        let mut all: Vec<Subset> = in_portions(portions.len(), work, &|_| ()).into_iter().flatten().collect();
        all.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
        all
    }

    /// The model of some terms; `None` where there are too few studies for it.
    fn subset(&self, terms: Vec<usize>) -> Option<Subset> {
        let columns: Vec<usize> = (0..self.design.names.len())
            .filter(|&c| self.design.terms[c].is_none_or(|t| terms.contains(&t)))
            .collect();
        let rows: Vec<Vec<f64>> =
            self.design.rows.iter().map(|x| columns.iter().map(|&c| x[c]).collect()).collect();
        let (basis, _) = Basis::new(&rows);
        if basis.p + 1 >= self.y.len() {
            return None;
        }
        let (fit, tau2) = self.by_ml(&basis);
        Some(Subset { terms, aicc: fit.aicc, tau2 })
    }
}
