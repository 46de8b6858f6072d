//! Bubble plot: effects against a moderator, with the fitted line and its bands. Reference: \[thompson2002\].

mod axes;
mod lines;
mod sentences;

use super::chart::Panel;
use super::colour::{CONFIDENCE, Colour, GREY, LINES, PREDICTION};
use super::geometry::{Point, Rect};
use super::marks::Marker;
use super::options::PlotOptions;
use super::page::{MARGIN, Page, asked_width, check_width};
use super::scene::{Anchor, Drawing, Group, Scene};
use super::side::is_log;
use super::spec::{Draws, PlotSpec};
use super::text::{self, Weight};
use super::{typeset, words};
use crate::error::Error;
use crate::result::format::{fixed, percent, significant};
use crate::result::look::Look;
use crate::result::regression::{Along, RegressionResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "bubble",
    aliases: &["regression"],
    title: "Bubble plot of a meta-regression",
    reference: "thompson2002",
    draws: Draws::Regression(draw),
};

/// The narrowest page, in millimetres.
const NARROWEST: f64 = 60.0;
/// Sides of the panel in points, unless a width is asked for.
const PANEL: (f64, f64) = (320.0, 235.0);
/// Room for the labels of the vertical axis.
const LEFT_ROOM: f64 = 46.0;
/// Radius of the circle of the largest weight, in points, and of the smallest that is seen.
const LARGEST: f64 = 11.0;
const SMALLEST: f64 = 1.2;

/// What is drawn.
struct Bubble<'a> {
    result: &'a RegressionResult,
    along: &'a Along,
    /// Whether the moderator is a factor, drawn level by level.
    factor: bool,
    /// Whether there is a line for each level of a second factor.
    several: bool,
    /// The largest weight of a study, in percent.
    heaviest: f64,
}

fn draw(result: &RegressionResult, along: &Along, options: &PlotOptions) -> Result<Drawing, Error> {
    check_width(options, NARROWEST)?;
    let bubble = Bubble {
        result,
        along,
        factor: !along.levels.is_empty(),
        several: along.lines.len() > 1,
        heaviest: result.studies.iter().map(|f| f.weight).fold(0.0, f64::max),
    };
    Ok(Drawing { pages: vec![bubble.page(options)], remarks: vec![] })
}

/// A circle of two shades.
fn marker(colour: Colour, fill: f64) -> Marker {
    Marker::Circle { edge: colour, fill: colour.tint(fill) }
}

