//! Where everything goes: column edges and font size from measured text, for a page as wide as it needs or as asked.

use super::axis;
use super::content::{Column, Content, Estimate, Kind, Row};
use crate::plot::PlotOptions;
use crate::plot::scale::Axis;
use crate::plot::text::{self, Weight};

const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// Six centimetres.
const PANEL: f64 = 170.0;
/// Four and a half.
const NARROWEST_PANEL: f64 = 127.5;
/// Beyond this a label is wrapped on a page of natural width.
const WIDEST_LABEL: f64 = 230.0;
const MARGIN: f64 = 12.0;

/// Edges of the estimate column.
#[derive(Clone, Debug, Default)]
pub(super) struct EstimateColumn {
    pub left: f64,
    pub right: f64,
    /// Right edges of estimate, lower and upper limit.
    pub edges: [f64; 3],
    /// Widest part after the decimal point, of each.
    pub tails: [f64; 3],
    /// Limits differ so much in length that each interval is set as one piece.
    pub compact: bool,
    pub header: Vec<String>,
}

/// Every place that does not depend on the row.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub size: f64,
    pub row_height: f64,
    pub line_height: f64,
    pub margin: f64,
    pub width: f64,
    /// Wrapped labels: studies, then summary rows.
    pub labels: Vec<Vec<String>>,
    /// Left and right edge of each data column.
    pub columns: Vec<(f64, f64)>,
    pub estimate: EstimateColumn,
    /// Right edge of the weights.
    pub weight: Option<f64>,
    /// Ends of the axis.
    pub panel: (f64, f64),
    pub axis: Axis,
}

/// What is tried in turn to fit a width.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    size: f64,
    gap: f64,
    label_limit: f64,
    panel: f64,
    weights: bool,
    columns: bool,
}

/// The smallest page there is; what is wider than this widens the page.
const LAST_RESORT: Attempt =
    Attempt { size: 6.0, gap: 0.8, label_limit: 60.0, panel: 100.0, weights: false, columns: false };

/// Widths of the parts of one attempt.
struct Widths {
    label: f64,
    columns: Vec<f64>,
    estimate: EstimateColumn,
    weight: f64,
    gap: f64,
    group_gap: f64,
}

pub(super) fn row_weight(row: &Row) -> Weight {
    if row.kind.bold() { Weight::Bold } else { Weight::Regular }
}

/// Width of what follows the decimal point, point included.
pub(super) fn tail(number: &str, size: f64, weight: Weight) -> f64 {
    number.find('.').map_or(0.0, |at| text::width(&number[at..], size, weight))
}

impl Layout {
    /// The first attempt that fits, and what was given up for it.
    pub(super) fn fit(content: &Content, options: &PlotOptions) -> (Self, Vec<String>) {
        let size = options.theme.spec().size;
        let first =
            Attempt { size, gap: 1.3, label_limit: WIDEST_LABEL, panel: PANEL, weights: true, columns: true };
        let Some(mm) = options.width_mm else {
            return (Self::build(content, options, first, None), vec![]);
        };
        let target = mm * POINTS_PER_MM;
        for attempt in attempts(first) {
            let layout = Self::build(content, options, attempt, Some(target));
            if layout.width <= target + 0.01 {
                return (layout, given_up(&attempt, &first));
            }
        }
        let layout = Self::build(content, options, LAST_RESORT, Some(target));
        let mut remarks = given_up(&LAST_RESORT, &first);
        remarks.push(format!(
            "the page is {:.0} mm wide: its contents do not fit into {mm} mm",
            layout.width / POINTS_PER_MM
        ));
        (layout, remarks)
    }

    fn build(content: &Content, options: &PlotOptions, attempt: Attempt, target: Option<f64>) -> Self {
        let size = attempt.size;
        let widths = Widths::measure(content, &attempt, options.theme.spec().brackets);
        // a squeezed page uses narrower wrapped labels; a roomy one gives what is left to the panel
        let fixed = widths.fixed(content);
        let panel = match target {
            Some(t) => (t - fixed - widths.label - 2.0 * MARGIN).max(attempt.panel),
            None => attempt.panel,
        };
        let width = fixed + widths.label + panel + 2.0 * MARGIN;
        let mut layout = Self {
            size,
            row_height: 1.45 * size,
            line_height: 1.2 * size,
            margin: MARGIN,
            width,
            labels: wrapped_labels(content, size, widths.label, widths.left_block(content)),
            columns: vec![],
            estimate: widths.estimate.clone(),
            weight: None,
            panel: (0.0, 0.0),
            axis: Axis { spread: content.spread, range: (0.0, 1.0), ticks: vec![], minor: vec![] },
        };
        layout.place(content, options, &widths, panel);
        // squares at the ends of the axis stay within the panel
        let pad = 0.4 * layout.row_height + 0.1 * size;
        layout.panel = (layout.panel.0 + pad, layout.panel.1 - pad);
        let length = layout.panel.1 - layout.panel.0;
        layout.axis = axis::fit(content, options.full_range, length, 0.6 * size, &|label| {
            text::width(label, size, Weight::Regular)
        });
        layout
    }

