//! Bubble plot: effects against a moderator, with the fitted line and its bands. Reference: \[thompson2002\].

use super::chart::{GREY, circle, tint, upper_first};
use super::colour::Colour;
use super::scale::{Axis, Spread, Wanted, typeset};
use super::scene::{Anchor, Group, Scene};
use super::text::{self, Weight};
use super::{Drawing, Draws, PlotOptions, PlotSpec};
use crate::effect::Scale;
use crate::error::Error;
use crate::result::format::{fixed, p_value, percent, significant};
use crate::result::look::{Look, Unit};
use crate::result::regression::{Along, RegressionResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "bubble",
    aliases: &["regression"],
    title: "Bubble plot of a meta-regression",
    reference: "thompson2002",
    draws: Draws::Regression(draw),
};

const MARGIN: f64 = 12.0;
/// Sides of the panel in points, unless a width is asked for.
const PANEL: (f64, f64) = (320.0, 235.0);
const BAND: Colour = Colour(0xC9, 0xDA, 0xEA);
const WIDE_BAND: Colour = Colour(0xE9, 0xF0, 0xF6);
/// Colours of lines that are told apart also without seeing red or green.
const LINES: [Colour; 6] = [
    Colour(0x2F, 0x5D, 0x8C),
    Colour(0xC8, 0x6A, 0x12),
    Colour(0x4B, 0x8B, 0x5A),
    Colour(0x8A, 0x4F, 0x9E),
    Colour(0x6B, 0x6B, 0x6B),
    Colour(0xA3, 0x2E, 0x3E),
];

/// Radius of the circle of the largest weight, in points.
const LARGEST: f64 = 11.0;

/// Where values lie in the picture.
struct Panel {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Axis,
    y: Axis,
    factor: bool,
}

impl Panel {
    fn x(&self, value: f64) -> f64 {
        let inset = 2.0 * LARGEST;
        let (l, r) = (self.left + inset, self.right - inset);
        l + self.x.fraction(value) * (r - l)
    }

    /// Values beyond the axis lie on its edge.
    fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.fraction(value).clamp(0.0, 1.0) * (self.bottom - self.top)
    }
}

