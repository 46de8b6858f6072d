//! Options that say how studies are pooled.

use super::choice::{OrAuto, one_of, or_auto};
use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::prediction::PredictionInterval;
use crate::model::tau2::Tau2;
use crate::model::tau2_interval::Tau2Interval;
use crate::model::{GlmmModel, Model, ModelOptions, Profile};
use crate::registry::Member;

/// See [`ModelArgs::given`].
pub(super) struct GivenModel {
    pub tau2: bool,
    pub ci: bool,
    pub prediction: bool,
    pub tau2_ci: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// Pooling model: `auto` (glmm for PLO and IRLN, peto for PETO, else inverse-variance) or a name from `metapool list models`
    #[arg(long, value_name = "NAME", default_value = "auto")]
    model: String,
    /// Estimator of τ² or a number; `metapool list tau2` shows all, EE assumes τ² = 0 [default: REML]
    #[arg(long, value_name = "CODE|NUMBER")]
    tau2: Option<String>,
    /// Confidence interval of the pooled effect: `auto` (hksj-adhoc for inverse variance, profile for GLMM and beta-binomial, or as `--profile` has it) or a name from `metapool list ci`
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = or_auto::<Interval>())]
    ci: OrAuto<Interval>,
    /// Prediction interval: `auto` (the partner of the confidence interval), `none`, or a name from `metapool list prediction`
    #[arg(long, value_name = "NAME", default_value = "auto")]
    prediction: String,
    /// Confidence interval of τ²: `QP`, `PL` or `none` [default: QP; PL for models of counts]
    #[arg(long, value_name = "NAME")]
    tau2_ci: Option<String>,
    /// Mixed model of two groups: UM.FS, UM.RS, CM.EL or CM.AL [default: UM.FS]
    #[arg(long, value_name = "NAME", value_parser = one_of::<GlmmModel>())]
    glmm_model: Option<GlmmModel>,
    /// Keep studies without events in both groups in UM.RS, which can use them
    #[arg(long)]
    keep_double_zero: bool,
    /// Sum corrected counts in Mantel-Haenszel pooling, as meta and RevMan do
    #[arg(long)]
    pool_corrected: bool,
    /// Defaults of another program; what is given explicitly wins
    #[arg(long, value_name = "NAME", value_parser = one_of::<Profile>(), default_value = "metapool")]
    profile: Profile,
}

impl ModelArgs {
    /// Which options ask for something, of those that not every picture or command can use.
    pub(super) fn given(&self) -> GivenModel {
        GivenModel {
            tau2: self.tau2.is_some(),
            ci: self.ci.chosen().is_some(),
            prediction: !["auto", "none"].iter().any(|word| self.prediction.eq_ignore_ascii_case(word)),
            tau2_ci: self.tau2_ci.as_ref().is_some_and(|name| !name.eq_ignore_ascii_case("none")),
        }
    }

    pub(super) fn options(&self, level: f64) -> Result<ModelOptions, Error> {
        let model = match self.model.as_str() {
            name if name.eq_ignore_ascii_case("auto") => None,
            name => Some(Model::parse(name)?),
        };
        let (tau2, tau2_given) = parse_tau2(self.tau2.as_deref())?;
        let prediction = match self.prediction.to_ascii_lowercase().as_str() {
            "auto" => None,
            "none" => Some(None),
            name => Some(Some(PredictionInterval::parse(name)?)),
        };
        let tau2_ci = match self.tau2_ci.as_deref() {
            None => None,
            Some(name) if name.eq_ignore_ascii_case("none") => Some(None),
            Some(name) => Some(Some(Tau2Interval::parse(name)?)),
        };
        Ok(ModelOptions {
            model,
            tau2,
            tau2_given,
            ci: self.ci.chosen(),
            prediction,
            tau2_ci,
            glmm_model: self.glmm_model,
            keep_double_zero: self.keep_double_zero,
            pool_corrected: self.pool_corrected.then_some(true),
            level,
            profile: self.profile,
        })
    }
}

/// An estimator, or a given value.
fn parse_tau2(text: Option<&str>) -> Result<(Option<Tau2>, Option<f64>), Error> {
    match text {
        None => Ok((None, None)),
        Some(t) => match t.parse::<f64>() {
            Ok(x) => Ok((Some(Tau2::MaximumLikelihood), Some(x))),
            Err(_) => Ok((Some(Tau2::parse(t)?), None)),
        },
    }
}
