//! Statistical models. [`pool`] chooses the room: inverse variance, or the likelihoods of counts.

pub mod absolute;
pub mod agreement;
pub mod bayes;
pub mod bayes_counts;
pub mod bounds;
pub mod counts;
mod fit_statistics;
pub mod imputation;
pub mod interval;
pub mod inverse_variance;
pub mod likelihood;
mod mantel_haenszel;
mod no_events;
mod notes;
mod options;
mod pooled;
mod pooling;
pub mod prediction;
pub mod profile;
mod random_effects;
pub mod refit;
pub mod regression;
pub mod subgroups;
mod sums;
pub mod tau2;
pub mod tau2_interval;

pub use crate::choice::{GlmmModel, Model, Profile};
use crate::dataset::Shape;
use crate::effect::{EffectTable, Measure, Natural};
use crate::error::Error;
use crate::registry::Member;
use crate::result::PoolResult;
pub use inverse_variance::InverseVariance;
pub(crate) use notes::row_notes;
pub use notes::table_notes;
pub use options::ModelOptions;
pub use pooling::{MantelHaenszel, MixedModel, Pooling};
pub use random_effects::RandomEffects;
use std::borrow::Cow;
pub use sums::Sample;
pub(crate) use sums::{Inconsistency, NormalModel, i2_of_q};
#[cfg(feature = "mass")]
pub(crate) use sums::{Moments, moments_all};

impl Model {
    /// The measure that a model works on with data of a shape, where it is not the usual one of the shape.
    pub fn measure_for(self, shape: Shape) -> Option<Measure> {
        match (self, shape) {
            (Self::Peto, Shape::TwoByTwo) => Some(Measure::Peto),
            (Self::Glmm | Self::BetaBinomial | Self::Exact, Shape::TwoByTwo) => Some(Measure::OddsRatio),
            _ => None,
        }
    }

    /// The model for a measure when none is asked for: its own likelihood where the measure is the canonical one for
    /// counts in one group, else inverse variance.
    pub fn auto(measure: Measure) -> Self {
        match measure {
            Measure::LogitProportion | Measure::LogRate => Self::Glmm,
            Measure::Peto => Self::Peto,
            _ => Self::InverseVariance,
        }
    }

    /// The model for a table when none is asked for: ready effects leave nothing but inverse variance.
    pub fn for_table(table: &EffectTable) -> Self {
        if table.is_ready() { Self::InverseVariance } else { Self::auto(table.measure()) }
    }
}

/// Pools a table with the model of the options, or the one that suits its measure.
///
/// # Errors
/// The options do not fit the model or each other, or no study can be pooled.
pub fn pool(table: EffectTable, options: ModelOptions) -> Result<PoolResult, Error> {
    let model = options.model_for(&table);
    if table.is_ready() && model != Model::InverseVariance {
        return Err(Error::usage(format!(
            "the {} model is for counts, and these effects were given ready",
            model.id()
        ))
        .with_hint("leave ⟦model⟧ out: ready effects are pooled by inverse variance"));
    }
    if table.splits_controls() && matches!(model, Model::Glmm | Model::BetaBinomial | Model::Exact) {
        return Err(Error::usage(format!(
            "the {} model takes patients as they are, and a divided control group has none of its own",
            model.id()
        ))
        .with_hint("use ⟦shared-control=combine⟧ or `first`, or ⟦model=inverse-variance⟧"));
    }
    table.check_independent(&format!("the {} model", model.id()))?;
    let mut result = match model {
        Model::InverseVariance => InverseVariance::new(options).pool(table),
        Model::MantelHaenszel => mantel_haenszel::pool(&options, table),
        Model::Peto => mantel_haenszel::peto(&options, table),
        model => counts::pool(model, &options, table),
    }?;
    if result.k == 1 {
        alone(&mut result);
    }
    Ok(result)
}

/// One study: nothing is pooled, whatever the model, and the line repeats the study's own estimate and interval. A model's
/// own line stays where it says the same.
fn alone(result: &mut PoolResult) {
    let study = result.studies().find(|s| s.effect().is_some()).map(Cow::into_owned);
    let Some(study) = study else { return };
    // where the row itself rests on a correction, the model that needs none says more
    if study.corrected && !result.settings.is_inverse_variance() {
        return;
    }
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a.is_none() && b.is_none(),
    };
    let same = |a: &Natural, b: &Natural| {
        close(a.estimate, b.estimate) && close(a.lower, b.lower) && close(a.upper, b.upper)
    };
    if result.common.as_ref().is_some_and(|c| same(&c.natural, &study.natural)) {
        return;
    }
    let own = pooled::own_effect(&result.table, &study);
    result.random = result.random.take().map(|_| own.clone());
    result.common = Some(own);
}