/// Draws a regression along a moderator.
///
/// # Errors
/// The width cannot be drawn.
fn draw(result: &RegressionResult, along: &Along, options: &PlotOptions) -> Result<Drawing, Error> {
    if let Some(mm) = options.width_mm
        && !(60.0..=2000.0).contains(&mm)
    {
        return Err(Error::usage(format!("a width of {mm} mm"))
            .with_hint("give 60 to 2000; journals take 85, 114 or 174"));
    }
    let theme = options.theme.spec();
    let size = theme.size;
    let spec = result.table.measure().spec();
    let proportion = result.table.measure().is_proportion();
    let log = spec.scale == Scale::Log && !proportion;
    let back = |x: f64| result.table.back(x).unwrap_or(x);
    let unit = Unit::of(&result.table);
    let factor = unit.factor();

    // room for labels left of the panel and beside it
    let several = along.lines.len() > 1;
    let side: f64 = if several {
        along.lines.iter().map(|l| text::width(&l.label, size, Weight::Bold)).fold(0.0, f64::max)
    } else {
        text::width(&format!("{}% prediction", result.settings.level), size, Weight::Regular)
    };
    let left_room = 46.0;
    let right_room = side.max(2.0 * LARGEST + 8.0 + text::width("10%", size, Weight::Regular)) + 14.0;
    let width =
        options.width_mm.map_or(PANEL.0 + left_room + right_room + 2.0 * MARGIN, |mm| mm * 72.0 / 25.4);
    let left = MARGIN + left_room;
    let right = width - MARGIN - right_room;

    let y_axis = value_axis(result, along, log, proportion, factor, &back);
    let x_axis = moderator_axis(along, right - left - 4.0 * LARGEST, size);
    let mut y = MARGIN;
    let mut groups = vec![];
    let mut head = Group::default();
    if let Some(title) = &options.labels.title {
        for line in text::wrap(title, 1.2 * size, Weight::Bold, width - 2.0 * MARGIN) {
            head.text((MARGIN, y + 1.0 * size), Anchor::Start, &line, (1.2 * size, Weight::Bold), theme.ink);
            y += 1.5 * size;
        }
        y += 0.3 * size;
    }
    // the title of the vertical axis stands above it, where it can be read without turning the page
    let word = options.labels.estimate.as_deref().unwrap_or(if proportion { "%" } else { spec.label });
    let word = match (unit, proportion && options.labels.estimate.is_none()) {
        (Unit::Per(_), true) => upper_first(&unit.words().unwrap_or_default()),
        (Unit::Per(_), false) => format!("{word} {}", unit.words().unwrap_or_default()),
        _ => word.to_string(),
    };
    let word = typeset(&word);
    let scale = if log { ", log scale" } else { "" };
    let outcome = options.labels.outcome.as_ref().filter(|o| !o.is_empty());
    let word = if outcome.is_some() { word.to_lowercase() } else { word };
    let outcome = outcome.map_or(String::new(), |o| format!("{o}: "));
    head.text(
        (MARGIN, y + size),
        Anchor::Start,
        &format!("{outcome}{word}{scale}"),
        (size, Weight::Bold),
        theme.ink,
    );
    y += 1.9 * size;
    groups.push(head);
    let panel = Panel {
        left,
        right,
        top: y,
        bottom: y + PANEL.1,
        x: x_axis,
        y: y_axis,
        factor: !along.levels.is_empty(),
    };
    groups.push(bands(&panel, along, &back));
    groups.push(axes(&panel, along, theme, spec.null.map(back)));
    groups.extend(bubbles(result, along, &panel, &back));
    let (drawn, labels) = lines(&panel, along, &back, size, result.settings.level);
    groups.push(drawn);
    groups.push(legend(result, &panel, &labels, size));
    let mut y = panel.bottom + 3.1 * size;
    let mut foot = Group::default();
    foot.text((0.5 * (left + right), y), Anchor::Middle, &along.moderator, (size, Weight::Bold), theme.ink);
    y += 0.6 * size;
    let small = (0.9 * size).max(6.0);
    for sentence in footer(result, along) {
        for line in text::wrap(&sentence, small, Weight::Regular, width - 2.0 * MARGIN) {
            y += 1.35 * small;
            foot.text((MARGIN, y), Anchor::Start, &line, (small, Weight::Regular), theme.ink);
        }
    }
    groups.push(foot);
    let description = format!(
        "Bubble plot of {} against {}: {} studies. {}",
        result.table.title(),
        along.moderator,
        result.k,
        footer(result, along).join(" ")
    );
    let title = options
        .labels
        .title
        .clone()
        .unwrap_or_else(|| format!("Bubble plot: {} by {}", result.table.title(), along.moderator));
    let scene = Scene { width, height: y + MARGIN, title, description, groups };
    Ok(Drawing { pages: vec![scene], remarks: vec![] })
}

/// From the lowest effect or confidence limit of the line to the highest.
fn value_axis(
    result: &RegressionResult,
    along: &Along,
    log: bool,
    proportion: bool,
    factor: f64,
    back: &impl Fn(f64) -> f64,
) -> Axis {
    let effects = along.studies.iter().filter_map(|s| result.table.studies[s.0].y);
    let points = || along.lines.iter().flat_map(|l| &l.points);
    // bands are drawn for a single line
    let single = along.lines.len() == 1;
    let limits = points().filter(|_| single).flat_map(|(_, p)| [p.lower, p.upper]);
    let core: Vec<f64> = effects.collect();
    let spread =
        |v: &[f64]| v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |h, x| (h.0.min(*x), h.1.max(*x)));
    let (lo, hi) = spread(&core);
    let reach = (hi - lo).max(1e-9 * hi.abs().max(lo.abs()));
    // bands may widen the axis, but not flatten the studies
    let near = |x: &f64| *x > lo - 0.6 * reach && *x < hi + 0.6 * reach;
    let predictions = points().filter(|_| single && along.levels.is_empty());
    let predictions = predictions.filter_map(|(_, p)| p.prediction.as_ref()).flat_map(|q| [q.lower, q.upper]);
    let fitted = points().map(|(_, p)| p.estimate);
    let bands = limits.chain(predictions).chain(fitted).filter(near);
    let wanted: Vec<f64> = core.iter().copied().chain(bands).collect();
    let (lo, hi) = spread(&wanted);
    let pad = 0.04 * (hi - lo).max(1e-9 * hi.abs().max(lo.abs()));
    let height = |_: &str| 10.0;
    let bounds = if proportion { (0.0, 1.0) } else { result.table.scale().range() };
    let hull = super::chart::opened((back(lo - pad), back(hi + pad)));
    Axis::fit(
        if log { Spread::Log } else { Spread::Linear },
        &Wanted { hull, bounds, factor, length: PANEL.1, label_width: &height, gap: 8.0 },
    )
}

