//! The conclusion under every defensible choice.

use super::Conclusion;
use crate::effect::{Measure, Natural};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A choice within a dimension of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// What is chosen: measure, model, τ², interval, correction, study left out.
    pub dimension: Cow<'static, str>,
    /// The choice.
    pub option: String,
    /// Analyses with it.
    pub analyses: usize,
    /// How many of them keep the conclusion; `None` where there is none to keep.
    pub holds: Option<usize>,
    /// Least, median and greatest estimate for reading; `None` where measures differ.
    pub estimates: Option<(f64, f64, f64)>,
    /// Whether the primary analysis chose it.
    pub primary: bool,
}

/// One way to analyse the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Specification {
    /// The choice in every dimension but the study left out.
    pub choices: Vec<String>,
    /// Measure.
    pub measure: Measure,
    /// Whether the measure is read as a ratio.
    pub ratio: bool,
    /// Value of no effect for reading.
    pub null: Option<f64>,
    /// Estimate and limits for reading.
    pub natural: Natural,
    /// p-value.
    pub p_value: Option<f64>,
    /// Studies pooled.
    pub k: usize,
    /// What it says.
    pub conclusion: Option<Conclusion>,
    /// Least and greatest estimate when one study is left out, for reading.
    pub left_out: Option<(f64, f64)>,
    /// How many of the analyses with one study left out keep the primary conclusion, and how many there are.
    pub left_out_holds: Option<(usize, usize)>,
    /// Whether it is the primary analysis.
    pub primary: bool,
}

/// The conclusion under every defensible choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stability {
    /// Names of the dimensions, in the order of the choices of each specification.
    pub dimensions: Vec<Cow<'static, str>>,
    /// Every combination that can be computed.
    pub specifications: Vec<Specification>,
    /// Per choice.
    pub choices: Vec<Choice>,
    /// What the primary analysis concludes.
    pub conclusion: Option<Conclusion>,
    /// The value that conclusions are about, as it is read, where it was asked for; else that of no effect.
    pub against: Option<f64>,
    /// Analyses in all, those with a study left out included.
    pub analyses: usize,
    /// How many keep the conclusion.
    pub holds: Option<usize>,
    /// Combinations that cannot be computed, with the first reason.
    pub refused: (usize, Option<String>),
}
