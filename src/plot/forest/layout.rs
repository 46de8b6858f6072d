//! Where everything goes: column edges and font size from measured text, for a page as wide as it needs or as asked.

use super::axis;
use super::content::Content;
use super::estimate_column::EstimateColumn;
use super::rows::Role;
use super::widths::{Attempt, Widths, footnote_room};
use crate::plot::axis::Axis;
use crate::plot::options::PlotOptions;
use crate::plot::page::{MARGIN, POINTS_PER_MM};
use crate::plot::text::{self, Weight};

/// Six centimetres.
const PANEL: f64 = 170.0;
/// Four and a half.
const NARROWEST_PANEL: f64 = 127.5;
/// Beyond this a label is wrapped on a page of natural width.
const WIDEST_LABEL: f64 = 230.0;

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

/// The smallest page there is; what is wider than this widens the page.
const LAST_RESORT: Attempt =
    Attempt { size: 6.0, gap: 0.8, label_limit: 60.0, panel: 100.0, weights: false, columns: false };

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
        let widths = Widths::measure(content, &attempt, &options.theme.spec().brackets);
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
            axis: Axis { spacing: content.spacing, range: (0.0, 1.0), ticks: vec![], minor: vec![] },
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
        let whole = if r.role == Role::Remark { block } else { limit };
        let room = whole - r.role.indent() * size - footnote_room(r, size);
        text::wrap(&text::printable(&r.label), r.role.scale() * size, r.text_weight(), room + slack)
    })
    .collect()
}