fn moderator_axis(along: &Along, length: f64, size: f64) -> Axis {
    if !along.levels.is_empty() {
        let n = along.levels.len();
        let ticks = (0..n).map(|i| (i as f64, along.levels[i].clone())).collect();
        let range = (-0.5, n as f64 - 0.5);
        return Axis { spread: Spread::Linear, range, ticks, minor: vec![] };
    }
    let values = along.studies.iter().map(|s| s.1);
    let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |h, x| (h.0.min(x), h.1.max(x)));
    let hull = if hi > lo { (lo, hi) } else { (lo - 0.5, lo + 0.5) };
    let bounds = (f64::NEG_INFINITY, f64::INFINITY);
    let label_width = |l: &str| text::width(l, size, Weight::Regular);
    Axis::fit(
        Spread::Linear,
        &Wanted { hull, bounds, factor: 1.0, length, label_width: &label_width, gap: 0.8 * size },
    )
}

/// Prediction and confidence bands of a single line, under everything else.
fn bands(panel: &Panel, along: &Along, back: &impl Fn(f64) -> f64) -> Group {
    let mut group = Group::default();
    if along.lines.len() > 1 || panel.factor {
        return group;
    }
    let points = &along.lines[0].points;
    let band = |limits: &dyn Fn(usize) -> Option<(f64, f64)>| -> Option<Vec<(f64, f64)>> {
        let all: Option<Vec<(f64, f64)>> = (0..points.len()).map(limits).collect();
        let all = all?;
        let at = |i: usize, v: f64| (panel.x(points[i].0), panel.y(back(v)));
        let upper = (0..points.len()).map(|i| at(i, all[i].1));
        let lower = (0..points.len()).rev().map(|i| at(i, all[i].0));
        Some(upper.chain(lower).collect())
    };
    let predicted = band(&|i| points[i].1.prediction.as_ref().map(|q| (q.lower, q.upper)));
    if let Some(outline) = predicted {
        group.polygon(outline, WIDE_BAND);
    }
    if let Some(outline) = band(&|i| Some((points[i].1.lower, points[i].1.upper))) {
        group.polygon(outline, BAND);
    }
    group
}

fn axes(panel: &Panel, along: &Along, theme: &super::theme::ThemeSpec, null: Option<f64>) -> Group {
    let mut group = Group::default();
    let (size, ink) = (theme.size, theme.ink);
    if let Some(null) = null.filter(|n| (0.0..=1.0).contains(&panel.y.fraction(*n))) {
        let y = panel.y(null);
        group.line((panel.left, y), (panel.right, y), 0.6, theme.null);
    }
    group.line((panel.left, panel.bottom), (panel.right, panel.bottom), 0.8, ink);
    group.line((panel.left, panel.top), (panel.left, panel.bottom), 0.8, ink);
    for (value, label) in &panel.y.ticks {
        let y = panel.y(*value);
        group.line((panel.left - 3.0, y), (panel.left, y), 0.8, ink);
        group.text((panel.left - 5.5, y + 0.33 * size), Anchor::End, label, (size, Weight::Regular), ink);
    }
    let room = (panel.right - panel.left) / along.levels.len().max(1) as f64 - 0.6 * size;
    for (value, label) in &panel.x.ticks {
        let x = panel.x(*value);
        group.line((x, panel.bottom), (x, panel.bottom + 3.0), 0.8, ink);
        let shown = if panel.factor {
            let lines = text::wrap(label, size, Weight::Regular, room);
            if lines.len() > 1 { format!("{}…", lines[0]) } else { label.clone() }
        } else {
            label.clone()
        };
        group.text((x, panel.bottom + 3.5 + size), Anchor::Middle, &shown, (size, Weight::Regular), ink);
    }
    group
}

