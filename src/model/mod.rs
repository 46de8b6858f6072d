//! Statistical models. [`pool`] chooses the room: inverse variance, or the likelihoods of counts.

pub mod agreement;
pub mod bayes;
pub mod bayes_counts;
pub mod bounds;
mod glmm;
pub mod imputation;
pub mod interval;
pub mod inverse_variance;
mod kernel;

pub mod prediction;
pub mod profile;
pub mod likelihood;
pub mod tau2;
pub mod tau2_interval;

use crate::effect::{EffectTable, Measure};
use crate::error::Error;
use crate::result::PoolResult;
pub use inverse_variance::{InverseVariance, ModelOptions, table_notes};
pub use kernel::Sample;
pub use profile::Profile;

/// A pooling model.
#[derive(Debug)]
pub struct ModelSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
}

registry! {
    /// How studies are pooled.
    Model(ModelSpec) = "pooling model" {
        /// Weights from the sampling variances.
        InverseVariance => inverse_variance::SPEC,
        /// Binomial-normal or Poisson-normal mixed model.
        Glmm => glmm::GLMM,
        /// Proportions with a beta distribution.
        BetaBinomial => glmm::BETA_BINOMIAL,
        /// One proportion for all studies.
        Exact => glmm::EXACT,
    }
}

impl Model {
    /// The model for a measure when none is asked for: its own likelihood where the measure is the canonical one for
    /// counts in one group, else inverse variance.
    pub fn auto(measure: Measure) -> Self {
        match measure {
            Measure::LogitProportion | Measure::LogRate => Self::Glmm,
            _ => Self::InverseVariance,
        }
    }
}

/// Pools a table with the model of the options, or the one that suits its measure.
///
/// # Errors
/// The options do not fit the model or each other, or no study can be pooled.
pub fn pool(table: EffectTable, options: ModelOptions) -> Result<PoolResult, Error> {
    match options.model.unwrap_or_else(|| Model::auto(table.measure())) {
        Model::InverseVariance => InverseVariance::new(options).pool(table),
        model => glmm::pool(model, &options, table),
    }
}
