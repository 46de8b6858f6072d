//! Effects about a mean that is given: p = 0.

use super::{At, FirstOrder, Quantities, Sample, Sums};

/// yᵢ ~ N(μ, vᵢ + τ²) with μ known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedMean<'a> {
    pub sample: Sample<'a>,
    pub mean: f64,
}

/// Sums of deviations from the mean: nothing is estimated, and P = W.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviations(Sums);

impl FirstOrder for Deviations {
    fn w(&self) -> f64 {
        self.0.w
    }

    fn w2(&self) -> f64 {
        self.0.w2
    }

    fn trace_p(&self) -> f64 {
        self.0.w
    }

    fn q(&self) -> f64 {
        self.0.wdd
    }
}

impl Quantities for Deviations {
    fn trace_pp(&self) -> f64 {
        self.0.w2
    }

    fn ypp_y(&self) -> f64 {
        self.0.w2dd
    }

    fn yppp_y(&self) -> f64 {
        self.0.w3dd
    }
}

impl At for FixedMean<'_> {
    type Quantities = Deviations;

    fn at(&self, tau2: f64) -> Deviations {
        Deviations(self.sample.sums_from(tau2, self.mean))
    }
}

impl FixedMean<'_> {
    /// −½ Σ (ln(v + τ²) + (y − μ)²/(v + τ²)).
    pub fn log_likelihood(&self, tau2: f64) -> f64 {
        let Sample { y, v } = self.sample;
        let term = |(y, v): (&f64, &f64)| (v + tau2).ln() + (y - self.mean).powi(2) / (v + tau2);
        -0.5 * y.iter().zip(v).map(term).sum::<f64>()
    }

    /// Mean square of the deviations.
    pub fn mean_square(&self) -> f64 {
        self.sample.y.iter().map(|y| (y - self.mean).powi(2)).sum::<f64>() / self.sample.k() as f64
    }
}
