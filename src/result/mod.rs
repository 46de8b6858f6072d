//! What models return and reports read: plain values, no behaviour beyond display. Every result can be stored and read back
//! (serde) and shown without the model that made it.

mod bayes;
pub mod bias;
mod effects;
pub mod format;
pub mod look;
mod missing;
mod note;
mod outcome;
mod pool;
mod pooled;
pub mod regression;
pub mod sensitivity;
pub mod sentence;
mod settings;
mod subgroups;

pub use bayes::{BayesAnalysis, BayesResult, Likelihood, Marginal, Shrinkage};
pub use effects::EffectsResult;
pub use missing::{BoundedRange, Imputation, ImputedResult, MissingSd, RangeEnd};
pub use note::Note;
pub use outcome::Outcome;
pub use pool::{AbsoluteEffect, Agreement, PoolResult};
pub use pooled::{FitStatistics, Heterogeneity, Pooled, Prediction, QKind, Test};
pub use settings::{IntervalSource, PredictionSource, Settings, Tau2Source};
pub use subgroups::{Subgroup, SubgroupTest, Subgroups};
