//! Which columns are read, and the measure they are for.

use super::Request;
use super::refusals::refuse_arms;
use crate::dataset::{Arms, Dataset, Fields, LabelSource, Shape, arms};
use crate::effect::Measure;
use crate::error::Error;
use crate::registry::Member;

/// The columns that were found, and what is computed from them.
pub(super) struct Choice<'a> {
    pub(super) fields: Fields<'a>,
    /// `None` until arms have become comparisons.
    pub(super) measure: Option<Measure>,
}

impl Request {
    /// Finds the columns, and the measure they are for.
    pub(super) fn choose<'a>(&self, dataset: &'a Dataset, source: LabelSource) -> Result<Choice<'a>, Error> {
        if let Arms::Compare(_) = &self.arms {
            return self.choose_arms(dataset);
        }
        let info = dataset.info.as_ref();
        let described = info.and_then(|i| i.measure.as_deref()).map(Measure::parse).transpose()?;
        // a measure that was asked for stands; one that was not gives way to what the model works on
        let suited = |shape: Shape| self.model.and_then(|m| m.measure_for(shape));
        if let Some(measure) = self.measure {
            let fields = self.of_measure(dataset, measure, source)?;
            return Ok(Choice { fields, measure: Some(measure) });
        }
        if let Some(measure) = described.filter(|_| self.columns.is_empty()) {
            let fields = self.of_measure(dataset, measure, source)?;
            let measure = suited(fields.shape).unwrap_or(measure);
            return Ok(Choice { fields, measure: Some(measure) });
        }
        let fields = Fields::detect(dataset, &self.columns, &|name| Measure::of_column(name).is_some())?;
        let ready =
            (fields.shape == Shape::Ready).then(|| Measure::of_column(&fields.column_name("estimate")));
        Ok(Choice { measure: suited(fields.shape).or(ready.flatten()), fields })
    }

    /// The columns of a measure: those of its own kind of data, else those of ready effects.
    fn of_measure<'a>(
        &self,
        dataset: &'a Dataset,
        measure: Measure,
        source: LabelSource,
    ) -> Result<Fields<'a>, Error> {
        let own = Fields::resolve(dataset, measure.spec().compute.shape(), &self.columns);
        own.or_else(|error| {
            if let Ok(fields) = Fields::ready(dataset, &self.columns, &|name| measure.is_named(name)) {
                return Ok(fields);
            }
            // a measure of two groups asked of rows that are their arms
            for one in [Shape::Events, Shape::Rate, Shape::Mean, Shape::PrePost] {
                if arms::paired_shape(one) == Some(measure.spec().compute.shape())
                    && let Ok(fields) = Fields::resolve(dataset, one, &self.columns)
                {
                    refuse_arms(&fields, &dataset.labels(source), source)?;
                }
            }
            Err(error)
        })
    }

    /// The columns of one group, of whose rows comparisons are made.
    fn choose_arms<'a>(&self, dataset: &'a Dataset) -> Result<Choice<'a>, Error> {
        let all = [Shape::PrePost, Shape::Events, Shape::Rate, Shape::Mean];
        let wanted = self.measure.map(|m| m.spec().compute.shape());
        let shapes: Vec<Shape> =
            all.into_iter().filter(|s| wanted.is_none() || arms::paired_shape(*s) == wanted).collect();
        let Some(&usual) = shapes.last() else {
            let measure = self.measure.map_or("", |m| m.spec().id);
            return Err(Error::usage(format!("{measure} does not compare two groups"))
                .with_hint("⟦arm⟧ goes with measures of two groups, such as RR, OR, RD, IRR, MD, SMD"));
        };
        let found = shapes.iter().find_map(|s| Fields::resolve(dataset, *s, &self.columns).ok());
        let fields = match (found, wanted) {
            (Some(fields), _) => fields,
            (None, Some(_)) => Fields::resolve(dataset, usual, &self.columns)?,
            (None, None) => {
                return Err(Error::data("the columns do not tell what was measured in each arm")
                    .in_file(&dataset.source)
                    .with_hint(format!(
                        "name them with ⟦columns=events=COLUMN,n=COLUMN⟧ or `mean=,sd=,n=`; the file has: {}",
                        dataset.column_list()
                    )));
            }
        };
        Ok(Choice { fields, measure: self.measure })
    }
}
