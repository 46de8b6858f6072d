//! The layout as marks: header, rows, axis and footer of every page.

use super::content::{Content, Estimate, Kind, Mark, Row};
use super::layout::{Layout, row_weight, tail};
use crate::plot::PlotOptions;
use crate::plot::chart::{ACCENT, GREY, WHITE, circle, lozenge, outlined, tint};
use crate::plot::colour::Colour;
use crate::plot::scale::typeset;
use crate::plot::scene::{Anchor, Group, Scene};
use crate::plot::text::{self, Weight};
use crate::plot::theme::ThemeSpec;

/// Thickness of interval lines and of hair lines, in points.
const INTERVAL: f64 = 0.9;
const HAIR: f64 = 0.6;

/// Everything a drawing step needs.
struct Pen<'a> {
    content: &'a Content,
    layout: &'a Layout,
    theme: &'a ThemeSpec,
    largest: f64,
}

/// Draws all pages: studies in portions, summary and footer on the last.
pub(super) fn pages(content: &Content, layout: &Layout, options: &PlotOptions) -> Vec<Scene> {
    let area = |r: &Row| if let Mark::Square { area, .. } = r.mark { area } else { 0.0 };
    let largest = content.rows.iter().map(area).fold(0.0, f64::max);
    let pen = Pen { content, layout, theme: options.theme.spec(), largest };
    let k = content.rows.len();
    // 70 rows stay on one page rather than leave ten for a second
    let per_page = options.rows_per_page.max(1);
    let count = if k <= per_page + per_page / 6 { 1 } else { k.div_ceil(per_page) };
    let size = k.div_ceil(count.max(1)).max(1);
    (0..count.max(1)).map(|p| pen.page(p * size..((p + 1) * size).min(k), p, count)).collect()
}

