//! Which part of the values the axis spans: all points and pooled limits, and intervals as far as they do not
//! flatten the rest.

use super::content::Content;
use super::rows::Mark;
use crate::plot::axis::{Axis, Spacing, Wanted};

/// A range of places along the axis.
#[derive(Clone, Copy, Debug)]
struct Hull(f64, f64);

impl Hull {
    const EMPTY: Self = Self(f64::INFINITY, f64::NEG_INFINITY);

    fn with(self, place: f64) -> Self {
        if place.is_finite() { Self(self.0.min(place), self.1.max(place)) } else { self }
    }

    fn width(self) -> f64 {
        (self.1 - self.0).max(0.0)
    }
}

/// Intervals wider than this many times the core of the picture are cut.
const WIDEST: f64 = 3.0;
/// Pooled intervals are shown whole unless they are far wider still.
const WIDEST_SUMMARY: f64 = 6.0;

/// Proportions within this of 0 or 1 have an axis that ends where they do.
const NARROW: f64 = 0.2;

/// The axis for the whole plot, `length` points long.
pub(super) fn fit(
    content: &Content,
    full: bool,
    length: f64,
    gap: f64,
    label_width: &dyn Fn(&str) -> f64,
) -> Axis {
    let hull = hull(content, full);
    let spacing = content.spacing;
    let value = |place: f64| if spacing == Spacing::Log { place.exp() } else { place };
    let wanted = Wanted {
        hull: (value(hull.0), value(hull.1)),
        bounds: content.bounds,
        factor: content.unit.factor(),
        length,
        label_width,
        gap,
    };
    Axis::fit(spacing, &wanted)
}

fn hull(content: &Content, full: bool) -> Hull {
    let needed = needed(content, full);
    // proportions show their whole range, unless all that is to be seen lies at one end of it
    match content.bounds {
        (0.0, 1.0) if needed.1 <= NARROW => Hull(0.0, needed.1),
        (0.0, 1.0) if needed.0 >= 1.0 - NARROW => Hull(needed.0, 1.0),
        (0.0, 1.0) => Hull(0.0, 1.0),
        _ => needed,
    }
}

/// What the rows show, as places along the axis.
struct Shown {
    /// All estimates, and the value of no effect.
    points: Hull,
    /// Weight and limits of every study.
    studies: Vec<(f64, f64, f64)>,
    /// Limits of pooled estimates and of predictions.
    summaries: Vec<(f64, f64)>,
}

impl Shown {
    fn of(content: &Content) -> Self {
        let mut shown = Self { points: Hull::EMPTY, studies: vec![], summaries: vec![] };
        let place = |v: f64| content.spacing.place(v);
        let places = |l: (f64, f64)| (place(l.0), place(l.1));
        for row in content.rows.iter().chain(&content.summary) {
            if let Mark::Square { estimate, .. }
            | Mark::Dot { estimate, .. }
            | Mark::Diamond { estimate, .. } = row.mark
            {
                shown.points = shown.points.with(place(estimate));
            }
            match row.mark {
                Mark::Square { limits, area, .. } => {
                    let (lower, upper) = places(limits);
                    shown.studies.push((area, lower, upper));
                }
                Mark::Dot { limits, .. } => {
                    let (lower, upper) = places(limits);
                    shown.studies.push((1.0, lower, upper));
                }
                Mark::Diamond { limits, .. } | Mark::Bar { limits } => shown.summaries.push(places(limits)),
                Mark::None => {}
            }
        }
        if let Some(null) = content.null {
            shown.points = shown.points.with(place(null));
        }
        shown
    }

    /// Everything that there is.
    fn all(&self) -> Hull {
        let limits = self.studies.iter().map(|s| (s.1, s.2)).chain(self.summaries.iter().copied());
        limits.fold(self.points, |h, (l, u)| h.with(l).with(u))
    }
}

fn needed(content: &Content, full: bool) -> Hull {
    let mut shown = Shown::of(content);
    if full {
        return padded(shown.all());
    }
    let core = core(&shown.studies, shown.points);
    let mut range = shown.points;
    let mut add = |(lower, upper): (f64, f64), times: f64| {
        for value in [lower, upper] {
            let wider = range.with(value);
            if wider.width() <= (times * core.width()).max(range.width()) {
                range = wider;
            }
        }
    };
    // pooled limits and prediction intervals come first, then studies by weight
    shown.summaries.iter().for_each(|limits| add(*limits, WIDEST_SUMMARY));
    shown.studies.sort_by(|a, b| b.0.total_cmp(&a.0));
    shown.studies.iter().for_each(|s| add((s.1, s.2), WIDEST));
    padded(range)
}

/// The middle of the picture: from the lower quartile of lower limits to the upper quartile of upper limits.
fn core(studies: &[(f64, f64, f64)], points: Hull) -> Hull {
    let quantile = |mut values: Vec<f64>, upper: bool| {
        values.retain(|v| v.is_finite());
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let quarter = n / 4;
        values.get(if upper { n.saturating_sub(1 + quarter) } else { quarter }).copied()
    };
    let lower = quantile(studies.iter().map(|s| s.1).collect(), false);
    let upper = quantile(studies.iter().map(|s| s.2).collect(), true);
    match (lower, upper) {
        (Some(l), Some(u)) if u > l => Hull(l, u),
        _ => points,
    }
}

/// A range without width is opened, so that a single value has an axis.
fn padded(hull: Hull) -> Hull {
    if !hull.0.is_finite() {
        return Hull(0.0, 1.0);
    }
    let width = hull.width();
    let size = hull.0.abs().max(hull.1.abs());
    if width > 1e-9 * size {
        return hull;
    }
    let half = if size > 0.0 { 0.5 * size } else { 0.25 };
    Hull(hull.0 - half, hull.1 + half)
}
