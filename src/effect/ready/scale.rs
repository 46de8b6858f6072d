//! On which scale ready effects stand.

use super::named::{ReadyRow, named, ready_rows, says_correlation, says_transformed, transformed};
use super::refusals::{beyond_belief, contradictions, impossible, ratios_as_they_stand};
use super::symmetry::{Judge, Symmetry};
use super::{ReadyRequest, ReadyScale, ScaleEvidence, Transform, quantile};
use crate::choice::Values;
use crate::dataset::{Precision, StudyRow, plain_name};
use crate::effect::{Measure, MeasureSpec, Scale};
use crate::error::Error;

/// Finds out on which scale ready effects stand: what the user said, else what the data prove, else what their column's
/// name says; where nothing tells, an error asks.
///
/// # Errors
/// Nothing tells the scale; scales are mixed; an estimate lies outside its limits; a value is impossible.
pub fn read_scale(rows: &[StudyRow], of: Measure, asked: &ReadyRequest<'_>) -> Result<ReadyScale, Error> {
    let rows = ready_rows(rows);
    let measure = of.spec();
    let scale = measure.scale;
    if scale == Scale::Identity {
        as_they_stand(&rows, of, asked)?;
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
    let se = scale_of_se(&rows, measure, asked, values)?;
    Ok(ReadyScale { values, se, evidence })
}

/// Values that no transformation moves.
fn as_they_stand(rows: &[ReadyRow<'_>], of: Measure, asked: &ReadyRequest<'_>) -> Result<(), Error> {
    if of == Measure::Generic && [asked.values, asked.se].contains(&Some(Values::Natural)) {
        return Err(Error::usage("effects as given (GEN) have no transformation to their natural scale")
            .with_hint(
                "name the measure, such as ⟦measure=HR⟧ or OR, or leave ⟦values⟧ and ⟦se-scale⟧ out",
            ));
    }
    contradictions(rows, Scale::Identity, Values::Analysis)?;
    impossible(rows, of, Values::Analysis)?;
    if of == Measure::Generic && asked.values.is_none() {
        ratios_as_they_stand(rows, asked.column)?;
    }
    Ok(())
}

/// The scale of standard errors and variances: as said, else as limits beside them show.
fn scale_of_se(
    rows: &[ReadyRow<'_>],
    measure: &MeasureSpec,
    asked: &ReadyRequest<'_>,
    values: Values,
) -> Result<Values, Error> {
    let has_errors =
        rows.iter().any(|r| !matches!(r.ready.precision, Precision::Limits | Precision::PValue(_)));
    if asked.se == Some(Values::Natural) && !rows.is_empty() && !has_errors {
        return Err(Error::usage("⟦se-scale=natural⟧ turns standard errors, and none is given")
            .with_hint("leave it out: limits and p-values follow ⟦values⟧"));
    }
    let se = asked.se.unwrap_or_else(|| scale_of_errors(rows, measure.scale, values));
    if se == Values::Natural && measure.scale.needs_size() {
        return Err(Error::usage(format!("{} needs the size of each study", measure.id))
            .with_hint("give standard errors of the transformed values"));
    }
    Ok(se)
}

/// What the data and the name of their column tell.
struct Evidence<'a> {
    rows: &'a [ReadyRow<'a>],
    symmetry: Vec<Option<Symmetry>>,
    /// Rows that are impossible as natural values.
    impossible: Vec<&'a ReadyRow<'a>>,
    measure: &'a MeasureSpec,
    column: &'a str,
}

fn told(
    rows: &[ReadyRow<'_>],
    measure: &MeasureSpec,
    column: &str,
) -> Result<(Values, ScaleEvidence), Error> {
    let scale = measure.scale;
    if scale.needs_size() {
        return Err(Error::usage(format!(
            "on which scale does column `{column}` stand? {} needs the size of each study",
            measure.id
        ))
        .with_hint(
            "⟦values=analysis⟧ if the values are transformed; natural values go in as counts, or under ⟦measure=PLO⟧",
        ));
    }
    let judge = Judge::new(rows, scale);
    let evidence = Evidence {
        rows,
        symmetry: rows.iter().map(|r| judge.symmetry(&r.ready)).collect(),
        impossible: rows.iter().filter(|r| !r.is_possible(scale)).collect(),
        measure,
        column,
    };
    evidence.refuse_mixtures()?;
    match evidence.verdict() {
        Some(told) => Ok(told),
        None => Err(evidence.nothing_tells()?),
    }
}

impl<'a> Evidence<'a> {
    /// Rows whose limits are symmetric in one way.
    fn with(&self, s: Symmetry) -> impl Iterator<Item = &'a ReadyRow<'a>> + '_ {
        self.rows.iter().zip(&self.symmetry).filter(move |(_, x)| **x == Some(s)).map(|(r, _)| r)
    }

    fn count(&self, s: Symmetry) -> usize {
        self.with(s).count()
    }

    /// Rows of which the estimate and the limits stand on different scales.
    fn mixed(&self) -> usize {
        self.count(Symmetry::TransformedEstimate) + self.count(Symmetry::TransformedLimits)
    }

    fn refuse_mixtures(&self) -> Result<(), Error> {
        let (natural, analysis) = (self.count(Symmetry::Natural), self.count(Symmetry::Analysis));
        if natural == 0 || analysis == 0 && self.impossible.is_empty() {
            return Ok(());
        }
        let logarithms = transformed(self.measure.scale);
        let (few, word, others) = if !self.impossible.is_empty() {
            (named(self.impossible.iter().copied()), "impossible as natural values", "natural values")
        } else if analysis <= natural {
            (named(self.with(Symmetry::Analysis)), logarithms, "natural values")
        } else {
            (named(self.with(Symmetry::Natural)), "natural values", logarithms)
        };
        Err(Error::data(format!("the rows stand on different scales: {few}: {word}; the others: {others}"))
            .with_hint(
                "bring all rows to one scale, and say which with ⟦values=natural⟧ or ⟦values=analysis⟧",
            ))
    }

    /// The scale, as far as anything tells it.
    fn verdict(&self) -> Option<(Values, ScaleEvidence)> {
        let scale = self.measure.scale;
        if self.count(Symmetry::Natural) > 0 {
            return Some((Values::Natural, ScaleEvidence::Limits));
        }
        let name = plain_name(self.column);
        // limits of ratios by the delta method are symmetric as they stand: a name that says ratio is not overruled
        let says_ratio = scale == Scale::Log && name == plain_name(self.measure.id);
        if self.count(Symmetry::Analysis) > 0 && !(says_ratio && self.impossible.is_empty()) {
            return Some((Values::Analysis, ScaleEvidence::Limits));
        }
        // impossible as natural values, and symmetric on no scale: per cent are like that
        if !self.impossible.is_empty() && self.count(Symmetry::Neither) == 0 {
            return Some((Values::Analysis, ScaleEvidence::Range));
        }
        // a correlation and its z are alike below one half: only the name of the column can raise a doubt
        let says =
            says_transformed(&name, self.measure) || scale == Scale::FisherZ && !says_correlation(&name);
        (self.mixed() == 0 && says).then_some((Values::Analysis, ScaleEvidence::Name))
    }

    /// The question that is asked where nothing tells, unless something worse is wrong.
    fn nothing_tells(&self) -> Result<Error, Error> {
        let (column, scale) = (self.column, self.measure.scale);
        if self.mixed() > 0 {
            contradictions(self.rows, scale, Values::Analysis)?;
        }
        let title = self.measure.title.to_lowercase();
        let logarithms = transformed(scale);
        if !self.impossible.is_empty() {
            return Ok(Error::usage(format!(
                "column `{column}` holds no natural values of {title} ({}), and limits that are not symmetric as {logarithms}",
                named(self.impossible.iter().copied()),
            ))
            .with_hint(
                "in per cent? divide estimates, limits and standard errors by 100, and say ⟦values=natural⟧; if they are \
                 transformed all the same, say ⟦values=analysis⟧",
            ));
        }
        let example = self.rows.first().map_or(0.5, |r| r.ready.estimate);
        let far = scale == Scale::Log && self.rows.iter().all(|r| r.ready.estimate > 10.0);
        let per_cent =
            if far { "in per cent? then divide estimates, limits and standard errors by 100; " } else { "" };
        Ok(Error::usage(format!(
            "nothing tells whether column `{column}` holds {title} on the natural scale or their {logarithms}"
        ))
        .with_hint(format!(
            "{per_cent}say ⟦values=natural⟧ if {example} is a value as people read it, ⟦values=analysis⟧ if it is already \
             transformed ({logarithms}); standard errors are taken on the analysis scale unless ⟦se-scale=natural⟧ is said"
        )))
    }
}

/// On the analysis scale, unless limits beside them show that they stand on the natural one.
fn scale_of_errors(rows: &[ReadyRow<'_>], scale: Scale, values: Values) -> Values {
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
