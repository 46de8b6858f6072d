//! L'Abbé plot: risks of both groups against each other, with the pooled effect as the curve that it is on the scale of
//! risks. Reference: \[labbe1987\].

use super::chart::{self, Chart, DASH, Panel, Sign, circle, outlined, tint};
use super::colour::Colour;
use super::place::{Obstacles, Wish, place};
use super::scale::{Axis, Spread, Wanted, typeset};
use super::scene::Group;
use super::text::{self, Weight};
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::dataset::StudyData;
use crate::effect::Measure;
use crate::error::Error;
use crate::registry::Member;
use crate::result::PoolResult;
use crate::result::format::{risk, significant};
use crate::result::look::Unit;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "labbe",
    aliases: &["l-abbe"],
    title: "L'Abbé plot of the risks in two groups",
    reference: "labbe1987",
    draws: Draws::Pool(draw),
};

/// Radius of the circle of the largest weight.
const LARGEST: f64 = 11.0;
const BAND: Colour = Colour(0xC9, 0xDA, 0xEA);
const WIDE_BAND: Colour = Colour(0xE9, 0xF0, 0xF6);

/// Risk (or rate) in the first group at one in the second, for an effect on the analysis scale.
fn first_group(measure: Measure, second: f64, effect: f64) -> Option<f64> {
    let value = match measure {
        Measure::RiskRatio | Measure::RateRatio => second * effect.exp(),
        Measure::OddsRatio | Measure::Peto => {
            let odds = effect.exp() * second / (1.0 - second);
            if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
        }
        Measure::RiskDifference | Measure::RateDifference => second + effect,
        Measure::ArcsineDifference => (second.clamp(0.0, 1.0).sqrt().asin() + effect)
            .clamp(0.0, std::f64::consts::FRAC_PI_2)
            .sin()
            .powi(2),
        _ => return None,
    };
    Some(value)
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let table = &result.table;
    let measure = table.measure();
    let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
    if first_group(measure, 0.1, 0.0).is_none() || table.is_ready() {
        let what = if table.is_ready() { "ready effects" } else { measure.id() };
        return Err(Error::usage(format!("a L'Abbé plot shows two groups of counts, not {what}"))
            .with_hint("use ⟦measure⟧ RR, OR, RD, AS, PETO, IRR or IRD"));
    }
    let rates = matches!(measure, Measure::RateRatio | Measure::RateDifference);
    let risks = |data: Option<StudyData>| match data {
        Some(StudyData::TwoByTwo(t)) => Some((t.c / t.n2(), t.a / t.n1())),
        Some(StudyData::TwoRates(r)) => Some((r.x2 / r.t2, r.x1 / r.t1)),
        _ => None,
    };
    let log = options.log_axes.unwrap_or_else(|| {
        let mut all: Vec<f64> = table
            .studies
            .iter()
            .filter(|s| s.effect().is_some())
            .filter_map(|s| risks(s.data))
            .flat_map(|p| [p.0, p.1])
            .collect();
        all.sort_by(f64::total_cmp);
        // a heap in the corner is spread out, where every risk has a logarithm
        let spread = all.last().zip(all.get(all.len() / 2)).is_some_and(|(most, median)| most / median > 8.0);
        spread && all.first().is_some_and(|least| *least > 0.0)
    });
    // risk of the second group, of the first, row
    let mut points: Vec<(f64, f64, usize)> = vec![];
    let mut empty = vec![];
    for (row, s) in table.studies.iter().enumerate() {
        let Some((x, y)) = risks(s.data) else { continue };
        if s.effect().is_none() {
            continue;
        }
        if log && (x <= 0.0 || y <= 0.0) {
            empty.push(s.study.clone());
        } else {
            points.push((x, y, row));
        }
    }
    if points.is_empty() {
        return Err(Error::model("no study can be drawn")
            .with_hint("use ⟦axes=linear⟧: risks of 0 have no logarithm"));
    }
    let most = points.iter().flat_map(|p| [p.0, p.1]).fold(0.0, f64::max);
    let least = points.iter().flat_map(|p| [p.0, p.1]).fold(f64::INFINITY, f64::min);
    let (from, to) = if log { (0.8 * least, most * 1.25) } else { (0.0, most * 1.04) };
    let to = if rates { to } else { to.min(1.0) };
    let unit = match Unit::of(table) {
        Unit::Plain if !rates => Unit::PerCent,
        unit => unit,
    };
    let factor = unit.factor();
    let axis = move |length: f64, size: f64| -> Axis {
        // labels stand under the horizontal axis, and the vertical one is the same
        let width = |l: &str| text::width(l, size, Weight::Regular);
        let bounds = (0.0, if rates { f64::INFINITY } else { 1.0 });
        let spread = if log { Spread::Log } else { Spread::Linear };
        let mut axis = Axis::fit(
            spread,
            &Wanted { hull: (from, to), bounds, factor, length, label_width: &width, gap: 0.8 * size },
        );
        if !log {
            // circles at a risk of 0 stay within the frame
            axis.range.0 -= 0.045 * (axis.range.1 - axis.range.0);
        }
        axis
    };
    let name = |label: &Option<String>, or: &str| label.clone().unwrap_or_else(|| or.to_string());
    let (first, second) = (name(&options.labels.group1, "Group 1"), name(&options.labels.group2, "Group 2"));
    let what = match unit {
        Unit::PerCent => "% with event".to_string(),
        Unit::Per(_) if rates => format!("events {} of time", typeset(&unit.words().unwrap_or_default())),
        Unit::Per(_) => format!("events {}", typeset(&unit.words().unwrap_or_default())),
        Unit::Plain => "events per unit of time".into(),
    };
    let mut chart = Chart::new(options, Box::new(axis), Box::new(axis));
    chart.panel = (265.0, 265.0);
    chart.square = true;
    chart.right_room = 14.0;
    chart.framed = true;
    chart.x_title = format!("{second}, {what}");
    chart.y_title = format!("{first}, {what}{}", if log { " (both axes logarithmic)" } else { "" });
    let theme = options.theme.spec();
    let weights = result.main_weights();
    let weighted = weights.iter().any(Option::is_some);
    let area = |row: usize| weights[row].or(table.studies[row].patients()).unwrap_or(1.0);
    let word = if weighted { "area by weight" } else { "area by size" };
    let level = result.settings.level;
    chart.legend = vec![
        (Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.42) }, format!("study, {word}")),
        (Sign::Line { colour: theme.null, width: 0.7, dash: None }, "no difference".into()),
        (
            Sign::Line { colour: theme.diamond, width: 1.3, dash: Some(DASH) },
            chart::lower_first(&chart::pooled_words(result))
                .split(" (")
                .next()
                .unwrap_or_default()
                .to_string(),
        ),
        (Sign::Band(BAND), format!("its {level}% CI")),
    ];
    if main.prediction.is_some() {
        chart.legend.push((Sign::Band(WIDE_BAND), format!("{level}% prediction interval")));
    }
    chart.footer = vec![format!("{} studies; {}", result.k, chart::pooled_words(result))];
    if !empty.is_empty() {
        chart.footer.push(format!("Not drawn, for want of events in a group: {}", empty.join("; ")));
    }
    chart.footer.push(format!("Method: {}", result.method_line()));
    chart.title = format!("L'Abbé plot: {}, {} studies", measure.spec().title, result.k);
    chart.description = format!("{}. {}", chart.title, chart.footer[0]);
    let largest = points.iter().map(|p| area(p.2)).fold(0.0, f64::max);
    let mut left_out = 0;
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = Group::default();
        let (lo, hi) = panel.x.range;
        let grid: Vec<f64> = (0..=100).map(|i| panel.x.value_at(f64::from(i) / 100.0)).collect();
        let curve = |effect: f64| -> Vec<(f64, f64)> {
            grid.iter()
                .filter_map(|&x| first_group(measure, x, effect).map(|y| (x, y)))
                .filter(|p| !log || p.1 > 0.0)
                .collect()
        };
        let mut band = |panel: &Panel, limits: (f64, f64), colour: Colour| {
            let mut outline: Vec<(f64, f64)> = curve(limits.1).iter().map(|p| panel.at(p.0, p.1)).collect();
            outline.extend(curve(limits.0).iter().rev().map(|p| panel.at(p.0, p.1)));
            panel.area(&mut under, &outline, colour);
        };
        if let Some(p) = &main.prediction {
            band(panel, (p.lower, p.upper), WIDE_BAND);
        }
        if let (Some(l), Some(u)) = (main.lower, main.upper) {
            band(panel, (l, u), BAND);
        }
        let mut obstacles = Obstacles::default();
        panel.path(&mut under, &[(lo, lo), (hi, hi)], 0.7, theme.null, None);
        obstacles.path(&[panel.at(lo, lo), panel.at(hi, hi)]);
        let pooled = curve(main.estimate);
        panel.path(&mut under, &pooled, 1.3, theme.diamond, Some(DASH));
        panel.stretches(&pooled).iter().for_each(|s| obstacles.path(s));
        let mut order: Vec<&(f64, f64, usize)> = points.iter().collect();
        order.sort_by(|a, b| area(b.2).total_cmp(&area(a.2)));
        let mut over = vec![];
        let mut wishes = vec![];
        for (x, y, row) in order {
            let at = panel.at(*x, *y);
            let radius = (LARGEST * (area(*row) / largest).sqrt()).max(1.4);
            let study = &table.studies[*row].study;
            let shown = |v: f64| match unit {
                Unit::PerCent => risk(v),
                _ => typeset(&significant(factor * v, 3)),
            };
            let mut g = Group::labelled(format!("{study}: {first} {}, {second} {}", shown(*y), shown(*x)));
            outlined(&mut g, |r| circle(at, r), radius, theme.square, tint(theme.square, 0.42));
            over.push(g);
            obstacles.marks.push((at, radius));
            let expected = first_group(measure, *x, main.estimate).unwrap_or(*y);
            let named = match options.naming {
                Naming::All => true,
                Naming::None => false,
                Naming::Outliers => (panel.y(expected) - at.1).abs() > 28.0,
            };
            if named {
                wishes.push(Wish {
                    at,
                    radius,
                    text: study.clone(),
                    priority: (panel.y(expected) - at.1).abs(),
                });
            }
        }
        let mut names = Group::default();
        left_out = place(&mut names, wishes, &obstacles, panel.edges(), 0.85 * size, theme.ink);
        over.push(names);
        (vec![under], over)
    })?;
    drawing.say_unnamed(left_out);
    Ok(drawing)
}
