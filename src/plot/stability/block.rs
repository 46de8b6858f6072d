//! Specifications that share an axis, side by side with those that do not.

use crate::effect::Measure;
use crate::plot::axis::{Axis, Spacing};
use crate::plot::colour::GRID;
use crate::plot::page::Page;
use crate::plot::scene::{Anchor, Group};
use crate::plot::side::{FROM_ZERO, Side, UNBOUNDED, hull, opened};
use crate::plot::text::{self, Weight};
use crate::plot::typeset;
use crate::registry::Member;
use crate::result::format::upper_first;
use crate::result::look::Unit;
use crate::result::sensitivity::{SensitivityResult, Specification};

/// Height of the panels.
pub(super) const HIGH: f64 = 150.0;
/// Limits this many times farther out than the estimates are cut rather than flatten the curve.
const REACH: f64 = 1.2;

/// Specifications that share an axis.
pub(super) struct Block<'a> {
    /// From the lowest estimate to the highest.
    pub specifications: Vec<&'a Specification>,
    axis: Axis,
    pub left: f64,
    pub right: f64,
}

/// Ratios share an axis; so do all proportions; every other measure has its own.
#[derive(Clone, Copy, PartialEq)]
enum Shared {
    Proportions,
    Ratios,
    Measure(Measure),
}

/// Blocks that have no place yet.
pub(super) fn blocks<'a>(s: &SensitivityResult, all: &'a [Specification], size: f64) -> Vec<Block<'a>> {
    let proportions = s.pool.table.measure().is_proportion();
    let shared = |x: &Specification| match (proportions, x.ratio) {
        (true, _) => Shared::Proportions,
        (false, true) => Shared::Ratios,
        (false, false) => Shared::Measure(x.measure),
    };
    let mut groups: Vec<(Shared, Vec<&Specification>)> = vec![];
    for x in all {
        match groups.iter_mut().find(|g| g.0 == shared(x)) {
            Some(g) => g.1.push(x),
            None => groups.push((shared(x), vec![x])),
        }
    }
    let factor = Unit::of(&s.pool.table).factor();
    let block = |(shared, mut specifications): (Shared, Vec<&'a Specification>)| {
        let estimate = |x: &Specification| x.natural.estimate.unwrap_or(0.0);
        specifications.sort_by(|a, b| estimate(a).total_cmp(&estimate(b)));
        let axis = axis(&specifications, shared, factor, Side::upright(HIGH, size));
        Block { specifications, axis, left: 0.0, right: 0.0 }
    };
    groups.into_iter().map(block).collect()
}

fn axis(list: &[&Specification], shared: Shared, factor: f64, side: Side) -> Axis {
    let ratio = list[0].ratio;
    let place = |v: f64| if ratio { v.ln() } else { v };
    let estimates = list
        .iter()
        .flat_map(|x| [x.natural.estimate, x.left_out.map(|l| l.0), x.left_out.map(|l| l.1)])
        .flatten();
    let own = hull(estimates.chain(list[0].null).map(place));
    let reach = REACH * (own.1 - own.0).max(1e-9 * own.0.abs().max(own.1.abs()));
    let limits = list.iter().flat_map(|x| [x.natural.lower, x.natural.upper]).flatten().map(place);
    let near = limits.filter(|v| *v > own.0 - reach && *v < own.1 + reach);
    let range = opened(hull(near.chain([own.0, own.1])));
    if ratio {
        return side.fit(Spacing::Log, (range.0.exp(), range.1.exp()), FROM_ZERO, 1.0);
    }
    let bounds = if shared == Shared::Proportions { (0.0, 1.0) } else { UNBOUNDED };
    side.fit(Spacing::Linear, range, bounds, factor)
}

impl Block<'_> {
    /// Room for the labels of its axis, left of it.
    pub fn tick_room(&self, size: f64) -> f64 {
        let widths = self.axis.ticks.iter().map(|t| text::width(&t.1, size, Weight::Regular));
        widths.fold(0.0, f64::max) + 12.0
    }

    /// Its measures and how they are read.
    pub fn heading(&self, s: &SensitivityResult) -> String {
        let mut measures: Vec<&str> = vec![];
        for x in &self.specifications {
            let name = if x.measure == Measure::Generic { "effect" } else { x.measure.id() };
            if !measures.contains(&name) {
                measures.push(name);
            }
        }
        let scale = match (Unit::of(&s.pool.table).words(), self.specifications[0].ratio) {
            (Some(unit), _) => format!(", {}", typeset::number(&unit)),
            (None, true) => ", log scale".into(),
            (None, false) => String::new(),
        };
        upper_first(&format!("{}{scale}", measures.join(", ")))
    }

    /// The height of a value; those beyond the axis lie on its ends.
    pub fn y(&self, value: f64, (top, bottom): (f64, f64)) -> f64 {
        bottom - self.axis.fraction(value).clamp(0.0, 1.0) * (bottom - top)
    }

    /// Grid, axis and the line of no effect.
    pub fn background(&self, page: &Page, edges: (f64, f64)) -> Group {
        let (size, theme) = (page.size, page.theme);
        let y = |v: f64| self.y(v, edges);
        let mut group = Group::default();
        for (v, tick) in &self.axis.ticks {
            group.line((self.left, y(*v)), (self.right, y(*v)), 0.4, GRID);
            let at = (self.left - 5.0, y(*v) + 0.33 * size);
            group.text(at, Anchor::End, tick, (size, Weight::Regular), theme.ink);
        }
        group.line((self.left, edges.0), (self.left, edges.1), 0.8, theme.ink);
        let shown = |n: &f64| (0.0..=1.0).contains(&self.axis.fraction(*n));
        if let Some(null) = self.specifications[0].null.filter(shown) {
            group.line((self.left, y(null)), (self.right, y(null)), 0.9, theme.null);
        }
        group
    }
}
