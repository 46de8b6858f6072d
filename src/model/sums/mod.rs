//! What a model yᵢ ~ N(xᵢᵀβ, vᵢ + τ²) comes down to at a τ²: the quantities that estimators of τ² are made of.
//!
//! ```text
//! w = 1/(v + τ²),   P = W − WX(XᵀWX)⁻¹XᵀW,   Q = yᵀPy
//! ```
//! An estimator is written once over [`NormalModel`] and serves one mean ([`Sample`], p = 1), a regression
//! ([`LinearModel`], p > 1) and the search at a given mean ([`FixedMean`], p = 0). Many samples side by side fill the
//! lanes of vectors ([`lanes`]). Everything here is free of units and, but for what returns vectors, of allocation.

mod fixed_mean;
mod inconsistency;
pub(crate) mod lanes;
pub(crate) mod linear;
mod sample;

pub(crate) use fixed_mean::FixedMean;
pub(crate) use inconsistency::{Inconsistency, i2_of_q};
#[cfg(feature = "mass")]
pub(crate) use lanes::moments_all;
pub(crate) use linear::{LinearModel, MOST_COLUMNS};
pub use sample::{Moments, Sample, Sums};

/// Sums at a τ² that Q and the estimators by moments are made of.
pub trait FirstOrder: Copy {
    /// Σ w.
    fn w(&self) -> f64;
    /// Σ w².
    fn w2(&self) -> f64;
    /// tr P.
    fn trace_p(&self) -> f64;
    /// Q = yᵀPy.
    fn q(&self) -> f64;
}

/// What the likelihood's slope and curvature take beside these.
pub trait Quantities: FirstOrder {
    /// tr P².
    fn trace_pp(&self) -> f64;
    /// yᵀP²y = −dQ/dτ².
    fn ypp_y(&self) -> f64;
    /// yᵀP³y.
    fn yppp_y(&self) -> f64;
}

/// A model that tells its quantities at any τ².
pub trait At {
    /// All of them.
    type Quantities: Quantities;

    /// At τ², on a search.
    fn at(&self, tau2: f64) -> Self::Quantities;
}

/// A model yᵢ ~ N(xᵢᵀβ, vᵢ + τ²) with p coefficients.
pub trait NormalModel: At {
    /// Those of the first order alone.
    type Moments: FirstOrder;
    /// The same model of other effects.
    type Renewed<'b>: NormalModel
    where
        Self: 'b;

    /// Its effects and variances.
    fn sample(&self) -> Sample<'_>;

    /// Number of coefficients.
    fn p(&self) -> usize;

    /// Quantities of the first order at τ².
    fn moments(&self, tau2: f64) -> Self::Moments;

    /// All quantities at τ², with residuals from the fitted means: no digit is lost however far effects lie from zero.
    fn centred(&self, tau2: f64) -> Self::Quantities;

    /// What equal weights give.
    fn unweighted(&self) -> Unweighted;

    /// tr PVPV with P = I − X(XᵀX)⁻¹Xᵀ.
    fn trace_pvpv(&self) -> f64;

    /// −½ Σ ln(v + τ²) − ½ Q, and restricted − ½ ln |XᵀWX|; up to a constant.
    fn log_likelihood(&self, tau2: f64, restricted: bool) -> f64;

    /// ln |XᵀX|.
    fn log_design(&self) -> f64;

    /// The same model of other effects.
    fn renewed<'b>(&'b self, sample: Sample<'b>) -> Self::Renewed<'b>;

    /// Number of studies.
    fn k(&self) -> usize {
        self.sample().k()
    }

    /// k − p.
    fn df(&self) -> f64 {
        self.k() as f64 - self.p() as f64
    }
}

/// Variances under equal weights, with P = I − X(XᵀX)⁻¹Xᵀ.
#[derive(Clone, Copy, Debug)]
pub struct Unweighted {
    /// Of the residuals of ordinary least squares: yᵀPy/(k − p).
    pub residual: f64,
    /// What sampling explains of it: tr PV/(k − p).
    pub sampling: f64,
    /// Of the effects about their mean: Σ (y − ȳ)²/(k − p).
    pub total: f64,
}
