//! Millions of independent meta-analyses from one large table: one pass, bounded memory, the numbers of `pool`.
//!
//! Rows come in portions from text, Parquet or Arrow files, turn into effects, and are grouped: by runs where the input is
//! sorted by group, else in memory by number, or through partitions on disk once memory has no room for them. Results are
//! in the order in which groups first appear, whatever the number of workers, and appear only when complete.

mod fit;
mod gather;
mod group;
mod output;
mod partition;
mod record;
mod sorted;

use crate::choice::Chosen;
use crate::choice::option::Given;
use crate::dataset::stream::{self, Cells, Kind, Portion};
use crate::dataset::{Dataset, Fields, Output, ParquetFile, RoleMap, Shape, ShapeOptions};
use crate::effect::{
    Continuity, CorrectWhere, DoubleZero, EffectOptions, EffectTable, Measure, ReadyRequest, ReadyScale,
    Scale, ScaleEvidence, Values, Variance, check_level, check_used, read_scale,
};
use crate::error::{Error, ErrorKind};
use crate::math::dist;
use crate::model::interval::{Interval, Kind as IntervalKind};
use crate::model::prediction::PredictionInterval;
use crate::model::tau2::Tau2;
use crate::registry::Member;
pub use fit::{CODES, Group, Input, Method, Pools, Random, groups};
use gather::{Rows, gather};
pub(crate) use output::is_closed;
use output::{Column, JOINT, Sink, building, header};
use partition::{Partitions, mark, merge};
use record::Record;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Whether rows stand together by group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Taken as sorted until a key shows that it is not; then read again.
    #[default]
    Auto,
    /// Sorted; anything else is an error.
    Sorted,
    /// In any order.
    Unsorted,
}

/// What a mass analysis is told.
#[derive(Clone, Debug)]
pub struct MassOptions {
    /// Files, folders or patterns.
    pub inputs: Vec<String>,
    /// Columns that name a group.
    pub keys: Vec<String>,
    /// Whether every file is a study and groups are joined over files; else every row is one.
    pub wide: bool,
    /// Effect measure; chosen from the columns of the first file if none is given.
    pub measure: Option<Measure>,
    /// Added to cells of counts; `None` takes what is usual for the measure.
    pub add: Option<f64>,
    /// Where it is added.
    pub to: CorrectWhere,
    /// What becomes of studies without events, or with events only, in both groups.
    pub double_zero: DoubleZero,
    /// Scale of ready estimates and limits; must be said where the measure is transformed.
    pub values: Option<Values>,
    /// Scale of ready standard errors.
    pub se_scale: Option<Values>,
    /// Variance formula; `None` takes the measure's default.
    pub variance: Option<Variance>,
    /// Whether small-sample corrections are made, where the measure has one.
    pub small_sample_correction: bool,
    /// Whether the inputs are partial results: columns `estimate` and `variance` on the analysis scale of `measure`.
    pub partials: bool,
    /// Roles of columns.
    pub columns: RoleMap,
    /// Separator of text files.
    pub delimiter: Option<u8>,
    /// Estimators of τ²; the first gives the columns without suffix.
    pub tau2: Vec<Tau2>,
    /// Interval of the estimate; `None` takes the usual one of inverse variance.
    pub ci: Option<Interval>,
    /// Prediction interval; `auto` is the partner of the interval.
    pub prediction: Chosen<PredictionInterval>,
    /// Confidence level in percent.
    pub level: f64,
    /// Column of the number of patients, for z-values weighted by its root.
    pub size: Option<String>,
    /// Columns of effect and other allele.
    pub alleles: Option<(String, String)>,
    /// Whether standard errors of each file are widened by its genomic control factor.
    pub genomic_control: bool,
    /// Whether rows stand together by group.
    pub order: Order,
    /// Megabytes of rows that are kept in memory before they go to disk.
    pub memory: u64,
    /// Columns of the result besides the groups; `None` takes all.
    pub select: Option<Vec<String>>,
    /// File of the results; standard output if none is given.
    pub output: Option<PathBuf>,
    /// What was given, so that options which cannot act on the data are refused.
    pub given: Option<Given>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub rows: u64,
    /// Rows without a group, which were left out.
    pub without_group: u64,
    /// Groups written.
    pub groups: u64,
    /// Whether the input was taken as sorted.
    pub sorted: bool,
    /// Whether rows went to disk.
    pub spilled: bool,
    /// Whether an earlier, interrupted run was continued.
    pub resumed: bool,
    /// Genomic control factor of each file.
    pub genomic_control: Vec<(String, f64)>,
    /// Groups that have each note.
    pub notes: Vec<(&'static str, u64)>,
    /// The measure in force.
    pub measure: Option<Measure>,
}

/// Called with the share that is done and the rows read.
pub type Progress<'a> = &'a (dyn Fn(f64, u64) + Sync);

/// Where the parts of an effect stand among the columns that are read.
#[derive(Clone, Debug)]
enum Effect {
    /// Estimate, and standard error or variance.
    Direct { y: usize, spread: usize, variance: bool },
    /// Whatever the measure takes.
    Computed { names: Vec<String>, shape: Shape },
}

/// How a file is read.
#[derive(Clone, Debug)]
struct Plan {
    path: PathBuf,
    wanted: Vec<(String, Kind)>,
    keys: Vec<usize>,
    effect: Effect,
    size: Option<usize>,
    alleles: Option<(usize, usize)>,
    /// What standard errors are multiplied by.
    widen: f64,
}

/// What is the same for all files.
struct Job<'a> {
    options: &'a MassOptions,
    effects: EffectOptions,
    plans: Vec<Plan>,
    method: Method,
    columns: Vec<(String, Column)>,
    rows: AtomicU64,
    without_group: AtomicU64,
}

