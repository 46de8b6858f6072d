//! The marks in the panel of a forest plot: squares, dots, diamonds and bars, with arrows where they leave the axis.

use super::pages::{DIAMOND, Table};
use super::rows::Mark;
use crate::plot::colour::{ACCENT, Colour};
use crate::plot::marks::Marker;
use crate::plot::scene::Group;

/// Thickness of interval lines, in points.
const INTERVAL: f64 = 0.9;
/// Length and half the height of an arrow head, in sizes of the text.
const HEAD: (f64, f64) = (0.45, 0.2);
/// Smaller squares are ticks, in row heights.
const SMALLEST_SQUARE: f64 = 0.14;
/// Half the least width of a diamond: two pixels of a screen make it whole.
const NARROWEST: f64 = 0.4;

/// An end of the axis.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Low,
    High,
}

impl End {
    /// Direction on the page.
    fn sign(self) -> f64 {
        if self == Self::Low { -1.0 } else { 1.0 }
    }

    /// The one of a pair that belongs to this end.
    fn of<T>(self, pair: (T, T)) -> T {
        if self == Self::Low { pair.0 } else { pair.1 }
    }

    fn other(self) -> Self {
        if self == Self::Low { Self::High } else { Self::Low }
    }
}

const ENDS: [End; 2] = [End::Low, End::High];