    /// Sets columns from left to right in the theme's order.
    fn place(&mut self, content: &Content, options: &PlotOptions, widths: &Widths, panel: f64) {
        let theme = options.theme.spec();
        let mut x = MARGIN + widths.label;
        for (i, width) in widths.columns.iter().enumerate() {
            x += widths.gap_before(content, i);
            self.columns.push((x, x + width));
            x += width;
        }
        if theme.weight_first && widths.weight > 0.0 {
            x += widths.group_gap + widths.weight;
            self.weight = Some(x);
        }
        if theme.estimate_first {
            x += widths.group_gap;
            x = self.estimate.shift(x);
        }
        x += widths.group_gap;
        self.panel = (x, x + panel);
        x += panel;
        if !theme.estimate_first {
            x += widths.group_gap;
            x = self.estimate.shift(x);
        }
        if !theme.weight_first && widths.weight > 0.0 {
            x += widths.group_gap + widths.weight;
            self.weight = Some(x);
        }
    }
}

/// From roomy to cramped.
fn attempts(first: Attempt) -> Vec<Attempt> {
    let mut out = vec![first];
    let mut squeeze = Attempt { gap: 0.8, panel: NARROWEST_PANEL, ..first };
    out.push(Attempt { panel: NARROWEST_PANEL, ..first });
    out.push(squeeze);
    for limit in [180.0, 140.0, 110.0] {
        squeeze = Attempt { label_limit: limit, ..squeeze };
        out.push(squeeze);
    }
    for (size, ems) in
        [(8.5, 12.0), (8.0, 12.0), (8.0, 10.0), (7.5, 10.0), (7.0, 9.0), (6.5, 9.0), (6.0, 9.0)]
    {
        if size < first.size {
            squeeze = Attempt { size, label_limit: ems * size, ..squeeze };
            out.push(squeeze);
        }
    }
    let smallest = Attempt { size: 7.0f64.min(first.size), label_limit: 70.0, ..squeeze };
    out.push(Attempt { weights: false, ..smallest });
    out.push(Attempt { columns: false, ..smallest });
    out.push(Attempt { weights: false, columns: false, ..smallest });
    out.push(LAST_RESORT);
    out
}

fn given_up(attempt: &Attempt, first: &Attempt) -> Vec<String> {
    let mut remarks = vec![];
    if attempt.size < first.size {
        remarks.push(format!("the text is {} pt to fit the width", attempt.size));
    }
    if !attempt.weights {
        remarks.push("the column of weights is left out to fit the width".into());
    }
    if !attempt.columns {
        remarks.push("the columns of data are left out to fit the width".into());
    }
    remarks
}

/// `limit` is the width of labels, `block` that of labels and data columns together.
fn wrapped_labels(content: &Content, size: f64, limit: f64, block: f64) -> Vec<Vec<String>> {
    let slack = 0.1;
    let rows = content.rows.iter().chain(&content.summary);
    rows.map(|r| {
        let whole = if r.kind == Kind::Remark { block } else { limit };
        let room = whole - r.kind.indent() * size - if r.footnote.is_some() { 0.6 * size } else { 0.0 };
        text::wrap(&text::printable(&r.label), r.kind.scale() * size, row_weight(r), room + slack)
    })
    .collect()
}

impl Widths {
    fn measure(content: &Content, attempt: &Attempt, brackets: [&str; 3]) -> Self {
        let size = attempt.size;
        let rows = || content.rows.iter().chain(&content.summary);
        let wide = |s: &str, weight: Weight| text::width(s, size, weight);
        let label = rows()
            .filter(|r| r.kind != Kind::Remark)
            .map(|r| {
                wide(&text::printable(&r.label), row_weight(r))
                    + r.kind.indent() * size
                    + if r.footnote.is_some() { 0.6 * size } else { 0.0 }
            })
            .fold(wide(&content.study_header, Weight::Bold), f64::max)
            .min(attempt.label_limit);
        let column = |i: usize, c: &Column| {
            let cells = rows().map(|r| wide(&r.cells[i], row_weight(r)));
            cells.fold(wide(&c.header, Weight::Bold), f64::max)
        };
        let mut columns: Vec<f64> = content.columns.iter().enumerate().map(|(i, c)| column(i, c)).collect();
        if !attempt.columns {
            columns.clear();
        }
        let gap = attempt.gap * size;
        widen_for_spans(content, &mut columns, gap, size);
        let weight = match &content.weight_header {
            Some(header) if attempt.weights => {
                rows().map(|r| wide(&r.weight, row_weight(r))).fold(wide(header, Weight::Bold), f64::max)
            }
            _ => 0.0,
        };
        let group_gap = (1.6 * size).min(1.3 * gap).max(gap);
        Self {
            label,
            columns,
            estimate: EstimateColumn::measure(content, size, brackets),
            weight,
            gap,
            group_gap,
        }
    }

