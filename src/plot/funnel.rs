//! Funnel plot: effects against their standard errors, with regions of significance, and what bias may have done to it.
//! References: \[sterne2001\], \[peters2008\].

use super::chart::{
    self, ACCENT, Chart, DASH, DOTS, GREY, Key, Panel, Sign, WHITE, circle, effect_axis, hull, lozenge,
    outlined, plain_axis, tint,
};
use super::place::{Obstacles, Wish, place};
use super::scene::{Colour, Group};
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::Note;
use crate::result::bias::{BiasResult, Finding};
use crate::result::format::{fixed, p_value, significant, studies};
use crate::result::look::Look;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "funnel",
    aliases: &[],
    title: "Funnel plot, with contours of significance",
    reference: "sterne2001",
    draws: Draws::Bias(draw),
};

/// z at which p is .10, .05 and .01, and the shade beyond it.
const CONTOURS: [(f64, Colour, &str); 3] = [
    (1.644_853_626_951_472_2, rgb(0xEE, 0xF2, 0xF6), "p 0.05 to 0.10"),
    (1.959_963_984_540_054, rgb(0xDC, 0xE4, 0xEC), "p 0.01 to 0.05"),
    (2.575_829_303_548_900_4, rgb(0xC3, 0xD0, 0xDC), "p < 0.01"),
];

const fn rgb(r: u8, g: u8, b: u8) -> Colour {
    plotters::style::RGBColor(r, g, b)
}

/// Radius of a study.
const MARK: f64 = 2.7;

