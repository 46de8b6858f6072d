//! Options of a meta-regression with defaults filled in, and what it refuses.

use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::prediction::{PredictionInterval, no_prediction};
use crate::model::tau2::Tau2;
use crate::model::{Model, ModelOptions, Pooling};
use crate::registry::Member;
use crate::result::{IntervalSource, PredictionSource, Settings, Tau2Source};

/// Options with defaults filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub tau2: Tau2,
    pub given: Option<f64>,
    pub ci: Interval,
    pub prediction: Option<PredictionInterval>,
    pub level: f64,
    pub model: ModelOptions,
}

/// What meta-regression can do of the options of pooling.
///
/// # Errors
/// An option has no meaning for it.
pub(super) fn check(o: &ModelOptions) -> Result<Options, Error> {
    o.check_level()?;
    let ci = o.ci.unwrap_or_else(|| o.profile.ci());
    let known = [Interval::HartungKnapp, Interval::HartungKnappAdHoc, Interval::Wald, Interval::T];
    if !known.contains(&ci) {
        return Err(Error::usage(format!("meta-regression has no `{}` interval", ci.id()))
            .with_hint("choose ⟦ci⟧ from auto, hksj, wald, t"));
    }
    if o.model.is_some_and(|m| m != Pooling::InverseVariance) {
        return Err(Error::usage("meta-regression is by inverse variance").with_hint("leave ⟦model⟧ out"));
    }
    let kenward_roger = [PredictionInterval::KenwardRoger, PredictionInterval::KenwardRogerPartlett];
    if let Some(p) = o.prediction.named().filter(|p| kenward_roger.contains(p)) {
        return Err(Error::usage(format!("meta-regression has no `{}` prediction interval", p.id()))
            .with_hint("choose ⟦prediction⟧ from hksj, hksj-adhoc, hksj-pr, t, hts, normal, none"));
    }
    if o.equal_effects() && o.prediction.named().is_some() {
        return Err(no_prediction());
    }
    if o.tau2_ci.named().is_some() {
        return Err(Error::usage("meta-regression has no interval of the residual τ²")
            .with_hint("leave ⟦tau2-ci⟧ out"));
    }
    if let Some(t) = o.tau2_given
        && !(t >= 0.0 && t.is_finite())
    {
        return Err(
            Error::usage(format!("τ² of {t}")).with_hint("give a number of 0 or more, or an estimator")
        );
    }
    let prediction = o.prediction.or_else(|| o.profile.prediction(ci)).filter(|_| !o.equal_effects());
    Ok(Options { tau2: o.estimator(), given: o.tau2_given, ci, prediction, level: o.level, model: *o })
}

impl Options {
    /// As results show them.
    pub fn settings(&self) -> Settings {
        Settings {
            model: Some(Model::InverseVariance),
            glmm_model: None,
            tau2: self.given.map_or(Tau2Source::Estimated(self.tau2), Tau2Source::Given),
            ci: IntervalSource::Of(self.ci),
            prediction: self.prediction.map(PredictionSource::Of),
            tau2_ci: None,
            level: self.level,
            profile: self.model.profile,
        }
    }
}
