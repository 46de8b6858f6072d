//! Effects computed elsewhere: on which scale they stand, and how they become an effect on the analysis scale.
//!
//! ```text
//! y = g(θ̂),  v = SE²  or  ((g(U) − g(L)) / 2z)²  or  (y / z_p)²  or  (SE_natural · g′(θ̂))²
//! ```
//! g is the transformation of the measure where values are natural, the identity where they are on the analysis scale.
//! Standard errors stand on the analysis scale unless told otherwise (delta method). Reference: \[parmar1998\].

use super::{Compute, Effect, EffectOptions, Limits, Measure, MeasureSpec, Scale, plain};
use crate::dataset::{Precision, Ready, StudyData, StudyRow, plain_name};
use crate::error::Error;
use crate::math::{dist, last_unit};
use crate::registry::Member;
use serde::{Deserialize, Serialize};

pub(super) const HR: MeasureSpec = plain(
    "HR",
    "Hazard ratio",
    "Hazard ratio",
    Scale::Log,
    Some(0.0),
    "y = ln HR or log hazard ratio as given",
    "parmar1998",
    Compute::Ready,
);

pub(super) const GEN: MeasureSpec = plain(
    "GEN",
    "Effect as given",
    "Effect",
    Scale::Identity,
    Some(0.0),
    "y and v as given",
    "",
    Compute::Ready,
);

/// On which scale a number stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Values {
    /// On the scale of analysis: logarithms of ratios, logits of proportions.
    #[default]
    Analysis,
    /// As people read it: ratios, proportions.
    Natural,
}

impl Values {
    /// Both, in the order help shows them.
    pub const ALL: [Self; 2] = [Self::Natural, Self::Analysis];

    /// The code on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Natural => "natural",
        }
    }

    /// From its code.
    ///
    /// # Errors
    /// There is no such scale.
    pub fn parse(code: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(code)).ok_or_else(|| {
            Error::usage(format!("`{code}` is no scale of values"))
                .with_hint("choose natural (ratios as ratios) or analysis (their logarithms)")
        })
    }
}

/// What told the scale of ready values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScaleEvidence {
    /// The user did, or the measure is not transformed.
    #[default]
    Said,
    /// The limits are symmetric about the estimates on this scale and not on the other.
    Limits,
    /// A value is impossible on the other scale.
    Range,
    /// The name of the column.
    Name,
}

/// How ready values are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyScale {
    /// Scale of estimates and limits.
    pub values: Values,
    /// Scale of standard errors and variances.
    pub se: Values,
    /// What told the scale of the values.
    pub evidence: ScaleEvidence,
}

/// What a user said of ready values, and what their column is called.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadyRequest<'a> {
    /// Scale of estimates and limits.
    pub values: Option<Values>,
    /// Scale of standard errors and variances.
    pub se: Option<Values>,
    /// The column of estimates.
    pub column: &'a str,
}

/// The effect of a ready row.
pub(super) fn effect(r: &Ready, options: &EffectOptions) -> Result<Effect, &'static str> {
    let spec = options.measure.spec();
    let to = Transform { scale: spec.scale, values: options.ready.values };
    let y = to.forward(r.estimate).ok_or("the estimate is impossible on its scale")?;
    if !y.is_finite() {
        return Err("the estimate lies at the edge of its scale, where the transformed value is infinite");
    }
    let slope = match options.ready.se {
        Values::Analysis => 1.0,
        Values::Natural => {
            let natural = to.natural(r.estimate).ok_or("the estimate is impossible on its scale")?;
            spec.scale.derivative(natural)
        }
    };
    let v = match (r.precision, r.limits) {
        (Precision::Variance(v), _) => v * slope * slope,
        (Precision::StandardError(se), _) => (se * slope).powi(2),
        (Precision::Limits, Some(l)) => {
            let width = to.width(l.lower, l.upper).ok_or("a confidence limit is impossible on its scale")?;
            if !width.is_finite() {
                return Err("a confidence limit is infinite on the scale of analysis");
            }
            (width / (2.0 * quantile(l.level))).powi(2)
        }
        (Precision::PValue(p), _) => {
            if y == 0.0 || p == 1.0 {
                return Err("an estimate of no effect or a p-value of 1 does not tell the standard error");
            }
            (y / dist::normal_quantile(p / 2.0)).powi(2)
        }
        (Precision::Limits, None) => return Err("no limits are reported"),
    };
    Ok(Effect { y, v })
}

