//! A regression's coefficients, their covariance and τ².
//!
//! ```text
//! β̂ = R⁻¹γ̂,   Var β̂ = f R⁻¹A⁻¹R⁻ᵀ,   s² = yᵀPy/(k − p)
//! f = s² under Hartung–Knapp, max(1, s²) where it is never narrower than Wald's, else 1
//! ```

use super::Regression;
use super::robust::{Robust, Sandwich};
use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::sums::{LinearModel, NormalModel};
use crate::model::tau2::{Between, Tau2};

/// A fitted model in the coordinates of its basis.
pub(super) struct Estimates {
    pub between: Between,
    /// Coefficients and covariance in the user's columns.
    pub beta: Vec<f64>,
    pub covariance: Vec<f64>,
    /// Covariance in the basis, scaled as the interval asks, and as it is.
    pub scaled: Vec<f64>,
    pub plain: Vec<f64>,
    /// yᵀPy / (k − p).
    pub s2: f64,
    pub df: f64,
    pub robust: Option<Sandwich>,
    pub gamma: Vec<f64>,
}

impl Estimates {
    /// Degrees of freedom of a combination, in the coordinates of the basis.
    pub fn df(&self, z: &[f64]) -> f64 {
        self.robust.as_ref().map_or(self.df, |s| s.df(z))
    }
}

impl Regression<'_> {
    /// The model of the location.
    pub(super) fn linear(&self) -> LinearModel<'_> {
        LinearModel::new(&self.y, &self.v, &self.basis)
    }

    /// τ² as given, or as estimated.
    pub(super) fn between(&self, linear: &LinearModel<'_>, estimator: Tau2) -> Between {
        match self.options.given {
            Some(tau2) => Between::given(tau2),
            None => estimator.estimate_in(linear),
        }
    }

    /// Coefficients and covariance at the τ² of an estimator.
    pub(super) fn estimates(&self, linear: &LinearModel<'_>, estimator: Tau2) -> Estimates {
        let between = self.between(linear, estimator);
        let c = linear.coefficients(between.tau2);
        let s2 = c.q / linear.df();
        let factor = factor(self.options.ci, s2);
        let df = if self.options.ci == Interval::Wald { f64::INFINITY } else { linear.df() };
        let scaled: Vec<f64> = c.covariance.iter().map(|x| x * factor).collect();
        Estimates {
            beta: self.basis.coefficients(&c.gamma),
            covariance: self.basis.covariance(&scaled),
            scaled,
            plain: c.covariance,
            s2,
            between,
            df,
            robust: None,
            gamma: c.gamma,
        }
    }

    /// The model with the variance that clusters ask for.
    ///
    /// # Errors
    /// A cluster is missing, or there are too few.
    pub(super) fn clustered(
        &self,
        mut model: Estimates,
        (column, kind): &(String, Robust),
    ) -> Result<Estimates, Error> {
        let clusters = self.clusters(column)?;
        let sandwich = Sandwich::new(&self.linear(), model.between.tau2, &model.gamma, &clusters, *kind)?;
        let robust = self.basis.covariance(&sandwich.variance);
        let p = self.basis.p;
        // with as few clusters as coefficients some of these have no variance between clusters
        let too_few = *kind != Robust::Cr2 && sandwich.clusters() <= p;
        let vanishes = |i: usize| {
            let variance = robust[i * (p + 1)];
            variance.is_nan() || variance <= 1e-12 * model.covariance[i * (p + 1)]
        };
        if too_few || (0..p).any(vanishes) {
            return Err(Error::model(format!(
                "{} clusters cannot support {p} coefficients",
                sandwich.clusters()
            ))
            .with_hint("leave terms out of ⟦mods⟧, or leave ⟦cluster⟧ out"));
        }
        model.scaled.clone_from(&sandwich.variance);
        model.covariance = robust;
        model.robust = Some(sandwich);
        Ok(model)
    }

    /// The cluster of every row used.
    fn clusters(&self, column: &str) -> Result<Vec<String>, Error> {
        let at = self.data.require(column)?;
        let name = |&r: &usize| {
            self.data.text(at, r).ok_or_else(|| {
                Error::data("the cluster is missing")
                    .of_study(&self.table.studies[r].study)
                    .in_column(column)
                    .with_hint("look it up in its source; a study by itself is a cluster of its own")
            })
        };
        self.rows.iter().map(name).collect()
    }
}

/// What an interval multiplies variances by.
pub(super) fn factor(ci: Interval, s2: f64) -> f64 {
    match ci {
        Interval::HartungKnapp => s2,
        Interval::HartungKnappAdHoc => s2.max(1.0),
        _ => 1.0,
    }
}