impl Table<'_> {
    /// Where a value lies in the panel, or just beyond its end.
    pub(super) fn x(&self, value: f64) -> f64 {
        let (left, right) = self.layout.panel;
        left + self.layout.axis.fraction(value).clamp(-0.01, 1.01) * (right - left)
    }

    pub(super) fn below(&self, value: f64) -> bool {
        self.layout.axis.fraction(value) < -1e-6
    }

    pub(super) fn above(&self, value: f64) -> bool {
        self.layout.axis.fraction(value) > 1.0 + 1e-6
    }

    /// Whether a value lies on the axis.
    pub(super) fn shows(&self, value: f64) -> bool {
        !self.below(value) && !self.above(value)
    }

    fn beyond(&self, value: f64, end: End) -> bool {
        if end == End::Low { self.below(value) } else { self.above(value) }
    }

    /// The end that a value lies beyond.
    fn end_beyond(&self, value: f64) -> Option<End> {
        ENDS.into_iter().find(|end| self.beyond(value, *end))
    }

    pub(super) fn mark(&self, group: &mut Group, mark: &Mark, y: f64) {
        match *mark {
            Mark::None => {}
            Mark::Square { estimate, limits, area } => self.square(group, estimate, limits, area, y),
            Mark::Dot { estimate, limits, turns } => self.dot(group, estimate, limits, turns, y),
            Mark::Diamond { estimate, limits } => self.diamond(group, estimate, limits, y),
            Mark::Bar { limits } => self.bar(group, limits, y),
        }
    }

    /// Length of an arrow head.
    fn head(&self) -> f64 {
        HEAD.0 * self.layout.size
    }

    /// An arrow head with its tip at `tip`.
    fn arrow(&self, group: &mut Group, tip: f64, y: f64, end: End, colour: Colour) {
        let (base, half) = (tip - end.sign() * self.head(), HEAD.1 * self.layout.size);
        group.polygon(vec![(tip, y), (base, y - half), (base, y + half)], colour);
    }

    /// An open head: the estimate itself lies beyond the axis.
    fn open_arrow(&self, group: &mut Group, y: f64, end: End, colour: Colour) {
        let tip = end.of(self.layout.panel);
        self.arrow(group, tip, y, end, colour);
        let (length, half) = (0.27 * self.layout.size, 0.12 * self.layout.size);
        let inner = tip - end.sign() * 0.13 * self.layout.size;
        let base = inner - end.sign() * length;
        group.polygon(vec![(inner, y), (base, y - half), (base, y + half)], Colour::WHITE);
    }

    /// Of an interval whose estimate lies beyond an end: where its other limit is to be seen, if it is.
    fn visible_limit(&self, end: End, limits: (f64, f64)) -> Option<f64> {
        let limit = end.other().of(limits);
        self.shows(limit).then(|| self.x(limit))
    }

    /// A line from limit to limit; what lies beyond an end becomes an arrow whose tip keeps `clear` of the estimate.
    fn interval(
        &self,
        group: &mut Group,
        limits: (f64, f64),
        clear: impl Fn(End) -> f64,
        y: f64,
        colour: Colour,
    ) -> (f64, f64) {
        let [from, to] = ENDS.map(|end| {
            let limit = end.of(limits);
            if !self.beyond(limit, end) {
                return self.x(limit);
            }
            let tip = clear(end);
            self.arrow(group, tip, y, end, colour);
            tip - end.sign() * 0.8 * self.head()
        });
        group.line((from, y), (to, y), INTERVAL, colour);
        (from, to)
    }

    /// A dot with its interval; a hollow diamond where the conclusion turns.
    fn dot(&self, group: &mut Group, estimate: f64, limits: (f64, f64), turns: bool, y: f64) {
        let l = self.layout;
        let colour = if turns { ACCENT } else { self.theme.interval };
        if let Some(end) = self.end_beyond(estimate) {
            self.open_arrow(group, y, end, colour);
            return;
        }
        self.interval(group, limits, |end| end.of(l.panel), y, colour);
        let at = (self.x(estimate), y);
        if turns {
            group.marker(at, 0.42 * l.size, Marker::Diamond { edge: ACCENT, fill: Colour::WHITE });
        } else {
            group.marker(at, 0.26 * l.size, Marker::dot(self.theme.square));
        }
    }

    /// A square of an area proportional to the weight, on the line of its interval.
    fn square(&self, group: &mut Group, estimate: f64, limits: (f64, f64), area: f64, y: f64) {
        let l = self.layout;
        let colour = self.theme.interval;
        if let Some(end) = self.end_beyond(estimate) {
            if let Some(limit) = self.visible_limit(end, limits) {
                let start = end.of(l.panel) - end.sign() * 0.5 * l.size;
                group.line((start, y), (limit, y), INTERVAL, colour);
            }
            self.open_arrow(group, y, end, colour);
            return;
        }
        let share = if self.largest > 0.0 { (area / self.largest).sqrt() } else { 0.0 };
        let side = self.content.largest_square * l.row_height * share;
        let x = self.x(estimate);
        // the head stays clear of the square, in the margin if it must
        let clear = |end: End| {
            let tip = x + end.sign() * (0.5 * side + self.head());
            if end == End::Low { l.panel.0.min(tip) } else { l.panel.1.max(tip) }
        };
        let (from, to) = self.interval(group, limits, clear, y, colour);
        if side < SMALLEST_SQUARE * l.row_height {
            let half = 0.5 * 0.3 * l.row_height;
            group.line((x, y - half), (x, y + half), INTERVAL, self.theme.square);
            return;
        }
        group.rect(x - 0.5 * side, y - 0.5 * side, side, side, self.theme.square);
        if to - from < side {
            group.line((from, y), (to, y), INTERVAL, Colour::WHITE);
        }
    }

    /// Share of a diamond's height at an end of the axis, between the estimate and a limit.
    fn share(&self, estimate: f64, limit: f64, end: End) -> f64 {
        let (at, tip) = (self.layout.axis.fraction(estimate), self.layout.axis.fraction(limit));
        let border = end.of((0.0, 1.0));
        // of an estimate or a limit at infinity all is seen
        let share = if at.is_finite() && tip.is_finite() { (border - tip) / (at - tip) } else { 1.0 };
        share.clamp(0.0, 1.0)
    }

    fn diamond(&self, group: &mut Group, estimate: f64, limits: (f64, f64), y: f64) {
        let l = self.layout;
        let colour = self.theme.diamond;
        let high = DIAMOND * l.row_height;
        if let Some(end) = self.end_beyond(estimate) {
            self.rest_of_diamond(group, estimate, limits, y, end);
            return;
        }
        let x = self.x(estimate);
        // a point where the limit is, or the height that the diamond has at the end of the axis
        let side = |end: End| -> Vec<(f64, f64)> {
            let limit = end.of(limits);
            if !self.beyond(limit, end) {
                let reach = end.sign() * (self.x(limit) - x);
                return vec![(x + end.sign() * reach.max(NARROWEST), y)];
            }
            let half = high * self.share(estimate, limit, end);
            let edge = end.of(l.panel);
            vec![(edge, y - end.sign() * half), (edge, y + end.sign() * half)]
        };
        let points = [side(End::Low), vec![(x, y - high)], side(End::High), vec![(x, y + high)]];
        group.polygon(points.concat(), colour);
        for end in ENDS.into_iter().filter(|end| self.beyond(end.of(limits), *end)) {
            self.arrow(group, end.of(l.panel) + end.sign() * 0.5 * l.size, y, end, colour);
        }
    }

    /// What is left of a diamond whose estimate lies beyond an end: as high at the edge as it would be there.
    fn rest_of_diamond(&self, group: &mut Group, estimate: f64, limits: (f64, f64), y: f64, end: End) {
        let l = self.layout;
        let colour = self.theme.diamond;
        let Some(limit) = self.visible_limit(end, limits) else {
            self.open_arrow(group, y, end, colour);
            return;
        };
        let half = DIAMOND * l.row_height * self.share(estimate, end.other().of(limits), end);
        let edge = end.of(l.panel);
        group.polygon(vec![(edge, y - half), (limit, y), (edge, y + half)], colour);
        self.arrow(group, edge + end.sign() * 0.5 * l.size, y, end, colour);
    }

    /// A thin bar with caps: an interval that has no estimate.
    fn bar(&self, group: &mut Group, limits: (f64, f64), y: f64) {
        let l = self.layout;
        let colour = self.theme.prediction;
        let (half, cap) = (0.1 * l.row_height, 0.22 * l.row_height);
        let missed = ENDS.into_iter().find(|end| self.beyond(end.other().of(limits), *end));
        if let Some(end) = missed {
            self.open_arrow(group, y, end, colour);
            return;
        }
        let [from, to] = ENDS.map(|end| {
            let (limit, edge) = (end.of(limits), end.of(l.panel));
            if self.beyond(limit, end) {
                self.arrow(group, edge + end.sign() * 0.3 * self.head(), y, end, colour);
                return edge - end.sign() * 0.5 * self.head();
            }
            let x = self.x(limit);
            group.line((x, y - cap), (x, y + cap), INTERVAL, colour);
            x
        });
        group.rect(from, y - half, (to - from).max(0.4), 2.0 * half, colour);
    }
}
