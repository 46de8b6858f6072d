//! A whole review from a manifest: every analysis with its tables, its pictures and one report.
//!
//! Everything is computed and rendered before the first file is written, so that a failing analysis leaves an
//! earlier review as it was.

mod characteristics;
mod manifest;
mod markdown;
mod provenance;

use crate::analysis::{Beside, DrawRequest, Loaded, Panel, Request};
use crate::choice::Door;
use crate::dataset::{
    ArmRequest, Arms, Dataset, Denominator, MeasuringScale, ReadOptions, RoleMap, ShapeOptions, SharedControl,
};
use crate::document::{Figure, Report, Sheet, csv, markdown as written};
use crate::effect::{
    Continuity, CorrectWhere, DoubleZero, EffectOptions, Measure, StudyInterval, Values, Variance,
};
use crate::error::Error;
use crate::model::imputation::Impute;
use crate::model::interval::Interval;
use crate::model::prediction::PredictionInterval;
use crate::model::regression::Robust;
use crate::model::tau2::Tau2;
use crate::model::{GlmmModel, Model, ModelOptions, Profile};
use crate::plot::theme::Theme;
use crate::plot::{Drawing, Draws, Labels, Picture, Plot, PlotOptions, RenderOptions};
use crate::registry::Member;
use crate::report::{json_text, output, pool};
use crate::result::{Note, PoolResult};
pub use manifest::{Analysis, Characteristics, Manifest, Shown};
use provenance::Provenance;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The review of stem-cell trials that comes with metapool.
pub const STEM_CELL: &str = include_str!("stem-cell.toml");

/// A finished review: files with their contents, relative to the folder of the review.
#[derive(Debug)]
pub struct Review {
    /// Relative path and contents.
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

/// One analysis done.
struct Done<'a> {
    analysis: &'a Analysis,
    result: PoolResult,
    citation: String,
    figures: Vec<Figure>,
    /// The panel of methods.
    agreement: Option<Figure>,
    benchmark: Option<Benchmark>,
    /// Where each row comes from; empty where the data do not say.
    origins: Vec<Provenance>,
    /// Columns of the data beside the numbers.
    beside: Option<Sheet>,
    /// What counts are called.
    outcome: Option<String>,
}

/// Untreated patients, pooled by themselves.
struct Benchmark {
    title: String,
    result: PoolResult,
}

impl Review {
    /// Runs every analysis of a manifest; `base` is the folder that its data files are relative to.
    ///
    /// # Errors
    /// An analysis cannot be done; the message names it.
    pub fn run(manifest: &Manifest, base: &Path, mut progress: impl FnMut(&str)) -> Result<Self, Error> {
        manifest.check()?;
        let mut files = vec![];
        let mut done = vec![];
        for analysis in &manifest.analyses {
            progress(&analysis.id);
            let one = analyse(analysis, base, &mut files)
                .map_err(|e| e.of_study(&format!("analysis {}", analysis.id)));
            done.push(one?);
        }
        let trials =
            manifest.characteristics.as_ref().map(|c| characteristics::table(c, base)).transpose()?;
        let report = markdown::report(manifest, &done, trials.as_ref());
        files
            .push((PathBuf::from("report.md"), written::render(&report.worded(Door::Manifest)).into_bytes()));
        Ok(Self { files })
    }

    /// Writes all files below a folder, which is made if it is not there.
    ///
    /// # Errors
    /// A folder or file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(|e| {
                    Error::new(crate::error::ErrorKind::Write, format!("the folder cannot be made: {e}"))
                        .in_file(&parent.display().to_string())
                })?;
            }
            output::write(&path, bytes)?;
        }
        Ok(())
    }
}

