//! Statistical models. Rooms share `tau2` and `interval` and never name each other.

pub mod interval;
pub mod inverse_variance;
mod kernel;
pub mod prediction;
pub mod profile;
pub mod tau2;
pub mod tau2_interval;

pub use inverse_variance::{InverseVariance, ModelOptions};
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
    }
}
