//! Names of the closed families that options choose from.
//!
//! Families live where their members do, some of them far above the table; what the members are is found by name, by
//! whoever stands above both.

/// A closed family of choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the family of that name")]
#[non_exhaustive]
pub enum Family {
    Alternative,
    Analysis,
    Axes,
    BiasTest,
    CorrectWhere,
    Credible,
    Denominator,
    DoubleZero,
    Estimator,
    Excess,
    FailSafe,
    Format,
    /// Tests of bias that a funnel shows.
    FunnelTest,
    GlmmModel,
    Interval,
    Measure,
    Model,
    Naming,
    Plot,
    PredictionInterval,
    Predictor,
    Profile,
    RegressionModel,
    Robust,
    SelectionModel,
    SharedControl,
    Side,
    Standardizer,
    StudyInterval,
    Tau2,
    Tau2Interval,
    Theme,
    Values,
    Variance,
}
