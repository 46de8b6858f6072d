//! One coefficient of a meta-regression, fitted again by the whole regression.
//!
//! The part is a regression of its own: columns that no longer differ among its rows leave the design, and the
//! coefficient with them, which is an error and no number.

use super::{Regression, Requests};
use crate::effect::{EffectTable, Scale};
use crate::error::Error;
use crate::model::ModelOptions;
use crate::model::refit::{Refit, not_fitted};
use crate::result::regression::RegressionResult;
use crate::result::sensitivity::PartialFit;

/// A coefficient that can be fitted again of some of the rows.
#[derive(Debug)]
pub struct CoefficientFit<'a> {
    table: &'a EffectTable,
    formula: String,
    options: ModelOptions,
    term: String,
    rows: Vec<usize>,
    whole: PartialFit,
}

/// The name of the constant term.
const INTERCEPT: &str = "intercept";

impl<'a> CoefficientFit<'a> {
    /// The coefficient `term` of a regression of the effects on columns beside them.
    ///
    /// # Errors
    /// The regression cannot be fitted, or has no such coefficient.
    pub fn new(
        table: &'a EffectTable,
        formula: &str,
        term: &str,
        options: &ModelOptions,
    ) -> Result<Self, Error> {
        let result = fitted(table, formula, options)?;
        Ok(Self {
            whole: of_term(&result, term)?,
            rows: result.studies.iter().map(|s| s.row).collect(),
            table,
            formula: formula.to_string(),
            options: *options,
            term: term.to_string(),
        })
    }
}

fn fitted(table: &EffectTable, formula: &str, options: &ModelOptions) -> Result<RegressionResult, Error> {
    let data = table.frame().data();
    Regression::new(table, &data, formula, options)?.fit(&Requests::default())
}

fn of_term(result: &RegressionResult, term: &str) -> Result<PartialFit, Error> {
    let c = result.coefficients.iter().find(|c| c.term == term).ok_or_else(|| {
        let terms: Vec<&str> = result.coefficients.iter().map(|c| c.term.as_str()).collect();
        Error::model(format!("the regression has no coefficient `{term}`"))
            .with_hint(format!("it has: {}", terms.join(", ")))
    })?;
    let h = &result.heterogeneity;
    Ok(PartialFit {
        k: result.k,
        estimate: c.estimate,
        se: Some(c.se),
        statistic: Some(c.statistic).filter(|s| s.is_finite()),
        df: c.df,
        p_value: Some(c.p_value).filter(|p| p.is_finite()),
        lower: Some(c.lower),
        upper: Some(c.upper),
        q: Some(h.qe),
        q_p_value: Some(h.qe_p_value),
        tau2: Some(h.tau2),
        i2: Some(h.i2),
        h2: Some(h.h2),
        inconsistency: Some(h.i2),
    })
}

impl Refit for CoefficientFit<'_> {
    fn table(&self) -> &EffectTable {
        self.table
    }

    fn rows(&self) -> &[usize] {
        &self.rows
    }

    fn whole(&self) -> Option<PartialFit> {
        Some(self.whole)
    }

    fn with_rows(&self, rows: &[usize]) -> Result<PartialFit, Error> {
        if let Some(&row) = rows.iter().find(|row| !self.rows.contains(row)) {
            return Err(not_fitted(self.table, row));
        }
        of_term(&fitted(&self.table.part(rows)?, &self.formula, &self.options)?, &self.term)
    }

    fn level(&self) -> f64 {
        self.options.level
    }

    /// A moderator without effect has the coefficient zero; the intercept is an effect.
    fn against(&self) -> Option<f64> {
        if self.term == INTERCEPT { self.table.measure().spec().null } else { Some(0.0) }
    }

    /// A slope is read as the effect is only where effects are ratios.
    fn back(&self, x: f64) -> Option<f64> {
        let as_effect = self.term == INTERCEPT || self.table.scale() == Scale::Log;
        if as_effect { self.table.back(x) } else { Some(x) }
    }
}