/// Pools every group of the inputs; `standard` takes CSV where no output file is given.
///
/// # Errors
/// An input cannot be read or lacks a column, a value is impossible (with file, line and column), an option does not fit, or
/// the results cannot be written.
pub fn run(
    options: &MassOptions,
    standard: Option<Box<dyn Write + Send + '_>>,
    progress: Progress<'_>,
) -> Result<Summary, Error> {
    let job = Job::new(options)?;
    let mut summary = Summary {
        files: job.plans.len(),
        genomic_control: job
            .plans
            .iter()
            .filter(|_| options.genomic_control)
            .map(|p| (p.path.display().to_string(), p.widen.powi(2)))
            .collect(),
        measure: Some(job.effects.measure),
        ..Summary::default()
    };
    let mut standard = standard;
    let try_sorted = match options.order {
        Order::Sorted => true,
        // what went to standard output cannot be taken back
        Order::Auto => !options.wide && options.output.is_some() && !job.interrupted(),
        Order::Unsorted => false,
    };
    if options.order == Order::Sorted && options.wide {
        return Err(Error::usage("files that are joined are not read as sorted")
            .with_hint("leave ⟦sorted⟧ out; ⟦by⟧ reads one table that is sorted by group"));
    }
    if try_sorted {
        let mut sink = job.sink(&mut standard)?;
        let is_sorted = job.run_sorted(&mut sink, progress).inspect_err(|_| job.clean())?;
        if is_sorted {
            summary.sorted = true;
            (summary.groups, summary.notes) = sink.finish()?;
            job.count(&mut summary);
            return Ok(summary);
        }
        drop(sink);
        if options.order == Order::Sorted {
            job.clean();
            return Err(Error::data("the rows are not sorted by group").with_hint("leave ⟦sorted⟧ out"));
        }
        job.rows.store(0, Ordering::Relaxed);
        job.without_group.store(0, Ordering::Relaxed);
    }
    let outcome = job.run_unsorted(&mut standard, &mut summary, progress);
    if outcome.is_err() {
        job.clean();
    }
    outcome?;
    job.count(&mut summary);
    Ok(summary)
}

