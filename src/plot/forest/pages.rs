//! The layout as marks: header, rows and footer of every page.

use super::content::Content;
use super::layout::Layout;
use super::rows::{Estimate, Mark, Role, Row};
use crate::plot::colour::GREY;
use crate::plot::marks::Stroke;
use crate::plot::options::PlotOptions;
use crate::plot::page::paginate;
use crate::plot::scene::{Anchor, Group, Scene};
use crate::plot::text::{self, Weight};
use crate::plot::theme::ThemeSpec;
use crate::plot::typeset;
use std::ops::Range;

/// Thickness of hair lines, in points.
pub(super) const HAIR: f64 = 0.6;
/// Half the height of a diamond, in row heights.
pub(super) const DIAMOND: f64 = 0.36;

/// A table that is drawn.
pub(super) struct Table<'a> {
    pub content: &'a Content,
    pub layout: &'a Layout,
    pub theme: &'a ThemeSpec,
    /// The largest weight of a square.
    pub largest: f64,
}

/// Draws all pages: studies in portions, summary and footer on the last.
pub(super) fn pages(content: &Content, layout: &Layout, options: &PlotOptions) -> Vec<Scene> {
    let largest = content.rows.iter().map(|r| r.mark.area()).fold(0.0, f64::max);
    let table = Table { content, layout, theme: options.theme.spec(), largest };
    let pages = paginate(content.rows.len(), options);
    let count = pages.len();
    pages.into_iter().enumerate().map(|(i, rows)| table.page(rows, (i + 1, count))).collect()
}