/// Circles with areas proportional to weights, the largest first so that none hides another.
fn bubbles(
    result: &RegressionResult,
    along: &Along,
    panel: &Panel,
    back: &impl Fn(f64) -> f64,
) -> Vec<Group> {
    let weight = |row: usize| result.studies.iter().find(|f| f.row == row).map_or(0.0, |f| f.weight);
    let largest = along.studies.iter().map(|s| weight(s.0)).fold(0.0, f64::max);
    let look = Look::of(&result.table, None);
    let mut order: Vec<usize> = (0..along.studies.len()).collect();
    order.sort_by(|&a, &b| weight(along.studies[b].0).total_cmp(&weight(along.studies[a].0)));
    let shifts =
        if panel.factor { jitter(result, along, panel, back) } else { vec![0.0; along.studies.len()] };
    order
        .into_iter()
        .filter_map(|i| {
            let (row, x, line) = along.studies[i];
            let s = &result.table.studies[row];
            let value = back(s.y?);
            let centre = (panel.x(x) + shifts[i], panel.y(value));
            let radius = (LARGEST * (weight(row) / largest).sqrt()).max(1.2);
            let colour = LINES[line % LINES.len()];
            let mut group = Group::labelled(format!(
                "{}: {} at {}, weight {}",
                s.study,
                typeset(&look.with_unit(value)),
                if panel.factor { along.levels[x as usize].clone() } else { significant(x, 4) },
                percent(weight(row))
            ));
            group.polygon(circle(centre, radius), colour);
            group.polygon(circle(centre, (radius - 0.8).max(0.4)), tint(colour, 0.42));
            Some(group)
        })
        .collect()
}

/// Sideways shifts that keep the studies of a level apart.
fn jitter(result: &RegressionResult, along: &Along, panel: &Panel, back: &impl Fn(f64) -> f64) -> Vec<f64> {
    let mut placed: Vec<(f64, f64, f64)> = vec![]; // column, shift, height
    let limit = 0.32 * (panel.right - panel.left) / along.levels.len() as f64;
    let step = 1.35 * LARGEST;
    along
        .studies
        .iter()
        .map(|&(row, x, _)| {
            let y = result.table.studies[row].y.map_or(0.0, |y| panel.y(back(y)));
            let free =
                |shift: f64| placed.iter().all(|p| p.0 != x || (p.1 - shift).hypot(p.2 - y) > 1.3 * LARGEST);
            let mut shift = 0.0;
            for i in 0..12 {
                let away = step * f64::from((i + 1) / 2) * if i % 2 == 0 { 1.0 } else { -1.0 };
                if away.abs() <= limit && free(away) {
                    shift = away;
                    break;
                }
            }
            placed.push((x, shift, y));
            shift
        })
        .collect()
}

/// Three circles with their weights, right of the panel where no label is.
fn legend(result: &RegressionResult, panel: &Panel, labels: &[f64], size: f64) -> Group {
    let largest = result.studies.iter().map(|f| f.weight).fold(0.0, f64::max);
    let ladder = (-4..=1).flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e)));
    let mut shown: Vec<f64> = ladder.filter(|w| *w <= largest).collect();
    shown.reverse();
    shown.truncate(3);
    let radius = |w: f64| (LARGEST * (w / largest).sqrt()).max(1.2);
    let height: f64 = 1.6 * size + shown.iter().map(|w| 2.0 * radius(*w) + 3.0).sum::<f64>();
    let clear = |from: f64| labels.iter().all(|y| *y < from - size || *y > from + height + size);
    let places = [panel.top, panel.bottom - height, 0.5 * (panel.top + panel.bottom - height)];
    let mut y = places.into_iter().find(|p| clear(*p)).unwrap_or(panel.top);
    let mut group = Group::default();
    let left = panel.right + 5.0;
    group.text((left, y + size), Anchor::Start, "Weight", (size, Weight::Regular), GREY);
    y += 1.6 * size;
    for w in shown {
        let r = radius(w);
        let centre = (left + LARGEST, y + r);
        group.polygon(circle(centre, r), GREY);
        group.polygon(circle(centre, (r - 0.8).max(0.4)), tint(GREY, 0.25));
        let label = format!("{}%", if w >= 1.0 { fixed(w, 0) } else { significant(w, 1) });
        let at = (left + 2.0 * LARGEST + 5.0, y + r + 0.33 * size);
        group.text(at, Anchor::Start, &label, (size, Weight::Regular), GREY);
        y += 2.0 * r + 3.0;
    }
    group
}

