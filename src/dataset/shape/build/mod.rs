//! One definition per shape: roles, aliases, and the checks that turn cells into a row.

mod association;
mod change;
mod counts;
mod means;
mod ready;

use super::{NoData, RoleValues, ShapeOptions, StudyData};
pub(super) use association::{CORRELATION, PARTIAL, RELIABILITY};
pub(super) use change::PRE_POST;
pub(super) use counts::{EVENTS, PAIRS, RATE, TWO_BY_TWO, TWO_RATES};
pub(super) use means::{MEAN, TWO_MEANS};
pub(super) use ready::READY;

/// The data of a row, or why there are none.
pub(super) type Built = Result<StudyData, NoData>;

/// The number of a role that must be there.
pub(super) fn need(value: RoleValues<'_>, role: &'static str) -> Result<f64, NoData> {
    value(role).ok_or_else(|| NoData::Missing(format!("{role} is not reported")))
}

/// An impossible value.
pub(super) fn invalid<T>(role: &'static str, message: impl Into<String>, hint: &str) -> Result<T, NoData> {
    Err(NoData::Impossible(role, message.into(), hint.into()))
}

/// A count: whole unless fractions are accepted, and not negative.
pub(super) fn whole(role: &'static str, x: f64, options: &ShapeOptions) -> Result<f64, NoData> {
    if x < 0.0 {
        return invalid(role, format!("{x} is negative"), "counts are 0 or more; check the sign");
    }
    if x.fract() != 0.0 && !options.fractional_counts {
        return invalid(
            role,
            format!("{x} is not a whole number"),
            "a count was expected: is this a percentage? ⟦fractional-counts⟧ accepts fractions",
        );
    }
    Ok(x)
}

/// The count of a role that must be there.
pub(super) fn count(
    value: RoleValues<'_>,
    role: &'static str,
    options: &ShapeOptions,
) -> Result<f64, NoData> {
    whole(role, need(value, role)?, options)
}

/// The number of a role that must be above 0.
pub(super) fn positive(value: RoleValues<'_>, role: &'static str, what: &str) -> Result<f64, NoData> {
    match need(value, role)? {
        x if x > 0.0 => Ok(x),
        x => invalid(
            role,
            format!("{what} is {x}; it must be above 0"),
            "leave the cell empty if it is not known",
        ),
    }
}

/// A standard deviation.
pub(super) fn sd(value: RoleValues<'_>, role: &'static str) -> Result<f64, NoData> {
    match need(value, role)? {
        x if x < 0.0 => {
            invalid(role, format!("the standard deviation is {x}"), "it cannot be negative; check the sign")
        }
        0.0 => invalid(
            role,
            "the standard deviation is 0: every patient would have the same value",
            "leave the cell empty if it was not reported",
        ),
        x => Ok(x),
    }
}

/// Patients of a group.
pub(super) fn group_size(value: RoleValues<'_>, role: &'static str) -> Result<f64, NoData> {
    match need(value, role)? {
        x if x >= 1.0 => Ok(x),
        x => invalid(
            role,
            format!("a group of {x} patients"),
            "it must be 1 or more; leave the cell empty if it is not known",
        ),
    }
}

/// A correlation coefficient.
pub(super) fn correlation(role: &'static str, r: f64) -> Result<f64, NoData> {
    if r.abs() <= 1.0 {
        return Ok(r);
    }
    invalid(
        role,
        format!("the correlation is {r}"),
        "a correlation lies between -1 and 1; is it a percentage?",
    )
}

/// A two-sided p-value.
pub(super) fn p_value(role: &'static str, p: f64, instead: &str) -> Result<f64, NoData> {
    if p > 0.0 && p <= 1.0 {
        return Ok(p);
    }
    invalid(role, format!("p is {p}"), &format!("a p-value lies between 0 and 1; for `p < .001` {instead}"))
}

/// Two limits in order.
pub(super) fn ordered(lower: f64, upper: f64, hint: &str) -> Result<(f64, f64), NoData> {
    if lower < upper {
        return Ok((lower, upper));
    }
    invalid("ci_lower", format!("the limits {lower} and {upper} are not in order"), hint)
}
