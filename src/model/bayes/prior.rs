//! Priors of τ and of μ, as they are written and as densities.

use crate::error::Error;
use crate::model::sums::Sample;

/// Prior of the between-study standard deviation τ, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TauPrior {
    /// Half-normal with this scale.
    HalfNormal(f64),
    /// Half-Cauchy with this scale.
    HalfCauchy(f64),
    /// Half-t with this scale and these degrees of freedom.
    HalfT(f64, f64),
    /// Flat; improper.
    Uniform,
    /// Jeffreys; improper.
    Jeffreys,
}

/// Prior of the mean μ, on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MuPrior {
    /// Flat.
    Flat,
    /// Normal with mean and standard deviation.
    Normal(f64, f64),
}

/// The numbers of `name(a, b)`.
fn arguments(text: &str) -> Option<(String, Vec<f64>)> {
    let text = text.trim().to_lowercase();
    match text.split_once('(') {
        None => Some((text, vec![])),
        Some((name, rest)) => {
            let numbers: Option<Vec<f64>> =
                rest.strip_suffix(')')?.split(',').map(|n| n.trim().parse().ok()).collect();
            Some((name.trim().to_string(), numbers?))
        }
    }
}

impl TauPrior {
    /// Parses `half-normal(0.5)`, `half-cauchy(0.5)`, `half-t(0.5,4)`, `uniform` or `jeffreys`.
    ///
    /// # Errors
    /// It is none of them, or a scale is not positive.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let positive = |x: f64| SQUARABLE.contains(&x);
        let found = arguments(text).and_then(|(name, a)| match (name.as_str(), &a[..]) {
            ("half-normal" | "halfnormal", &[s]) if positive(s) => Some(Self::HalfNormal(s)),
            ("half-cauchy" | "halfcauchy", &[s]) if positive(s) => Some(Self::HalfCauchy(s)),
            ("half-t", &[s, df]) if positive(s) && positive(df) => Some(Self::HalfT(s, df)),
            ("uniform", []) => Some(Self::Uniform),
            ("jeffreys", []) => Some(Self::Jeffreys),
            _ => None,
        });
        found.ok_or_else(|| {
            Error::usage(format!("`{text}` is no prior for τ"))
                .with_hint("write half-normal(0.5), half-cauchy(0.5), half-t(0.5,4), uniform or jeffreys; scales from 1e-150 to 1e150")
        })
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::HalfNormal(s) => format!("half-normal({s})"),
            Self::HalfCauchy(s) => format!("half-cauchy({s})"),
            Self::HalfT(s, df) => format!("half-t({s}, {df})"),
            Self::Uniform => "uniform".into(),
            Self::Jeffreys => "jeffreys".into(),
        }
    }

    /// Its scale, if it has one.
    pub(in crate::model) fn scale(&self) -> Option<f64> {
        match self {
            Self::HalfNormal(s) | Self::HalfCauchy(s) | Self::HalfT(s, _) => Some(*s),
            Self::Uniform | Self::Jeffreys => None,
        }
    }

    /// Exponent of the tail τ⁻ᵃ of the density; `None` where it falls faster than any power.
    pub(super) fn tail(&self) -> Option<f64> {
        match self {
            Self::HalfNormal(_) => None,
            Self::HalfCauchy(_) => Some(2.0),
            Self::HalfT(_, df) => Some(df + 1.0),
            Self::Uniform => Some(0.0),
            Self::Jeffreys => Some(1.0),
        }
    }

    /// ln p(τ), up to a constant, where it does not depend on the data.
    pub(in crate::model) fn log_plain(&self, tau: f64) -> Option<f64> {
        match self {
            Self::HalfNormal(s) => Some(-0.5 * (tau / s).powi(2)),
            Self::HalfCauchy(s) => Some(-(tau / s).powi(2).ln_1p()),
            Self::HalfT(s, df) => Some(-0.5 * (df + 1.0) * ((tau / s).powi(2) / df).ln_1p()),
            Self::Uniform => Some(0.0),
            Self::Jeffreys => None,
        }
    }

    /// ln p(τ), up to a constant; Jeffreys: √ of the Fisher information of τ, Σ (τ/(v + τ²))².
    pub(in crate::model) fn log(&self, tau: f64, sample: Sample<'_>) -> f64 {
        let jeffreys = || 0.5 * sample.v.iter().map(|v| (tau / (v + tau * tau)).powi(2)).sum::<f64>().ln();
        self.log_plain(tau).unwrap_or_else(jeffreys)
    }
}

impl MuPrior {
    /// Parses `flat` or `normal(MEAN,SD)`.
    ///
    /// # Errors
    /// It is neither, or the SD is not positive.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let found = arguments(text).and_then(|(name, a)| match (name.as_str(), &a[..]) {
            ("flat" | "uniform", []) => Some(Self::Flat),
            ("normal", [m, s]) if *s > 0.0 && m.is_finite() && s.is_finite() => Some(Self::Normal(*m, *s)),
            _ => None,
        });
        let found = found.ok_or_else(|| {
            Error::usage(format!("`{text}` is no prior for μ"))
                .with_hint("write flat, or normal(0,4) with mean and SD")
        })?;
        match found {
            Self::Normal(m, s) if !SQUARABLE.contains(&s) || m.abs() > *SQUARABLE.end() => {
                Err(Error::usage(format!("`{text}`: its square is beyond the range of numbers"))
                    .with_hint("give a mean up to 1e150 and an SD from 1e-150 to 1e150, or write flat"))
            }
            Self::Normal(m, s) if s < 1e-13 * m.abs() => {
                Err(Error::usage(format!("`{text}`: its SD is lost in the rounding of its mean"))
                    .with_hint("give an SD of more than 1e-13 of the mean"))
            }
            _ => Ok(found),
        }
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Flat => "flat".into(),
            Self::Normal(m, s) => format!("normal({m}, {s})"),
        }
    }
}

/// Scales whose squares are numbers.
const SQUARABLE: std::ops::RangeInclusive<f64> = 1e-150..=1e150;