fn draw(bias: &BiasResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let result = &bias.pool;
    let table = &result.table;
    let main = result.main().ok_or_else(|| {
        Error::model("there is no pooled estimate to draw a funnel about")
            .with_hint("draw the studies: ⟦plot: forest⟧")
    })?;
    // of one study nothing is pooled, and there is no funnel about it
    let pooled = result.k > 1;
    let by_size = options.by_size;
    // effect, standard error, where it stands on the vertical axis, row
    let mut points: Vec<(f64, f64, f64, usize)> = vec![];
    for (row, s) in table.studies.iter().enumerate() {
        let Some(e) = s.effect() else { continue };
        let height = if by_size {
            let n = s.patients().ok_or_else(|| {
                Error::data("the number of patients is not known")
                    .of_study(&s.study)
                    .with_hint("leave ⟦by-size⟧ out: the axis is then the standard error")
            })?;
            1.0 / n.sqrt()
        } else {
            e.v.sqrt()
        };
        points.push((e.y, e.v.sqrt(), height, row));
    }
    let filled: Vec<(f64, f64)> = bias
        .trim_fill()
        .map_or(vec![], |t| t.filled.iter().map(|f| (f.estimate, f.variance.sqrt())).collect());
    let deepest = points.iter().map(|p| p.2).fold(0.0, f64::max) * 1.06;
    let mean = main.estimate;
    let null = table.measure().spec().null.filter(|_| !by_size);
    let own = hull(points.iter().map(|p| p.0).chain(filled.iter().map(|f| f.0)).chain([mean]).chain(null));
    let widest =
        if by_size { own } else { (own.0.min(mean - 1.96 * deepest), own.1.max(mean + 1.96 * deepest)) };
    // the lower corners of the funnel may widen the axis, but not flatten the studies
    let reach = own.1 - own.0;
    let x_range = (widest.0.max(own.0 - 0.35 * reach), widest.1.min(own.1 + 0.35 * reach));
    let pad = 0.03 * (x_range.1 - x_range.0).max(1e-12);
    let x_range = chart::opened((x_range.0 - pad, x_range.1 + pad));

    let x = Box::new(move |length: f64, size: f64| effect_axis(table, x_range, length, size, false));
    let y = Box::new(move |length: f64, size: f64| {
        plain_axis((0.0, deepest), (0.0, f64::INFINITY), 1.0, length, size, true)
    });
    let mut chart = Chart::new(options, x, y);
    chart.down = true;
    chart.y_title = if by_size { "1/√(number of patients)".into() } else { "Standard error".into() };
    chart.x_title = chart::effect_title(result, options);
    chart.favours = chart::favours(result, options, x_range);
    let theme = options.theme.spec();
    let mut legend: Vec<Key> =
        vec![(Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.55) }, "study".into())];
    if !filled.is_empty() {
        legend.push((Sign::Diamond { edge: ACCENT, fill: WHITE }, "study filled in".into()));
    }
    if pooled {
        let model = chart::lower_first(crate::result::sentence::model_word(result));
        let sign = Sign::Line { colour: theme.diamond, width: 1.1, dash: Some(DASH) };
        legend.push((sign, format!("{model} estimate")));
    }
    if pooled && !by_size {
        let limits = "95% limits of chance about it".to_string();
        legend.push((Sign::Line { colour: GREY, width: 0.7, dash: Some(DOTS) }, limits));
    }
    if null.is_some() {
        legend.push((Sign::Line { colour: theme.null, width: 0.7, dash: None }, "no effect".into()));
        legend.extend(CONTOURS.iter().map(|(_, shade, words)| (Sign::Band(*shade), words.to_string())));
    }
    let curves = curves(bias, by_size);
    for c in &curves {
        legend.push((Sign::Line { colour: c.colour, width: 1.2, dash: c.dash }, c.words.clone()));
    }
    if let Some(words) = filled_estimate(bias) {
        legend.push((Sign::Line { colour: ACCENT, width: 1.1, dash: Some(DASH) }, words));
    }
    chart.legend = legend;
    chart.footer = footer(bias);
    let (title, count) = (table.title(), studies(result.k));
    chart.title = format!("Funnel plot: {title}, {count}");
    chart.description = format!("Funnel plot of {title}: {count}. {}", chart.footer.join(". "));
    let mut left_out = 0;
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = vec![];
        if let Some(null) = null {
            under.push(contours(panel, null));
        }
        let mut lines = Group::default();
        if let Some(null) = null {
            panel.path(&mut lines, &[(null, 0.0), (null, panel.y.range.1)], 0.7, theme.null, None);
        }
        let bottom = panel.y.range.1;
        if pooled && !by_size {
            for side in [-1.0, 1.0] {
                let limit = [(mean, 0.0), (mean + side * 1.96 * bottom, bottom)];
                panel.path(&mut lines, &limit, 0.7, GREY, Some(DOTS));
            }
        }
        let mut obstacles = Obstacles::default();
        if pooled {
            panel.path(&mut lines, &[(mean, 0.0), (mean, bottom)], 1.1, theme.diamond, Some(DASH));
            obstacles.path(&[panel.at(mean, 0.0), panel.at(mean, bottom)]);
        }
        if let Some(null) = null {
            obstacles.path(&[panel.at(null, 0.0), panel.at(null, bottom)]);
        }
        if pooled && !by_size {
            for side in [-1.96, 1.96] {
                obstacles.path(&[panel.at(mean, 0.0), panel.at(mean + side * bottom, bottom)]);
            }
        }
        if let Some(a) = bias.trim_fill().filter(|t| t.missing > 0).and(
            bias.outcomes
                .iter()
                .find_map(|o| matches!(o.finding, Finding::TrimFill(_)).then_some(o.adjusted).flatten()),
        ) {
            panel.path(&mut lines, &[(a.estimate, 0.0), (a.estimate, bottom)], 1.1, ACCENT, Some(DASH));
            obstacles.path(&[panel.at(a.estimate, 0.0), panel.at(a.estimate, bottom)]);
        }
        for c in &curves {
            let values: Vec<(f64, f64)> =
                (0..=60).map(|i| bottom * f64::from(i) / 60.0).map(|h| ((c.effect)(h), h)).collect();
            panel.path(&mut lines, &values, 1.2, c.colour, c.dash);
            panel.stretches(&values).iter().for_each(|s| obstacles.path(s));
        }
        under.push(lines);
        let mut over = vec![];
        for (effect, height) in &filled {
            let at = panel.at(*effect, *height);
            obstacles.marks.push((at, MARK + 0.6));
            let mut g = Group::default();
            outlined(&mut g, |r| lozenge(at, r), MARK + 0.8, ACCENT, WHITE);
            over.push(g);
        }
        let mut wishes = vec![];
        let look = Look::pooled(result, None);
        for (y, se, height, row) in &points {
            let at = panel.at(*y, *height);
            let study = &table.studies[*row].study;
            obstacles.marks.push((at, MARK));
            let mut g = Group::labelled(format!(
                "{study}: {}, standard error {}",
                chart::shown(table, look, *y),
                significant(*se, 3)
            ));
            outlined(&mut g, |r| circle(at, r), MARK, theme.square, tint(theme.square, 0.55));
            over.push(g);
            let distance = ((y - mean) / se).abs();
            let named = match options.naming {
                Naming::All => true,
                Naming::None => false,
                // a study alone has nothing to stand out from
                Naming::Outliers => distance > 1.96 || !pooled,
            };
            if named {
                wishes.push(Wish { at, radius: MARK, text: study.clone(), priority: distance });
            }
        }
        let mut names = Group::default();
        left_out = place(&mut names, wishes, &obstacles, panel.edges(), 0.85 * size, theme.ink);
        over.push(names);
        (under, over)
    })?;
    drawing.say_unnamed(left_out);
    Ok(drawing)
}