    /// The gap before data column `i`: wider where a group begins.
    fn gap_before(&self, content: &Content, i: usize) -> f64 {
        let same = i > 0
            && content.columns[i].span.is_some()
            && content.columns[i].span == content.columns[i - 1].span;
        if same { self.gap } else { self.group_gap }
    }

    /// Width of labels and data columns.
    fn left_block(&self, content: &Content) -> f64 {
        let columns = self.columns.iter().enumerate().map(|(i, w)| w + self.gap_before(content, i));
        self.label + columns.sum::<f64>()
    }

    /// Everything but label, panel and margins.
    fn fixed(&self, content: &Content) -> f64 {
        let columns: f64 =
            self.columns.iter().enumerate().map(|(i, w)| w + self.gap_before(content, i)).sum();
        let weight = if self.weight > 0.0 { self.weight + self.group_gap } else { 0.0 };
        columns + self.estimate.right + 2.0 * self.group_gap + weight
    }
}

/// Columns under a wide heading share the room that it needs.
fn widen_for_spans(content: &Content, columns: &mut [f64], gap: f64, size: f64) {
    for (g, span) in content.spans.iter().enumerate() {
        let members: Vec<usize> =
            (0..columns.len()).filter(|&i| content.columns[i].span == Some(g)).collect();
        if members.is_empty() {
            continue;
        }
        let inside = members.iter().map(|&i| columns[i]).sum::<f64>() + gap * (members.len() - 1) as f64;
        let lacking = text::width(span, size, Weight::Bold) - inside;
        if lacking > 0.0 {
            let share = lacking / members.len() as f64;
            members.iter().for_each(|&i| columns[i] += share);
        }
    }
}

impl EstimateColumn {
    /// Edges from zero; `right` is the width.
    fn measure(content: &Content, size: f64, [open, between, _]: [&str; 3]) -> Self {
        let mut heads = [0.0; 3];
        let mut tails = [0.0; 3];
        let mut words = 0.0f64;
        let mut spread = [(f64::INFINITY, 0.0f64); 2];
        for row in content.rows.iter().chain(&content.summary) {
            let weight = row_weight(row);
            let mut take = |i: usize, number: &str| {
                let t = tail(number, size, weight);
                tails[i] = f64::max(tails[i], t);
                heads[i] = f64::max(heads[i], text::width(number, size, weight) - t);
                if let Some(s) = i.checked_sub(1).and_then(|i| spread.get_mut(i)) {
                    let w = text::width(number, size, weight);
                    *s = (s.0.min(w), s.1.max(w));
                }
            };
            match &row.estimate {
                Estimate::Triple(parts) => parts.iter().enumerate().for_each(|(i, p)| take(i, p)),
                Estimate::Limits([l, u]) => {
                    take(1, l);
                    take(2, u);
                }
                Estimate::Words(w) => words = words.max(text::width(w, size, weight)),
            }
        }
        let bracket = text::width(open, size, Weight::Bold);
        let separator = text::width(between, size, Weight::Bold);
        let first = heads[0] + tails[0];
        let second = first + 0.45 * size + bracket + heads[1] + tails[1];
        let third = second + separator + heads[2] + tails[2];
        let inner = third + bracket;
        let whole = text::width(&content.estimate_header, size, Weight::Bold);
        let header = match content.estimate_header.rsplit_once([' ']).filter(|_| whole > inner) {
            Some(_) => split_header(&content.estimate_header),
            None => vec![content.estimate_header.clone()],
        };
        let header_width = header.iter().map(|h| text::width(h, size, Weight::Bold)).fold(0.0, f64::max);
        let right = inner.max(header_width).max(words);
        let shift = right - inner;
        let digit = text::width("0", size, Weight::Regular);
        let compact = spread.iter().any(|s| s.1 - s.0 > 2.6 * digit);
        Self {
            left: 0.0,
            right,
            edges: [first + shift, second + shift, third + shift],
            tails,
            compact,
            header,
        }
    }

    /// Moves the column to start at `x`; returns its right edge.
    fn shift(&mut self, x: f64) -> f64 {
        self.left += x;
        self.right += x;
        self.edges.iter_mut().for_each(|e| *e += x);
        self.right
    }
}

/// Breaks `Standardised change (95% CI)` before its bracket.
fn split_header(header: &str) -> Vec<String> {
    match header.rfind(['(', '[']) {
        Some(at) if at > 0 => vec![header[..at].trim_end().to_string(), header[at..].to_string()],
        _ => vec![header.to_string()],
    }
}
