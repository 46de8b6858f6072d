//! Ready values that are refused: impossible, contradictory, or not what they are taken for.

use super::Transform;
use super::named::{ReadyRow, named, other, range_text, transformed};
use super::symmetry::{Judge, Symmetry};
use crate::choice::Values;
use crate::dataset::plain_name;
use crate::effect::{Measure, MeasureSpec, Scale};
use crate::error::Error;
use crate::registry::Member;

/// Rows whose estimate contradicts their limits, or that are impossible on the scale in force.
///
/// # Errors
/// There are such rows.
pub(super) fn contradictions(rows: &[ReadyRow<'_>], scale: Scale, values: Values) -> Result<(), Error> {
    if values == Values::Natural
        && let Some(r) = rows.iter().find(|r| !r.is_possible(scale))
    {
        return Err(impossible_number(r, scale));
    }
    if scale != Scale::Identity {
        mixed(rows, scale)?;
    }
    if let Some(r) = rows.iter().find(|r| r.is_outside())
        && let Some(l) = r.ready.limits
    {
        return Err(Error::data(format!(
            "the estimate {} lies outside its limits {} to {}",
            r.ready.estimate, l.lower, l.upper
        ))
        .at_line(r.line)
        .of_study(r.study)
        .with_hint(
            "check the row in its source: estimate and limits must stand on one scale and belong together",
        ));
    }
    Ok(())
}

/// The refusal of a row that cannot stand on the natural scale.
fn impossible_number(r: &ReadyRow<'_>, scale: Scale) -> Error {
    let (low, high) = scale.range();
    let x = r.numbers().find(|x| *x < low || *x > high).unwrap_or(r.ready.estimate);
    Error::data(format!("{x} is impossible as a natural value")).at_line(r.line).of_study(r.study).with_hint(
        format!(
            "natural values of this measure {}; are these {}? then say ⟦values=analysis⟧",
            range_text((low, high)),
            transformed(scale)
        ),
    )
}

/// Rows in which the estimate stands on another scale than its limits.
fn mixed(rows: &[ReadyRow<'_>], scale: Scale) -> Result<(), Error> {
    let judge = Judge::new(rows, scale);
    let cases = [
        (Symmetry::TransformedEstimate, "the estimate is transformed and its limits are not"),
        (Symmetry::TransformedLimits, "the limits are transformed and the estimate is not"),
    ];
    for (case, what) in cases {
        let those: Vec<&ReadyRow<'_>> =
            rows.iter().filter(|r| judge.symmetry(&r.ready) == Some(case)).collect();
        let outside = those.iter().any(|r| r.is_outside());
        if !those.is_empty() && (outside || those.len() == rows.len()) {
            let both = match scale {
                Scale::Log => "logarithms and ratios",
                _ => "transformed and natural values",
            };
            return Err(Error::data(format!(
                "scales are mixed ({both} in one row): {what} in {}",
                named(those.into_iter())
            ))
            .with_hint("bring estimates and limits to one scale in the table"));
        }
    }
    Ok(())
}

/// Estimates that no study can have: a proportion of 33.3, a correlation of 1.2, the logarithm of a proportion above 0.
///
/// # Errors
/// There is one.
pub(super) fn impossible(rows: &[ReadyRow<'_>], measure: Measure, values: Values) -> Result<(), Error> {
    let to = Transform { scale: measure.spec().scale, values };
    let (low, high) = measure.natural_range();
    // rounding of a limit such as 1 is no fault
    let beyond = |x: f64| x < low - 1e-9 || x > high + 1e-9;
    let found = rows.iter().find_map(|r| to.natural(r.ready.estimate).filter(|x| beyond(*x)).map(|x| (r, x)));
    let Some((r, x)) = found else { return Ok(()) };
    let cell = r.ready.estimate;
    let shown = if x == cell || x.abs() > 1e6 { cell } else { (x * 1e6).round() / 1e6 };
    let per_cent = high == 1.0 && x.abs() > 1.0 && x.abs() <= 100.0 && x == cell;
    let hint = if per_cent {
        "in per cent? divide estimates, limits and standard errors by 100 (variances by 10000)".to_string()
    } else if measure.spec().scale == Scale::Identity {
        "is it another measure? check the row in its source".to_string()
    } else {
        format!("is it another measure, or another scale? ⟦values={}⟧ reads it otherwise", other(values).id())
    };
    Err(Error::data(format!(
        "{shown} is impossible as {}: natural values {}",
        measure.title().to_lowercase(),
        range_text((low, high))
    ))
    .at_line(r.line)
    .of_study(r.study)
    .with_hint(hint))
}

/// Effects as given that are ratios, by the name of their column or by limits that are symmetric as logarithms alone:
/// pooled as they stand they would be wrong.
///
/// # Errors
/// They seem to be ratios.
pub(super) fn ratios_as_they_stand(rows: &[ReadyRow<'_>], column: &str) -> Result<(), Error> {
    let ratio = |m: &Measure| m.spec().scale == Scale::Log && plain_name(column) == plain_name(m.spec().id);
    let code = Measure::of_column(column).filter(ratio).map(|m| m.spec().id);
    let positive = rows.iter().all(|r| r.ready.estimate > 0.0);
    let judge = Judge::new(rows, Scale::Log);
    let count = |s: Symmetry| rows.iter().filter(|r| judge.symmetry(&r.ready) == Some(s)).count();
    let proven = count(Symmetry::Natural) > 1 && count(Symmetry::Analysis) == 0;
    let why = match code {
        Some(code) if positive || count(Symmetry::Natural) > 0 => {
            format!("column `{column}` seems to hold ratios ({code})")
        }
        _ if positive && proven => {
            format!(
                "the limits of column `{column}` are symmetric as logarithms and not as they stand: ratios have such"
            )
        }
        _ => return Ok(()),
    };
    let named = code.unwrap_or("RR");
    Err(Error::usage(format!("{why}, and effects as given (GEN) are pooled as they stand")).with_hint(
        format!(
            "name the measure, such as ⟦measure={named}⟧{}; ⟦values=analysis⟧ pools them as they stand",
            if code.is_none() { " or OR, HR, IRR" } else { "" }
        ),
    ))
}

/// Values too far out for their scale, which nobody said they stand on: 72 is no log hazard ratio, 45 no logit. They may
/// be per cent.
///
/// # Errors
/// There is one.
pub(super) fn beyond_belief(rows: &[ReadyRow<'_>], measure: &MeasureSpec, column: &str) -> Result<(), Error> {
    // a ratio above a thousand, a proportion within 3 in 10 million of an end, a correlation within 1 in 10 000 of 1
    let most = match measure.scale {
        Scale::Log => 7.0,
        Scale::Logit => 15.0,
        Scale::Probit | Scale::FisherZ => 5.0,
        Scale::Arcsine => std::f64::consts::FRAC_PI_2,
        _ => return Ok(()),
    };
    match rows.iter().find(|r| r.ready.estimate.abs() > most + 1e-9) {
        None => Ok(()),
        Some(r) => Err(Error::usage(format!(
            "{} in column `{column}` is impossible as a natural value of {}, and far out among {}",
            r.ready.estimate,
            measure.title.to_lowercase(),
            transformed(measure.scale)
        ))
        .at_line(r.line)
        .of_study(r.study)
        .with_hint(
            "in per cent? divide estimates, limits and standard errors by 100, and say ⟦values=natural⟧; if they are \
             transformed, say ⟦values=analysis⟧",
        )),
    }
}
