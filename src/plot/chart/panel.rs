//! The panel of a chart: where values lie on the page, and what of a path or an area lies within.

use crate::plot::axis::Axis;
use crate::plot::colour::Colour;
use crate::plot::geometry::{Point, Rect, distance};
use crate::plot::marks::Stroke;
use crate::plot::scene::{Anchor, Group};
use crate::plot::text::Weight;
use crate::plot::theme::ThemeSpec;

/// Where values lie on the page.
#[derive(Clone, Debug)]
pub(in crate::plot) struct Panel {
    pub edges: Rect,
    pub x: Axis,
    pub y: Axis,
    /// Whether the vertical axis runs downward.
    pub down: bool,
    /// Room at both ends of the horizontal axis.
    pub inset: f64,
    pub theme: &'static ThemeSpec,
    /// Size of the text.
    pub size: f64,
}

impl Panel {
    pub fn x(&self, value: f64) -> f64 {
        let (left, right) = (self.edges.left + self.inset, self.edges.right - self.inset);
        left + self.x.fraction(value) * (right - left)
    }

    pub fn y(&self, value: f64) -> f64 {
        let share = self.y.fraction(value);
        let share = if self.down { 1.0 - share } else { share };
        self.edges.bottom - share * self.edges.height()
    }

    pub fn at(&self, (x, y): (f64, f64)) -> Point {
        (self.x(x), self.y(y))
    }

    /// A path of values, as far as it is within the panel.
    pub fn path(&self, group: &mut Group, values: &[(f64, f64)], stroke: Stroke) {
        for stretch in self.stretches(values) {
            group.path(&stretch, stroke);
        }
    }

    /// The visible stretches of a path of values, as places on the page.
    pub fn stretches(&self, values: &[(f64, f64)]) -> Vec<Vec<Point>> {
        let mut out: Vec<Vec<Point>> = vec![];
        let mut last: Option<Point> = None;
        let finite = |p: Point| p.0.is_finite() && p.1.is_finite();
        for pair in values.windows(2) {
            let (a, b) = (self.at(pair[0]), self.at(pair[1]));
            let Some((from, to)) = self.edges.clip((a, b)).filter(|_| finite(a) && finite(b)) else {
                last = None;
                continue;
            };
            match (last, out.last_mut()) {
                (Some(end), Some(run)) if distance(from, end) < 1e-6 => run.push(to),
                _ => out.push(vec![from, to]),
            }
            last = Some(to);
        }
        out
    }

    /// A filled polygon of places on the page, cut at the edges of the panel.
    pub fn area(&self, group: &mut Group, places: &[Point], colour: Colour) {
        let shape = self.edges.cut(places);
        if shape.len() > 2 {
            group.polygon(shape, colour);
        }
    }

    /// Two axes, or a frame, with their ticks and labels.
    pub fn axes(&self, framed: bool) -> Group {
        let mut group = Group::default();
        let (size, ink) = (self.size, self.theme.ink);
        let Rect { left, top, right, bottom } = self.edges;
        let style = (size, Weight::Regular);
        group.line((left, bottom), (right, bottom), 0.8, ink);
        group.line((left, top), (left, bottom), 0.8, ink);
        if framed {
            group.line((left, top), (right, top), 0.8, ink);
            group.line((right, top), (right, bottom), 0.8, ink);
        }
        for (value, label) in &self.y.ticks {
            let y = self.y(*value);
            group.line((left - 3.0, y), (left, y), 0.8, ink);
            group.text((left - 5.0, y + 0.33 * size), Anchor::End, label, style, ink);
        }
        for value in &self.x.minor {
            let x = self.x(*value);
            group.line((x, bottom), (x, bottom + 1.8), 0.6, ink);
        }
        for (value, label) in &self.x.ticks {
            let x = self.x(*value);
            group.line((x, bottom), (x, bottom + 3.0), 0.8, ink);
            group.text((x, bottom + 3.5 + size), Anchor::Middle, label, style, ink);
        }
        group
    }
}
