//! A whole review from a manifest: every analysis with its tables, its pictures and one report.
//!
//! Everything is computed and rendered before the first file is written, so that a failing analysis leaves an
//! earlier review as it was.

mod characteristics;
mod manifest;
mod markdown;
mod provenance;

use crate::analysis::{DrawRequest, Loaded, Request, Supplements, options};
use crate::choice::Door;
use crate::choice::option::table;
use crate::dataset::Dataset;
use crate::document::{Figure, Report, Sheet, csv, markdown as written};
use crate::effect::{EffectOptions, Measure};
use crate::error::Error;
use crate::file;
use crate::model::ModelOptions;
use crate::plot::{Drawing, Draws, Labels, Picture, Plot, PlotOptions, RenderOptions};
use crate::registry::Member;
use crate::report::{json_text, pool};
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
            file::write(&path, bytes)?;
        }
        Ok(())
    }
}

fn analyse<'a>(a: &'a Analysis, base: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<Done<'a>, Error> {
    let source = located(&a.data, base);
    let loaded = if a.pool { options::load(&a.options, source) } else { options::list(&a.options, source) }?;
    let input = json!({
        "source": a.data,
        "rows": loaded.dataset.rows(),
        "where": a.options.text(&table::WHERE),
    });
    let labels = labels(a, &loaded);
    let info = loaded.dataset.info.as_ref();
    let citation = info.map_or_else(|| a.data.clone(), |i| format!("{}. {}", i.title, i.citation));
    let model = options::model(&a.options)?;
    let mut result = if a.pool { pooled(a, &loaded, model)? } else { loaded.listed() };
    let origins = provenance::provenance(&loaded.dataset);
    let studies: Vec<String> = result.table.studies.iter().map(|s| s.study.clone()).collect();
    let shown = characteristics::beside(&a.show, &loaded.dataset, &studies)?;
    let folder = PathBuf::from(&a.id);
    write_tables(&result, &origins, &input, &folder, files);
    let (figures, agreement) = draw(a, &loaded, model, &mut result, &labels, files)?;
    let benchmark = a.benchmark.as_ref().map(|source| benchmark(source, a, base)).transpose()?;
    let outcome = labels.outcome;
    Ok(Done { analysis: a, result, citation, figures, agreement, benchmark, origins, beside: shown, outcome })
}

fn pooled(a: &Analysis, loaded: &Loaded, model: ModelOptions) -> Result<PoolResult, Error> {
    loaded.pool(model, options::pool(&a.options)?.beside())
}

/// Draws the pictures of an analysis in every format: those that were asked for, and the panel of methods.
fn draw(
    a: &Analysis,
    loaded: &Loaded,
    model: ModelOptions,
    result: &mut PoolResult,
    labels: &Labels,
    files: &mut Vec<(PathBuf, Vec<u8>)>,
) -> Result<(Vec<Figure>, Option<Figure>), Error> {
    let folder = Path::new(&a.id);
    let (mut figures, mut agreement) = (vec![], None);
    // a panel of methods goes with every pooled proportion
    let panel = (!result.agreement.is_empty()).then_some("agreement");
    for name in a.plots.iter().map(String::as_str).chain(panel) {
        let plot = Plot::parse(name)?;
        let look = PlotOptions { labels: labels.clone(), ..options::picture(&a.options, Labels::default())? };
        let drawing = match plot.spec().draws {
            Draws::Pool(draw) => draw(result, &look)?,
            _ if a.options.has(&table::CLUSTER) => {
                return Err(Error::usage(format!("the {} plot knows nothing of clusters", plot.id()))
                    .with_hint("leave it out of `plots`, or leave `cluster` out"));
            }
            _ => {
                let wanted = DrawRequest { model, ..DrawRequest::default() };
                let (drawing, notes) = loaded.draw(plot, &wanted, &look, &|_| {})?;
                let news: Vec<Note> = notes.into_iter().filter(|n| !result.notes.contains(n)).collect();
                result.notes.extend(news);
                drawing
            }
        };
        let figure = rendered(plot, &drawing, &a.title, folder, files)?;
        if plot == Plot::Agreement {
            agreement = Some(Figure { caption: format!("Agreement of methods: {}", a.title), ..figure });
        } else {
            figures.push(figure);
        }
    }
    Ok((figures, agreement))
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
    let usual = ModelOptions::default();
    let level = a.options.number(&table::LEVEL).unwrap_or(usual.level);
    // read as the patients it stands beside, where these are a proportion as well
    let proportion = a.options.choice::<Measure>(&table::MEASURE)?.is_none_or(Measure::is_proportion);
    let per = a.options.number(&table::PER).filter(|_| proportion);
    let loaded = Request::new(located(source, base))
        .measure(Measure::LogitProportion)
        .load(|o| EffectOptions { per, ..o.level(level) })?;
    let title = loaded.dataset.info.as_ref().map_or_else(|| source.to_string(), |i| i.title.clone());
    let result = loaded.pool(ModelOptions { level, ..usual }, Supplements::default())?;
    Ok(Benchmark { title, result })
}

/// Bundled names and absolute paths as they are, others relative to the manifest.
fn located(source: &str, base: &Path) -> String {
    let fixed = source.starts_with('@') || Path::new(source).is_absolute();
    if fixed { source.to_string() } else { base.join(source).display().to_string() }
}

/// The words of the pictures: those of the analysis, else those that come with the data.
fn labels(a: &Analysis, loaded: &Loaded) -> Labels {
    let described = options::labels(&a.options, loaded.labels());
    Labels {
        title: Some(a.title.clone()),
        group1: a.group1.clone().or(described.group1),
        group2: a.group2.clone().or(described.group2),
        favours_low: a.favours_low.clone().or(described.favours_low),
        favours_high: a.favours_high.clone().or(described.favours_high),
        ..described
    }
}
