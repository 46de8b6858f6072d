//! The weight function of a selection model: relative probability of publication by p-value. Reference: \[vevea1995\].

use super::axis::{Axis, Spacing};
use super::chart::{Chart, Marks, Panel};
use super::colour::{GREY, PALE};
use super::legend::Symbol;
use super::marks::Stroke;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{FROM_ZERO, Side};
use super::spec::{Draws, PlotSpec};
use super::text::{self, Weight};
use super::words;
use crate::choice::bias::Alternative;
use crate::error::Error;
use crate::registry::Member;
use crate::result::bias::{Adjusted, BiasOutcome, BiasResult, Selection, SelectionPoint};
use crate::result::format::{fixed, p_value, significant};
use crate::result::look::Look;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "selection",
    aliases: &["selmodel"],
    title: "Weight function of a selection model",
    reference: "vevea1995",
    draws: Draws::Bias(draw),
};

/// p-values that get a label if there is room, the most telling first.
const TICKS: [f64; 10] = [0.0, 0.05, 1.0, 0.5, 0.01, 0.2, 0.1, 0.025, 0.8, 0.3];
/// Width of the curve.
const CURVE: f64 = 1.6;

fn draw(bias: &BiasResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let (s, outcome) = bias.selection().ok_or_else(|| {
        Error::usage("there is no selection model to draw").with_hint("add ⟦test=selection⟧")
    })?;
    let top = top(&s.curve);
    let mut chart = Chart::new(options, square_roots, move |side: Side| side.numbers((0.0, top), FROM_ZERO));
    chart.right_room = 12.0;
    say(&mut chart, bias, s, outcome);
    if s.curve.iter().filter_map(|c| c.upper).any(|u| u > top) {
        chart.footer.push("Upper limits beyond the axis are cut".into());
    }
    chart.title = format!("Selection model: {}", bias.pool.table.title());
    chart.description = format!("{}. {}", chart.title, chart.footer.join(". "));
    chart.compose(|panel| marks(panel, s, top))
}

/// Where the axis ends: limits may widen it to twice the weights, not more.
fn top(curve: &[SelectionPoint]) -> f64 {
    let most = curve.iter().map(|c| c.weight).fold(1.0, f64::max);
    curve.iter().filter_map(|c| c.upper).fold(most, f64::max).min(2.0 * most) * 1.03
}

/// p-values from 0 to 1 by their square roots, which spread out the small ones.
fn square_roots(side: Side) -> Axis {
    let width = |l: &str| text::width(l, side.size, Weight::Regular);
    let mut ticks: Vec<(f64, String)> = vec![];
    for p in TICKS {
        let label = format!("{p}");
        let at = p.sqrt() * side.length;
        let free = |t: &(f64, String)| {
            (t.0 * side.length - at).abs() >= 0.5 * (width(&t.1) + width(&label)) + 0.7 * side.size
        };
        if ticks.iter().all(free) {
            ticks.push((p.sqrt(), label));
        }
    }
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    Axis { spacing: Spacing::Linear, range: (0.0, 1.0), ticks, minor: vec![] }
}

fn say(chart: &mut Chart, bias: &BiasResult, s: &Selection, outcome: &BiasOutcome) {
    let sided = if s.alternative == Alternative::TwoSided { "Two-sided" } else { "One-sided" };
    chart.x_title = format!("{sided} p-value, on a square-root scale");
    chart.y_title = "Relative probability of publication".into();
    let curve = Stroke::solid(CURVE, chart.options.theme.spec().square);
    chart.legend = vec![(Symbol::Line(curve), format!("{} weights", s.kind.title()))];
    if s.curve.iter().any(|c| c.lower.is_some()) {
        chart.legend.push((Symbol::Band(PALE), format!("{}% limits", bias.pool.settings.level)));
    }
    let ticks = Symbol::Line(Stroke::solid(0.6, GREY));
    chart.legend.push((ticks, "studies (ticks on the axis)".into()));
    let weights: Vec<String> = s.delta.iter().map(|d| significant(*d, 2)).collect();
    chart.footer = vec![
        format!(
            "Selection: χ² = {}, df = {}, {}; parameters {}",
            fixed(s.lrt, 2),
            s.lrt_df,
            p_value(s.lrt_p_value),
            weights.join(", ")
        ),
        outcome.adjusted.map_or(String::new(), |a| adjusted(bias, &a)),
        format!("{} studies; {}", outcome.k, outcome.variant),
    ];
}

fn adjusted(bias: &BiasResult, a: &Adjusted) -> String {
    let look = Look::pooled(&bias.pool, None);
    let shown = |x: f64| words::effect(&bias.pool.table, look, x);
    let limit = |x: Option<f64>| x.map_or("–".into(), shown);
    format!(
        "Adjusted estimate {} ({}% CI {} to {}); {}",
        shown(a.estimate),
        bias.pool.settings.level,
        limit(a.lower),
        limit(a.upper),
        words::pooled(&bias.pool)
    )
}

fn marks(panel: &Panel, s: &Selection, top: f64) -> Marks {
    let mut under = Group::default();
    let place = |c: &SelectionPoint, w: f64| panel.at((c.p.sqrt(), w));
    // stretches with limits, one band each
    let stretches = s.curve.chunk_by(|a, b| a.lower.is_some() == b.lower.is_some());
    for stretch in stretches.filter(|s| s[0].lower.is_some()) {
        let upper = stretch.iter().map(|c| place(c, c.upper.unwrap_or(c.weight).min(3.0 * top)));
        let lower = stretch.iter().rev().map(|c| place(c, c.lower.unwrap_or(c.weight)));
        let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
        panel.area(&mut under, &outline, PALE);
    }
    let mut over = Group::default();
    let line: Vec<(f64, f64)> = s.curve.iter().map(|c| (c.p.sqrt(), c.weight)).collect();
    panel.path(&mut over, &line, Stroke::solid(CURVE, panel.theme.square));
    let bottom = panel.edges.bottom;
    for p in &s.p_values {
        let x = panel.x(p.sqrt());
        over.line((x, bottom), (x, bottom - 6.0), 0.6, GREY.tint(0.9));
    }
    Marks { under: vec![under], over: vec![over], unnamed: 0 }
}
