//! Radial plot: standardised effects against precision, with the effect read along an arc. Reference: \[galbraith1988\].

use super::chart::{
    self, ACCENT, Chart, DASH, GREY, Sign, circle, effect_axis, hull, outlined, path, plain_axis, tint,
};
use super::place::{Obstacles, Wish, place};
use super::scale::typeset;
use super::scene::{Anchor, Group};
use super::text::Weight;
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::PoolResult;
use crate::result::format::significant;
use crate::result::look::{Look, Unit};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "radial",
    aliases: &["galbraith"],
    title: "Radial (Galbraith) plot",
    reference: "galbraith1988",
    draws: Draws::Pool(draw),
};

const MARK: f64 = 2.7;
/// Share of the panel's width that the studies may take; the arc stands beyond.
const SHARE: f64 = 0.8;

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let table = &result.table;
    let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
    let tau2 = result.random.as_ref().and(result.heterogeneity).and_then(|h| h.tau2).unwrap_or(0.0);
    let points: Vec<(f64, f64, f64, usize)> = table
        .studies
        .iter()
        .enumerate()
        .filter_map(|(row, s)| {
            s.effect().map(|e| (e.y, 1.0 / (e.v + tau2).sqrt(), e.y / (e.v + tau2).sqrt(), row))
        })
        .collect();
    if points.is_empty() {
        return Err(Error::model("no study has an effect with a variance"));
    }
    let mean = main.estimate;
    let far = points.iter().map(|p| p.1).fold(0.0, f64::max);
    let values = points.iter().map(|p| p.2).chain([-2.5, 2.5, mean * far - 2.2, mean * far + 2.2]);
    let y_hull = hull(values);
    let x = Box::new(move |length: f64, size: f64| {
        let mut axis = plain_axis((0.0, far), (0.0, f64::INFINITY), 1.0, SHARE * length, size, false);
        axis.range = (0.0, far.max(axis.range.1.min(1.04 * far)) / SHARE);
        axis.ticks.retain(|t| t.0 <= 1.04 * far);
        axis
    });
    let y = Box::new(move |length: f64, size: f64| {
        plain_axis(y_hull, (f64::NEG_INFINITY, f64::INFINITY), 1.0, length, size, true)
    });
    let mut chart = Chart::new(options, x, y);
    let theme = options.theme.spec();
    chart.right_room = 42.0;
    chart.x_title =
        if tau2 > 0.0 { "Precision, 1/√(SE² + τ²)".into() } else { "Precision, 1/SE".into() };
    let spread = if tau2 > 0.0 { "√(SE² + τ²)" } else { "its SE" };
    let word = options.labels.estimate.as_deref().unwrap_or(table.measure().spec().label);
    let unit = Unit::of(table).words().map_or(String::new(), |w| format!(", {}", typeset(&w)));
    chart.y_title = format!("Effect over {spread}; along the arc: {}{unit}", chart::lower_first(word));
    chart.legend = vec![
        (Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.55) }, "study".into()),
        (Sign::Line { colour: theme.diamond, width: 1.2, dash: None }, "pooled estimate".into()),
        (Sign::Line { colour: GREY, width: 0.7, dash: Some(DASH) }, "±1.96 about it".into()),
        (Sign::Line { colour: ACCENT, width: 2.4, dash: None }, format!("its {}% CI", result.settings.level)),
    ];
    chart.footer = vec![
        format!("{} studies; {}", result.k, chart::pooled_words(result)),
        "Studies beyond the dashed lines are further from the estimate than chance and τ² let expect".into(),
        format!("Method: {}", result.method_line()),
    ];
    chart.title = format!("Radial plot: {}, {} studies", table.title(), result.k);
    chart.description = format!("{}. {}", chart.title, chart.footer[0]);
    let mut left_out = 0;
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = Group::default();
        let reach = panel.x.range.1 * 0.985;
        panel.path(&mut under, &[(0.0, 0.0), (reach, 0.0)], 0.6, theme.null, None);
        let mut obstacles = Obstacles::default();
        for shift in [-1.96, 1.96] {
            let band = [(0.0, shift), (far * 1.03, mean * far * 1.03 + shift)];
            panel.path(&mut under, &band, 0.7, GREY, Some(DASH));
            panel.stretches(&band).iter().for_each(|s| obstacles.path(s));
        }
        // the arc: as far from the origin as the panel is wide, in points
        let origin = panel.at(0.0, 0.0);
        let radius = 0.97 * (panel.right - panel.left);
        let per_x = (panel.x(1.0) - panel.x(0.0)).abs();
        let per_y = (panel.y(0.0) - panel.y(1.0)).abs();
        let on_arc = |effect: f64, out: f64| {
            let angle = (effect * per_y / per_x).atan();
            (origin.0 + (radius + out) * angle.cos(), origin.1 - (radius + out) * angle.sin())
        };
        let inside = |p: (f64, f64)| p.1 >= panel.top - 0.5 && p.1 <= panel.bottom + 0.5;
        // effects that the arc can show
        let steep = |y: f64| ((origin.1 - y) / radius).clamp(-0.98, 0.98).asin().tan() * per_x / per_y;
        let (lo, hi) = (steep(panel.bottom), steep(panel.top));
        let along = effect_axis(table, (lo, hi), panel.bottom - panel.top, size, true);
        let arc: Vec<(f64, f64)> = (0..=120)
            .map(|i| on_arc(lo + (hi - lo) * f64::from(i) / 120.0, 0.0))
            .filter(|p| inside(*p))
            .collect();
        path(&mut under, &arc, 0.8, theme.ink, None);
        for (effect, label) in &along.ticks {
            let (a, b) = (on_arc(*effect, 0.0), on_arc(*effect, 3.5));
            if inside(a) {
                under.line(a, b, 0.8, theme.ink);
                let at = on_arc(*effect, 6.0);
                under.text(
                    (at.0, at.1 + 0.33 * size),
                    Anchor::Start,
                    label,
                    (size, Weight::Regular),
                    theme.ink,
                );
            }
        }
        if let (Some(l), Some(u)) = (main.lower, main.upper) {
            let ci: Vec<(f64, f64)> = (0..=40)
                .map(|i| on_arc(l + (u - l) * f64::from(i) / 40.0, 0.0))
                .filter(|p| inside(*p))
                .collect();
            path(&mut under, &ci, 2.4, ACCENT, None);
        }
        let end = on_arc(mean, 0.0);
        under.line(origin, end, 1.2, theme.diamond);
        obstacles.path(&[origin, end]);
        obstacles.path(&arc);
        let mut over = vec![];
        let mut wishes = vec![];
        let look = Look::pooled(result, None);
        for (y, x, z, row) in &points {
            let at = panel.at(*x, *z);
            let study = &table.studies[*row].study;
            obstacles.marks.push((at, MARK));
            let mut g = Group::labelled(format!(
                "{study}: {}, precision {}",
                chart::shown(table, look, *y),
                significant(*x, 3)
            ));
            outlined(&mut g, |r| circle(at, r), MARK, theme.square, tint(theme.square, 0.55));
            over.push(g);
            let distance = (z - mean * x).abs();
            let named = match options.naming {
                Naming::All => true,
                Naming::None => false,
                Naming::Outliers => distance > 1.96,
            };
            if named {
                wishes.push(Wish { at, radius: MARK, text: study.clone(), priority: distance });
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
