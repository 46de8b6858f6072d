//! Confidence intervals of the pooled effect.

mod hartung_knapp;
mod kenward_roger;
mod profile_likelihood;
mod wald;

use super::sums::{FirstOrder, Moments, NormalModel, Sample};
pub use crate::choice::Interval;
use crate::math::dist;
pub(crate) use kenward_roger::kenward_roger;
pub(crate) use profile_likelihood::profile_limits;

/// What an interval may use: the sample and the random-effects fit at τ².
#[derive(Clone, Copy, Debug)]
pub struct Fitted<'a> {
    /// The effects.
    pub sample: Sample<'a>,
    /// τ².
    pub tau2: f64,
    /// μ̂.
    pub mean: f64,
    /// Σ w at τ².
    pub total: f64,
    /// Q(τ²) = Σ w (y − μ̂)².
    pub q: f64,
}

impl<'a> Fitted<'a> {
    /// The weighted mean at a given τ².
    pub fn at(sample: Sample<'a>, tau2: f64) -> Self {
        Self::of(sample, tau2, &sample.moments(tau2))
    }

    /// The same from the moments at τ², which were taken from the first effect.
    pub(crate) fn of(sample: Sample<'a>, tau2: f64, s: &Moments) -> Self {
        let mean = sample.first() + s.shift();
        // Q as a difference is exact unless the effects are close together and far from the first
        let q = if s.q() > 1e-6 * s.wdd { s.q() } else { sample.moments_from(tau2, mean).wdd };
        Self { sample, tau2, mean, total: s.w, q }
    }

    /// k − 1.
    pub fn df(&self) -> f64 {
        self.sample.k() as f64 - 1.0
    }

    /// √(1/Σw).
    pub fn wald_se(&self) -> f64 {
        self.total.sqrt().recip()
    }

    /// √(Q/(k−1)/Σw).
    pub fn hartung_knapp_se(&self) -> f64 {
        (self.q / self.df() / self.total).sqrt()
    }
}

/// How an interval is made.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// μ̂ ± quantile · SE: gives (SE, degrees of freedom), infinite for the normal distribution.
    Quantile(fn(&Fitted<'_>) -> (f64, f64)),
    /// By the profile likelihood; needs ML.
    Profile,
    /// From the distribution of counts; has no meaning for effects with variances.
    Counts,
}

impl Interval {
    /// How it is made.
    pub fn kind(self) -> Kind {
        match self {
            Self::HartungKnapp => hartung_knapp::SPEC,
            Self::HartungKnappAdHoc => hartung_knapp::AD_HOC,
            Self::Wald => wald::SPEC,
            Self::T => wald::T,
            Self::KenwardRoger => kenward_roger::SPEC,
            Self::Profile => profile_likelihood::SPEC,
            Self::Exact | Self::MidP => Kind::Counts,
        }
    }
}

/// Half-width factor: the two-sided quantile at a level in percent; infinite `df` is the normal distribution.
pub fn critical(level: f64, df: f64) -> f64 {
    use std::cell::Cell;
    thread_local! { static LAST: Cell<(f64, f64, f64)> = const { Cell::new((f64::NAN, 0.0, 0.0)) }; }
    let (last_level, last_df, value) = LAST.get();
    if last_level == level && last_df == df {
        return value;
    }
    let value = dist::t_upper_quantile(0.5 - level / 200.0, df);
    LAST.set((level, df, value));
    value
}
