//! Combinations of coefficients.

use super::estimates::Estimates;
use super::{Regression, coefficient};
use crate::error::Error;
use crate::math::linalg::{dot, quadratic};
use crate::result::regression::Coefficient;

impl Regression<'_> {
    /// A combination such as `alloc[random] - 0.5*ablat`.
    pub(super) fn contrast(&self, text: &str, model: &Estimates) -> Result<Coefficient, Error> {
        let weights = combination(text, &self.design.names)?;
        let z = self.basis.coordinates(&weights);
        let estimate = dot(&weights, &model.beta);
        let se = quadratic(&model.scaled, &z).sqrt();
        Ok(coefficient(text.trim(), estimate, se, model.df(&z), self.options.level))
    }
}

/// Weights of the coefficients in a sum such as `intercept + 33*ablat - alloc[random]`.
fn combination(text: &str, names: &[String]) -> Result<Vec<f64>, Error> {
    let wrong = |what: String| {
        Error::usage(format!("the contrast `{text}`: {what}")).with_hint(format!(
            "write a sum such as `alloc[random] - alloc[systematic]` or `intercept + 33*ablat`; the coefficients are: {}",
            names.join(", ")
        ))
    };
    let mut weights = vec![0.0; names.len()];
    let mut rest = text.trim();
    let mut sign = 1.0;
    let mut first = true;
    if rest.is_empty() {
        return Err(wrong("it is empty".into()));
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('-') {
            sign = -sign;
            rest = after.trim_start();
        } else if let Some(after) = rest.strip_prefix('+') {
            rest = after.trim_start();
        } else if !first {
            return Err(wrong(format!("`{rest}` is not expected there")));
        }
        first = false;
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let mut factor = 1.0;
        if end > 0 {
            let after = rest[end..].trim_start();
            if let Some(after) = after.strip_prefix('*') {
                factor =
                    rest[..end].parse().map_err(|_| wrong(format!("`{}` is no number", &rest[..end])))?;
                rest = after.trim_start();
            }
        }
        // the longest name that begins here
        let at = names
            .iter()
            .enumerate()
            .filter(|(_, n)| rest.starts_with(n.as_str()))
            .max_by_key(|(_, n)| n.len())
            .map(|(i, _)| i)
            .ok_or_else(|| wrong(format!("no coefficient is called `{rest}`")))?;
        weights[at] += sign * factor;
        rest = rest[names[at].len()..].trim_start();
        sign = 1.0;
    }
    Ok(weights)
}
