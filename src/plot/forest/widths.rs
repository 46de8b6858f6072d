//! How wide the columns are, from measured text.

use super::content::Content;
use super::estimate_column::EstimateColumn;
use super::rows::{DataColumn, Role, Row};
use crate::plot::text::{self, Weight};
use crate::plot::theme::Brackets;

/// What is tried in turn to fit a width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Size of the text.
    pub size: f64,
    /// Between columns, in sizes of the text.
    pub gap: f64,
    /// Wider labels are wrapped.
    pub label_limit: f64,
    /// The narrowest panel.
    pub panel: f64,
    /// Whether the columns of weights and of data are kept.
    pub weights: bool,
    pub columns: bool,
}

/// Widths of the parts of one attempt.
pub(super) struct Widths {
    pub label: f64,
    pub columns: Vec<f64>,
    pub estimate: EstimateColumn,
    pub weight: f64,
    gap: f64,
    pub group_gap: f64,
}

/// Room that the letter of a footnote takes after a label.
pub(super) fn footnote_room(row: &Row, size: f64) -> f64 {
    if row.footnote.is_some() { 0.6 * size } else { 0.0 }
}

impl Widths {
    pub fn measure(content: &Content, attempt: &Attempt, brackets: &Brackets) -> Self {
        let size = attempt.size;
        let gap = attempt.gap * size;
        let columns = if attempt.columns { data_columns(content, gap, size) } else { vec![] };
        let weight = content.weight_header.as_ref().filter(|_| attempt.weights);
        Self {
            label: labels(content, size).min(attempt.label_limit),
            columns,
            estimate: EstimateColumn::measure(content, size, brackets),
            weight: weight.map_or(0.0, |header| column(content, header, size, |r| &r.weight)),
            gap,
            group_gap: (1.6 * size).min(1.3 * gap).max(gap),
        }
    }

    /// The gap before data column `i`: wider where a group begins.
    pub fn gap_before(&self, content: &Content, i: usize) -> f64 {
        let same = i > 0
            && content.columns[i].span.is_some()
            && content.columns[i].span == content.columns[i - 1].span;
        if same { self.gap } else { self.group_gap }
    }

    /// Width of the data columns with their gaps.
    fn data(&self, content: &Content) -> f64 {
        self.columns.iter().enumerate().map(|(i, w)| w + self.gap_before(content, i)).sum()
    }

    /// Width of labels and data columns.
    pub fn left_block(&self, content: &Content) -> f64 {
        self.label + self.data(content)
    }

    /// Everything but label, panel and margins.
    pub fn fixed(&self, content: &Content) -> f64 {
        let weight = if self.weight > 0.0 { self.weight + self.group_gap } else { 0.0 };
        self.data(content) + self.estimate.right + 2.0 * self.group_gap + weight
    }
}

/// Width of a column with its header.
fn column<'a>(content: &'a Content, header: &str, size: f64, cell: impl Fn(&'a Row) -> &'a String) -> f64 {
    let rows = content.rows.iter().chain(&content.summary);
    rows.map(|r| text::width(cell(r), size, r.text_weight()))
        .fold(text::width(header, size, Weight::Bold), f64::max)
}

/// Width of the widest label; remarks may reach over the columns of data.
fn labels(content: &Content, size: f64) -> f64 {
    let rows = content.rows.iter().chain(&content.summary).filter(|r| r.role != Role::Remark);
    let label = |r: &Row| {
        let words = text::width(&text::printable(&r.label), size, r.text_weight());
        words + r.role.indent() * size + footnote_room(r, size)
    };
    rows.map(label).fold(text::width(&content.study_header, size, Weight::Bold), f64::max)
}

/// Widths of the data columns; those under a wide heading share the room that it needs.
fn data_columns(content: &Content, gap: f64, size: f64) -> Vec<f64> {
    let width = |(i, c): (usize, &DataColumn)| column(content, &c.header, size, |r| &r.cells[i]);
    let mut widths: Vec<f64> = content.columns.iter().enumerate().map(width).collect();
    for (g, span) in content.spans.iter().enumerate() {
        let members: Vec<usize> = (0..widths.len()).filter(|&i| content.columns[i].span == Some(g)).collect();
        if members.is_empty() {
            continue;
        }
        let inside = members.iter().map(|&i| widths[i]).sum::<f64>() + gap * (members.len() - 1) as f64;
        let lacking = text::width(span, size, Weight::Bold) - inside;
        if lacking > 0.0 {
            let share = lacking / members.len() as f64;
            members.iter().for_each(|&i| widths[i] += share);
        }
    }
    widths
}