/// Fitted lines with their labels at the right end, and where these are; means with confidence limits for a factor.
fn lines(
    panel: &Panel,
    along: &Along,
    back: &impl Fn(f64) -> f64,
    size: f64,
    level: f64,
) -> (Group, Vec<f64>) {
    let mut group = Group::default();
    let several = along.lines.len() > 1;
    let mut labels: Vec<(f64, String, Colour, Weight)> = vec![];
    for (l, line) in along.lines.iter().enumerate() {
        let colour = if several { LINES[l % LINES.len()] } else { LINES[0] };
        if panel.factor {
            let half = 0.3 * (panel.right - panel.left) / along.levels.len() as f64;
            let offset = if several {
                (l as f64 - 0.5 * (along.lines.len() - 1) as f64) * half / along.lines.len() as f64
            } else {
                0.0
            };
            for (x, p) in &line.points {
                let x = panel.x(*x) + offset;
                let (y, lower, upper) =
                    (panel.y(back(p.estimate)), panel.y(back(p.lower)), panel.y(back(p.upper)));
                group.line((x, lower), (x, upper), 1.4, colour);
                group.line((x - 0.5 * half, y), (x + 0.5 * half, y), 2.2, colour);
            }
            if let (true, Some((_, p))) = (several, line.points.last()) {
                labels.push((panel.y(back(p.estimate)), line.label.clone(), colour, Weight::Bold));
            }
            continue;
        }
        for pair in line.points.windows(2) {
            let at = |(x, p): &(f64, crate::result::regression::Predicted)| {
                (panel.x(*x), panel.y(back(p.estimate)))
            };
            group.line(at(&pair[0]), at(&pair[1]), 1.6, colour);
        }
        let Some((_, p)) = line.points.last() else { continue };
        if several {
            labels.push((panel.y(back(p.estimate)), line.label.clone(), colour, Weight::Bold));
        } else {
            labels.push((panel.y(back(p.upper)), format!("{level}% CI"), GREY, Weight::Regular));
            if let Some(q) = &p.prediction {
                labels.push((panel.y(back(q.upper)), format!("{level}% prediction"), GREY, Weight::Regular));
            }
        }
    }
    // labels keep their order and a line's distance
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut last = f64::NEG_INFINITY;
    let mut heights = vec![];
    for (y, label, colour, weight) in labels {
        let y = y.max(last + 1.15 * size);
        last = y;
        heights.push(y);
        let at = (panel.right + 5.0, y + 0.33 * size);
        group.text(at, Anchor::Start, &label, (size, weight), colour);
    }
    (group, heights)
}

fn footer(result: &RegressionResult, along: &Along) -> Vec<String> {
    let mut out = vec![];
    let scale = match result.table.measure().spec().scale.title() {
        "untransformed" => result.table.measure().spec().label.to_lowercase(),
        scale => format!("{} ({scale} scale)", result.table.measure().spec().label.to_lowercase()),
    };
    if result.coefficients.len() <= 6 {
        let mut equation = String::new();
        for (i, c) in result.coefficients.iter().enumerate() {
            let value = typeset(&significant(c.estimate.abs(), 3));
            let sign = match (i, c.estimate < 0.0) {
                (0, true) => "−",
                (0, false) => "",
                (_, true) => " − ",
                (_, false) => " + ",
            };
            let term = if c.term == "intercept" { String::new() } else { format!(" × {}", c.term) };
            equation += &format!("{sign}{value}{term}");
        }
        out.push(format!("Model: {scale} = {equation}"));
    }
    let mut parts = vec![];
    if let Some(m) = &result.moderators {
        let test = match m.df_denominator {
            Some(d) => format!("F({}, {}) = {}", m.df, fixed(d, 0), fixed(m.statistic, 2)),
            None => format!("χ² = {}, df = {}", fixed(m.statistic, 2), m.df),
        };
        parts.push(format!("Moderators: {test}, {}", p_value(m.p_value)));
    }
    let h = &result.heterogeneity;
    parts.push(format!("residual τ² = {}", if h.tau2 == 0.0 { "0".into() } else { significant(h.tau2, 3) }));
    parts.push(format!("residual I² = {}", percent(h.i2)));
    parts.extend(h.r2.map(|r| format!("R² = {}", percent(r))));
    out.push(parts.join("; "));
    if !along.held.is_empty() {
        out.push(format!("Held: {}", along.held.join(", ")));
    }
    out.push(format!(
        "{} studies; area of circles proportional to weight. {}",
        result.k,
        upper_first(&result.method_line())
    ));
    out.iter().map(|line| line.replace(" = ", "\u{A0}=\u{A0}")).collect()
}
