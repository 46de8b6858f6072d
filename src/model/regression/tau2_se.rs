//! Large-sample standard errors of the residual τ².
//!
//! ```text
//! Var yᵀPy = 2 tr PΣPΣ,  Σ = V + τ²I = W⁻¹ + tI with t = τ² less the τ² of the weights
//!          = 2(k − p) + 4t tr P + 2t² tr P²
//! ```
//! Reference: \[viechtbauer2005\].

use super::basis::dot;
use super::kernel::{Problem, Quantities};
use crate::model::tau2::Tau2;

impl Problem<'_> {
    /// Large-sample standard error of τ²; `None` where it is given.
    pub fn tau2_se(&self, estimator: Tau2, tau2: f64) -> Option<f64> {
        let (k, df) = (self.k() as f64, self.df());
        let q = self.at(tau2);
        let spread = |p: &Quantities, t: f64| {
            (2.0 * df + 4.0 * t * p.trace_p + 2.0 * t * t * p.trace_pp).max(0.0).sqrt()
        };
        let common = || self.at(0.0);
        let se = match estimator {
            Tau2::Reml => (2.0 / q.trace_pp).sqrt(),
            Tau2::MaximumLikelihood => (2.0 / q.w2).sqrt(),
            // roots of yᵀPy: the weights hold τ² already
            Tau2::PauleMandel
            | Tau2::EmpiricalBayes
            | Tau2::PauleMandelMedian
            | Tau2::DerSimonianLairdIterated
            | Tau2::SidikJonkmanIterated => (2.0 * k * k / df).sqrt() / q.w,
            Tau2::DerSimonianLaird => spread(&common(), tau2) / common().trace_p,
            Tau2::HunterSchmidt => spread(&common(), tau2) / common().w,
            Tau2::HunterSchmidtCorrected => k / df * spread(&common(), tau2) / common().w,
            Tau2::SidikJonkman => {
                let first = self.plain_variance();
                first * spread(&self.at(first), tau2 - first) / df
            }
            Tau2::Hedges => self.hedges_se(tau2),
            Tau2::EqualEffects => return None,
        };
        Some(se).filter(|s| s.is_finite())
    }

    /// With P = I − ZZᵀ: √(2 tr PΣPΣ)/(k − p), Σ = V + τ²I.
    fn hedges_se(&self, tau2: f64) -> f64 {
        let p = self.p();
        // tr PΣPΣ = Σ σ² − 2 Σ σ² h + |ZᵀΣZ|², h the leverages
        let mut within = vec![0.0; p * p];
        let mut trace = 0.0;
        for i in 0..self.k() {
            let (z, s) = (self.row(i), self.v[i] + tau2);
            trace += s * s * (1.0 - 2.0 * dot(z, z));
            for a in 0..p {
                for b in 0..p {
                    within[a * p + b] += s * z[a] * z[b];
                }
            }
        }
        (2.0 * (trace + dot(&within, &within))).sqrt() / self.df()
    }
}
