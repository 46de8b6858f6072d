//! Which data, which rows, which measure, and how effects are computed.

use crate::analysis::{Loaded, Request};
use crate::choice::option::{Given, table as o};
use crate::choice::{CorrectWhere, Denominator, DoubleZero, SharedControl, Standardizer};
use crate::dataset::{ArmRequest, Arms, MeasuringScale, ReadOptions, RoleMap, ShapeOptions};
use crate::effect::{Continuity, EffectOptions, check_level};
use crate::error::Error;
use crate::model::{Model, Profile};

/// Reads the data and computes the effects; `source` is where the data are.
///
/// # Errors
/// The data cannot be read, or an option does not fit them.
pub fn load(given: &Given, source: String) -> Result<Loaded, Error> {
    computed(given, request(given, source)?)
}

/// The same for a list of effects, of which nothing is pooled: rows may be arms.
///
/// # Errors
/// The data cannot be read, or an option does not fit them.
pub fn list(given: &Given, source: String) -> Result<Loaded, Error> {
    computed(given, Request { listing: true, ..request(given, source)? })
}

fn computed(given: &Given, request: Request) -> Result<Loaded, Error> {
    let loaded = request.load(effects(given)?)?;
    loaded.check_used(given)?;
    Ok(loaded)
}

fn request(given: &Given, source: String) -> Result<Request, Error> {
    let ci_level = given.number(&o::CI_LEVEL).unwrap_or(95.0);
    check_level("ci-level", ci_level)?;
    Ok(Request {
        source,
        read: ReadOptions { delimiter: delimiter(given) },
        measure: given.choice(&o::MEASURE)?,
        columns: columns(given)?,
        study: given.owned(&o::STUDY),
        filter: given.owned(&o::WHERE),
        shape: ShapeOptions {
            fractional_counts: given.has(&o::FRACTIONAL_COUNTS),
            ci_level,
            denominator: given.choice::<Denominator>(&o::DENOMINATOR)?.unwrap_or_default(),
            scale: measuring_scale(given)?,
        },
        model: given.choice::<Model>(&o::MODEL_NAME)?,
        profile: given.choice::<Profile>(&o::PROFILE)?.unwrap_or_default(),
        correlation: given.number(&o::CORRELATION),
        values: given.choice(&o::VALUES)?,
        se_scale: given.choice(&o::SE_SCALE)?,
        arms: arms(given)?,
        keep_total: given.has(&o::KEEP_TOTAL),
        listing: false,
    })
}

/// The separator of delimited text.
pub(super) fn delimiter(given: &Given) -> Option<u8> {
    given.text(&o::DELIMITER).and_then(|t| t.bytes().next())
}

/// Which column plays which role.
pub(super) fn columns(given: &Given) -> Result<RoleMap, Error> {
    let mut map = RoleMap::default();
    given.texts(&o::COLUMNS).iter().try_for_each(|part| map.add(part))?;
    Ok(map)
}

/// The scale of means.
pub(super) fn measuring_scale(given: &Given) -> Result<Option<MeasuringScale>, Error> {
    given.text(&o::SCALE).map(MeasuringScale::parse).transpose()
}

fn arms(given: &Given) -> Result<Arms, Error> {
    let Some(column) = given.owned(&o::ARM) else { return Ok(Arms::Unsaid) };
    if column.eq_ignore_ascii_case("none") {
        return Ok(Arms::Studies);
    }
    Ok(Arms::Compare(ArmRequest {
        column,
        reference: given.owned(&o::REFERENCE),
        shared: given.choice::<SharedControl>(&o::SHARED_CONTROL)?,
        combine: given.lists(&o::COMBINE),
    }))
}

/// What becomes of studies without events, or with events only, in both groups.
pub(super) fn double_zero(given: &Given) -> Result<Option<DoubleZero>, Error> {
    if given.has(&o::DROP_DOUBLE_ZERO) { Ok(Some(DoubleZero::Drop)) } else { given.choice(&o::DOUBLE_ZERO) }
}

/// The options of effects that were given, over those that measure and profile have.
fn effects(given: &Given) -> Result<impl FnOnce(EffectOptions) -> EffectOptions + use<>, Error> {
    let add = given.number(&o::ADD);
    let to = given.choice::<CorrectWhere>(&o::TO)?;
    let double_zero = double_zero(given)?;
    let variance = given.choice(&o::VTYPE)?;
    let study_interval = given.choice(&o::STUDY_CI)?;
    let level = given.number(&o::LEVEL);
    let standardizer = given.choice::<Standardizer>(&o::STANDARDIZER)?.unwrap_or_default();
    let small_sample_correction = !given.has(&o::NO_CORRECTION);
    let per = given.number(&o::PER);
    Ok(move |base: EffectOptions| EffectOptions {
        continuity: Continuity {
            add: add.unwrap_or(base.continuity.add),
            to: to.unwrap_or(base.continuity.to),
            double_zero: double_zero.unwrap_or(base.continuity.double_zero),
        },
        variance,
        study_interval: study_interval.unwrap_or(base.study_interval),
        level: level.unwrap_or(base.level),
        standardise_by_pre: standardizer == Standardizer::Pre,
        small_sample_correction,
        per,
        ..base
    })
}