impl Bubble<'_> {
    fn page(&self, options: &PlotOptions) -> Scene {
        let size = options.theme.spec().size;
        let right_room = self.right_room(size);
        let natural = PANEL.0 + LEFT_ROOM + right_room + 2.0 * MARGIN;
        let width = asked_width(options).unwrap_or(natural);
        let mut page = Page::new(options, size, width);
        let mut head = Group::default();
        page.title(&mut head);
        let table = &self.result.table;
        page.heading(&mut head, &words::axis_title(table, &options.labels, is_log(table)));
        page.y += 0.6 * size;
        page.groups.push(head);
        let panel = self.panel(&page, right_room);
        let mut under = self.bands(&panel);
        self.no_effect(&mut under, &panel);
        page.groups.push(under);
        page.groups.push(panel.axes(false));
        page.groups.extend(self.bubbles(&panel));
        let (lines, labels) = self.lines(&panel);
        page.groups.push(lines);
        page.groups.push(self.weights(&panel, &labels));
        self.foot(&mut page, &panel);
        let sentences = self.sentences().join(" ");
        let (title, moderator, k) = (table.title(), &self.along.moderator, self.result.k);
        let description = format!("Bubble plot of {title} against {moderator}: {k} studies. {sentences}");
        page.finish(&format!("Bubble plot: {title} by {moderator}"), description)
    }

    /// Room for the labels of lines and the weights of circles.
    fn right_room(&self, size: f64) -> f64 {
        let label = if self.several {
            let widths = self.along.lines.iter().map(|l| text::width(&l.label, size, Weight::Bold));
            widths.fold(0.0, f64::max)
        } else {
            let level = self.result.settings.level;
            text::width(&format!("{level}% prediction"), size, Weight::Regular)
        };
        label.max(2.0 * LARGEST + 8.0 + text::width("10%", size, Weight::Regular)) + 14.0
    }

    fn panel(&self, page: &Page, right_room: f64) -> Panel {
        let (left, right) = (MARGIN + LEFT_ROOM, page.width - MARGIN - right_room);
        Panel {
            edges: Rect { left, top: page.y, right, bottom: page.y + PANEL.1 },
            x: self.moderator_axis(right - left, page.size),
            y: self.effect_axis(PANEL.1, page.size),
            down: false,
            inset: 2.0 * LARGEST,
            theme: page.theme,
            size: page.size,
        }
    }

    /// An effect as it is read.
    fn back(&self, effect: f64) -> f64 {
        self.result.table.back(effect).unwrap_or(effect)
    }

    /// The height of an effect; those beyond the axis lie on its ends.
    fn y(&self, panel: &Panel, effect: f64) -> f64 {
        let fraction = panel.y.fraction(self.back(effect)).clamp(0.0, 1.0);
        panel.edges.bottom - fraction * panel.edges.height()
    }

    fn no_effect(&self, group: &mut Group, panel: &Panel) {
        let null = self.result.table.measure().spec().null;
        let shown = |n: &f64| (0.0..=1.0).contains(&panel.y.fraction(self.back(*n)));
        if let Some(null) = null.filter(shown) {
            let y = self.y(panel, null);
            group.line((panel.edges.left, y), (panel.edges.right, y), 0.6, panel.theme.null);
        }
    }

    /// Prediction and confidence bands of a single line, under everything else.
    fn bands(&self, panel: &Panel) -> Group {
        let mut group = Group::default();
        if self.several || self.factor {
            return group;
        }
        let points = &self.along.lines[0].points;
        let outline = |limits: &[(f64, f64)]| -> Vec<Point> {
            let at = |i: usize, effect: f64| (panel.x(points[i].0), self.y(panel, effect));
            let upper = (0..points.len()).map(|i| at(i, limits[i].1));
            let lower = (0..points.len()).rev().map(|i| at(i, limits[i].0));
            upper.chain(lower).collect()
        };
        let predicted: Option<Vec<(f64, f64)>> =
            points.iter().map(|(_, p)| p.prediction.as_ref().map(|q| (q.lower, q.upper))).collect();
        if let Some(limits) = predicted {
            group.polygon(outline(&limits), PREDICTION);
        }
        let limits: Vec<(f64, f64)> = points.iter().map(|(_, p)| (p.lower, p.upper)).collect();
        group.polygon(outline(&limits), CONFIDENCE);
        group
    }

    fn weight(&self, row: usize) -> f64 {
        self.result.studies.iter().find(|f| f.row == row).map_or(0.0, |f| f.weight)
    }

    /// Radius of a circle whose area is proportional to the weight.
    fn radius(&self, weight: f64, heaviest: f64) -> f64 {
        (LARGEST * (weight / heaviest).sqrt()).max(SMALLEST)
    }

    /// Circles of the studies, the largest first so that none hides another.
    fn bubbles(&self, panel: &Panel) -> Vec<Group> {
        let studies = &self.along.studies;
        let largest = studies.iter().map(|s| self.weight(s.0)).fold(0.0, f64::max);
        let look = Look::of(&self.result.table, None);
        let mut order: Vec<usize> = (0..studies.len()).collect();
        order.sort_by(|&a, &b| self.weight(studies[b].0).total_cmp(&self.weight(studies[a].0)));
        let shifts = if self.factor { self.jitter(panel) } else { vec![0.0; studies.len()] };
        let bubble = |i: usize| {
            let (row, x, line) = studies[i];
            let s = &self.result.table.studies[row];
            let (y, weight) = (s.y?, self.weight(row));
            let effect = typeset::number(&look.with_unit(self.back(y)));
            let at = self.along.levels.get(x as usize).filter(|_| self.factor);
            let at = at.map_or_else(|| significant(x, 4), Clone::clone);
            let mut group =
                Group::labelled(format!("{}: {effect} at {at}, weight {}", s.study, percent(weight)));
            let centre = (panel.x(x) + shifts[i], self.y(panel, y));
            group.marker(centre, self.radius(weight, largest), marker(LINES[line % LINES.len()], 0.42));
            Some(group)
        };
        order.into_iter().filter_map(bubble).collect()
    }

    /// Sideways shifts that keep the studies of a level apart.
    fn jitter(&self, panel: &Panel) -> Vec<f64> {
        let mut placed: Vec<(f64, f64, f64)> = vec![]; // level, shift, height
        let limit = 0.32 * panel.edges.width() / self.along.levels.len() as f64;
        let step = 1.35 * LARGEST;
        for &(row, x, _) in &self.along.studies {
            let y = self.result.table.studies[row].y.map_or(0.0, |y| self.y(panel, y));
            let free =
                |shift: f64| placed.iter().all(|p| p.0 != x || (p.1 - shift).hypot(p.2 - y) > 1.3 * LARGEST);
            // to the right and to the left in turn, farther and farther
            let away = |i: i32| step * f64::from((i + 1) / 2) * if i % 2 == 0 { 1.0 } else { -1.0 };
            let found = (0..12).map(away).find(|shift| shift.abs() <= limit && free(*shift));
            placed.push((x, found.unwrap_or(0.0), y));
        }
        placed.into_iter().map(|p| p.1).collect()
    }

    /// Three circles with their weights, right of the panel where no label is.
    fn weights(&self, panel: &Panel, labels: &[f64]) -> Group {
        let size = panel.size;
        let ladder = (-4..=1).flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e)));
        let mut shown: Vec<f64> = ladder.filter(|w| *w <= self.heaviest).collect();
        shown.reverse();
        shown.truncate(3);
        let radius = |w: f64| self.radius(w, self.heaviest);
        let height: f64 = 1.6 * size + shown.iter().map(|w| 2.0 * radius(*w) + 3.0).sum::<f64>();
        let Rect { top, bottom, right, .. } = panel.edges;
        let clear = |from: f64| labels.iter().all(|y| *y < from - size || *y > from + height + size);
        let places = [top, bottom - height, 0.5 * (top + bottom - height)];
        let mut y = places.into_iter().find(|p| clear(*p)).unwrap_or(top);
        let mut group = Group::default();
        let (left, style) = (right + 5.0, (size, Weight::Regular));
        group.text((left, y + size), Anchor::Start, "Weight", style, GREY);
        y += 1.6 * size;
        for w in shown {
            let r = radius(w);
            group.marker((left + LARGEST, y + r), r, marker(GREY, 0.25));
            let label = format!("{}%", if w >= 1.0 { fixed(w, 0) } else { significant(w, 1) });
            let at = (left + 2.0 * LARGEST + 5.0, y + r + 0.33 * size);
            group.text(at, Anchor::Start, &label, style, GREY);
            y += 2.0 * r + 3.0;
        }
        group
    }

    fn foot(&self, page: &mut Page, panel: &Panel) {
        let mut foot = Group::default();
        let middle = 0.5 * (panel.edges.left + panel.edges.right);
        page.y = panel.edges.bottom + 3.1 * page.size;
        let style = (page.size, Weight::Bold);
        foot.text((middle, page.y), Anchor::Middle, &self.along.moderator, style, page.theme.ink);
        page.y += 0.6 * page.size;
        let small = page.small();
        page.sentences(&mut foot, &self.sentences(), small);
        page.groups.push(foot);
    }
}