impl Table<'_> {
    fn page(&self, rows: Range<usize>, (page, pages): (usize, usize)) -> Scene {
        let l = self.layout;
        let mut groups = vec![];
        let mut y = self.title(&mut groups, l.margin);
        y = self.header(&mut groups, y);
        let top = y;
        let backdrop = groups.len();
        groups.push(Group::default());
        y = self.rows(&mut groups, rows, y + 0.3 * l.size);
        let mut diamond = None;
        if page == pages && !self.content.summary.is_empty() {
            (y, diamond) = self.summary(&mut groups, y + 0.5 * l.row_height);
        }
        y += 0.35 * l.row_height;
        self.lines(&mut groups[backdrop], top, y, diamond);
        y = self.axis_band(&mut groups, y);
        y = self.footer(&mut groups, y, (page, pages));
        Scene {
            width: l.width,
            height: y + l.margin,
            title: self.content.document_title.clone(),
            description: self.content.description.clone(),
            groups,
        }
    }

    fn title(&self, groups: &mut Vec<Group>, y: f64) -> f64 {
        let Some(title) = &self.content.title else { return y };
        let l = self.layout;
        let size = 1.2 * l.size;
        let mut group = Group::default();
        let mut y = y;
        for line in text::wrap(title, size, Weight::Bold, l.width - 2.0 * l.margin) {
            let at = (l.margin, y + 0.8 * size);
            group.text(at, Anchor::Start, &line, (size, Weight::Bold), self.theme.ink);
            y += 1.25 * size;
        }
        groups.push(group);
        y + 0.7 * l.size
    }

    /// Column headings over a rule; returns the rule's height.
    fn header(&self, groups: &mut Vec<Group>, y: f64) -> f64 {
        let (l, c) = (self.layout, self.content);
        let (style, ink) = ((l.size, Weight::Bold), self.theme.ink);
        let spanned = !c.spans.is_empty() && !l.columns.is_empty();
        let count = l.estimate.header.len();
        let bottom = y + count.max(if spanned { 2 } else { 1 }) as f64 * 1.3 * l.size;
        let baseline = bottom - 0.45 * l.size;
        let mut group = Group::default();
        group.text((l.margin, baseline), Anchor::Start, &c.study_header, style, ink);
        for (column, edges) in c.columns.iter().zip(&l.columns) {
            group.text((edges.1, baseline), Anchor::End, &column.header, style, ink);
        }
        if spanned {
            self.spans(&mut group, baseline - 1.3 * l.size);
        }
        for (i, line) in l.estimate.header.iter().enumerate() {
            let up = (count - 1 - i) as f64 * 1.3 * l.size;
            group.text((l.estimate.right, baseline - up), Anchor::End, line, style, ink);
        }
        if let (Some(x), Some(header)) = (l.weight, &c.weight_header) {
            group.text((x, baseline), Anchor::End, header, style, ink);
        }
        group.line((l.margin, bottom), (l.width - l.margin, bottom), 0.8, self.theme.rule);
        groups.push(group);
        bottom
    }

    /// Headings over several columns, each with a rule as wide as they are.
    fn spans(&self, group: &mut Group, baseline: f64) {
        let (l, c) = (self.layout, self.content);
        for (g, span) in c.spans.iter().enumerate() {
            let members = c.columns.iter().zip(&l.columns).filter(|(column, _)| column.span == Some(g));
            let (left, right) =
                members.fold((f64::INFINITY, 0.0f64), |e, (_, m)| (e.0.min(m.0), e.1.max(m.1)));
            if left.is_finite() {
                let middle = (0.5 * (left + right), baseline);
                group.text(middle, Anchor::Middle, span, (l.size, Weight::Bold), self.theme.ink);
                let rule = baseline + 0.38 * l.size;
                group.line((left, rule), (right, rule), HAIR, self.theme.rule);
            }
        }
    }

    /// Height of a row by its index among studies and summary rows.
    fn height(&self, index: usize) -> f64 {
        let l = self.layout;
        l.row_height + (l.labels[index].len() - 1) as f64 * l.line_height
    }

    fn rows(&self, groups: &mut Vec<Group>, rows: Range<usize>, y: f64) -> f64 {
        let l = self.layout;
        let backdrop = groups.len() - 1;
        let mut y = y;
        for i in rows.clone() {
            let row = &self.content.rows[i];
            if row.role == Role::Heading && i > rows.start {
                y += 0.45 * l.row_height;
            }
            let height = self.height(i);
            let striped = matches!(row.role, Role::Plain | Role::Member) && (i - rows.start) % 2 == 1;
            if let Some(zebra) = self.theme.zebra.filter(|_| striped) {
                groups[backdrop].rect(l.margin, y, l.width - 2.0 * l.margin, height, zebra);
            }
            groups.push(self.row(row, i, y));
            y += height;
        }
        y
    }

    /// Rows of pooled estimates; also the first diamond and the height of its middle.
    fn summary(&self, groups: &mut Vec<Group>, y: f64) -> (f64, Option<(f64, f64)>) {
        let mut y = y;
        let mut diamond = None;
        for (j, row) in self.content.summary.iter().enumerate() {
            let i = self.content.rows.len() + j;
            let height = self.height(i);
            if let (Mark::Diamond { estimate, .. }, None) = (&row.mark, diamond) {
                diamond = Some((*estimate, y + 0.5 * height));
            }
            groups.push(self.row(row, i, y));
            y += height;
        }
        (y, diamond)
    }

    /// One study or summary row whose upper edge is `y`.
    fn row(&self, row: &Row, index: usize, y: f64) -> Group {
        let l = self.layout;
        let (style, ink) = ((l.size, row.text_weight()), self.theme.ink);
        let middle = y + 0.5 * self.height(index);
        let baseline = middle + 0.33 * l.size;
        let mut group = Group::labelled(self.spoken(row));
        self.label(&mut group, row, &l.labels[index], middle);
        for (edges, cell) in l.columns.iter().zip(&row.cells) {
            group.text((edges.1, baseline), Anchor::End, cell, style, ink);
        }
        l.estimate.draw(&mut group, row, self.theme, (l.size, baseline));
        if let Some(x) = l.weight {
            group.text((x, baseline), Anchor::End, &row.weight, style, ink);
        }
        self.mark(&mut group, &row.mark, middle);
        group
    }

    /// The label about the middle of its row, with the letter of a footnote at its end.
    fn label(&self, group: &mut Group, row: &Row, lines: &[String], middle: f64) {
        let l = self.layout;
        let style = (row.role.scale() * l.size, row.text_weight());
        let colour = if row.role == Role::Remark { GREY } else { self.theme.ink };
        let left = l.margin + row.role.indent() * l.size;
        let first = middle - 0.5 * (lines.len() - 1) as f64 * l.line_height + 0.33 * l.size;
        for (i, line) in lines.iter().enumerate() {
            let at = (left, first + i as f64 * l.line_height);
            group.text(at, Anchor::Start, line, style, colour);
            let Some(letter) = row.footnote.filter(|_| i + 1 == lines.len()) else { continue };
            let x = left + text::width(line, l.size, row.text_weight()) + 0.12 * l.size;
            let raised = (x, at.1 - 0.33 * l.size);
            let small = ((0.72 * l.size).max(6.0), Weight::Regular);
            group.text(raised, Anchor::Start, &letter.to_string(), small, self.theme.ink);
        }
    }

    fn spoken(&self, row: &Row) -> String {
        let unit = typeset::number(&self.content.unit.suffix());
        let label = &row.label;
        match &row.estimate {
            Estimate::Triple([e, lower, upper]) => {
                let weight =
                    if row.weight.is_empty() { String::new() } else { format!(", weight {}", row.weight) };
                format!("{label}: {e}{unit} ({lower} to {upper}){weight}")
            }
            Estimate::Limits([lower, upper]) => format!("{label}: {lower}{unit} to {upper}{unit}"),
            Estimate::Words(words) => format!("{label}: {words}"),
        }
    }

    /// The band, the line of no effect and, where the theme has it, the line of the pooled estimate.
    fn lines(&self, group: &mut Group, top: f64, bottom: f64, diamond: Option<(f64, f64)>) {
        let l = self.layout;
        if let Some((lower, upper)) = self.content.band {
            let (from, to) = (self.x(lower).max(l.panel.0), self.x(upper).min(l.panel.1));
            if to > from {
                group.rect(from, top, to - from, bottom - top, self.theme.prediction.tint(0.22));
            }
        }
        if let Some((estimate, y)) = diamond.filter(|d| self.theme.pooled_line && self.shows(d.0)) {
            let (x, end) = (self.x(estimate), y - DIAMOND * l.row_height);
            let stroke = Stroke::dashed(HAIR, self.theme.prediction);
            group.path(&[(x, top + 0.3 * l.size), (x, end)], stroke);
        }
        if let Some(null) = self.content.null.filter(|v| self.shows(*v)) {
            group.line((self.x(null), top), (self.x(null), bottom), HAIR, self.theme.null);
        }
    }

    fn footer(&self, groups: &mut Vec<Group>, y: f64, (page, pages): (usize, usize)) -> f64 {
        let l = self.layout;
        let size = (0.9 * l.size).max(6.0);
        let mut lines: Vec<String> = vec![];
        if page == pages {
            lines.extend(self.content.footer.iter().cloned());
            lines.extend(self.truncated());
        }
        if pages > 1 {
            lines.push(format!("Page {page} of {pages}"));
        }
        let mut group = Group::default();
        let mut y = y + 0.5 * l.size;
        for line in lines {
            for part in text::wrap(&line, size, Weight::Regular, l.width - 2.0 * l.margin) {
                y += 1.35 * size;
                group.text((l.margin, y), Anchor::Start, &part, (size, Weight::Regular), self.theme.ink);
            }
        }
        groups.push(group);
        y + 0.2 * size
    }

    /// A remark when the cut intervals carry weight.
    fn truncated(&self) -> Option<String> {
        let total: f64 = self.content.rows.iter().map(|r| r.mark.area()).sum();
        let is_cut = |mark: &Mark| match mark {
            Mark::Square { limits, .. } => self.below(limits.0) || self.above(limits.1),
            _ => false,
        };
        let cut: Vec<f64> =
            self.content.rows.iter().filter(|r| is_cut(&r.mark)).map(|r| r.mark.area()).collect();
        let heavy = cut.iter().sum::<f64>() > 0.02 * total;
        let word = if cut.len() == 1 { "interval is" } else { "intervals are" };
        (heavy && total > 0.0).then(|| format!("Arrows: {} {word} wider than the axis", cut.len()))
    }
}