fn analyse<'a>(a: &'a Analysis, base: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<Done<'a>, Error> {
    let loaded = request(a, base)?.load(|options| options)?;
    // options of effects need the measure, so the table is computed again with them only when they differ
    let loaded = match effect_options(a, loaded.table.options)? {
        options if options == loaded.table.options => loaded,
        options => request(a, base)?.load(|_| options)?,
    };
    loaded.check_used(&a.given())?;
    let input = json!({ "source": a.data, "rows": loaded.dataset.rows(), "where": a.filter });
    let labels = labels(a, &loaded);
    let info = loaded.dataset.info.as_ref();
    let citation = info.map_or_else(|| a.data.clone(), |i| format!("{}. {}", i.title, i.citation));
    let model = model_options(a)?;
    let mut result = if a.pool { pooled(a, &loaded, model)? } else { loaded.listed() };
    let origins = provenance::provenance(&loaded.dataset);
    let studies: Vec<String> = result.table.studies.iter().map(|s| s.study.clone()).collect();
    let shown = characteristics::beside(&a.show, &loaded.dataset, &studies)?;
    let folder = PathBuf::from(&a.id);
    write_tables(&result, &origins, &input, &folder, files);
    let (mut figures, mut agreement) = (vec![], None);
    // a panel of methods goes with every pooled proportion
    let panel = (!result.agreement.is_empty()).then_some("agreement");
    for name in a.plots.iter().map(String::as_str).chain(panel) {
        let plot = Plot::parse(name)?;
        let theme = a.theme.as_deref().map_or(Ok(Theme::Default), Theme::parse)?;
        let options = PlotOptions {
            theme,
            width_mm: a.width,
            labels: labels.clone(),
            common: a.common,
            ..PlotOptions::default()
        };
        let drawing = match plot.spec().draws {
            Draws::Pool(draw) => draw(&result, &options)?,
            _ if a.cluster.is_some() => {
                return Err(Error::usage(format!("the {} plot knows nothing of clusters", plot.id()))
                    .with_hint("leave it out of `plots`, or leave `cluster` out"));
            }
            _ => {
                let wanted = DrawRequest { model, ..DrawRequest::default() };
                let (drawing, notes) = loaded.draw(plot, &wanted, &options, &|_| {})?;
                let news: Vec<Note> = notes.into_iter().filter(|n| !result.notes.contains(n)).collect();
                result.notes.extend(news);
                drawing
            }
        };
        let figure = rendered(plot, &drawing, &a.title, &folder, files)?;
        if plot == Plot::Agreement {
            agreement = Some(Figure { caption: format!("Agreement of methods: {}", a.title), ..figure });
        } else {
            figures.push(figure);
        }
    }
    let benchmark = a.benchmark.as_ref().map(|source| benchmark(source, a, base)).transpose()?;
    let outcome = labels.outcome.clone();
    Ok(Done { analysis: a, result, citation, figures, agreement, benchmark, origins, beside: shown, outcome })
}

/// A picture in every format, and where its files stand.
fn rendered(
    plot: Plot,
    drawing: &Drawing,
    caption: &str,
    folder: &Path,
    files: &mut Vec<(PathBuf, Vec<u8>)>,
) -> Result<Figure, Error> {
    let mut figure = Figure { caption: caption.into(), pages: vec![], print: String::new() };
    for format in Picture::ALL {
        let path = folder.join(format!("{}.{}", plot.id(), format.id()));
        let pages = format.spec().files(&path, drawing, &RenderOptions::default())?;
        let names = pages.iter().map(|(name, _)| name.display().to_string());
        match format {
            Picture::Png => figure.pages = names.collect(),
            // one file holds all pages
            Picture::Pdf => figure.print = names.collect(),
            _ => {}
        }
        files.extend(pages);
    }
    Ok(figure)
}

fn pooled(a: &Analysis, loaded: &Loaded, model: ModelOptions) -> Result<PoolResult, Error> {
    let impute = impute(a)?;
    loaded.pool(
        model,
        Beside {
            impute: impute.as_ref(),
            agreement: Panel::WhereUseful,
            baseline_risks: &a.baseline_risk,
            subgroup: a.subgroup.as_deref(),
            common_tau2: a.common_tau2,
            cluster: a.cluster.as_deref().map(|c| (c, Robust::Cr2)),
        },
    )
}

