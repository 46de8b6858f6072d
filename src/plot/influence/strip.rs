//! The strips of the table of influence: which diagnostics there are, their rules, and an axis for each.

use super::GAP;
use crate::plot::axis::Axis;
use crate::plot::side::{Side, UNBOUNDED, hull, opened};
use crate::plot::text::{self, Weight};
use crate::result::sensitivity::{Influence, SensitivityResult};

/// Between the ends of a strip and those of its axis.
const INSET: f64 = 3.0;

/// A diagnostic of all studies.
pub(super) struct Diagnostic {
    /// Lines of the heading.
    heading: &'static [&'static str],
    values: Vec<Option<f64>>,
    /// Values beyond which a study stands out: below those that are negative, above those that are positive.
    rules: Vec<f64>,
    /// Value of the whole result.
    whole: Option<f64>,
}

/// A diagnostic with its axis.
pub(super) struct Strip {
    pub heading: &'static [&'static str],
    pub values: Vec<Option<f64>>,
    rules: Vec<f64>,
    pub whole: Option<f64>,
    pub axis: Axis,
}

/// Those diagnostics that the model has.
pub(super) fn diagnostics(s: &SensitivityResult, rows: &[Influence]) -> Vec<Diagnostic> {
    let k = rows.len() as f64;
    let h = s.pool.heterogeneity;
    let of = |get: fn(&Influence) -> Option<f64>| rows.iter().map(get).collect::<Vec<_>>();
    let new =
        |heading, values, rules: &[f64], whole| Diagnostic { heading, values, rules: rules.to_vec(), whole };
    let fits = 3.0 * (1.0 / (k - 1.0)).sqrt();
    // the median of χ² with one degree of freedom
    const COOK: f64 = 0.454_936_423_119_572_7;
    let all = vec![
        new(&["Residual", "(deleted)"], of(|d| d.rstudent), &[-1.96, 1.96], Some(0.0)),
        new(&["DFFITS"], of(|d| d.dffits), &[-fits, fits], Some(0.0)),
        new(&["Cook's", "distance"], of(|d| d.cook_distance), &[COOK], None),
        new(&["Covariance", "ratio"], of(|d| d.covratio), &[], Some(1.0)),
        new(&["τ²", "without it"], of(|d| d.tau2_deleted), &[], h.and_then(|h| h.tau2)),
        new(&["Q", "without it"], of(|d| d.q_deleted), &[], h.map(|h| h.q)),
        new(&["Leverage"], of(|d| d.hat), &[3.0 / k], Some(1.0 / k)),
        new(&["DFBETA"], of(|d| d.dfbeta), &[-1.0, 1.0], Some(0.0)),
    ];
    all.into_iter().filter(|d| d.values.iter().any(Option::is_some)).collect()
}

impl Diagnostic {
    /// With an axis for a strip of this length and labels of this size.
    pub fn along(self, length: f64, size: f64) -> Strip {
        let Self { heading, values, rules, whole } = self;
        let (lo, hi) = hull(values.iter().flatten().copied().chain(whole));
        // a rule near the values is shown, one far away is not
        let reach = hi - lo;
        let near = rules.iter().copied().filter(|r| *r > lo - 0.6 * reach && *r < hi + 0.6 * reach);
        let range = opened(hull(near.chain([lo, hi])));
        let mut axis = Side::level(length, size).numbers(range, UNBOUNDED);
        thin(&mut axis, length, size);
        Strip { heading, values, rules, whole, axis }
    }
}

impl Strip {
    /// Where a value lies in a strip of this length.
    pub fn place(&self, value: f64, length: f64) -> f64 {
        INSET + self.axis.fraction(value) * (length - 2.0 * INSET)
    }

    /// Whether a value lies beyond a rule.
    pub fn is_beyond(&self, value: f64) -> bool {
        self.rules.iter().any(|r| if *r < 0.0 { value < *r } else { value > *r })
    }

    pub fn visible_rules(&self) -> impl Iterator<Item = f64> {
        self.rules.iter().copied().filter(|r| (0.0..=1.0).contains(&self.axis.fraction(*r)))
    }
}

/// Where a label stands: under its tick, but not further into the gap than it may reach.
pub(super) fn label_at(place: f64, label: &str, size: f64, (left, length): (f64, f64)) -> f64 {
    let half = 0.5 * text::width(label, size, Weight::Regular);
    let reach = 0.5 * GAP - 1.0;
    place.clamp(left - reach + half, (left + length + reach - half).max(left - reach + half))
}

/// Keeps as many ticks as have room for their labels in a narrow strip.
fn thin(axis: &mut Axis, length: f64, size: f64) {
    type Tick = (f64, String);
    let place = |t: &Tick| {
        let tick = INSET + axis.fraction(t.0) * (length - 2.0 * INSET);
        label_at(tick, &t.1, size, (0.0, length))
    };
    let width = |t: &Tick| text::width(&t.1, size, Weight::Regular);
    let apart = |a: &Tick, b: &Tick| place(b) - place(a) >= 0.5 * (width(a) + width(b)) + 0.6 * size;
    let all = axis.ticks.clone();
    let mut choices: Vec<Vec<Tick>> =
        (1..all.len().max(2)).map(|every| all.iter().step_by(every).cloned().collect()).collect();
    choices.push(all.first().into_iter().chain(all.last()).cloned().collect());
    let fits = |c: &Vec<Tick>| c.len() > 1 && c.windows(2).all(|p| apart(&p[0], &p[1]));
    axis.ticks = choices.into_iter().find(fits).unwrap_or_else(|| all.into_iter().take(1).collect());
}
