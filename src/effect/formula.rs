//! A formula: what it reads of a row, which variances it has, and what it gives.

use crate::choice::Variance;
use crate::dataset::{
    Correlation, Events, Mean, Pairs, Partial, PrePost, Rate, Reliability, Shape, StudyData, TwoByTwo,
    TwoMeans, TwoRates,
};

/// One study's effect on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The point estimate, yᵢ.
    pub y: f64,
    /// Its sampling variance, vᵢ.
    pub v: f64,
}

/// What a formula may know beyond its own row.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The variance asked for.
    pub variance: Variance,
    /// Weighted means over all studies, for [`Variance::AV`].
    pub mean: [f64; 2],
    /// Whether small-sample corrections are made, where the measure has one.
    pub correct: bool,
}

/// The input shape and the formula in one: a measure cannot be fed the wrong rows.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each variant is documented at its shape")]
pub enum Compute {
    TwoByTwo(fn(&TwoByTwo, &Context) -> Effect),
    TwoRates(fn(&TwoRates, &Context) -> Effect),
    TwoMeans(fn(&TwoMeans, &Context) -> Effect),
    Pairs(fn(&Pairs, &Context) -> Effect),
    Events(fn(&Events, &Context) -> Effect),
    Rate(fn(&Rate, &Context) -> Effect),
    Mean(fn(&Mean, &Context) -> Effect),
    PrePost(fn(&PrePost, &Context) -> Result<Effect, &'static str>),
    Correlation(fn(&Correlation, &Context) -> Effect),
    Partial(fn(&Partial, &Context) -> Result<Effect, &'static str>),
    Reliability(fn(&Reliability, &Context) -> Effect),
    Ready,
}

impl Compute {
    /// The shape it reads.
    pub fn shape(self) -> Shape {
        match self {
            Self::TwoByTwo(_) => Shape::TwoByTwo,
            Self::TwoRates(_) => Shape::TwoRates,
            Self::TwoMeans(_) => Shape::TwoMeans,
            Self::Pairs(_) => Shape::Pairs,
            Self::Events(_) => Shape::Events,
            Self::Rate(_) => Shape::Rate,
            Self::Mean(_) => Shape::Mean,
            Self::PrePost(_) => Shape::PrePost,
            Self::Correlation(_) => Shape::Correlation,
            Self::Partial(_) => Shape::Partial,
            Self::Reliability(_) => Shape::Reliability,
            Self::Ready => Shape::Ready,
        }
    }

    /// Applies the formula; `Err` says in words why the row has no effect.
    pub(super) fn apply(self, data: &StudyData, context: &Context) -> Result<Effect, &'static str> {
        match (self, data) {
            (Self::TwoByTwo(f), StudyData::TwoByTwo(d)) => Ok(f(d, context)),
            (Self::TwoRates(f), StudyData::TwoRates(d)) => Ok(f(d, context)),
            (Self::TwoMeans(f), StudyData::TwoMeans(d)) => Ok(f(d, context)),
            (Self::Pairs(f), StudyData::Pairs(d)) => Ok(f(d, context)),
            (Self::Events(f), StudyData::Events(d)) => Ok(f(d, context)),
            (Self::Rate(f), StudyData::Rate(d)) => Ok(f(d, context)),
            (Self::Mean(f), StudyData::Mean(d)) => Ok(f(d, context)),
            (Self::PrePost(f), StudyData::PrePost(d)) => f(d, context),
            (Self::Correlation(f), StudyData::Correlation(d)) => Ok(f(d, context)),
            (Self::Partial(f), StudyData::Partial(d)) => f(d, context),
            (Self::Reliability(f), StudyData::Reliability(d)) => Ok(f(d, context)),
            _ => Err("the row is of another kind"),
        }
    }
}

/// What one study contributes to the averages of [`Variance::AV`]: (value, weight), twice.
pub type Contribution = fn(&StudyData, &Context) -> [(f64, f64); 2];