/// The tables of one analysis: studies with their origins, the pooled result, all of it as JSON.
fn write_tables(
    result: &PoolResult,
    origins: &[Provenance],
    input: &serde_json::Value,
    folder: &Path,
    files: &mut Vec<(PathBuf, Vec<u8>)>,
) {
    let mut add = |name: &str, text: String| files.push((folder.join(name), text.into_bytes()));
    let mut studies = pool::studies_file(result);
    provenance::add_to_sheet(&mut studies, origins);
    add("studies.csv", csv::table(&studies));
    add("pooled.csv", csv::table(&pool::pooled_file(result)));
    if !result.agreement.is_empty() {
        add("agreement.csv", csv::table(&pool::agreement_file(result)));
    }
    let mut whole = result.json(input);
    provenance::add_to_json(&mut whole, origins);
    // programs read the numbers of a review as those of a command
    add("result.json", Door::Terminal.word(&json_text(&whole)).into_owned());
}

/// One label per row of a table, from the column named, the description, or the usual ones.
fn labels_of(dataset: &Dataset, column: Option<&str>) -> Result<Vec<String>, Error> {
    let described = dataset.info.as_ref().and_then(|i| i.study.clone());
    let source = dataset.label_source(column.or(described.as_deref()))?;
    Ok(dataset.labels(source))
}

/// The pooled proportion of a benchmark, at the level of the analysis.
fn benchmark(source: &str, a: &Analysis, base: &Path) -> Result<Benchmark, Error> {
    // read as the patients it stands beside, where these are a proportion as well
    let proportion = a.measure.as_deref().map(Measure::parse).transpose()?.is_none_or(Measure::is_proportion);
    let per = a.per.filter(|_| proportion);
    let loaded = Request::new(located(source, base))
        .measure(Measure::LogitProportion)
        .load(|o| EffectOptions { per, ..o.level(a.level) })?;
    let title = loaded.dataset.info.as_ref().map_or_else(|| source.to_string(), |i| i.title.clone());
    let result =
        loaded.pool(ModelOptions { level: a.level, ..ModelOptions::default() }, Beside::default())?;
    Ok(Benchmark { title, result })
}

/// Bundled names and absolute paths as they are, others relative to the manifest.
fn located(source: &str, base: &Path) -> String {
    let fixed = source.starts_with('@') || Path::new(source).is_absolute();
    if fixed { source.to_string() } else { base.join(source).display().to_string() }
}

fn request(a: &Analysis, base: &Path) -> Result<Request, Error> {
    let mut columns = RoleMap::default();
    for (role, column) in &a.columns {
        columns.insert(role, column)?;
    }
    Ok(Request {
        source: located(&a.data, base),
        read: ReadOptions::default(),
        measure: a.measure.as_deref().map(Measure::parse).transpose()?,
        columns,
        study: a.study.clone(),
        filter: a.filter.clone(),
        shape: ShapeOptions {
            scale: scale(a)?,
            denominator: match a.denominator.as_deref() {
                None | Some("evaluated") => Denominator::Evaluated,
                Some("enrolled") => Denominator::Enrolled,
                Some(other) => {
                    return Err(Error::usage(format!("`denominator = {other:?}`"))
                        .with_hint("choose \"evaluated\" or \"enrolled\""));
                }
            },
            ..ShapeOptions::default()
        },
        model: model(a)?,
        profile: a.profile.as_deref().map_or(Ok(Profile::Metapool), Profile::parse)?,
        correlation: a.correlation,
        values: a.values.as_deref().map(Values::parse).transpose()?,
        se_scale: a.se_scale.as_deref().map(Values::parse).transpose()?,
        arms: arms(a)?,
        keep_total: a.keep_total,
        listing: !a.pool,
    })
}