/// The key of a row; `None` where a part is missing.
///
/// # Errors
/// A part holds the character that joins parts, or the key is too long.
fn joined(keys: &[usize], portion: &Portion, row: usize, to: &mut Vec<u8>) -> Result<Option<()>, Error> {
    to.clear();
    for (i, &k) in keys.iter().enumerate() {
        if i > 0 {
            to.push(JOINT);
        }
        let part = portion.columns[k].text(row);
        if part.is_empty() {
            return Ok(None);
        }
        if part.contains(&JOINT) || to.len() + part.len() > usize::from(u16::MAX) {
            return Err(Error::data("the name of the group is too long or holds a control character")
                .at_line(portion.lines[row] as usize)
                .with_hint("at most 65 535 bytes, without U+001F; is the file what its ending says?"));
        }
        to.extend_from_slice(part);
    }
    Ok(Some(()))
}

impl Default for MassOptions {
    fn default() -> Self {
        Self {
            inputs: vec![],
            keys: vec![],
            wide: false,
            measure: None,
            add: None,
            to: CorrectWhere::default(),
            double_zero: DoubleZero::Auto,
            values: None,
            se_scale: None,
            variance: None,
            small_sample_correction: true,
            partials: false,
            columns: RoleMap::default(),
            delimiter: None,
            tau2: vec![Tau2::Reml],
            ci: None,
            prediction: Chosen::Auto,
            level: 95.0,
            size: None,
            alleles: None,
            genomic_control: false,
            order: Order::Auto,
            memory: 512,
            select: None,
            output: None,
            given: None,
        }
    }
}

impl<'a> Job<'a> {
    fn new(o: &'a MassOptions) -> Result<Self, Error> {
        check_level("level", o.level)?;
        if o.keys.is_empty() {
            return Err(Error::usage("which column names the groups?")
                .with_hint("⟦by=COLUMN⟧, or ⟦key=COLUMN⟧ to join files"));
        }
        let columns = header(&o.keys, &o.tau2, o.size.is_some(), o.select.as_deref())?;
        if !o.wide && (o.alleles.is_some() || o.genomic_control) {
            return Err(Error::usage("alleles and genomic control belong to files that are joined")
                .with_hint("use ⟦key=COLUMN⟧ with a file per study"));
        }
        let mut files = vec![];
        for input in &o.inputs {
            files.extend(stream::expand(input)?);
        }
        if o.wide && files.len() < 2 {
            return Err(Error::usage("one file: there is nothing to join")
                .with_hint("give a file per study, or use ⟦by⟧"));
        }
        if files.len() >= 1 << 20 {
            return Err(
                Error::usage(format!("{} files", files.len())).with_hint("at most a million are joined")
            );
        }
        let head = stream::head(&files[0], o.delimiter)?;
        let measure = match o.measure {
            Some(m) => m,
            None => {
                let fields = Fields::detect(&head, &o.columns, &|name| Measure::of_column(name).is_some())?;
                let ready = Measure::of_column(&fields.column_name("estimate"));
                ready
                    .filter(|_| fields.shape == Shape::Ready)
                    .unwrap_or_else(|| Measure::default_for(fields.shape))
            }
        };
        if let Some(given) = o.given.as_ref().filter(|_| !o.partials) {
            let own = measure.spec().compute.shape();
            let shape = columns_of(&head, measure, own, &o.columns).map_or(own, |f| f.shape);
            check_used(given, shape, measure)?;
        }
        let base = EffectOptions { ready: ready_scale(o, measure, &head)?, ..EffectOptions::new(measure) };
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
        let ci = o.ci.unwrap_or_else(|| crate::model::Profile::Metapool.ci());
        if !matches!(ci.kind(), IntervalKind::Quantile(_))
            || ci == Interval::KenwardRoger && o.tau2[0] != Tau2::Reml
        {
            return Err(Error::usage(format!("mass analyses have no `{}` interval here", ci.id()))
                .with_hint("choose ⟦ci⟧ from auto, hksj, wald, t"));
        }
        let prediction = o.prediction.or_else(|| crate::model::Profile::Metapool.prediction(ci));
        // beside other estimators the columns of equal effects stay empty
        if o.prediction.named().is_some() && o.tau2.iter().all(|t| *t == Tau2::EqualEffects) {
            return Err(crate::model::prediction::no_prediction());
        }
        let mut plans = files.iter().map(|f| plan(f, o, measure)).collect::<Result<Vec<Plan>, Error>>()?;
        if o.genomic_control {
            for p in &mut plans {
                p.widen = genomic_control(p, o.delimiter)?;
            }
        }
        let null = measure.spec().null.unwrap_or(f64::NAN);
        if null.is_nan() && (o.size.is_some() || o.alleles.is_some()) {
            return Err(Error::usage(format!("{} has no value of no effect", measure.id()))
                .with_hint("sums of z-values and alleles need a measure that compares"));
        }
        let method =
            Method { tau2: o.tau2.clone(), ci, prediction, level: o.level, null, by_size: o.size.is_some() };
        Ok(Self {
            options: o,
            effects,
            plans,
            method,
            columns,
            rows: AtomicU64::new(0),
            without_group: AtomicU64::new(0),
        })
    }