impl Pen<'_> {
    fn page(&self, rows: std::ops::Range<usize>, page: usize, pages: usize) -> Scene {
        let l = self.layout;
        let last = page + 1 == pages;
        let mut groups = vec![];
        let mut y = l.margin;
        if let Some(title) = &self.content.title {
            y = self.title(&mut groups, title, y);
        }
        y = self.header(&mut groups, y);
        let top = y;
        y += 0.3 * l.size;
        let backdrop = groups.len();
        groups.push(Group::default());
        for i in rows.clone() {
            let row = &self.content.rows[i];
            if row.kind == Kind::Heading && i > rows.start {
                y += 0.45 * l.row_height;
            }
            let height = l.row_height + (l.labels[i].len() - 1) as f64 * l.line_height;
            let striped = matches!(row.kind, Kind::Plain | Kind::Member) && (i - rows.start) % 2 == 1;
            if let Some(zebra) = self.theme.zebra.filter(|_| striped) {
                groups[backdrop].rect(l.margin, y, l.width - 2.0 * l.margin, height, zebra);
            }
            groups.push(self.row(row, i, y, height));
            y += height;
        }
        let mut diamond = None;
        if last && !self.content.summary.is_empty() {
            y += 0.5 * l.row_height;
            for (j, row) in self.content.summary.iter().enumerate() {
                let i = self.content.rows.len() + j;
                let height = l.row_height + (l.labels[i].len() - 1) as f64 * l.line_height;
                if let (Mark::Diamond { estimate, .. }, None) = (&row.mark, diamond) {
                    diamond = Some((*estimate, y + 0.5 * height));
                }
                groups.push(self.row(row, i, y, height));
                y += height;
            }
        }
        y += 0.35 * l.row_height;
        self.lines(&mut groups[backdrop], top, y, diamond);
        y = self.axis(&mut groups, y);
        y = self.footer(&mut groups, y, page, pages);
        Scene {
            width: l.width,
            height: y + l.margin,
            title: self.content.document_title.clone(),
            description: self.content.description.clone(),
            groups,
        }
    }

    fn title(&self, groups: &mut Vec<Group>, title: &str, y: f64) -> f64 {
        let l = self.layout;
        let size = 1.2 * l.size;
        let mut group = Group::default();
        let mut y = y;
        for line in text::wrap(title, size, Weight::Bold, l.width - 2.0 * l.margin) {
            group.text(
                (l.margin, y + 0.8 * size),
                Anchor::Start,
                &line,
                (size, Weight::Bold),
                self.theme.ink,
            );
            y += 1.25 * size;
        }
        groups.push(group);
        y + 0.7 * l.size
    }

    /// Column headings over a rule; returns the rule's height.
    fn header(&self, groups: &mut Vec<Group>, y: f64) -> f64 {
        let (l, c) = (self.layout, self.content);
        let style = (l.size, Weight::Bold);
        let ink = self.theme.ink;
        let spanned = !c.spans.is_empty() && !l.columns.is_empty();
        let lines = l.estimate.header.len().max(if spanned { 2 } else { 1 });
        let bottom = y + lines as f64 * 1.3 * l.size;
        let baseline = bottom - 0.45 * l.size;
        let mut group = Group::default();
        group.text((l.margin, baseline), Anchor::Start, &c.study_header, style, ink);
        for (column, edges) in c.columns.iter().zip(&l.columns) {
            group.text((edges.1, baseline), Anchor::End, &column.header, style, ink);
        }
        for (g, span) in c.spans.iter().enumerate().filter(|_| spanned) {
            let members = c.columns.iter().zip(&l.columns).filter(|(column, _)| column.span == Some(g));
            let edges = members.fold((f64::INFINITY, 0.0f64), |e, (_, m)| (e.0.min(m.0), e.1.max(m.1)));
            if edges.0.is_finite() {
                let above = baseline - 1.3 * l.size;
                group.text((0.5 * (edges.0 + edges.1), above), Anchor::Middle, span, style, ink);
                group.line(
                    (edges.0, above + 0.38 * l.size),
                    (edges.1, above + 0.38 * l.size),
                    HAIR,
                    self.theme.rule,
                );
            }
        }
        let count = l.estimate.header.len();
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

    /// One study or summary row whose upper edge is `y`.
    fn row(&self, row: &Row, index: usize, y: f64, height: f64) -> Group {
        let l = self.layout;
        let style = (l.size, row_weight(row));
        let ink = self.theme.ink;
        let label_size = row.kind.scale() * l.size;
        let left = l.margin + row.kind.indent() * l.size;
        let middle = y + 0.5 * height;
        let baseline = middle + 0.33 * l.size;
        let mut group = Group::labelled(self.spoken(row));
        let lines = &l.labels[index];
        let first = middle - 0.5 * (lines.len() - 1) as f64 * l.line_height + 0.33 * l.size;
        for (i, line) in lines.iter().enumerate() {
            let at = (left, first + i as f64 * l.line_height);
            let colour = if row.kind == Kind::Remark { GREY } else { ink };
            group.text(at, Anchor::Start, line, (label_size, style.1), colour);
            if let (true, Some(letter)) = (i + 1 == lines.len(), row.footnote) {
                let x = left + text::width(line, l.size, row_weight(row)) + 0.12 * l.size;
                group.text(
                    (x, at.1 - 0.33 * l.size),
                    Anchor::Start,
                    &letter.to_string(),
                    ((0.72 * l.size).max(6.0), Weight::Regular),
                    ink,
                );
            }
        }
        for (edges, cell) in l.columns.iter().zip(&row.cells) {
            group.text((edges.1, baseline), Anchor::End, cell, style, ink);
        }
        self.estimate(&mut group, row, baseline);
        if let Some(x) = l.weight {
            group.text((x, baseline), Anchor::End, &row.weight, style, ink);
        }
        self.mark(&mut group, &row.mark, middle);
        group
    }

    fn spoken(&self, row: &Row) -> String {
        let unit = typeset(&self.content.unit.suffix());
        match &row.estimate {
            Estimate::Triple([e, lower, upper]) => {
                let weight =
                    if row.weight.is_empty() { String::new() } else { format!(", weight {}", row.weight) };
                format!("{}: {e}{unit} ({lower} to {upper}){weight}", row.label)
            }
            Estimate::Limits([lower, upper]) => format!("{}: {lower}{unit} to {upper}{unit}", row.label),
            Estimate::Words(words) => format!("{}: {words}", row.label),
        }
    }

    /// The estimate with its limits, on the decimal points of the column.
    fn estimate(&self, group: &mut Group, row: &Row, baseline: f64) {
        let l = self.layout;
        let style = (l.size, row_weight(row));
        let ink = self.theme.ink;
        let [open, between, close] = self.theme.brackets;
        // right end of a number so that its point stands with the others
        let end = |i: usize, number: &str| {
            l.estimate.edges[i] - (l.estimate.tails[i] - tail(number, l.size, style.1))
        };
        let limits = |group: &mut Group, lower: &str, upper: &str| {
            if l.estimate.compact {
                let whole = format!("{open}{lower}{between}{upper}{close}");
                group.text((l.estimate.right, baseline), Anchor::End, &whole, style, ink);
                return;
            }
            let left = end(1, lower);
            group.text((left, baseline), Anchor::End, &format!("{open}{lower}"), style, ink);
            let right = end(2, upper) + text::width(close, l.size, style.1);
            let start = end(2, upper) - text::width(upper, l.size, style.1);
            if between.trim() == "," {
                group.text((left, baseline), Anchor::Start, ",", style, ink);
            } else {
                group.text((0.5 * (left + start), baseline), Anchor::Middle, between.trim(), style, ink);
            }
            group.text((right, baseline), Anchor::End, &format!("{upper}{close}"), style, ink);
        };
        match &row.estimate {
            Estimate::Triple([e, lower, upper]) => {
                limits(group, lower, upper);
                group.text((end(0, e), baseline), Anchor::End, e, style, ink);
            }
            Estimate::Limits([lower, upper]) => limits(group, lower, upper),
            Estimate::Words(words) => {
                group.text((l.estimate.right, baseline), Anchor::End, words, style, ink)
            }
        }
    }

    fn x(&self, value: f64) -> f64 {
        let (left, right) = self.layout.panel;
        left + self.layout.axis.fraction(value).clamp(-0.01, 1.01) * (right - left)
    }

    fn below(&self, value: f64) -> bool {
        self.layout.axis.fraction(value) < -1e-6
    }

    fn above(&self, value: f64) -> bool {
        self.layout.axis.fraction(value) > 1.0 + 1e-6
    }

    fn mark(&self, group: &mut Group, mark: &Mark, y: f64) {
        match mark {
            Mark::None => {}
            Mark::Square { estimate, limits, area } => self.square(group, *estimate, *limits, *area, y),
            Mark::Dot { estimate, limits, turns } => self.dot(group, *estimate, *limits, *turns, y),
            Mark::Diamond { estimate, limits } => self.diamond(group, *estimate, *limits, y),
            Mark::Bar { limits } => self.bar(group, *limits, y),
        }
    }

    /// An arrow head with its tip at `tip`, pointing left (−1) or right (1).
    fn arrow(&self, group: &mut Group, tip: f64, y: f64, side: f64, colour: Colour) {
        let (length, half) = (0.45 * self.layout.size, 0.2 * self.layout.size);
        group.polygon(
            vec![(tip, y), (tip - side * length, y - half), (tip - side * length, y + half)],
            colour,
        );
    }

    /// An open head: the estimate itself lies beyond the axis.
    fn open_arrow(&self, group: &mut Group, y: f64, side: f64, colour: Colour) {
        let (left, right) = self.layout.panel;
        let tip = if side < 0.0 { left } else { right };
        self.arrow(group, tip, y, side, colour);
        let (length, half) = (0.27 * self.layout.size, 0.12 * self.layout.size);
        let inner = tip - side * 0.13 * self.layout.size;
        group.polygon(
            vec![(inner, y), (inner - side * length, y - half), (inner - side * length, y + half)],
            WHITE,
        );
    }

    /// Of an interval whose estimate lies below the axis (or above it): the edge of the panel and the other limit, if
    /// that is to be seen.
    fn visible_part(&self, low: bool, limits: (f64, f64)) -> Option<(f64, f64)> {
        let (limit, edge) =
            if low { (limits.1, self.layout.panel.0) } else { (limits.0, self.layout.panel.1) };
        let inside = !self.below(limit) && !self.above(limit);
        inside.then(|| (edge, self.x(limit)))
    }

    /// A dot with its interval; a hollow diamond where the conclusion turns.
    fn dot(&self, group: &mut Group, estimate: f64, limits: (f64, f64), turns: bool, y: f64) {
        let l = self.layout;
        let colour = if turns { ACCENT } else { self.theme.interval };
        if self.below(estimate) || self.above(estimate) {
            self.open_arrow(group, y, if self.below(estimate) { -1.0 } else { 1.0 }, colour);
            return;
        }
        let (mut from, mut to) = (self.x(limits.0), self.x(limits.1));
        let head = 0.45 * l.size;
        if self.below(limits.0) {
            self.arrow(group, l.panel.0, y, -1.0, colour);
            from = l.panel.0 + 0.8 * head;
        }
        if self.above(limits.1) {
            self.arrow(group, l.panel.1, y, 1.0, colour);
            to = l.panel.1 - 0.8 * head;
        }
        group.line((from, y), (to, y), INTERVAL, colour);
        let at = (self.x(estimate), y);
        if turns {
            outlined(group, |r| lozenge(at, r), 0.42 * l.size, ACCENT, WHITE);
        } else {
            outlined(group, |r| circle(at, r), 0.26 * l.size, self.theme.square, self.theme.square);
        }
    }

    fn square(&self, group: &mut Group, estimate: f64, limits: (f64, f64), area: f64, y: f64) {
        let l = self.layout;
        let colour = self.theme.interval;
        if self.below(estimate) || self.above(estimate) {
            let low = self.below(estimate);
            if let Some((edge, end)) = self.visible_part(low, limits) {
                let clear = edge + if low { 0.5 } else { -0.5 } * l.size;
                group.line((clear, y), (end, y), INTERVAL, colour);
            }
            self.open_arrow(group, y, if low { -1.0 } else { 1.0 }, colour);
            return;
        }
        let side = if self.largest > 0.0 {
            self.content.largest_square * l.row_height * (area / self.largest).sqrt()
        } else {
            0.0
        };
        let x = self.x(estimate);
        let head = 0.45 * l.size;
        let (mut from, mut to) = (self.x(limits.0), self.x(limits.1));
        if self.below(limits.0) {
            // the head stays clear of the square, in the margin if it must
            let tip = l.panel.0.min(x - 0.5 * side - head);
            self.arrow(group, tip, y, -1.0, colour);
            from = tip + 0.8 * head;
        }
        if self.above(limits.1) {
            let tip = l.panel.1.max(x + 0.5 * side + head);
            self.arrow(group, tip, y, 1.0, colour);
            to = tip - 0.8 * head;
        }
        group.line((from, y), (to, y), INTERVAL, colour);
        if side < 0.14 * l.row_height {
            let half = 0.5 * 0.3 * l.row_height;
            group.line((x, y - half), (x, y + half), INTERVAL, self.theme.square);
            return;
        }
        group.rect(x - 0.5 * side, y - 0.5 * side, side, side, self.theme.square);
        if to - from < side {
            group.line((from, y), (to, y), INTERVAL, WHITE);
        }
    }

    fn diamond(&self, group: &mut Group, estimate: f64, limits: (f64, f64), y: f64) {
        let l = self.layout;
        let colour = self.theme.diamond;
        let h = 0.36 * l.row_height;
        if self.below(estimate) || self.above(estimate) {
            let low = self.below(estimate);
            if let Some((edge, end)) = self.visible_part(low, limits) {
                // what is left of the diamond: as high at the edge as it would be there
                let limit = if low { limits.1 } else { limits.0 };
                let (at, tip) = (l.axis.fraction(estimate), l.axis.fraction(limit));
                let border = if low { 0.0 } else { 1.0 };
                let share = if at.is_finite() { (border - tip) / (at - tip) } else { 1.0 };
                let half = h * share.clamp(0.0, 1.0);
                group.polygon(vec![(edge, y - half), (end, y), (edge, y + half)], colour);
                self.arrow(
                    group,
                    edge + if low { -0.5 } else { 0.5 } * l.size,
                    y,
                    if low { -1.0 } else { 1.0 },
                    colour,
                );
            } else {
                self.open_arrow(group, y, if low { -1.0 } else { 1.0 }, colour);
            }
            return;
        }
        let (x, f) = (self.x(estimate), |v: f64| l.axis.fraction(v));
        // at least two pixels of a screen wide
        let left = self.x(limits.0).min(x - 0.4);
        let right = self.x(limits.1).max(x + 0.4);
        let cut = |limit: f64, edge: f64| {
            let (at, tip) = (f(estimate), f(limit));
            if tip.is_finite() { h * ((edge - tip) / (at - tip)).clamp(0.0, 1.0) } else { h }
        };
        let mut points = vec![];
        if self.below(limits.0) {
            let half = cut(limits.0, 0.0);
            points.extend([(l.panel.0, y + half), (l.panel.0, y - half)]);
        } else {
            points.push((left, y));
        }
        points.push((x, y - h));
        if self.above(limits.1) {
            let half = cut(limits.1, 1.0);
            points.extend([(l.panel.1, y - half), (l.panel.1, y + half)]);
        } else {
            points.push((right, y));
        }
        points.push((x, y + h));
        group.polygon(points, colour);
        let reach = 0.5 * l.size;
        if self.below(limits.0) {
            self.arrow(group, l.panel.0 - reach, y, -1.0, colour);
        }
        if self.above(limits.1) {
            self.arrow(group, l.panel.1 + reach, y, 1.0, colour);
        }
    }

    fn bar(&self, group: &mut Group, limits: (f64, f64), y: f64) {
        let l = self.layout;
        let colour = self.theme.prediction;
        let (half, cap) = (0.1 * l.row_height, 0.22 * l.row_height);
        let head = 0.45 * l.size;
        if self.above(limits.0) || self.below(limits.1) {
            self.open_arrow(group, y, if self.below(limits.1) { -1.0 } else { 1.0 }, colour);
            return;
        }
        let (mut from, mut to) = (self.x(limits.0), self.x(limits.1));
        if self.below(limits.0) {
            self.arrow(group, l.panel.0 - 0.3 * head, y, -1.0, colour);
            from = l.panel.0 + 0.5 * head;
        } else {
            group.line((from, y - cap), (from, y + cap), INTERVAL, colour);
        }
        if self.above(limits.1) {
            self.arrow(group, l.panel.1 + 0.3 * head, y, 1.0, colour);
            to = l.panel.1 - 0.5 * head;
        } else {
            group.line((to, y - cap), (to, y + cap), INTERVAL, colour);
        }
        group.rect(from, y - half, (to - from).max(0.4), 2.0 * half, colour);
    }

    /// The line of no effect and, where the theme has it, the line of the pooled estimate.
    fn lines(&self, group: &mut Group, top: f64, bottom: f64, diamond: Option<(f64, f64)>) {
        let inside = |v: f64| !self.below(v) && !self.above(v);
        if let Some((lower, upper)) = self.content.band {
            let (from, to) = (self.x(lower).max(self.layout.panel.0), self.x(upper).min(self.layout.panel.1));
            if to > from {
                group.rect(from, top, to - from, bottom - top, tint(self.theme.prediction, 0.22));
            }
        }
        if let Some((estimate, y)) = diamond.filter(|d| self.theme.pooled_line && inside(d.0)) {
            let start = top + 0.3 * self.layout.size;
            group.dashed(
                self.x(estimate),
                (start, y - 0.36 * self.layout.row_height),
                HAIR,
                self.theme.prediction,
            );
        }
        if let Some(null) = self.content.null.filter(|v| inside(*v)) {
            group.line((self.x(null), top), (self.x(null), bottom), HAIR, self.theme.null);
        }
    }

    /// The axis band: line, ticks, labels, favours labels, title. Returns its lower edge.
    fn axis(&self, groups: &mut Vec<Group>, y: f64) -> f64 {
        let (l, c) = (self.layout, self.content);
        let ink = self.theme.ink;
        let style = (l.size, Weight::Regular);
        let mut group = Group::default();
        let (left, right) = l.panel;
        group.line((left, y), (right, y), HAIR, ink);
        for minor in &l.axis.minor {
            group.line((self.x(*minor), y), (self.x(*minor), y + 0.18 * l.size), 0.4, ink);
        }
        let mut baseline = y + 1.25 * l.size;
        for (value, label) in &l.axis.ticks {
            let x = self.x(*value);
            group.line((x, y), (x, y + 0.35 * l.size), HAIR, ink);
            group.text((x, baseline), Anchor::Middle, label, style, ink);
        }
        if c.favours.iter().any(Option::is_some) {
            baseline += 1.35 * l.size;
            baseline = self.favours(&mut group, baseline);
        }
        baseline += 1.35 * l.size;
        let half = 0.5 * text::width(&c.axis_title, l.size, Weight::Regular);
        let centre =
            (0.5 * (left + right)).clamp(l.margin + half, (l.width - l.margin - half).max(l.margin + half));
        group.text((centre, baseline), Anchor::Middle, &c.axis_title, style, ink);
        groups.push(group);
        baseline + 0.4 * l.size
    }

    /// What either side of no effect favours, each on its side of the line. Returns the last baseline used.
    fn favours(&self, group: &mut Group, baseline: f64) -> f64 {
        let l = self.layout;
        let ink = self.theme.ink;
        let style = (l.size, Weight::Regular);
        let (left, right) = l.panel;
        let null = self.content.null.filter(|n| !self.below(*n) && !self.above(*n));
        let centre = null.map_or(0.5 * (left + right), |n| self.x(n));
        let gap = 0.7 * l.size;
        let arrows = [("← ", ""), ("", " →")];
        let wide = |t: &str| text::width(t, l.size, Weight::Regular);
        let mut at = baseline;
        let mut last_end = l.margin;
        for (i, label) in self.content.favours.iter().enumerate() {
            let Some(label) = label else { continue };
            // a side that the axis does not show is not named
            let room = if i == 0 { centre - left } else { right - centre };
            if room < 0.06 * (right - left) {
                continue;
            }
            let label = format!("{}{label}{}", arrows[i].0, arrows[i].1);
            let width = wide(&label);
            // a side with no room is moved inwards to the page, and to a line of its own if it would touch the other
            let start = if i == 0 { centre - gap - width } else { centre + gap };
            let start = start.clamp(l.margin, (l.width - l.margin - width).max(l.margin));
            if i == 1 && start < last_end + gap && self.content.favours[0].is_some() {
                at += 1.3 * l.size;
            }
            group.text((start, at), Anchor::Start, &label, style, ink);
            last_end = start + width;
        }
        at
    }

    fn footer(&self, groups: &mut Vec<Group>, y: f64, page: usize, pages: usize) -> f64 {
        let l = self.layout;
        let size = (0.9 * l.size).max(6.0);
        let mut group = Group::default();
        let mut y = y + 0.5 * l.size;
        let mut write = |line: &str| {
            for part in text::wrap(line, size, Weight::Regular, l.width - 2.0 * l.margin) {
                y += 1.35 * size;
                group.text((l.margin, y), Anchor::Start, &part, (size, Weight::Regular), self.theme.ink);
            }
        };
        if page + 1 == pages {
            self.content.footer.iter().for_each(|line| write(line));
            if let Some(line) = self.truncated() {
                write(&line);
            }
        }
        if pages > 1 {
            write(&format!("Page {} of {pages}", page + 1));
        }
        groups.push(group);
        y + 0.2 * size
    }

    /// A remark when the cut intervals carry weight.
    fn truncated(&self) -> Option<String> {
        let total: f64 = self
            .content
            .rows
            .iter()
            .map(|r| if let Mark::Square { area, .. } = r.mark { area } else { 0.0 })
            .sum();
        let cut: Vec<f64> = self
            .content
            .rows
            .iter()
            .filter_map(|r| match &r.mark {
                Mark::Square { limits, area, .. } if self.below(limits.0) || self.above(limits.1) => {
                    Some(*area)
                }
                _ => None,
            })
            .collect();
        let heavy = cut.iter().sum::<f64>() > 0.02 * total;
        let word = if cut.len() == 1 { "interval is" } else { "intervals are" };
        (heavy && total > 0.0).then(|| format!("Arrows: {} {word} wider than the axis", cut.len()))
    }
}
