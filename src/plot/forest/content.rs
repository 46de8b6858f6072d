//! What a forest plot says: columns, rows and sentences, before any of it has a place.

use super::data::data_columns;
use super::rows::{DataColumn, Row};
use super::studies::{grouped, study_rows};
use super::summary::summary_rows;
use super::writer::Writer;
use super::{agreement, sentences};
use crate::plot::axis::Spacing;
use crate::plot::options::PlotOptions;
use crate::plot::side::spacing_of;
use crate::plot::words;
use crate::result::PoolResult;
use crate::result::look::Unit;

/// Everything a forest plot says.
#[derive(Debug)]
pub(super) struct Content {
    pub title: Option<String>,
    pub spans: Vec<String>,
    pub columns: Vec<DataColumn>,
    pub study_header: String,
    pub estimate_header: String,
    pub weight_header: Option<String>,
    pub rows: Vec<Row>,
    pub summary: Vec<Row>,
    pub spacing: Spacing,
    /// Range that values cannot leave.
    pub bounds: (f64, f64),
    /// In what values are counted; tick labels are multiplied by it.
    pub unit: Unit,
    /// No effect, if the measure has such a value.
    pub null: Option<f64>,
    pub axis_title: String,
    pub favours: [Option<String>; 2],
    pub footer: Vec<String>,
    pub description: String,
    pub document_title: String,
    /// Side of the largest square, in row heights.
    pub largest_square: f64,
    /// An interval drawn behind all rows.
    pub band: Option<(f64, f64)>,
}

impl Content {
    /// What every table of estimates of a result has in common: everything but columns, rows and sentences.
    pub fn without_rows(result: &PoolResult, options: &PlotOptions) -> Self {
        let table = &result.table;
        let spec = table.measure().spec();
        let labels = &options.labels;
        let spacing = spacing_of(table);
        let brackets = options.theme.spec().brackets;
        let heading = words::estimate_heading(table, labels);
        Self {
            title: labels.title.clone(),
            spans: vec![],
            columns: vec![],
            study_header: "Study".into(),
            estimate_header: format!(
                "{heading} {}{}% CI{}",
                brackets.open, result.settings.level, brackets.close
            ),
            weight_header: None,
            rows: vec![],
            summary: vec![],
            spacing,
            bounds: if table.measure().is_proportion() { (0.0, 1.0) } else { spec.scale.range() },
            unit: Unit::of(table),
            null: spec.null.and_then(|null| table.back(null)),
            axis_title: words::axis_title(table, labels, spacing == Spacing::Log),
            favours: [labels.favours_low.clone(), labels.favours_high.clone()],
            footer: vec![],
            description: String::new(),
            document_title: labels.title.clone().unwrap_or_default(),
            largest_square: 0.8,
            band: None,
        }
    }

    /// Studies and the pooled estimate, one row each.
    pub fn of(result: &PoolResult, options: &PlotOptions) -> Self {
        let labels = &options.labels;
        let common = Self::without_rows(result, options);
        let writer = Writer::of(result, common.bounds);
        let (spans, columns, cells) = data_columns(result, labels);
        let (rows, footnotes) = study_rows(result, &writer, cells);
        let rows = match &result.subgroups {
            Some(s) => grouped(result, s, rows, &writer, &columns),
            None => rows,
        };
        let k = result.k;
        let has_weights = result.main_weights().iter().any(Option::is_some) && k > 1;
        let summary = summary_rows(result, options, &writer, &columns);
        let mut footer = sentences::footer(result);
        footer.extend(footnotes);
        Self {
            spans,
            weight_header: has_weights.then(|| "Weight".to_string()),
            rows,
            footer,
            description: sentences::description(result, &writer, &summary, labels),
            columns,
            summary,
            ..common
        }
        .titled(format!("Forest plot: {}, {k} studies", result.table.title()))
    }

    /// One row per method of the agreement panel.
    pub fn agreement(result: &PoolResult, options: &PlotOptions) -> Self {
        let common = Self::without_rows(result, options);
        let writer = Writer::of(result, common.bounds);
        Self {
            study_header: "Method".into(),
            rows: result.agreement.iter().map(|a| agreement::row(a, &writer)).collect(),
            footer: agreement::footer(result),
            description: format!("Agreement of {} methods on {} studies.", result.agreement.len(), result.k),
            largest_square: 0.42,
            ..common
        }
        .titled("Agreement of methods".into())
    }

    /// With this title of the document, unless one was asked for.
    pub fn titled(self, title: String) -> Self {
        let document_title = self.title.clone().unwrap_or(title);
        Self { document_title, ..self }
    }
}
