//! Effects computed elsewhere.

use super::{Built, invalid, need, ordered, p_value, positive};
use crate::dataset::shape::{
    NoData, Precision, Ready, ReportedLimits, RoleValues, ShapeOptions, ShapeSpec, StudyData,
};

pub(in crate::dataset::shape) const READY: ShapeSpec = ShapeSpec {
    id: "ready",
    aliases: &["generic", "effects"],
    title: "effects computed elsewhere",
    reference: "",
    roles: &[
        ("estimate", &["yi", "TE"]),
        ("se", &["sei", "seTE"]),
        ("variance", &["vi"]),
        ("ci_lower", &[]),
        ("ci_upper", &[]),
        ("ci_level", &[]),
        ("p_value", &["p", "pval", "pvalue"]),
    ],
    needs: &[
        &["estimate", "se"],
        &["estimate", "variance"],
        &["estimate", "ci_lower", "ci_upper"],
        &["estimate", "p_value"],
    ],
    build: ready,
};

fn ready(value: RoleValues<'_>, options: &ShapeOptions) -> Built {
    let estimate = need(value, "estimate")?;
    let limits = reported_limits(value, options)?;
    let precision = if value("variance").is_some() {
        Precision::Variance(positive(value, "variance", "the variance")?)
    } else if value("se").is_some() {
        Precision::StandardError(positive(value, "se", "the standard error")?)
    } else if limits.is_some() {
        Precision::Limits
    } else if let Some(p) = value("p_value") {
        Precision::PValue(p_value("p_value", p, "give a standard error instead")?)
    } else {
        return Err(NoData::Missing("no standard error, variance, interval or p-value is reported".into()));
    };
    Ok(StudyData::Ready(Ready { estimate, precision, limits }))
}

fn reported_limits(value: RoleValues<'_>, options: &ShapeOptions) -> Result<Option<ReportedLimits>, NoData> {
    let (Some(lower), Some(upper)) = (value("ci_lower"), value("ci_upper")) else { return Ok(None) };
    let (lower, upper) =
        ordered(lower, upper, "which of them is the lower one? check the row in its source")?;
    let level = value("ci_level").unwrap_or(options.ci_level);
    if !(50.0..100.0).contains(&level) {
        return invalid(
            "ci_level",
            format!("a confidence level of {level}%"),
            "give it in percent, such as 95",
        );
    }
    Ok(Some(ReportedLimits { lower, upper, level }))
}
