//! How studies are pooled.

use crate::choice::Chosen;
use crate::choice::option::{Given, OptionSpec, table as o};
use crate::error::Error;
use crate::model::tau2::Tau2;
use crate::model::{MantelHaenszel, MixedModel, Model, ModelOptions, Pooling, Profile};
use crate::registry::Member;

/// The options of the model.
///
/// # Errors
/// A family has no member of the name that was given.
pub fn model(given: &Given) -> Result<ModelOptions, Error> {
    // a number stands for an estimate of its own
    let tau2_given = given.number(&o::TAU2);
    let tau2 = match tau2_given {
        Some(_) => Some(Tau2::MaximumLikelihood),
        None => given.choice(&o::TAU2)?,
    };
    let usual = ModelOptions::default();
    Ok(ModelOptions {
        model: given.choice::<Model>(&o::MODEL_NAME)?.map(|model| pooling(given, model)).transpose()?,
        tau2,
        tau2_given,
        ci: given.choice(&o::CI)?,
        prediction: chosen(given, &o::PREDICTION)?,
        tau2_ci: chosen(given, &o::TAU2_CI)?,
        level: given.number(&o::LEVEL).unwrap_or(usual.level),
        profile: given.choice::<Profile>(&o::PROFILE)?.unwrap_or_default(),
    })
}

/// A model with what only it may be told.
fn pooling(given: &Given, model: Model) -> Result<Pooling, Error> {
    Ok(match model.into() {
        Pooling::Glmm(_) => Pooling::Glmm(MixedModel {
            variant: given.choice(&o::GLMM_MODEL)?,
            keep_double_zero: given.has(&o::KEEP_DOUBLE_ZERO),
        }),
        Pooling::MantelHaenszel(_) => Pooling::MantelHaenszel(MantelHaenszel {
            corrected: given.has(&o::POOL_CORRECTED).then_some(true),
        }),
        other => other,
    })
}

/// A choice that may be left to the model, or be none.
pub(super) fn chosen<T: Member>(given: &Given, option: &'static OptionSpec) -> Result<Chosen<T>, Error> {
    Ok(match (given.text(option), given.choice(option)?) {
        (_, Some(named)) => Chosen::Of(named),
        (Some("none"), None) => Chosen::None,
        _ => Chosen::Auto,
    })
}
