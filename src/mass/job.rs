//! What is the same for all files of an analysis: how they are read, what is computed, what is written.

use super::fit::Method;
use super::genomic_control::genomic_control;
use super::output::Sink;
use super::plan::{Plan, columns_of};
use super::record::Record;
use super::result_columns::{ResultColumn, header};
use super::{MassOptions, Summary};
use crate::dataset::{Dataset, Fields, Shape, stream};
use crate::effect::{
    Continuity, CorrectWhere, EffectOptions, Measure, ReadyScale, Scale, ScaleEvidence, Values, Variance,
    check_level, check_used,
};
use crate::error::Error;
use crate::model::Profile;
use crate::model::interval::{Interval, Kind as IntervalKind};
use crate::model::prediction::{PredictionInterval, no_prediction};
use crate::model::tau2::Tau2;
use crate::registry::Member;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is the same for all files.
pub(super) struct Job<'a> {
    pub options: &'a MassOptions,
    pub effects: EffectOptions,
    pub plans: Vec<Plan>,
    pub method: Method,
    pub columns: Vec<(String, ResultColumn)>,
    /// Rows read.
    pub rows: AtomicU64,
    /// Rows without a group.
    pub without_group: AtomicU64,
}

impl<'a> Job<'a> {
    /// Looks through the request and the heads of the files.
    ///
    /// # Errors
    /// The request contradicts itself or the files.
    pub fn new(o: &'a MassOptions) -> Result<Self, Error> {
        check_request(o)?;
        let columns = header(&o.keys, &o.tau2, o.size.is_some(), o.select.as_deref())?;
        let files = files(o)?;
        let first = files.first().ok_or_else(no_table)?;
        let head = stream::head(first, o.delimiter)?;
        let measure = measure_of(o, &head)?;
        let effects = effect_options(o, measure, &head)?;
        let (ci, prediction) = intervals(o)?;
        let plans = plans(&files, o, measure)?;
        let null = null(o, measure)?;
        let method =
            Method { tau2: o.tau2.clone(), ci, prediction, level: o.level, null, by_size: o.size.is_some() };
        let (rows, without_group) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { options: o, effects, plans, method, columns, rows, without_group })
    }

    /// Number of files where each is a study, 0 where each row is one.
    pub fn studies(&self) -> usize {
        if self.options.wide { self.plans.len() } else { 0 }
    }

    /// A summary before anything is read.
    pub fn summary(&self) -> Summary {
        let widened = self.plans.iter().filter(|_| self.options.genomic_control);
        Summary {
            files: self.plans.len(),
            genomic_control: widened.map(|p| (p.source(), p.widen.powi(2))).collect(),
            measure: Some(self.effects.measure),
            ..Summary::default()
        }
    }

    /// Writes the rows that were read into a summary.
    pub fn count(&self, summary: &mut Summary) {
        summary.rows = self.rows.load(Ordering::Relaxed);
        summary.without_group = self.without_group.load(Ordering::Relaxed);
    }

    /// Forgets the rows that were read.
    pub fn restart(&self) {
        self.rows.store(0, Ordering::Relaxed);
        self.without_group.store(0, Ordering::Relaxed);
    }

    /// Where results go.
    ///
    /// # Errors
    /// There is no place for them, or it cannot be written.
    pub fn sink<'s>(&'s self, standard: &mut Option<Box<dyn Write + Send + 's>>) -> Result<Sink<'s>, Error> {
        let target = self.options.output.as_deref();
        Sink::new(target, standard.take(), &self.options.keys, &self.columns, self.method.by_size)
    }

    /// Reads a file and hands over its rows as records, until `take` has enough.
    ///
    /// # Errors
    /// It cannot be read, or a value is impossible.
    pub fn read(
        &self,
        file: usize,
        take: &mut (dyn FnMut(&Record<'_>) -> Result<bool, Error> + Send),
        shown: &(dyn Fn(f64, u64) + Sync),
    ) -> Result<(), Error> {
        let plan = &self.plans[file];
        stream::read(&plan.path, &plan.wanted, self.options.delimiter, &mut |portion| {
            let (share, read) = (portion.share, portion.rows() as u64);
            let rows = self.evaluate(plan, portion)?;
            for i in 0..rows.len() {
                if !take(&rows.record(file, i, rows.keys.get(i)))? {
                    return Ok(false);
                }
            }
            shown(share, self.rows.fetch_add(read, Ordering::Relaxed) + read);
            Ok(true)
        })
    }
}

fn no_table() -> Error {
    Error::usage("no table is named").with_hint("give files, folders or patterns")
}

fn check_request(o: &MassOptions) -> Result<(), Error> {
    check_level("level", o.level)?;
    if o.keys.is_empty() {
        return Err(Error::usage("which column names the groups?")
            .with_hint("⟦by=COLUMN⟧, or ⟦key=COLUMN⟧ to join files"));
    }
    if o.tau2.is_empty() {
        return Err(Error::usage("no estimator of τ² is named").with_hint("name one, such as ⟦tau2=REML⟧"));
    }
    if !o.wide && (o.alleles.is_some() || o.genomic_control) {
        return Err(Error::usage("alleles and genomic control belong to files that are joined")
            .with_hint("use ⟦key=COLUMN⟧ with a file per study"));
    }
    Ok(())
}

/// The files that were named.
fn files(o: &MassOptions) -> Result<Vec<PathBuf>, Error> {
    let files = stream::expand_all(&o.inputs)?;
    if o.wide && files.len() < 2 {
        return Err(Error::usage("one file: there is nothing to join")
            .with_hint("give a file per study, or use ⟦by⟧"));
    }
    // the place of a row leaves 20 bits for its file
    if files.len() >= 1 << 20 {
        return Err(Error::usage(format!("{} files", files.len())).with_hint("at most a million are joined"));
    }
    Ok(files)
}

/// The measure asked for, else that of the columns of the first file.
fn measure_of(o: &MassOptions, head: &Dataset) -> Result<Measure, Error> {
    if let Some(measure) = o.measure {
        return Ok(measure);
    }
    let fields = Fields::detect(head, &o.columns, &|name| Measure::of_column(name).is_some())?;
    let named = Measure::of_column(&fields.column_name("estimate"));
    let ready = named.filter(|_| fields.shape == Shape::Ready);
    Ok(ready.unwrap_or_else(|| Measure::default_for(fields.shape)))
}

/// How effects are computed.
///
/// # Errors
/// An option cannot act, or asks for all rows at once.
fn effect_options(o: &MassOptions, measure: Measure, head: &Dataset) -> Result<EffectOptions, Error> {
    if let Some(given) = o.given.as_ref().filter(|_| !o.partials) {
        let own = measure.spec().compute.shape();
        let shape = columns_of(head, measure, own, &o.columns).map_or(own, |f| f.shape);
        check_used(given, shape, measure)?;
    }
    let base = EffectOptions { ready: ready_scale(o, measure, head)?, ..EffectOptions::new(measure) };
    let continuity =
        Continuity { add: o.add.unwrap_or(base.continuity.add), to: o.to, double_zero: o.double_zero };
    let effects = EffectOptions {
        continuity,
        variance: o.variance,
        level: o.level,
        small_sample_correction: o.small_sample_correction,
        ..base
    };
    effects.check()?;
    if effects.continuity.to == CorrectWhere::If0All {
        return Err(
            Error::usage("⟦to=if0all⟧ asks for all rows at once").with_hint("use ⟦to=only0⟧ or `all`")
        );
    }
    if matches!(effects.variance_in_force(), Variance::AV | Variance::AVHO) {
        return Err(Error::usage("variances at the average effect ask for all rows at once")
            .with_hint("use ⟦vtype=LS⟧"));
    }
    Ok(effects)
}

/// How ready values are read. A table that passes once cannot be looked through for what it proves: where the measure
/// is transformed, the scale must be said.
fn ready_scale(o: &MassOptions, measure: Measure, head: &Dataset) -> Result<ReadyScale, Error> {
    let fields = columns_of(head, measure, measure.spec().compute.shape(), &o.columns);
    let ready = o.partials || fields.is_ok_and(|f| f.shape == Shape::Ready);
    if !ready || o.partials || measure.spec().scale == Scale::Identity {
        return Ok(ReadyScale::default());
    }
    let values = o.values.ok_or_else(|| {
        Error::usage(format!("on which scale do the ready values of {} stand?", measure.spec().id)).with_hint(
            "⟦values=analysis⟧ if they are transformed (logarithms of ratios), ⟦values=natural⟧ if they are not",
        )
    })?;
    let se = o.se_scale.unwrap_or(Values::Analysis);
    Ok(ReadyScale { values, se, evidence: ScaleEvidence::Said })
}

/// The intervals in force.
///
/// # Errors
/// Groups cannot have them.
fn intervals(o: &MassOptions) -> Result<(Interval, Option<PredictionInterval>), Error> {
    let ci = o.ci.unwrap_or_else(|| Profile::Metapool.ci());
    if !matches!(ci.kind(), IntervalKind::Quantile(_))
        || ci == Interval::KenwardRoger && o.tau2.first() != Some(&Tau2::Reml)
    {
        return Err(Error::usage(format!("mass analyses have no `{}` interval here", ci.id()))
            .with_hint("choose ⟦ci⟧ from auto, hksj, wald, t"));
    }
    // beside other estimators the columns of equal effects stay empty
    if o.prediction.named().is_some() && o.tau2.iter().all(|t| *t == Tau2::EqualEffects) {
        return Err(no_prediction());
    }
    Ok((ci, o.prediction.or_else(|| Profile::Metapool.prediction(ci))))
}

fn plans(files: &[PathBuf], o: &MassOptions, measure: Measure) -> Result<Vec<Plan>, Error> {
    let mut plans = files.iter().map(|f| Plan::new(f, o, measure)).collect::<Result<Vec<Plan>, Error>>()?;
    if o.genomic_control {
        for plan in &mut plans {
            plan.widen = genomic_control(plan, o.delimiter)?;
        }
    }
    Ok(plans)
}

/// The value of no effect; NaN where the measure has none and nothing asks for it.
fn null(o: &MassOptions, measure: Measure) -> Result<f64, Error> {
    match measure.spec().null {
        Some(null) => Ok(null),
        None if o.size.is_none() && o.alleles.is_none() => Ok(f64::NAN),
        None => Err(Error::usage(format!("{} has no value of no effect", measure.id()))
            .with_hint("sums of z-values and alleles need a measure that compares")),
    }
}