/// The limits that a study reported, where its variance comes from them and they are of the level asked for.
pub(super) fn reported_limits(r: &Ready, options: &EffectOptions) -> Option<Limits> {
    let limits = r.limits.filter(|l| r.precision == Precision::Limits && l.level == options.level)?;
    let to = Transform { scale: options.measure.spec().scale, values: options.ready.values };
    Some(Limits { lower: to.forward(limits.lower), upper: to.forward(limits.upper) })
}

/// Whether the limits of a row are far from symmetric about its estimate on the scale of analysis.
pub fn is_asymmetric(r: &Ready, options: &EffectOptions) -> bool {
    let to = Transform { scale: options.measure.spec().scale, values: options.ready.values };
    let parts = || {
        let l = r.limits?;
        Some((to.forward(r.estimate)?, to.forward(l.lower)?, to.forward(l.upper)?))
    };
    parts().is_some_and(|(y, lower, upper)| (y - 0.5 * (lower + upper)).abs() > 0.05 * (upper - lower))
}

fn quantile(level: f64) -> f64 {
    -dist::normal_quantile(0.5 - level / 200.0)
}

/// From the scale of the values to the scale of analysis.
#[derive(Clone, Copy)]
struct Transform {
    scale: Scale,
    values: Values,
}

impl Transform {
    fn forward(self, x: f64) -> Option<f64> {
        match self.values {
            Values::Analysis => Some(x),
            Values::Natural => self.scale.forward(x, None),
        }
    }

    fn natural(self, x: f64) -> Option<f64> {
        match self.values {
            Values::Analysis => self.scale.back(x, None),
            Values::Natural => Some(x),
        }
    }

    fn width(self, lower: f64, upper: f64) -> Option<f64> {
        Some(self.forward(upper)? - self.forward(lower)?)
    }
}

/// A ready row with its place.
struct Row<'a> {
    study: &'a str,
    line: usize,
    ready: Ready,
}

/// Finds out on which scale ready effects stand: what the user said, else what the data prove, else what their column's
/// name says; where nothing tells, an error asks.
///
/// # Errors
/// Nothing tells the scale; scales are mixed; an estimate lies outside its limits; a value is impossible.
pub fn read_scale(rows: &[StudyRow], of: Measure, asked: &ReadyRequest<'_>) -> Result<ReadyScale, Error> {
    let rows: Vec<Row<'_>> = rows
        .iter()
        .filter_map(|r| match r.data {
            Ok(StudyData::Ready(ready)) => Some(Row { study: &r.study, line: r.line, ready }),
            _ => None,
        })
        .collect();
    let measure = of.spec();
    let scale = measure.scale;
    if scale == Scale::Identity {
        if of == Measure::Generic && [asked.values, asked.se].contains(&Some(Values::Natural)) {
            return Err(Error::usage("effects as given (GEN) have no transformation to their natural scale")
                .with_hint(
                    "name the measure, such as ⟦measure=HR⟧ or OR, or leave ⟦values⟧ and ⟦se-scale⟧ out",
                ));
        }
        contradictions(&rows, scale, Values::Analysis)?;
        impossible(&rows, of, Values::Analysis)?;
        if of == Measure::Generic && asked.values.is_none() {
            ratios_as_they_stand(&rows, asked.column)?;
        }
        return Ok(ReadyScale::default());
    }
    if scale.needs_size() && asked.values == Some(Values::Natural) {
        return Err(Error::usage(format!("{} needs the size of each study", measure.id))
            .with_hint("give transformed values with ⟦values=analysis⟧, or another measure of proportions"));
    }
    let (values, evidence) = match asked.values {
        Some(values) => (values, ScaleEvidence::Said),
        None => told(&rows, measure, asked.column)?,
    };
    contradictions(&rows, scale, values)?;
    if evidence != ScaleEvidence::Said && values == Values::Analysis {
        beyond_belief(&rows, measure, asked.column)?;
    }
    impossible(&rows, of, values)?;
    let has_errors =
        rows.iter().any(|r| !matches!(r.ready.precision, Precision::Limits | Precision::PValue(_)));
    if asked.se == Some(Values::Natural) && !rows.is_empty() && !has_errors {
        return Err(Error::usage("⟦se-scale=natural⟧ turns standard errors, and none is given")
            .with_hint("leave it out: limits and p-values follow ⟦values⟧"));
    }
    let se = asked.se.unwrap_or_else(|| scale_of_errors(&rows, scale, values));
    if se == Values::Natural && scale.needs_size() {
        return Err(Error::usage(format!("{} needs the size of each study", measure.id))
            .with_hint("give standard errors of the transformed values"));
    }
    Ok(ReadyScale { values, se, evidence })
}

