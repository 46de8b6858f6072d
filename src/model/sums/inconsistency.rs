//! I² and H²: how much of the spread of effects is more than chance.
//!
//! ```text
//! from τ²   I² = τ²/(τ² + s²),   H² = τ²/s² + 1,   s² = (k − p)/tr P at τ² = 0, the typical sampling variance
//! from Q    I² = max(0, (Q − (k − p))/Q),   H² = Q/(k − p)
//! ```
//! Reference: \[higgins2002\].

use super::FirstOrder;

/// I² in percent from Q.
pub(crate) fn i2_of_q(q: f64, df: f64) -> f64 {
    if q > 0.0 { (100.0 * (q - df) / q).max(0.0) } else { 0.0 }
}

/// What I² and H² are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inconsistency {
    pub q: f64,
    pub df: f64,
    /// Typical sampling variance.
    pub typical: f64,
}

impl Inconsistency {
    /// From the moments at τ² = 0.
    pub fn new(common: &impl FirstOrder, df: f64) -> Self {
        Self { q: common.q(), df, typical: df / common.trace_p() }
    }

    /// I² in percent at a τ².
    pub fn i2(&self, tau2: f64) -> f64 {
        100.0 * tau2 / (tau2 + self.typical)
    }

    /// H² at a τ².
    pub fn h2(&self, tau2: f64) -> f64 {
        tau2 / self.typical + 1.0
    }

    /// I² in percent from Q.
    pub fn i2_of_q(&self) -> f64 {
        i2_of_q(self.q, self.df)
    }

    /// H² from Q.
    pub fn h2_of_q(&self) -> f64 {
        self.q / self.df
    }

    /// I² and H² of a model: from τ², or from Q where all effects are taken to be equal.
    pub fn of_model(&self, tau2: f64, equal_effects: bool) -> (f64, f64) {
        if equal_effects { (self.i2_of_q(), self.h2_of_q()) } else { (self.i2(tau2), self.h2(tau2)) }
    }
}
