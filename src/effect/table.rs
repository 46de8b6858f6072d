//! The effect table: what every model takes and no model changes.

use super::estimate::{enter, estimates};
use super::{
    Block, Covariance, Effect, EffectOptions, Frame, Included, Inclusion, Measure, Scale, Status, StudyEffect,
};
use crate::dataset::{Dataset, Noticed, Precision, Ready, Shape, SharedControl, StudyData, StudyRow, Values};
use crate::error::Error;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A ready effect: the study it is of, which of its effects it is, estimate and sampling variance on the analysis scale.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadyEffect {
    /// Label of the study.
    pub study: String,
    /// Which of several effects of the study.
    pub item: Option<String>,
    /// The arm, where rows are arms.
    pub arm: Option<String>,
    /// Estimate.
    pub y: f64,
    /// Sampling variance.
    pub v: f64,
}

impl ReadyEffect {
    /// The only effect of a study.
    pub fn new(study: impl Into<String>, y: f64, v: f64) -> Self {
        Self { study: study.into(), item: None, arm: None, y, v }
    }

    /// One of several effects of the study.
    #[must_use]
    pub fn item(self, item: impl Into<String>) -> Self {
        Self { item: Some(item.into()), ..self }
    }

    /// Of an arm of the study.
    #[must_use]
    pub fn arm(self, arm: impl Into<String>) -> Self {
        Self { arm: Some(arm.into()), ..self }
    }

    fn row(&self, options: &EffectOptions) -> StudyEffect {
        let (y, v) = (self.y, self.v);
        let precision = Precision::Variance(v);
        let mut s = StudyEffect::unknown(&self.study, 0);
        (s.item, s.arm) = (self.item.clone(), self.arm.clone());
        s.data = Some(StudyData::Ready(Ready { estimate: y, precision, limits: None }));
        enter(&mut s, Effect { y, v }, options);
        s
    }
}

/// Effects in the order of the data, with the settings they were computed under, their sampling covariance and the
/// columns of data beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectTable {
    /// How the effects were computed.
    pub options: EffectOptions,
    /// One per row of the data.
    pub studies: Vec<StudyEffect>,
    /// What was noticed about the rows while they were read.
    pub noticed: Vec<Noticed>,
    covariance: Covariance,
    frame: Frame,
}

/// Effects and their sampling variances, labelled by their number: of no measure in particular.
impl From<&[(f64, f64)]> for EffectTable {
    fn from(effects: &[(f64, f64)]) -> Self {
        let ready = effects.iter().zip(1..).map(|(&(y, v), i)| ReadyEffect::new(i.to_string(), y, v));
        Self::of_ready(Measure::Generic, &ready.collect::<Vec<_>>())
    }
}

impl<const K: usize> From<[(f64, f64); K]> for EffectTable {
    fn from(effects: [(f64, f64); K]) -> Self {
        Self::from(effects.as_slice())
    }
}

impl EffectTable {
    /// Computes one effect per row.
    ///
    /// # Errors
    /// The variance formula does not exist for the measure, or the level is not between 50 and 100.
    pub fn compute(rows: &[StudyRow], options: EffectOptions) -> Result<Self, Error> {
        options.check()?;
        Ok(Self::independent(options, estimates(rows, &options)))
    }

    /// A table of ready effects: labels, estimates and sampling variances on the analysis scale.
    ///
    /// # Errors
    /// The lengths differ.
    pub fn from_effects(measure: Measure, labels: &[String], y: &[f64], v: &[f64]) -> Result<Self, Error> {
        if labels.len() != y.len() || y.len() != v.len() {
            return Err(Error::data(format!(
                "{} labels, {} estimates, {} variances",
                labels.len(),
                y.len(),
                v.len()
            )));
        }
        let effects = labels.iter().zip(y).zip(v).map(|((s, &y), &v)| ReadyEffect::new(s, y, v));
        Ok(Self::of_ready(measure, &effects.collect::<Vec<_>>()))
    }

    /// A table of ready effects, independent of each other.
    pub fn of_ready(measure: Measure, effects: &[ReadyEffect]) -> Self {
        let options = EffectOptions::new(measure);
        Self::independent(options, effects.iter().map(|e| e.row(&options)).collect())
    }

    fn independent(options: EffectOptions, studies: Vec<StudyEffect>) -> Self {
        let frame = Frame::without_columns(studies.iter().map(|s| s.line).collect());
        Self { options, studies, noticed: vec![], covariance: Covariance::Diagonal, frame }
    }

