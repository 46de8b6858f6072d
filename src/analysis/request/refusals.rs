//! Rows that are not what they would be taken for.

use crate::dataset::{Dataset, Fields, LabelSource, arms};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::model::Sample;
use crate::model::interval::Interval;
use crate::model::inverse_variance::fit;
use crate::model::tau2::Tau2;
use std::collections::HashSet;

/// A table that a command wrote as its whole answer holds pooled rows beside the studies: these are never pooled again.
pub(super) fn refuse_answer(dataset: &Dataset) -> Result<(), Error> {
    let [Some(kind), Some(_), Some(_), Some(_)] =
        ["kind", "label", "natural_estimate", "natural_ci_lower"].map(|c| dataset.position(c))
    else {
        return Ok(());
    };
    let other = (0..dataset.rows()).filter_map(|row| dataset.text(kind, row)).find(|k| k != "study");
    match other {
        None => Ok(()),
        Some(other) => Err(Error::data(format!("a row of kind `{other}` is no study: the table is a whole answer"))
            .with_hint("keep the studies: ⟦where=\"kind = 'study'\"‖study=label⟧, or read what ⟦effects: output=effects.csv⟧ writes")),
    }
}

/// Refuses rows of one group that seem to be the arms of studies.
pub(super) fn refuse_arms(fields: &Fields<'_>, labels: &[String], source: LabelSource) -> Result<(), Error> {
    if arms::paired_shape(fields.shape).is_none() {
        return Ok(());
    }
    let label = |c: usize| match source {
        LabelSource::Column(l) => c == l,
        LabelSource::AuthorYear(a, y) => c == a || c == y,
        LabelSource::Rows => false,
    };
    let free = |c: usize| !fields.uses(c) && !label(c);
    match arms::suspected(fields.dataset, labels, &free) {
        None => Ok(()),
        Some(found) => {
            let studies: HashSet<&String> = labels.iter().collect();
            Err(arms::refusal(&found, labels.len(), studies.len()).in_file(&fields.dataset.source))
        }
    }
}

/// Refuses ready effects whose last row is the pooled value of all rows above it, three or more: estimate and standard
/// error of the common-effect or the random-effects mean, as far as rounding lets them be told.
pub(super) fn refuse_pooled_row(table: &EffectTable) -> Result<(), Error> {
    let all: Vec<_> = table.studies.iter().filter_map(|s| s.effect().map(|e| (s, e))).collect();
    let Some(((last, own), others)) = all.split_last().filter(|(_, o)| table.is_ready() && o.len() > 2)
    else {
        return Ok(());
    };
    let (y, v): (Vec<f64>, Vec<f64>) = others.iter().map(|(_, e)| (e.y, e.v)).unzip();
    let sample = Sample::new(&y, &v);
    let se = own.v.sqrt();
    let alike = [Tau2::EqualEffects, Tau2::DerSimonianLaird, Tau2::Reml].iter().any(|tau2| {
        let pooled = fit(sample, *tau2, Interval::Wald, table.options.level);
        (own.y - pooled.estimate).abs() < 0.1 * pooled.se && (se / pooled.se).ln().abs() < 0.05
    });
    if !alike {
        return Ok(());
    }
    Err(Error::data(format!(
        "the last row is what the {} rows above it give when they are pooled: is it their summary?",
        others.len()
    ))
    .at_line(last.line)
    .of_study(&last.study)
    .with_hint("a summary is no study: leave the row out; if it is a study, say ⟦keep-total⟧"))
}