/// From the darkest shade inwards.
fn contours(panel: &Panel, null: f64) -> Group {
    let mut group = Group::default();
    let (left, top, right, bottom) = panel.edges();
    group.rect(left, top, right - left, bottom - top, CONTOURS[2].1);
    let deep = panel.y.range.1;
    let inner = [CONTOURS[1].1, CONTOURS[0].1, WHITE];
    for ((z, _, _), shade) in CONTOURS.iter().rev().zip(inner) {
        let corners = [(null, 0.0), (null + z * deep, deep), (null - z * deep, deep)];
        let places: Vec<(f64, f64)> = corners.iter().map(|c| panel.at(c.0, c.1)).collect();
        panel.area(&mut group, &places, shade);
    }
    group
}

/// A curve through the funnel: effect at a standard error.
struct Curve {
    effect: Box<dyn Fn(f64) -> f64>,
    colour: Colour,
    dash: Option<(f64, f64)>,
    words: String,
}

fn curves(bias: &BiasResult, by_size: bool) -> Vec<Curve> {
    let mut out = vec![];
    for o in &bias.outcomes {
        match &o.finding {
            Finding::Line(l) if l.of_table && !by_size && matches!(l.predictor.as_str(), "sei" | "vi") => {
                let (a, b, squared) = (l.intercept, l.slope, l.predictor == "vi");
                out.push(Curve {
                    effect: Box::new(move |se| a + b * if squared { se * se } else { se }),
                    colour: rgb(0x8A, 0x4F, 0x9E),
                    dash: None,
                    words: format!("{}'s line", o.test.name()),
                });
            }
            Finding::Limit { alpha, .. } if !by_size => {
                if let Some(a) = &o.adjusted {
                    let (alpha, tau2) = (*alpha, a.tau2.unwrap_or(0.0));
                    let slope = a.estimate - tau2.sqrt() * alpha;
                    out.push(Curve {
                        effect: Box::new(move |se| slope + alpha * (se * se + tau2).sqrt()),
                        colour: rgb(0x4B, 0x8B, 0x5A),
                        dash: None,
                        words: "limit curve".into(),
                    });
                }
            }
            _ => {}
        }
    }
    out
}

fn filled_estimate(bias: &BiasResult) -> Option<String> {
    bias.trim_fill().filter(|t| t.missing > 0).map(|_| "estimate with studies filled in".to_string())
}

fn footer(bias: &BiasResult) -> Vec<String> {
    let result = &bias.pool;
    let look = Look::pooled(result, None);
    let mut out = vec![if result.k > 1 {
        format!("{} studies; {}", result.k, chart::pooled_words(result))
    } else {
        "1 study; nothing is pooled".to_string()
    }];
    // the picture is shown without what was said when it was made
    let unclear = |n: &Note| matches!(n, Note::AsymmetryUnclear { .. }).then(|| n.message());
    out.extend(bias.notes.iter().filter_map(unclear));
    for o in &bias.outcomes {
        let adjusted = o.adjusted.as_ref().or(o.limit.as_ref()).map_or(String::new(), |a| {
            let limit =
                |x: Option<f64>| x.map_or("unbounded".into(), |x| chart::shown(&result.table, look, x));
            format!(
                "; adjusted {} ({} to {})",
                chart::shown(&result.table, look, a.estimate),
                limit(a.lower),
                limit(a.upper)
            )
        });
        let test = match &o.finding {
            Finding::TrimFill(t) => format!(
                "{} {} missing on the {}",
                t.missing,
                if t.missing == 1 { "study" } else { "studies" },
                t.side.id()
            ),
            _ => match (o.statistic, o.p_value) {
                (Some(s), Some(p)) => {
                    format!("{} = {}, {}", o.statistic_kind.id(), fixed(s, 2), p_value(p))
                }
                (None, Some(p)) => p_value(p),
                _ => String::new(),
            },
        };
        out.push(format!("{}: {test}{adjusted}", o.test.name()));
    }
    if result.k > 1 {
        out.push(format!("Method: {}", result.method_line()));
    }
    out
}