fn arms(a: &Analysis) -> Result<Arms, Error> {
    let more = a.reference.is_some() || a.shared_control.is_some() || !a.combine.is_empty();
    let none = a.arm.as_ref().is_none_or(|c| c.eq_ignore_ascii_case("none"));
    if none && more {
        return Err(Error::usage("`reference`, `shared-control` and `combine` go with the column of arms")
            .with_hint("name it: `arm = \"COLUMN\"`"));
    }
    let Some(column) = &a.arm else { return Ok(Arms::Unsaid) };
    if column.eq_ignore_ascii_case("none") {
        return Ok(Arms::Studies);
    }
    Ok(Arms::Compare(ArmRequest {
        column: column.clone(),
        reference: a.reference.clone(),
        shared: a.shared_control.as_deref().map(SharedControl::parse).transpose()?,
        combine: a.combine.clone(),
    }))
}

fn model(a: &Analysis) -> Result<Option<Model>, Error> {
    a.model.as_deref().filter(|m| *m != "auto").map(Model::parse).transpose()
}

fn scale(a: &Analysis) -> Result<Option<MeasuringScale>, Error> {
    a.scale.as_deref().map(MeasuringScale::parse).transpose()
}

fn impute(a: &Analysis) -> Result<Option<Impute>, Error> {
    let how = match (&a.impute, a.correlation_grid.is_empty()) {
        (None, true) => return Ok(None),
        (None, false) => "grid",
        (Some(how), _) => how,
    };
    Impute::parse(how, &a.correlation_grid, scale(a)?).map(Some)
}

fn effect_options(a: &Analysis, base: EffectOptions) -> Result<EffectOptions, Error> {
    let variance = match &a.vtype {
        None => None,
        Some(code) => {
            Some(Variance::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(code)).ok_or_else(|| {
                Error::usage(format!("`{code}` is no variance"))
                    .with_hint("⟦list: measures⟧ shows those of each measure")
            })?)
        }
    };
    Ok(EffectOptions {
        continuity: Continuity {
            add: a.add.unwrap_or(base.continuity.add),
            to: a.to.as_deref().map_or(Ok(CorrectWhere::Only0), CorrectWhere::parse)?,
            double_zero: match (&a.double_zero, a.drop_double_zero) {
                (Some(_), true) => {
                    return Err(Error::usage(
                        "`drop-double-zero` and `double-zero` say the same thing twice",
                    )
                    .with_hint("leave one of them out"));
                }
                (Some(code), false) => DoubleZero::parse(code)?,
                (None, true) => DoubleZero::Drop,
                (None, false) => base.continuity.double_zero,
            },
        },
        variance,
        study_interval: a
            .study_ci
            .as_deref()
            .map_or(Ok(StudyInterval::ClopperPearson), StudyInterval::parse)?,
        level: a.level,
        small_sample_correction: !a.no_correction,
        per: a.per,
        ..base
    })
}

fn model_options(a: &Analysis) -> Result<ModelOptions, Error> {
    let prediction = match a.prediction.as_deref() {
        None | Some("auto") => None,
        Some("none") => Some(None),
        Some(name) => Some(Some(PredictionInterval::parse(name)?)),
    };
    Ok(ModelOptions {
        model: model(a)?,
        glmm_model: a.glmm_model.as_deref().map(GlmmModel::parse).transpose()?,
        tau2: a.tau2.as_deref().map(Tau2::parse).transpose()?,
        ci: a.ci.as_deref().filter(|c| !c.eq_ignore_ascii_case("auto")).map(Interval::parse).transpose()?,
        prediction,
        level: a.level,
        profile: a.profile.as_deref().map_or(Ok(Profile::Metapool), Profile::parse)?,
        ..ModelOptions::default()
    })
}

fn labels(a: &Analysis, loaded: &Loaded) -> Labels {
    let mut labels = loaded.labels();
    let take = |slot: &mut Option<String>, value: &Option<String>| {
        if value.is_some() {
            slot.clone_from(value);
        }
    };
    take(&mut labels.group1, &a.group1);
    take(&mut labels.group2, &a.group2);
    take(&mut labels.favours_low, &a.favours_low);
    take(&mut labels.favours_high, &a.favours_high);
    take(&mut labels.outcome, &a.outcome);
    take(&mut labels.estimate, &a.estimate);
    labels.title = Some(a.title.clone());
    labels
}
