//! The weight function of a selection model: relative probability of publication by p-value. Reference: \[vevea1995\].

use super::chart::{Chart, GREY, Sign, pooled_words, shown, tint};
use super::colour::Colour;
use super::scale::{Axis, Spread};
use super::scene::Group;
use super::text::{self, Weight};
use super::{Drawing, Draws, PlotOptions, PlotSpec, chart};
use crate::choice::bias::Alternative;
use crate::error::Error;
use crate::registry::Member;
use crate::result::bias::{BiasResult, SelectionPoint};
use crate::result::format::{fixed, p_value, significant};
use crate::result::look::Look;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "selection",
    aliases: &["selmodel"],
    title: "Weight function of a selection model",
    reference: "vevea1995",
    draws: Draws::Bias(draw),
};

const BAND: Colour = Colour(0xE4, 0xEC, 0xF4);
/// p-values that get a label if there is room, the most telling first.
const TICKS: [f64; 10] = [0.0, 0.05, 1.0, 0.5, 0.01, 0.2, 0.1, 0.025, 0.8, 0.3];

fn draw(bias: &BiasResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let (s, outcome) = bias.selection().ok_or_else(|| {
        Error::usage("there is no selection model to draw").with_hint("add ⟦test=selection⟧")
    })?;
    let curve = &s.curve;
    let most = curve.iter().map(|c| c.weight).fold(1.0, f64::max);
    // limits may widen the axis to twice the weights, not more
    let upper = curve.iter().filter_map(|c| c.upper).fold(most, f64::max).min(2.0 * most) * 1.03;
    let x = |length: f64, size: f64| -> Axis {
        let width = |l: &str| text::width(l, size, Weight::Regular);
        let mut ticks: Vec<(f64, String)> = vec![];
        for p in TICKS {
            let label = format!("{p}");
            let at = p.sqrt() * length;
            let free = |t: &(f64, String)| {
                (t.0 * length - at).abs() >= 0.5 * (width(&t.1) + width(&label)) + 0.7 * size
            };
            if ticks.iter().all(free) {
                ticks.push((p.sqrt(), label));
            }
        }
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        Axis { spread: Spread::Linear, range: (0.0, 1.0), ticks, minor: vec![] }
    };
    let y = move |length: f64, size: f64| {
        chart::plain_axis((0.0, upper), (0.0, f64::INFINITY), 1.0, length, size, true)
    };
    let mut chart = Chart::new(options, Box::new(x), Box::new(y));
    let theme = options.theme.spec();
    let sided = if s.alternative == Alternative::TwoSided { "Two-sided" } else { "One-sided" };
    chart.x_title = format!("{sided} p-value, on a square-root scale");
    chart.y_title = "Relative probability of publication".into();
    chart.right_room = 12.0;
    let level = bias.pool.settings.level;
    chart.legend = vec![
        (Sign::Line { colour: theme.square, width: 1.6, dash: None }, format!("{} weights", s.kind.title())),
        (Sign::Line { colour: GREY, width: 0.6, dash: None }, "studies (ticks on the axis)".into()),
    ];
    if curve.iter().any(|c| c.lower.is_some()) {
        chart.legend.insert(1, (Sign::Band(BAND), format!("{level}% limits")));
    }
    let weights: Vec<String> = s.delta.iter().map(|d| significant(*d, 2)).collect();
    chart.footer = vec![
        format!(
            "Selection: χ² = {}, df = {}, {}; parameters {}",
            fixed(s.lrt, 2),
            s.lrt_df,
            p_value(s.lrt_p_value),
            weights.join(", ")
        ),
        outcome.adjusted.map_or(String::new(), |a| {
            let look = Look::pooled(&bias.pool, None);
            let limit = |x: Option<f64>| x.map_or("–".into(), |x| shown(&bias.pool.table, look, x));
            format!(
                "Adjusted estimate {} ({level}% CI {} to {}); {}",
                shown(&bias.pool.table, look, a.estimate),
                limit(a.lower),
                limit(a.upper),
                pooled_words(&bias.pool)
            )
        }),
        format!("{} studies; {}", outcome.k, outcome.variant),
    ];
    if curve.iter().filter_map(|c| c.upper).any(|u| u > upper) {
        chart.footer.push("Upper limits beyond the axis are cut".into());
    }
    chart.title = format!("Selection model: {}", bias.pool.table.title());
    chart.description = format!("{}. {}", chart.title, chart.footer.join(". "));
    chart.compose(|panel, theme, _| {
        let mut under = Group::default();
        let place = |c: &SelectionPoint, w: f64| panel.at(c.p.sqrt(), w);
        // stretches with limits, one band each
        for stretch in
            curve.chunk_by(|a, b| a.lower.is_some() == b.lower.is_some()).filter(|s| s[0].lower.is_some())
        {
            let top = stretch.iter().map(|c| place(c, c.upper.unwrap_or(c.weight).min(3.0 * upper)));
            let bottom = stretch.iter().rev().map(|c| place(c, c.lower.unwrap_or(c.weight)));
            let outline: Vec<(f64, f64)> = top.chain(bottom).collect();
            panel.area(&mut under, &outline, BAND);
        }
        let mut over = Group::default();
        let line: Vec<(f64, f64)> = curve.iter().map(|c| (c.p.sqrt(), c.weight)).collect();
        panel.path(&mut over, &line, 1.6, theme.square, None);
        for p in &s.p_values {
            let x = panel.x(p.sqrt());
            over.line((x, panel.bottom), (x, panel.bottom - 6.0), 0.6, tint(GREY, 0.9));
        }
        (vec![under], vec![over])
    })
}
