//! The axes of a bubble plot: effects as they are read, and the moderator.

use super::{Bubble, LARGEST};
use crate::plot::axis::{Axis, Spacing};
use crate::plot::side::{Side, UNBOUNDED, hull, is_log, opened};
use crate::plot::text::{self, Weight};
use crate::result::look::Unit;

/// Bands may widen the axis by this share of the effects, but not flatten them.
const REACH: f64 = 0.6;

impl Bubble<'_> {
    /// From the lowest effect or confidence limit of the line to the highest.
    pub(super) fn effect_axis(&self, length: f64, size: f64) -> Axis {
        let table = &self.result.table;
        let effects: Vec<f64> = self.along.studies.iter().filter_map(|s| table.studies[s.0].y).collect();
        let (lo, hi) = hull(effects.iter().copied());
        let reach = REACH * (hi - lo).max(1e-9 * hi.abs().max(lo.abs()));
        let near = self.bounds_of_bands().into_iter().filter(|x| *x > lo - reach && *x < hi + reach);
        let (lo, hi) = hull(near.chain([lo, hi]));
        let pad = 0.04 * (hi - lo).max(1e-9 * hi.abs().max(lo.abs()));
        let bounds = if table.measure().is_proportion() { (0.0, 1.0) } else { table.scale().range() };
        let range = opened((self.back(lo - pad), self.back(hi + pad)));
        let spacing = if is_log(table) { Spacing::Log } else { Spacing::Linear };
        Side::upright(length, size).fit(spacing, range, bounds, Unit::of(table).factor())
    }

    /// What the lines and, of a single one, their bands reach.
    fn bounds_of_bands(&self) -> Vec<f64> {
        let mut bounds = vec![];
        for (_, p) in self.along.lines.iter().flat_map(|l| &l.points) {
            bounds.push(p.estimate);
            if !self.several {
                bounds.extend([p.lower, p.upper]);
            }
            if let Some(q) = p.prediction.as_ref().filter(|_| !self.several && !self.factor) {
                bounds.extend([q.lower, q.upper]);
            }
        }
        bounds
    }

    /// Numbers, or a tick for each level of a factor.
    pub(super) fn moderator_axis(&self, length: f64, size: f64) -> Axis {
        if self.factor {
            return self.level_axis(length, size);
        }
        let (lo, hi) = hull(self.along.studies.iter().map(|s| s.1));
        let range = if hi > lo { (lo, hi) } else { (lo - 0.5, lo + 0.5) };
        Side::level(length - 4.0 * LARGEST, size).numbers(range, UNBOUNDED)
    }

    /// Names of levels that are too long for their room are cut.
    fn level_axis(&self, length: f64, size: f64) -> Axis {
        let levels = &self.along.levels;
        let n = levels.len();
        let room = length / n as f64 - 0.6 * size;
        let label = |level: &String| {
            let lines = text::wrap(level, size, Weight::Regular, room);
            if lines.len() > 1 { format!("{}…", lines[0]) } else { level.clone() }
        };
        let ticks = levels.iter().enumerate().map(|(i, level)| (i as f64, label(level))).collect();
        Axis { spacing: Spacing::Linear, range: (-0.5, n as f64 - 0.5), ticks, minor: vec![] }
    }
}
