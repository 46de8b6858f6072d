//! Bayesian random-effects pooling of normal effects, by quadrature and without sampling.
//!
//! ```text
//! yᵢ ~ N(μ, vᵢ + τ²),  μ flat or N(m, s²),  τ with a prior of the list below
//! p(τ | y) ∝ p(τ) Π (vᵢ + τ²)^(−½) W^(−½) exp(−Q/2),   W = Σw (+ 1/s²)
//! μ | τ, y ~ N(μ̂(τ), 1/W(τ))
//! ```
//! The posterior of τ is integrated in the logarithm of τ (see `posterior`); everything else is a mixture of normal
//! distributions over it. References: \[rover2020\], \[gelman2006\].

mod mixture;
mod moments;
mod posterior;
mod prior;

use super::sums::Sample;
use crate::error::Error;
use crate::result::{BayesResult, Marginal, Shrinkage};
pub use mixture::Credible;
pub(super) use mixture::{Mixture, shortest};
pub(super) use moments::Moments;
use posterior::{Node, Posterior};
pub use prior::{MuPrior, TauPrior};

/// Fits the model.
///
/// # Errors
/// No effect, or an improper prior with fewer than three studies.
pub fn fit(
    y: &[f64],
    v: &[f64],
    tau_prior: TauPrior,
    mu_prior: MuPrior,
    level: f64,
    credible: Credible,
) -> Result<BayesResult, Error> {
    let sample = Sample::new(y, v);
    if y.is_empty() {
        return Err(
            Error::model("no study can be pooled").with_hint("⟦effects:⟧ shows every study with its reason")
        );
    }
    let moments = Moments::new(&tau_prior, y.len(), mu_prior != MuPrior::Flat)?;
    let p = Posterior::new(sample, tau_prior, mu_prior, moments)?;
    let mixture = |f: &dyn Fn(&Node) -> (f64, f64)| {
        Mixture(
            p.nodes
                .iter()
                .map(|n| {
                    let (m, s2) = f(n);
                    (n.weight, m, s2.max(0.0).sqrt())
                })
                .collect(),
        )
    };
    let mu = mixture(&|n| (n.mu.mean, n.mu.variance));
    let below = mu.cdf(0.0);
    let predictive = mixture(&|n| (n.mu.mean, n.mu.variance + n.tau * n.tau));
    let shrunk = |(y, v): (&f64, &f64)| {
        // B = vᵢ/(vᵢ + τ²) is the share of the mean in the study's own effect
        let m = mixture(&|n| {
            let tau2 = n.tau * n.tau;
            let b = v / (v + tau2);
            ((1.0 - b) * y + b * n.mu.mean, b * tau2 + b * b * n.mu.variance)
        });
        // drawn to its own effect as τ grows, it keeps its moments
        let Marginal { lower, upper, .. } = m.marginal(level, credible, 2);
        Shrinkage { mean: m.moments().0, lower, upper }
    };
    Ok(BayesResult {
        mu: mu.marginal(level, credible, moments.of_mu()),
        tau: p.tau_marginal(level, credible),
        predictive: predictive.marginal(level, credible, moments.of_tau()),
        predictive_below_null: predictive.cdf(0.0),
        mu_below_null: below,
        shrinkage: y.iter().zip(v).map(shrunk).collect(),
        tau_prior: tau_prior.title(),
        mu_prior: mu_prior.title(),
        level,
        shortest: credible == Credible::Shortest,
        notes: moments.notes(),
    })
}
