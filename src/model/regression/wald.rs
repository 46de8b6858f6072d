//! Wald's tests: of a coefficient, and of several together.
//!
//! ```text
//! bᵀV⁻¹b ~ χ²(m),  or  bᵀV⁻¹b/m ~ F(m, k − p)
//! ```

use super::Regression;
use super::estimates::Estimates;
use crate::math::dist;
use crate::math::linalg::{block, dot, solve};
use crate::model::interval::critical;
use crate::result::regression::{Coefficient, Omnibus};

impl Regression<'_> {
    /// Wald's test of some coefficients: χ², or F with k − p denominator degrees of freedom.
    pub(super) fn omnibus(&self, term: String, tested: &[usize], model: &Estimates) -> Option<Omnibus> {
        let Some(sandwich) = &model.robust else {
            return wald_test(term, tested, &model.beta, &model.covariance, model.df);
        };
        let combinations: Vec<&[f64]> = tested.iter().map(|&i| self.basis.coefficient(i)).collect();
        let (statistic, df) = sandwich.omnibus(&combinations, &model.gamma)?;
        let m = tested.len();
        let p_value = dist::f_sf(statistic, m as f64, df);
        Some(Omnibus { term, statistic, df: m, df_denominator: Some(df), p_value, permuted: None })
    }

    /// The test of all moderators together: of the intercept as well only where it is no coefficient of its own.
    pub(super) fn moderators(&self, model: &Estimates) -> Option<Omnibus> {
        let with_intercept = self.design.terms.first() == Some(&None);
        let tested: Vec<usize> =
            (0..self.basis.p).filter(|&i| self.design.terms[i].is_some() || !with_intercept).collect();
        if tested.is_empty() { None } else { self.omnibus("moderators".into(), &tested, model) }
    }

    /// A test of every term that has several coefficients, where there are several terms.
    pub(super) fn terms(&self, model: &Estimates) -> Vec<Omnibus> {
        let of = |t: usize| -> Vec<usize> {
            (0..self.basis.p).filter(|&i| self.design.terms[i] == Some(t)).collect()
        };
        let all: Vec<Vec<usize>> = (0..self.design.term_names.len()).map(of).collect();
        if all.iter().all(|t| t.len() < 2) || all.len() < 2 {
            return vec![];
        }
        all.iter()
            .zip(&self.design.term_names)
            .filter(|(t, _)| !t.is_empty())
            .filter_map(|(t, name)| self.omnibus(name.clone(), t, model))
            .collect()
    }
}

/// bᵀV⁻¹b; `None` unless V is positive definite.
pub(super) fn chi_squared(b: &[f64], v: &[f64]) -> Option<f64> {
    Some(dot(b, &solve(v, b)?))
}

/// Wald's test of some coefficients: χ², or F with `df` denominator degrees of freedom.
pub(super) fn wald_test(
    term: String,
    tested: &[usize],
    beta: &[f64],
    covariance: &[f64],
    df: f64,
) -> Option<Omnibus> {
    let m = tested.len();
    let b: Vec<f64> = tested.iter().map(|&i| beta[i]).collect();
    let chi2 = chi_squared(&b, &block(covariance, beta.len(), tested)).filter(|_| m > 0)?;
    let (statistic, p_value) = if df.is_finite() {
        let f = chi2 / m as f64;
        (f, dist::f_sf(f, m as f64, df))
    } else {
        (chi2, dist::chi2_sf(chi2, m as f64))
    };
    let df_denominator = Some(df).filter(|d| d.is_finite());
    Some(Omnibus { term, statistic, df: m, df_denominator, p_value, permuted: None })
}

/// A coefficient with its test and limits.
pub(super) fn coefficient(term: &str, estimate: f64, se: f64, df: f64, level: f64) -> Coefficient {
    let half = critical(level, df) * se;
    let statistic = estimate / se;
    let p_value =
        if df.is_finite() { dist::t_two_sided(statistic, df) } else { dist::normal_two_sided(statistic) };
    Coefficient {
        term: term.to_string(),
        estimate,
        se,
        statistic,
        df: Some(df).filter(|d| d.is_finite()),
        p_value,
        lower: estimate - half,
        upper: estimate + half,
        vif: None,
        permuted: None,
        bootstrap: None,
    }
}
