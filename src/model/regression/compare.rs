//! Two formulas on the same studies: the likelihood ratio, both by maximum likelihood.

use super::{Frame, Regression};
use crate::error::Error;
use crate::math::dist;
use crate::math::linalg::Basis;
use crate::model::fit_statistics::fit_statistics;
use crate::model::sums::LinearModel;
use crate::model::tau2::Tau2;
use crate::result::FitStatistics;
use crate::result::regression::Comparison;

impl Regression<'_> {
    /// The likelihood ratio against another formula on the same studies, both by ML.
    ///
    /// # Errors
    /// Neither holds the other, or the other cannot be fitted.
    pub(super) fn compare(&self, formula: &str) -> Result<Comparison, Error> {
        let other = self.nested(formula)?;
        let ((fit, _), (other_fit, _)) = (self.by_ml(&self.basis), self.by_ml(&other));
        let statistic = (2.0 * (fit.log_likelihood - other_fit.log_likelihood).abs()).max(0.0);
        let df = self.basis.p.abs_diff(other.p);
        Ok(Comparison {
            formula: formula.trim().to_string(),
            statistic,
            df,
            p_value: dist::chi2_sf(statistic, df as f64),
            fit,
            other: other_fit,
        })
    }

    /// The fit in a basis by maximum likelihood, with its τ².
    pub(super) fn by_ml(&self, basis: &Basis) -> (FitStatistics, f64) {
        let linear = LinearModel { basis, ..self.linear() };
        let between = self.between(&linear, Tau2::MaximumLikelihood);
        let given = self.options.given.is_some();
        (fit_statistics(&linear, &between, Tau2::MaximumLikelihood, given), between.tau2)
    }

    /// The columns of a formula that holds this one or is held by it.
    fn nested(&self, formula: &str) -> Result<Basis, Error> {
        let other = Frame::new(formula, self.data)?;
        if let Some(&row) = self.rows.iter().find(|&&r| !other.complete(r)) {
            return Err(Error::data("the other formula has a missing value there, so that the models would have different studies")
                .of_study(&self.table.studies[row].study)
                .with_hint("leave the study out of both with ⟦where⟧"));
        }
        let (basis, _) = Basis::new(&other.design(&self.rows).rows);
        let (own, k) = (&self.frame.text, self.rows.len());
        if basis.p == self.basis.p {
            return Err(Error::usage(format!("`{own}` and `{formula}` have as many coefficients"))
                .with_hint("a likelihood ratio compares a model with one that holds it; AICc compares any"));
        }
        if basis.p >= k {
            return Err(Error::model(format!("{k} studies cannot support {} coefficients", basis.p))
                .with_hint("leave terms out"));
        }
        let (small, large) =
            if basis.p < self.basis.p { (&basis, &self.basis) } else { (&self.basis, &basis) };
        if !small.lies_within(large) {
            return Err(Error::usage(format!("neither of `{own}` and `{formula}` holds the other"))
                .with_hint("a likelihood ratio needs nested models"));
        }
        Ok(basis)
    }
}