    /// With the sampling covariance of rows that are not independent.
    ///
    /// # Errors
    /// A block reaches beyond the table, blocks share a row, or a variance is not that of its row.
    pub fn with_covariance(self, blocks: Vec<Block>) -> Result<Self, Error> {
        let covariance = Covariance::of_blocks(blocks, self.studies.len())?;
        if let Covariance::Blocks(blocks) = &covariance {
            let cells = blocks.iter().flat_map(|b| b.rows().iter().zip(b.variances()));
            for (&row, v) in cells {
                self.check_variance(row, v)?;
            }
        }
        Ok(Self { covariance, ..self })
    }

    fn check_variance(&self, row: usize, v: f64) -> Result<(), Error> {
        let s = &self.studies[row];
        if s.v.is_some_and(|own| (own - v).abs() <= 1e-8 * own) {
            return Ok(());
        }
        let own = s.v.map_or("none".to_string(), |v| v.to_string());
        Err(Error::data(format!("the block has the variance {v} where the row has {own}"))
            .at_line(s.line)
            .of_study(&s.study)
            .with_hint("the diagonal of a block holds the sampling variances of its rows"))
    }

    /// With the columns of the data that its rows came from.
    ///
    /// # Errors
    /// They have another number of rows.
    pub fn with_frame(self, data: Arc<Dataset>) -> Result<Self, Error> {
        if data.rows() != self.studies.len() {
            let (columns, rows) = (data.rows(), self.studies.len());
            return Err(Error::data(format!("columns of {columns} rows beside {rows} effects"))
                .in_file(&data.source)
                .with_hint("give one row of data per effect, in the same order"));
        }
        Ok(Self { frame: Frame::of(data), ..self })
    }

    /// With another column beside the effects: a moderator, a cluster, a dose.
    ///
    /// # Errors
    /// It has another number of rows, or there is a column of this name.
    pub fn with_column(self, name: &str, values: Values) -> Result<Self, Error> {
        Ok(Self { frame: self.frame.with(name, values)?, ..self })
    }

    /// The sampling covariance of its rows.
    pub fn covariance(&self) -> &Covariance {
        &self.covariance
    }

    /// The columns beside the effects.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Refuses effects that covary; `model` is what takes rows as independent.
    ///
    /// # Errors
    /// Some rows covary.
    pub fn check_independent(&self, model: &str) -> Result<(), Error> {
        let Some(block) = self.covariance.first_block() else { return Ok(()) };
        let first = &self.studies[block.rows()[0]];
        let rows: Vec<String> = block.rows().iter().map(|r| (r + 1).to_string()).collect();
        Err(Error::usage(format!(
            "rows {} covary by their sampling errors, and {model} takes rows as independent",
            rows.join(", ")
        ))
        .of_study(&first.study)
        .with_hint(
            "pool one effect per study; or leave the covariances out and allow for dependence with ⟦pool: cluster=COLUMN⟧",
        ))
    }

    /// The same effects of some of the rows, in this order; nothing is computed anew.
    ///
    /// # Errors
    /// A row is not there, or stands twice and covaries with others.
    pub fn part(&self, rows: &[usize]) -> Result<Self, Error> {
        let count = self.studies.len();
        if let Some(row) = rows.iter().find(|r| **r >= count) {
            return Err(Error::usage(format!("row {} of a table of {count}", row.saturating_add(1)))
                .with_hint("rows are counted from 0 in the order of the effects"));
        }
        Ok(Self {
            options: self.options,
            studies: rows.iter().map(|&i| self.studies[i].clone()).collect(),
            noticed: vec![],
            covariance: self.covariance.part(rows)?,
            frame: self.frame.part(rows),
        })
    }

    /// The same rows under other options, with the same columns beside them.
    ///
    /// # Errors
    /// The options do not suit the measure, or effects covary, so that they cannot change without their covariances.
    pub fn recompute(&self, options: EffectOptions) -> Result<Self, Error> {
        self.check_independent("computing effects anew")?;
        let mut table = Self::compute(&self.rows(), options)?;
        for (s, own) in table.studies.iter_mut().zip(&self.studies) {
            s.item.clone_from(&own.item);
            s.arm.clone_from(&own.arm);
        }
        Ok(Self { noticed: self.noticed.clone(), frame: self.frame.clone(), ..table })
    }

    /// The table with imputed studies taken in as if their variances were known.
    #[must_use]
    pub fn with_imputed(&self) -> Self {
        let mut table = self.clone();
        for s in table.studies.iter_mut().filter(|s| s.status == Status::Imputed) {
            s.status = Status::Estimable;
            s.reason = None;
        }
        table
    }

    /// Every row as the table has it, for models that take it so.
    pub fn inclusion(&self) -> Vec<Inclusion> {
        self.studies.iter().map(Inclusion::as_tabled).collect()
    }

    /// Its rows as a model took them.
    pub fn included<'a>(&'a self, inclusion: &'a [Inclusion]) -> Included<'a> {
        Included::new(self, inclusion)
    }

