//! Which moments a posterior has.

use super::prior::TauPrior;
use crate::error::Error;
use crate::result::Note;

/// Which moments a posterior has.
///
/// ```text
/// p(τ | y) ~ τ^(−a − k + 1) for a flat μ, τ^(−a − k) for a proper one;   μ | τ then grows as τ, or stays
/// moment r exists for r < a + k − 2, or r < a + k − 1
/// ```
/// a is the exponent of the prior's tail; k counts the studies whose own effect is finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Moments {
    /// The exponent that moments of τ and of a new effect must stay below.
    tau: f64,
    /// The same of μ.
    mu: f64,
}

impl Moments {
    /// Of k studies; `proper` says whether the prior of μ is.
    ///
    /// # Errors
    /// There is no posterior: its total is infinite.
    pub fn new(prior: &TauPrior, k: usize, proper: bool) -> Result<Self, Error> {
        let lost = if proper { 1.0 } else { 2.0 };
        let tau = prior.tail().map_or(f64::INFINITY, |a| a + k as f64 - lost);
        if tau <= 0.0 {
            let needed = (lost - prior.tail().unwrap_or(0.0)).floor() + 1.0;
            let studies = ["", "one study", "two studies", "three studies"][needed.clamp(1.0, 3.0) as usize];
            return Err(Error::model(format!(
                "the {} prior needs {studies} with a finite effect to give a posterior",
                prior.title()
            ))
            .with_hint("use a proper prior: ⟦tau-prior=\"half-normal(0.5)\"⟧"));
        }
        Ok(Self { tau, mu: if proper { f64::INFINITY } else { tau } })
    }

    /// The highest moment of τ and of a new effect, up to the second.
    pub fn of_tau(&self) -> i32 {
        highest(self.tau)
    }

    /// The same of μ.
    pub fn of_mu(&self) -> i32 {
        highest(self.mu)
    }

    /// What is missing, in words.
    pub fn notes(&self) -> Vec<Note> {
        let what = match self.of_tau() {
            0 => "mean and SD",
            1 => "SD",
            _ => return vec![],
        };
        let of = if self.of_mu() < 2 {
            "the mean effect, of τ and of the effect in a new study"
        } else {
            "τ and of the effect in a new study"
        };
        vec![Note::NoMoments { what: what.into(), of: of.into() }]
    }
}

fn highest(below: f64) -> i32 {
    if below > 2.0 { 2 } else { i32::from(below > 1.0) }
}