/// Effects as given that are ratios, by the name of their column or by limits that are symmetric as logarithms alone:
/// pooled as they stand they would be wrong.
fn ratios_as_they_stand(rows: &[Row<'_>], column: &str) -> Result<(), Error> {
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

/// Which scales the limits of a row are symmetric on, as far as their rounding tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symmetry {
    Analysis,
    Natural,
    Both,
    /// The estimate is transformed and its limits are not.
    TransformedEstimate,
    /// The limits are transformed and the estimate is not.
    TransformedLimits,
    Neither,
}

/// Half a unit in the last decimal of a column.
fn half_unit(values: impl Iterator<Item = f64>) -> f64 {
    0.5 * values.map(last_unit).fold(1.0, f64::min)
}

struct Judge {
    scale: Scale,
    estimate: f64,
    limit: f64,
}

impl Judge {
    fn new(rows: &[Row<'_>], scale: Scale) -> Self {
        let limits = rows.iter().filter_map(|r| r.ready.limits).flat_map(|l| [l.lower, l.upper]);
        Self { scale, estimate: half_unit(rows.iter().map(|r| r.ready.estimate)), limit: half_unit(limits) }
    }

    /// |2y − L − U| against the width, given how far rounding may move each: beyond it, 2% are allowed.
    fn fits(&self, y: (f64, f64), lower: (f64, f64), upper: (f64, f64)) -> bool {
        let width = upper.0 - lower.0;
        let gap = (2.0 * y.0 - lower.0 - upper.0).abs();
        width.is_finite() && width > 0.0 && gap <= 2.0 * y.1 + lower.1 + upper.1 + 0.02 * width
    }

    fn symmetry(&self, r: &Ready) -> Option<Symmetry> {
        let l = r.limits?;
        let raw = |x: f64, unit: f64| Some((x, unit));
        let moved = |x: f64, unit: f64| {
            let t = self.scale.forward(x, None).filter(|t| t.is_finite())?;
            Some((t, unit * self.scale.derivative(x)))
        };
        type To<'a> = &'a dyn Fn(f64, f64) -> Option<(f64, f64)>;
        let fits = |estimate: To<'_>, limit: To<'_>| {
            let parts =
                (estimate(r.estimate, self.estimate), limit(l.lower, self.limit), limit(l.upper, self.limit));
            matches!(parts, (Some(y), Some(a), Some(b)) if self.fits(y, a, b))
        };
        Some(match (fits(&raw, &raw), fits(&moved, &moved)) {
            (true, true) => Symmetry::Both,
            (true, false) => Symmetry::Analysis,
            (false, true) => Symmetry::Natural,
            _ if fits(&raw, &moved) => Symmetry::TransformedEstimate,
            _ if fits(&moved, &raw) => Symmetry::TransformedLimits,
            _ => Symmetry::Neither,
        })
    }
}

fn named<'a>(rows: impl Iterator<Item = &'a Row<'a>>) -> String {
    let all: Vec<String> = rows.map(|r| format!("{} (line {})", r.study, r.line)).collect();
    let more = all.len().saturating_sub(6);
    let shown = all[..all.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn named_rows(rows: &[&Row<'_>]) -> String {
    named(rows.iter().copied())
}

fn told(rows: &[Row<'_>], measure: &MeasureSpec, column: &str) -> Result<(Values, ScaleEvidence), Error> {
    let scale = measure.scale;
    let judge = Judge::new(rows, scale);
    let symmetry: Vec<Option<Symmetry>> = rows.iter().map(|r| judge.symmetry(&r.ready)).collect();
    let with = |s: Symmetry| rows.iter().zip(&symmetry).filter(move |(_, x)| **x == Some(s)).map(|(r, _)| r);
    let impossible: Vec<&Row<'_>> = rows.iter().filter(|r| !possible(r, scale)).collect();
    if scale.needs_size() {
        return Err(Error::usage(format!("on which scale does column `{column}` stand? {} needs the size of each study", measure.id))
            .with_hint("⟦values=analysis⟧ if the values are transformed; natural values go in as counts, or under ⟦measure=PLO⟧"));
    }
    let (natural, analysis) = (with(Symmetry::Natural).count(), with(Symmetry::Analysis).count());
    if natural > 0 && (analysis > 0 || !impossible.is_empty()) {
        let (few, word, others) = if !impossible.is_empty() {
            (named_rows(&impossible), "impossible as natural values", "natural values")
        } else if analysis <= natural {
            (named(with(Symmetry::Analysis)), transformed(scale), "natural values")
        } else {
            (named(with(Symmetry::Natural)), "natural values", transformed(scale))
        };
        return Err(Error::data(format!(
            "the rows stand on different scales: {few}: {word}; the others: {others}"
        ))
        .with_hint("bring all rows to one scale, and say which with ⟦values=natural⟧ or ⟦values=analysis⟧"));
    }
    if natural > 0 {
        return Ok((Values::Natural, ScaleEvidence::Limits));
    }
    let mixed = with(Symmetry::TransformedEstimate).chain(with(Symmetry::TransformedLimits)).count();
    let name = plain_name(column);
    // limits of ratios by the delta method are symmetric as they stand: a name that says ratio is not overruled
    let says_ratio = scale == Scale::Log && name == plain_name(measure.id);
    if analysis > 0 && !(says_ratio && impossible.is_empty()) {
        return Ok((Values::Analysis, ScaleEvidence::Limits));
    }
    // impossible as natural values, and symmetric on no scale: per cent are like that
    let neither = with(Symmetry::Neither).count();
    if !impossible.is_empty() && neither == 0 {
        return Ok((Values::Analysis, ScaleEvidence::Range));
    }
    if mixed == 0 && says_transformed(&name, measure) {
        return Ok((Values::Analysis, ScaleEvidence::Name));
    }
    // a correlation and its z are alike below one half: only the name of the column can raise a doubt
    if mixed == 0 && scale == Scale::FisherZ && !says_correlation(&name) {
        return Ok((Values::Analysis, ScaleEvidence::Name));
    }
    if mixed > 0 {
        contradictions(rows, scale, Values::Analysis)?;
    }
    let example = rows.first().map_or(0.5, |r| r.ready.estimate);
    let far = scale == Scale::Log && rows.iter().all(|r| r.ready.estimate > 10.0);
    let per_cent =
        if far { "in per cent? then divide estimates, limits and standard errors by 100; " } else { "" };
    if !impossible.is_empty() {
        return Err(Error::usage(format!(
            "column `{column}` holds no natural values of {} ({}), and limits that are not symmetric as {}",
            measure.title.to_lowercase(),
            named_rows(&impossible),
            transformed(scale)
        ))
        .with_hint(
            "in per cent? divide estimates, limits and standard errors by 100, and say ⟦values=natural⟧; if they are \
             transformed all the same, say ⟦values=analysis⟧",
        ));
    }
    Err(Error::usage(format!(
        "nothing tells whether column `{column}` holds {} on the natural scale or their {}",
        measure.title.to_lowercase(),
        transformed(scale)
    ))
    .with_hint(format!(
        "{per_cent}say ⟦values=natural⟧ if {example} is a value as people read it, ⟦values=analysis⟧ if it is already \
         transformed ({}); standard errors are taken on the analysis scale unless ⟦se-scale=natural⟧ is said",
        transformed(scale)
    )))
}

/// Values too far out for their scale, which nobody said they stand on: 72 is no log hazard ratio, 45 no logit. They may
/// be per cent.
fn beyond_belief(rows: &[Row<'_>], measure: &MeasureSpec, column: &str) -> Result<(), Error> {
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

/// What values are called once transformed.
fn transformed(scale: Scale) -> &'static str {
    match scale {
        Scale::Log | Scale::Bonett => "logarithms",
        Scale::Logit => "logits (logarithms of odds)",
        Scale::Probit => "probits",
        Scale::FisherZ => "Fisher's z values",
        Scale::Arcsine | Scale::FreemanTukey => "arcsines",
        Scale::Root | Scale::FreemanTukeyRate => "square roots",
        Scale::Hakstian => "cube roots",
        Scale::Identity => "values",
    }
}

/// Whether every number of the row may be a natural value.
fn possible(r: &Row<'_>, scale: Scale) -> bool {
    let (low, high) = scale.range();
    let limits = r.ready.limits.map(|l| [l.lower, l.upper]);
    std::iter::once(r.ready.estimate).chain(limits.into_iter().flatten()).all(|x| x >= low && x <= high)
}

/// Rows whose estimate contradicts their limits, or that are impossible on the scale in force.
fn contradictions(rows: &[Row<'_>], scale: Scale, values: Values) -> Result<(), Error> {
    if values == Values::Natural
        && let Some(r) = rows.iter().find(|r| !possible(r, scale))
    {
        let numbers =
            [Some(r.ready.estimate), r.ready.limits.map(|l| l.lower), r.ready.limits.map(|l| l.upper)];
        let (low, high) = scale.range();
        let x = numbers.into_iter().flatten().find(|x| *x < low || *x > high).unwrap_or(r.ready.estimate);
        return Err(Error::data(format!("{x} is impossible as a natural value"))
            .at_line(r.line)
            .of_study(r.study)
            .with_hint(format!(
                "natural values of this measure {}; are these {}? then say ⟦values=analysis⟧",
                range_text(scale.range()),
                transformed(scale)
            )));
    }
    let judge = Judge::new(rows, scale);
    if scale != Scale::Identity {
        let kinds = [
            (Symmetry::TransformedEstimate, "the estimate is transformed and its limits are not"),
            (Symmetry::TransformedLimits, "the limits are transformed and the estimate is not"),
        ];
        for (kind, what) in kinds {
            let those: Vec<&Row<'_>> =
                rows.iter().filter(|r| judge.symmetry(&r.ready) == Some(kind)).collect();
            let outside = those.iter().any(|r| is_outside(&r.ready));
            if !those.is_empty() && (outside || those.len() == rows.len()) {
                return Err(Error::data(format!(
                    "scales are mixed ({} in one row): {what} in {}",
                    if scale == Scale::Log {
                        "logarithms and ratios"
                    } else {
                        "transformed and natural values"
                    },
                    named(those.into_iter())
                ))
                .with_hint("bring estimates and limits to one scale in the table"));
            }
        }
    }
    if let Some(r) = rows.iter().find(|r| is_outside(&r.ready))
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

/// Estimates that no study can have: a proportion of 33.3, a correlation of 1.2, the logarithm of a proportion above 0.
fn impossible(rows: &[Row<'_>], measure: Measure, values: Values) -> Result<(), Error> {
    let to = Transform { scale: measure.spec().scale, values };
    let (low, high) = measure.natural_range();
    // rounding of a limit such as 1 is no fault
    let beyond = |x: f64| x < low - 1e-9 || x > high + 1e-9;
    let Some((r, x)) =
        rows.iter().find_map(|r| to.natural(r.ready.estimate).filter(|x| beyond(*x)).map(|x| (r, x)))
    else {
        return Ok(());
    };
    let cell = r.ready.estimate;
    let shown = if x == cell || x.abs() > 1e6 { cell } else { (x * 1e6).round() / 1e6 };
    let hint = if high == 1.0 && x.abs() > 1.0 && x.abs() <= 100.0 && x == r.ready.estimate {
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

/// A range in words.
fn range_text((low, high): (f64, f64)) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("lie between {low} and {high}"),
        (true, false) => format!("are {low} or more"),
        (false, true) => format!("are {high} or less"),
        (false, false) => "have no bounds".into(),
    }
}

fn other(values: Values) -> Values {
    if values == Values::Natural { Values::Analysis } else { Values::Natural }
}

fn is_outside(r: &Ready) -> bool {
    r.limits.is_some_and(|l| r.estimate < l.lower || r.estimate > l.upper)
}

/// On the analysis scale, unless limits beside them show that they stand on the natural one.
fn scale_of_errors(rows: &[Row<'_>], scale: Scale, values: Values) -> Values {
    let to = Transform { scale, values };
    let (mut natural, mut analysis) = (0, 0);
    for r in rows {
        let (se, l) = match (r.ready.precision, r.ready.limits) {
            (Precision::StandardError(se), Some(l)) => (se, l),
            (Precision::Variance(v), Some(l)) => (v.sqrt(), l),
            _ => continue,
        };
        let z = 2.0 * quantile(l.level);
        let near = |width: Option<f64>| width.is_some_and(|w| (se * z / w).ln().abs() < 0.1);
        let raw = || Some(to.natural(l.upper)? - to.natural(l.lower)?);
        match (near(raw()), near(to.width(l.lower, l.upper))) {
            (true, false) => natural += 1,
            (false, true) => analysis += 1,
            _ => {}
        }
    }
    if natural > 0 && analysis == 0 { Values::Natural } else { Values::Analysis }
}

fn says_transformed(name: &str, measure: &MeasureSpec) -> bool {
    let by_scale: &[&str] = match measure.scale {
        Scale::Log => &["log", "ln"],
        Scale::Logit => &["logit"],
        Scale::Probit => &["probit"],
        Scale::FisherZ => &["fisherz", "fishersz", "zr", "zcor"],
        Scale::Arcsine => &["arcsine", "asin"],
        _ => &[],
    };
    by_scale.iter().any(|w| name.starts_with(w))
}

fn says_correlation(name: &str) -> bool {
    ["r", "ri", "cor", "corr", "correlation", "rho", "pearson", "pearsonr"].contains(&name)
}
