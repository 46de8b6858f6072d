//! The band below the rows of a forest plot: the axis, what either side favours, and the title.

use super::pages::{HAIR, Table};
use crate::plot::scene::{Anchor, Group};
use crate::plot::text::{self, Weight};

/// Sides that take a smaller share of the axis are not named.
const SLIVER: f64 = 0.06;

impl Table<'_> {
    /// Line, ticks, labels, favours labels, title. Returns its lower edge.
    pub(super) fn axis_band(&self, groups: &mut Vec<Group>, y: f64) -> f64 {
        let (l, c) = (self.layout, self.content);
        let (ink, style) = (self.theme.ink, (l.size, Weight::Regular));
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
            baseline = self.favours(&mut group, baseline + 1.35 * l.size);
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
        let (left, right) = l.panel;
        let null = self.content.null.filter(|n| self.shows(*n));
        let centre = null.map_or(0.5 * (left + right), |n| self.x(n));
        let gap = 0.7 * l.size;
        let [low, high] = &self.content.favours;
        let sides = [
            (low.as_ref().map(|words| format!("← {words}")), centre - left),
            (high.as_ref().map(|words| format!("{words} →")), right - centre),
        ];
        let mut at = baseline;
        let mut last_end = l.margin;
        for (i, (words, room)) in sides.into_iter().enumerate() {
            // a side that the axis does not show is not named
            let Some(words) = words.filter(|_| room >= SLIVER * (right - left)) else { continue };
            let width = text::width(&words, l.size, Weight::Regular);
            // one with no room is moved inwards to the page, and to a line of its own if it would touch the other
            let start = if i == 0 { centre - gap - width } else { centre + gap };
            let start = start.clamp(l.margin, (l.width - l.margin - width).max(l.margin));
            if i == 1 && start < last_end + gap && low.is_some() {
                at += 1.3 * l.size;
            }
            group.text((start, at), Anchor::Start, &words, (l.size, Weight::Regular), self.theme.ink);
            last_end = start + width;
        }
        at
    }
}
