//! An axis at a side of a panel: of numbers, or of effects, which lie as they were analysed and are labelled as they are
//! read.

use super::axis::{Axis, Spacing, Wanted};
use super::text::{self, Weight};
use crate::effect::{EffectTable, Scale};
use crate::result::look::{Unit, is_ratio};

/// A range that nothing bounds.
pub(super) const UNBOUNDED: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
/// Of what cannot be negative.
pub(super) const FROM_ZERO: (f64, f64) = (0.0, f64::INFINITY);

/// Where an axis stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    /// In points.
    pub length: f64,
    /// Size of the labels.
    pub size: f64,
    /// Whether it runs upward, with its labels beside it.
    pub upright: bool,
}

impl Side {
    pub fn upright(length: f64, size: f64) -> Self {
        Self { length, size, upright: true }
    }

    pub fn level(length: f64, size: f64) -> Self {
        Self { length, size, upright: false }
    }

    /// Room that a label takes along the axis.
    fn label(self, label: &str) -> f64 {
        if self.upright { self.size } else { text::width(label, self.size, Weight::Regular) }
    }

    fn gap(self) -> f64 {
        if self.upright { 0.9 * self.size } else { 0.8 * self.size }
    }

    /// An axis over a range of values; labels are multiplied by `factor`.
    pub fn fit(self, spacing: Spacing, hull: (f64, f64), bounds: (f64, f64), factor: f64) -> Axis {
        let label_width = |label: &str| self.label(label);
        let wanted =
            Wanted { hull, bounds, factor, length: self.length, label_width: &label_width, gap: self.gap() };
        Axis::fit(spacing, &wanted)
    }

    /// A linear axis of plain numbers.
    pub fn numbers(self, hull: (f64, f64), bounds: (f64, f64)) -> Axis {
        self.fit(Spacing::Linear, opened(hull), bounds, 1.0)
    }

    /// The analysis scale from `lo` to `hi`, with round values of the scale people read.
    pub fn effects(self, table: &EffectTable, (lo, hi): (f64, f64)) -> Axis {
        let scale = table.scale();
        let read = self.read(table, (lo, hi));
        let size_of = if scale.needs_size() { table.harmonic_size() } else { None };
        let place = |v: f64| scale.forward(v, size_of).filter(|x| x.is_finite());
        let linear = scale == Scale::Identity || is_log(table);
        let mut ticks: Vec<(f64, String)> =
            read.ticks.iter().filter_map(|(v, label)| Some((place(*v)?, label.clone()))).collect();
        if !linear {
            ticks = self.apart(ticks, (lo, hi));
        }
        let minor = read.minor.iter().filter_map(|v| place(*v)).collect();
        let ends = [place(read.range.0).unwrap_or(lo), place(read.range.1).unwrap_or(hi)];
        let range = if linear { (ends[0].min(lo), ends[1].max(hi)) } else { (lo, hi) };
        Axis { spacing: Spacing::Linear, range, ticks, minor }
    }

    /// The same range as people read it.
    fn read(self, table: &EffectTable, (lo, hi): (f64, f64)) -> Axis {
        let back = |x: f64| table.back(x).unwrap_or(x);
        let bounds = if table.measure().is_proportion() { (0.0, 1.0) } else { table.scale().range() };
        let spacing = if is_log(table) { Spacing::Log } else { Spacing::Linear };
        self.fit(spacing, (back(lo), back(hi)), bounds, Unit::of(table).factor())
    }

    /// Where the scale bends, labels that would touch are left out.
    fn apart(self, ticks: Vec<(f64, String)>, (lo, hi): (f64, f64)) -> Vec<(f64, String)> {
        let at = |x: f64| (x - lo) / (hi - lo) * self.length;
        let mut kept: Vec<(f64, String)> = vec![];
        for t in ticks.into_iter().filter(|t| t.0 >= lo && t.0 <= hi) {
            let clear = |l: &(f64, String)| {
                at(t.0) - at(l.0) >= 0.5 * (self.label(&t.1) + self.label(&l.1)) + 0.8 * self.size
            };
            if kept.last().is_none_or(clear) {
                kept.push(t);
            }
        }
        kept
    }
}

/// Whether the effects of a table lie on a logarithmic axis.
pub(super) fn is_log(table: &EffectTable) -> bool {
    table.scale() == Scale::Log && !table.measure().is_proportion()
}

/// How effects are spaced where they are drawn as they are read: ratios by their logarithms.
pub(super) fn spacing_of(table: &EffectTable) -> Spacing {
    if is_ratio(table) { Spacing::Log } else { Spacing::Linear }
}

/// A range without width is opened, so that a single value has an axis.
pub(super) fn opened((lo, hi): (f64, f64)) -> (f64, f64) {
    if !(lo.is_finite() && hi.is_finite()) {
        return (0.0, 1.0);
    }
    let size = lo.abs().max(hi.abs());
    if hi - lo > 1e-9 * size {
        return (lo, hi);
    }
    let half = if size > 0.0 { 0.5 * size } else { 0.5e-6 };
    (lo - half, hi + half)
}

/// Least and greatest of finite values.
pub(super) fn hull(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    values
        .into_iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |h, v| (h.0.min(v), h.1.max(v)))
}