    fn count(&self, summary: &mut Summary) {
        summary.rows = self.rows.load(Ordering::Relaxed);
        summary.without_group = self.without_group.load(Ordering::Relaxed);
    }

    fn sink<'s>(&'s self, standard: &mut Option<Box<dyn Write + Send + 's>>) -> Result<Sink<'s>, Error> {
        Sink::new(
            self.options.output.as_deref(),
            standard.take(),
            &self.options.keys,
            &self.columns,
            self.method.by_size,
        )
    }

    /// Removes what a failed run has begun to write; partitions stay if they are complete and the next run can find them.
    fn clean(&self) {
        if let Some(path) = &self.options.output {
            let _ = std::fs::remove_file(building(path));
        }
        if self.options.output.is_none() || !self.interrupted() {
            let _ = std::fs::remove_dir_all(self.folder());
        }
    }

    /// Reads a file and hands over its rows as records, until `take` has enough.
    fn read(
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

    /// The rows of a portion that have a group, as effects.
    fn evaluate(&self, plan: &Plan, mut portion: Portion) -> Result<Rows, Error> {
        let count = portion.rows();
        // a column may play two roles
        let roles: Vec<usize> = match plan.effect {
            Effect::Direct { y, spread, .. } => {
                [Some(y), Some(spread), plan.size].into_iter().flatten().collect()
            }
            Effect::Computed { .. } => plan.size.into_iter().collect(),
        };
        let column = |portion: &mut Portion, at: usize| {
            portion.take_numbers(at, roles.iter().filter(|r| **r == at).count() > 1)
        };
        let mut out = Rows { first: portion.lines.first().copied().unwrap_or(0), ..Rows::default() };
        (out.y, out.v) = match (&plan.effect, self.effects_of(plan, &portion)?) {
            (_, Some(computed)) => computed.into_iter().unzip(),
            (Effect::Direct { y, spread, variance }, None) => {
                let mut v = column(&mut portion, *spread);
                for s in &mut v {
                    // a negative standard error must not become a variance
                    let own = if *variance { *s } else { *s * s.abs() };
                    *s = own * plan.widen * plan.widen;
                }
                (column(&mut portion, *y), v)
            }
            (Effect::Computed { .. }, None) => (vec![f64::NAN; count], vec![f64::NAN; count]),
        };
        // without branches, as millions pass here
        let judged = |(y, v): (&f64, &f64)| {
            let missing = y.is_nan() | v.is_nan();
            let fine = y.is_finite() & v.is_finite() & (*v > 0.0);
            u8::from(missing) * fit::note::MISSING as u8
                + u8::from(!missing & !fine) * fit::note::IMPOSSIBLE as u8
        };
        out.unusable = out.y.iter().zip(&out.v).map(judged).collect();
        if let Some((a, b)) = plan.alleles {
            let mut both = vec![];
            for i in 0..count {
                let (a, b) = (portion.columns[a].text(i), portion.columns[b].text(i));
                both.clear();
                if a.is_empty() || b.is_empty() {
                    out.unusable[i] |= fit::note::MISSING as u8;
                } else if a.len() + b.len() >= usize::from(u8::MAX) {
                    out.unusable[i] |= fit::note::ALLELES as u8;
                } else {
                    both.extend_from_slice(a);
                    both.push(b'/');
                    both.extend_from_slice(b);
                    both.make_ascii_uppercase();
                }
                out.alleles.push(&both);
            }
        }
        if let Some(size) = plan.size {
            out.n = column(&mut portion, size);
        }
        self.name(plan, portion, &mut out)?;
        Ok(out)
    }

    /// Names the groups of rows, and leaves out those without one.
    fn name(&self, plan: &Plan, mut portion: Portion, rows: &mut Rows) -> Result<(), Error> {
        if let [only] = plan.keys[..] {
            let names = portion.take_texts(only);
            let plain = !names.contain(JOINT)
                && (0..names.len()).all(|i| (1..=usize::from(u16::MAX)).contains(&names.get(i).len()));
            if plain {
                rows.keys = names;
                return Ok(());
            }
            portion.columns[only] = Cells::Text(names);
        }
        let mut key = vec![];
        let mut kept = Vec::with_capacity(portion.rows());
        for i in 0..portion.rows() {
            let named = joined(&plan.keys, &portion, i, &mut key);
            if named.map_err(|e| e.in_file(&plan.path.display().to_string()))?.is_some() {
                rows.keys.push(&key);
                kept.push(i);
            }
        }
        if kept.len() < portion.rows() {
            self.without_group.fetch_add((portion.rows() - kept.len()) as u64, Ordering::Relaxed);
            rows.keep(&kept);
        }
        Ok(())
    }

    /// Effects of a portion, where they are not read as they are.
    fn effects_of(&self, plan: &Plan, portion: &Portion) -> Result<Option<Vec<(f64, f64)>>, Error> {
        let Effect::Computed { names, shape } = &plan.effect else { return Ok(None) };
        let source = plan.path.display().to_string();
        let data: Dataset = portion.dataset(&source, names)?;
        let fields = columns_of(&data, self.effects.measure, *shape, &self.options.columns)?;
        let labels = (0..data.rows()).map(|i| format!("row {}", data.lines[i])).collect();
        let rows = shape.rows(&fields, labels, &ShapeOptions::default())?;
        if *shape == Shape::Ready {
            let column = fields.column_name("estimate");
            let ReadyScale { values, se, .. } = self.effects.ready;
            // what is read as it stands is checked as `pool` checks it
            let as_is = self.effects.measure.spec().scale == Scale::Identity;
            let (values, se) =
                if as_is { (self.options.values, self.options.se_scale) } else { (Some(values), Some(se)) };
            let said = ReadyRequest { values, se, column: &column };
            read_scale(&rows, self.effects.measure, &said)
                .map_err(|e| e.in_file(&source).in_column(&column))?;
        }
        let table = EffectTable::compute(&rows, self.effects)?;
        let one = |s: &crate::effect::StudyEffect| s.effect().map_or((f64::NAN, f64::NAN), |e| (e.y, e.v));
        Ok(Some(table.studies.iter().map(one).collect()))
    }

    fn run_sorted(&self, sink: &mut Sink<'_>, progress: Progress<'_>) -> Result<bool, Error> {
        let files = self.plans.len() as f64;
        sorted::run(&self.method, sink, |runs| {
            let mut is_sorted = true;
            for file in 0..self.plans.len() {
                let shown = |share: f64, rows: u64| progress((file as f64 + share) / files, rows);
                let is = &mut is_sorted;
                self.read(
                    file,
                    &mut |record| {
                        *is = runs.add(record);
                        Ok(*is)
                    },
                    &shown,
                )?;
                if !is_sorted {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Where rows go that memory has no room for.
    fn folder(&self) -> PathBuf {
        match &self.options.output {
            Some(path) => {
                let mut name = path.file_name().unwrap_or_default().to_os_string();
                name.push(".partitions");
                path.with_file_name(name)
            }
            None => std::env::temp_dir().join(format!("metapool-{}.partitions", std::process::id())),
        }
    }

    /// What a run must have in common with an interrupted one to go on from it.
    fn fingerprint(&self) -> String {
        let mut text =
            format!("metapool {}\n{:?}\n{:?}\n", env!("CARGO_PKG_VERSION"), self.method, self.effects);
        let o = self.options;
        text += &format!(
            "{:?} {} {} {:?} {:?} {:?} {:?} {}\n",
            o.keys, o.wide, o.partials, o.columns, o.delimiter, o.size, o.alleles, o.genomic_control
        );
        for p in &self.plans {
            let (size, time) =
                std::fs::metadata(&p.path).map(|m| (m.len(), m.modified().ok())).unwrap_or_default();
            text += &format!("{} {size} {time:?} {}\n", p.path.display(), p.widen);
        }
        text
    }

    fn interrupted(&self) -> bool {
        let folder = self.folder();
        std::fs::read_to_string(folder.join("fingerprint")).is_ok_and(|f| f == self.fingerprint())
    }

    fn run_unsorted<'s>(
        &'s self,
        standard: &mut Option<Box<dyn Write + Send + 's>>,
        summary: &mut Summary,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        let folder = self.folder();
        let bytes: u64 =
            self.plans.iter().filter_map(|p| std::fs::metadata(&p.path).ok()).map(|m| m.len()).sum();
        // partitions of some sixty megabytes each
        let count = (bytes / (24 << 20)).next_power_of_two().clamp(16, 1024) as usize;
        let partitions = Partitions::new(count, folder.clone());
        let files = if self.options.wide { self.plans.len() } else { 0 };
        let read = || self.rows.load(Ordering::Relaxed);
        if self.interrupted() && partitions.found() {
            summary.resumed = true;
        } else {
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(|e| {
                    Error::new(ErrorKind::Write, format!("cannot be removed: {e}"))
                        .in_file(&folder.display().to_string())
                })?;
            }
            let shown = |share: f64| progress(0.6 * share, read());
            if let Some(gathered) = gather(self, &partitions, self.options.memory << 20, &shown)? {
                let mut sink = self.sink(standard)?;
                gathered.pool(self, files, &mut sink, &|share| progress(0.6 + 0.4 * share, read()))?;
                (summary.groups, summary.notes) = sink.finish()?;
                return Ok(());
            }
            mark(&folder.join("fingerprint"), self.fingerprint().as_bytes())?;
            partitions.complete()?;
        }
        summary.spilled = true;
        let results = partitions.pool(files, &self.method, &|share| progress(0.6 + 0.3 * share, read()))?;
        let mut sink = self.sink(standard)?;
        let former = sink.former();
        merge(results, &former, &mut |formed| sink.write(formed))?;
        (summary.groups, summary.notes) = sink.finish()?;
        progress(1.0, read());
        let _ = std::fs::remove_dir_all(&folder);
        Ok(())
    }
}

/// The columns of a measure: those of its own kind of data, else those of ready effects.
fn columns_of<'d>(
    data: &'d Dataset,
    measure: Measure,
    shape: Shape,
    map: &RoleMap,
) -> Result<Fields<'d>, Error> {
    Fields::resolve(data, shape, map)
        .or_else(|error| Fields::ready(data, map, &|name| measure.is_named(name)).map_err(|_| error))
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

/// Finds the columns of a file.
fn plan(path: &Path, o: &MassOptions, measure: Measure) -> Result<Plan, Error> {
    let head = stream::head(path, o.delimiter)?;
    let mut wanted: Vec<(String, Kind)> = vec![];
    let mut want = |name: String, kind: Kind| {
        wanted.iter().position(|w| w.0 == name && w.1 == kind).unwrap_or_else(|| {
            wanted.push((name, kind));
            wanted.len() - 1
        })
    };
    let named = |column: &str| head.require(column).map(|at| head.columns[at].name.clone());
    let keys =
        o.keys.iter().map(|k| Ok(want(named(k)?, Kind::Text))).collect::<Result<Vec<usize>, Error>>()?;
    let shape = if o.partials { Shape::Ready } else { measure.spec().compute.shape() };
    let fields = columns_of(&head, measure, shape, &o.columns)?;
    let shape = fields.shape;
    let natural =
        [o.values, o.se_scale].contains(&Some(Values::Natural)) && measure.spec().scale != Scale::Identity;
    let direct = shape == Shape::Ready && (fields.has("se") || fields.has("variance")) && !natural;
    let effect = if direct {
        let variance = !fields.has("se");
        let y = want(fields.column_name("estimate"), Kind::Number);
        let spread = want(fields.column_name(if variance { "variance" } else { "se" }), Kind::Number);
        Effect::Direct { y, spread, variance }
    } else {
        // all columns, as the roles may take any of them; those read for the keys stay where they are
        Effect::Computed { names: vec![], shape }
    };
    let size = o.size.as_deref().map(|s| Ok::<usize, Error>(want(named(s)?, Kind::Number))).transpose()?;
    let alleles = o
        .alleles
        .as_ref()
        .map(|(a, b)| Ok::<_, Error>((want(named(a)?, Kind::Text), want(named(b)?, Kind::Text))))
        .transpose()?;
    let effect = match effect {
        Effect::Computed { shape, .. } => {
            for (i, c) in head.columns.iter().enumerate().filter(|(_, c)| !c.name.is_empty()) {
                let kind = match (&c.values, head.is_numeric(i)) {
                    (crate::dataset::Values::Number(_), _) => Kind::Number,
                    _ => Kind::Text,
                };
                if !wanted.iter().any(|w| w.0 == c.name) {
                    wanted.push((c.name.clone(), kind));
                }
            }
            let mut seen = std::collections::HashSet::new();
            // a column read twice (as a key and as a number) counts once
            let names = wanted
                .iter()
                .map(|w| if seen.insert(w.0.clone()) { w.0.clone() } else { String::new() })
                .collect();
            Effect::Computed { names, shape }
        }
        direct => direct,
    };
    Ok(Plan { path: path.to_path_buf(), wanted, keys, effect, size, alleles, widen: 1.0 })
}

/// √max(1, λ), λ the median of z² over that of χ² with one degree of freedom.
fn genomic_control(plan: &Plan, delimiter: Option<u8>) -> Result<f64, Error> {
    let Effect::Direct { y, spread, variance } = plan.effect else {
        return Err(Error::usage("genomic control needs estimates with standard errors")
            .with_hint("leave ⟦genomic-control⟧ out"));
    };
    let wanted = [plan.wanted[y].clone(), plan.wanted[spread].clone()];
    let mut squares: Vec<f64> = vec![];
    stream::read(&plan.path, &wanted, delimiter, &mut |portion| {
        for i in 0..portion.rows() {
            let (y, s) = (portion.columns[0].number(i), portion.columns[1].number(i));
            let z2 = y * y / if variance { s } else { s * s };
            if z2.is_finite() {
                squares.push(z2);
            }
        }
        Ok(true)
    })?;
    if squares.is_empty() {
        return Ok(1.0);
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    let lambda = *median / dist::chi2_quantile(0.5, 1.0);
    Ok(lambda.max(1.0).sqrt())
}

/// Writes the effects of the inputs as a partial result: one row per study and group, in the order of the input,
/// from which any number of shards are pooled exactly by [`run`] with the options of [`merged`]. Gives the rows written.
///
/// # Errors
/// As [`run`]; the output must be a Parquet file.
pub fn partial(options: &MassOptions, progress: Progress<'_>) -> Result<u64, Error> {
    let target = options
        .output
        .as_ref()
        .filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")))
        .ok_or_else(|| Error::usage("partial results are Parquet files").with_hint("`-o SHARD.parquet`"))?;
    if options.wide {
        return Err(Error::usage("files that are joined have no partial results")
            .with_hint("each of them is one already: join them with ⟦key⟧"));
    }
    let job = Job::new(options)?;
    let place = building(target);
    let mut rows = 0u64;
    let keys = options.keys.clone();
    let sized = options.size.is_some();
    let measure = job.effects.measure;
    let mut file = ParquetFile::create(&place, Batch::default().columns(&keys, measure.id(), sized))?;
    let mut write = |batch: &mut Batch| -> Result<(), Error> {
        rows += batch.y.len() as u64;
        let columns = std::mem::take(batch).columns(&keys, measure.id(), sized);
        file.write(columns.into_iter().map(|c| c.1).collect())
    };
    let mut batch = Batch::default();
    let files = job.plans.len() as f64;
    let all = (0..job.plans.len()).try_for_each(|i| {
        job.read(
            i,
            &mut |r| {
                batch.add(r);
                if batch.y.len() >= 131_072 { write(&mut batch).map(|()| true) } else { Ok(true) }
            },
            &|share, rows| progress((i as f64 + share) / files, rows),
        )
    });
    let finished = all.and_then(|()| write(&mut batch)).and_then(|()| file.finish());
    if let Err(e) = finished {
        let _ = std::fs::remove_file(&place);
        return Err(e);
    }
    std::fs::rename(&place, target).map_err(|e| {
        Error::new(ErrorKind::Write, format!("cannot be written: {e}")).in_file(&target.display().to_string())
    })?;
    Ok(rows)
}

/// The options with what the shards say of themselves: groups, measure, sizes.
///
/// # Errors
/// A shard cannot be read, is no partial result, or differs in kind from the first.
pub fn merged(options: MassOptions) -> Result<MassOptions, Error> {
    let mut files = vec![];
    for input in &options.inputs {
        files.extend(stream::expand(input)?);
    }
    let mut first: Option<(Vec<String>, String)> = None;
    for file in &files {
        let head = stream::head(file, None)?;
        let source = file.display().to_string();
        let foreign = || {
            Error::data("this is no partial result").in_file(&source).with_hint(
                "it comes from ⟦mass: partial⟧ and has the columns of the groups, measure, estimate, variance",
            )
        };
        let names: Vec<String> = head.columns.iter().map(|c| c.name.clone()).collect();
        let at = names.iter().position(|n| n == PARTIAL[0]).ok_or_else(foreign)?;
        let rest = &names[at..];
        if at == 0 || rest.len() < 3 || rest.iter().zip(PARTIAL).any(|(a, b)| a != b) {
            return Err(foreign());
        }
        let Some(measure) = head.text(at, 0) else { continue };
        let own = (names, measure);
        match &first {
            Some(f) if *f != own => {
                return Err(Error::data(format!(
                    "the partial results differ: {} of ({}) here",
                    own.1,
                    own.0.join(", ")
                ))
                .in_file(&source)
                .with_hint(format!("the first holds {} of ({})", f.1, f.0.join(", "))));
            }
            Some(_) => {}
            None => first = Some(own),
        }
    }
    let Some((names, measure)) = first else {
        return Err(Error::data("the partial results hold no rows").with_hint("name at least one that does"));
    };
    let at = names.iter().position(|n| n == PARTIAL[0]).unwrap_or(0);
    let sized = names.last().is_some_and(|n| n == PARTIAL[3]);
    Ok(MassOptions {
        keys: names[..at].to_vec(),
        measure: Some(Measure::parse(&measure)?),
        partials: true,
        columns: RoleMap::parse("estimate=estimate,variance=variance")?,
        size: sized.then(|| PARTIAL[3].to_string()),
        ..options
    })
}

/// Columns of a partial result after those of the groups; the last only where sizes were asked for.
const PARTIAL: [&str; 4] = ["measure", "estimate", "variance", "size"];

/// Rows of a partial result.
#[derive(Default)]
struct Batch {
    keys: Vec<Vec<u8>>,
    y: Vec<f64>,
    v: Vec<f64>,
    n: Vec<f64>,
}

impl Batch {
    fn add(&mut self, r: &Record<'_>) {
        self.keys.push(r.key.to_vec());
        self.y.push(r.y);
        self.v.push(r.v);
        self.n.push(r.n);
    }

    fn columns(self, keys: &[String], measure: &str, sized: bool) -> Vec<(String, Output)> {
        let mut texts: Vec<Vec<String>> = vec![Vec::with_capacity(self.keys.len()); keys.len()];
        for key in &self.keys {
            let mut parts = key.split(|b| *b == JOINT);
            for column in &mut texts {
                column.push(String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned());
            }
        }
        let mut out: Vec<(String, Output)> =
            keys.iter().cloned().zip(texts.into_iter().map(Output::Text)).collect();
        out.push((PARTIAL[0].into(), Output::Text(vec![measure.to_string(); self.y.len()])));
        out.push((PARTIAL[1].into(), Output::Number(self.y)));
        out.push((PARTIAL[2].into(), Output::Number(self.v)));
        if sized {
            out.push((PARTIAL[3].into(), Output::Number(self.n)));
        }
        out
    }
}