    /// Whether control groups were divided among comparisons: their patients are nobody's.
    pub fn splits_controls(&self) -> bool {
        let split = |n: &Noticed| matches!(n, Noticed::SharedControl { how: SharedControl::Split, .. });
        self.noticed.iter().any(split)
    }

    /// The kind of data behind the effects: that of the measure, unless effects were given ready.
    pub fn shape(&self) -> Shape {
        if self.is_ready() { Shape::Ready } else { self.measure().spec().compute.shape() }
    }

    /// Whether effects were given ready, so that models of counts have nothing to work on.
    pub fn is_ready(&self) -> bool {
        self.studies.iter().any(|s| matches!(s.data, Some(StudyData::Ready(_))))
    }

    /// The rows that it was computed from.
    pub fn rows(&self) -> Vec<StudyRow> {
        let row = |s: &StudyEffect| StudyRow {
            study: s.study.clone(),
            line: s.line,
            data: s.data.ok_or_else(|| s.reason.clone().unwrap_or_default()),
            n: s.size,
            bounds: s.bounds,
        };
        self.studies.iter().map(row).collect()
    }

    /// What the effects are.
    pub fn measure(&self) -> Measure {
        self.options.measure
    }

    /// The name of the measure in reports: without its correction it is another estimator.
    pub fn title(&self) -> String {
        let spec = self.options.measure.spec();
        match (self.options.small_sample_correction, self.options.measure) {
            // given ready, nobody knows which
            (_, Measure::StandardisedDifference) if self.is_ready() => "Standardised mean difference".into(),
            (false, Measure::StandardisedDifference) => "Standardised mean difference (Cohen's d)".into(),
            (false, _) if spec.correction.is_some() => format!("{}, uncorrected", spec.title),
            _ => spec.title.into(),
        }
    }

    /// Whether the estimates hold a small-sample correction, in words; `None` where the measure has none or where all
    /// effects were given.
    pub fn correction(&self) -> Option<String> {
        let what = self.options.measure.spec().correction?;
        let computed = |s: &StudyEffect| s.data.is_some_and(|d| !matches!(d, StudyData::Ready(_)));
        let with = if self.options.small_sample_correction { "with" } else { "without" };
        self.studies.iter().any(computed).then(|| format!("{with} {what}"))
    }

    /// Studies whose correction is larger than the effect that it corrects, where it is not lost in the standard error.
    pub fn overcorrected(&self) -> Vec<String> {
        /// Share of the standard error from which a correction counts.
        const COUNTS: f64 = 0.1;
        let spec = self.options.measure.spec();
        // Hedges' correction is a share of the effect, and a level has no effect to be larger than
        let ratio = spec.scale == Scale::Log && spec.null.is_some();
        if spec.correction.is_none() || !ratio || !self.options.small_sample_correction {
            return vec![];
        }
        let plain = EffectOptions { small_sample_correction: false, ..self.options };
        let plain = estimates(&self.rows(), &plain);
        let pairs = self.studies.iter().zip(&plain);
        pairs
            .filter_map(|(s, p)| {
                let (e, plain) = (s.effect()?, p.y?);
                let correction = (e.y - plain).abs();
                (correction > plain.abs() && correction > COUNTS * e.v.sqrt()).then(|| s.study.clone())
            })
            .collect()
    }

    /// The scale of analysis.
    pub fn scale(&self) -> Scale {
        self.options.measure.spec().scale
    }

    /// Estimates and sampling variances of the studies that can be pooled, in order.
    ///
    /// # Errors
    /// Effects covary: variances alone would not do.
    pub fn arrays(&self) -> Result<(Array1<f64>, Array1<f64>), Error> {
        self.check_independent("a list of variances")?;
        let effects: Vec<Effect> = self.studies.iter().filter_map(StudyEffect::effect).collect();
        Ok((effects.iter().map(|e| e.y).collect(), effects.iter().map(|e| e.v).collect()))
    }

    /// Number of studies that can be pooled.
    pub fn k(&self) -> usize {
        self.studies.iter().filter(|s| s.effect().is_some()).count()
    }

    /// Harmonic mean of the sizes of the pooled studies: the n that a Freeman–Tukey back-transformation uses.
    pub fn harmonic_size(&self) -> Option<f64> {
        let sizes: Option<Vec<f64>> =
            self.studies.iter().filter(|s| s.effect().is_some()).map(|s| s.size).collect();
        let sizes = sizes.filter(|s| !s.is_empty())?;
        Some(sizes.len() as f64 / sizes.iter().map(|n| 1.0 / n).sum::<f64>())
    }

    /// A pooled quantity on the scale people read.
    pub fn back(&self, x: f64) -> Option<f64> {
        let size = if self.scale().needs_size() { self.harmonic_size() } else { None };
        self.scale().back(x, size)
    }
}
