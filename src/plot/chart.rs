//! What charts with two axes have in common: the page, axes, legend and footer, and the panel between them.
//!
//! The legend stands below the axis title, never over data; everything is measured before it is placed.

use super::colour::Colour;
use super::scale::{Axis, Spread, Wanted};
use super::scene::{Anchor, Group, Scene};
use super::text::{self, Weight};
use super::theme::ThemeSpec;
use super::{Drawing, PlotOptions};
use crate::effect::{EffectTable, Scale};
use crate::error::Error;
use crate::result::PoolResult;
pub(super) use crate::result::format::upper_first;
use crate::result::look::{Look, Unit};

const MARGIN: f64 = 12.0;
const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// Of what is said beside the data: dark enough to be read in print.
pub(super) const GREY: Colour = Colour(85, 85, 85);
pub(super) const WHITE: Colour = Colour(255, 255, 255);
/// Lines of a grid.
pub(super) const GRID: Colour = Colour(0xE3, 0xE3, 0xE3);
/// What stands against the theme's own colour, told apart also without seeing red or green.
pub(super) const ACCENT: Colour = Colour(0xC8, 0x6A, 0x12);
/// Lengths of dashes and of the gaps between them.
pub(super) const DASH: (f64, f64) = (3.0, 2.2);
/// Short dashes.
pub(super) const DOTS: (f64, f64) = (1.1, 1.9);

/// A circle as a polygon, which every format draws alike.
pub(super) fn circle(centre: (f64, f64), radius: f64) -> Vec<(f64, f64)> {
    let corner = |i: u32| {
        let a = std::f64::consts::TAU * f64::from(i) / 40.0;
        (centre.0 + radius * a.cos(), centre.1 + radius * a.sin())
    };
    (0..40).map(corner).collect()
}

/// A small diamond.
pub(super) fn lozenge((x, y): (f64, f64), half: f64) -> Vec<(f64, f64)> {
    vec![(x - half, y), (x, y - half), (x + half, y), (x, y + half)]
}

/// A lighter tint of a colour.
pub(super) fn tint(c: Colour, share: f64) -> Colour {
    c.tint(share)
}

/// A shape with an outline.
pub(super) fn outlined(
    group: &mut Group,
    shape: impl Fn(f64) -> Vec<(f64, f64)>,
    radius: f64,
    edge: Colour,
    fill: Colour,
) {
    group.polygon(shape(radius), edge);
    group.polygon(shape((radius - 0.8).max(0.4)), fill);
}

/// A path, whole or in dashes.
pub(super) fn path(
    group: &mut Group,
    points: &[(f64, f64)],
    width: f64,
    colour: Colour,
    dash: Option<(f64, f64)>,
) {
    let Some((on, off)) = dash else {
        // one shape for the whole path: segments laid end to end would show their joints
        if let Some(outline) = ribbon(points, width) {
            group.polygon(outline, colour);
        }
        return;
    };
    let (mut left, mut drawing) = (on, true);
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        if length.is_nan() || length <= 0.0 {
            continue;
        }
        let at = |t: f64| (a.0 + (b.0 - a.0) * t / length, a.1 + (b.1 - a.1) * t / length);
        let mut done = 0.0;
        while done < length {
            let end = (done + left).min(length);
            if drawing {
                group.line(at(done), at(end), width, colour);
            }
            left -= end - done;
            done = end;
            if left <= 1e-9 {
                drawing = !drawing;
                left = if drawing { on } else { off };
            }
        }
    }
}

/// The outline of a path of some width; `None` for a path without length.
fn ribbon(points: &[(f64, f64)], width: f64) -> Option<Vec<(f64, f64)>> {
    let mut kept: Vec<(f64, f64)> = vec![];
    for p in points {
        if kept.last().is_none_or(|l| (p.0 - l.0).hypot(p.1 - l.1) > 1e-3) {
            kept.push(*p);
        }
    }
    if kept.len() < 2 {
        return None;
    }
    let normal = |a: (f64, f64), b: (f64, f64)| {
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        ((a.1 - b.1) / length, (b.0 - a.0) / length)
    };
    let half = 0.5 * width;
    let (mut left, mut right) = (vec![], vec![]);
    for i in 0..kept.len() {
        let before = i.checked_sub(1).map(|j| normal(kept[j], kept[i]));
        let after = kept.get(i + 1).map(|next| normal(kept[i], *next));
        let (m, n) = (before.or(after)?, after.or(before)?);
        let sum = (m.0 + n.0, m.1 + n.1);
        // the joint of two segments, cut where they turn sharply
        let square = sum.0 * sum.0 + sum.1 * sum.1;
        let scale = if square > 0.2 { 2.0 / square } else { 0.0 };
        let joints = if scale > 0.0 { vec![(sum.0 * scale, sum.1 * scale)] } else { vec![m, n] };
        for j in joints {
            left.push((kept[i].0 + half * j.0, kept[i].1 + half * j.1));
            right.push((kept[i].0 - half * j.0, kept[i].1 - half * j.1));
        }
    }
    right.reverse();
    Some([left, right].concat())
}

/// One coordinate of a place.
type Coordinate = fn(&(f64, f64)) -> f64;

/// Where values lie on the page.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Axis,
    pub y: Axis,
    /// Whether the vertical axis runs downward.
    pub down: bool,
}

impl Panel {
    pub fn x(&self, value: f64) -> f64 {
        self.left + self.x.fraction(value) * (self.right - self.left)
    }

    pub fn y(&self, value: f64) -> f64 {
        let share = self.y.fraction(value);
        let share = if self.down { 1.0 - share } else { share };
        self.bottom - share * (self.bottom - self.top)
    }

    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x(x), self.y(y))
    }

    /// Left, top, right, bottom.
    pub fn edges(&self) -> (f64, f64, f64, f64) {
        (self.left, self.top, self.right, self.bottom)
    }

    /// The part of a segment that is within the panel.
    fn clipped(&self, a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let sides =
            [(-dx, a.0 - self.left), (dx, self.right - a.0), (-dy, a.1 - self.top), (dy, self.bottom - a.1)];
        for (p, q) in sides {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
        (from <= to && from.is_finite() && to.is_finite()).then(|| (at(from), at(to)))
    }

    /// A path of values, as far as it is within the panel.
    pub fn path(
        &self,
        group: &mut Group,
        values: &[(f64, f64)],
        width: f64,
        colour: Colour,
        dash: Option<(f64, f64)>,
    ) {
        for stretch in self.stretches(values) {
            path(group, &stretch, width, colour, dash);
        }
    }

    /// The visible stretches of a path of values, as places on the page.
    pub fn stretches(&self, values: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
        let mut out: Vec<Vec<(f64, f64)>> = vec![];
        let mut last: Option<(f64, f64)> = None;
        for pair in values.windows(2) {
            let (a, b) = (self.at(pair[0].0, pair[0].1), self.at(pair[1].0, pair[1].1));
            let part = self
                .clipped(a, b)
                .filter(|_| a.0.is_finite() && a.1.is_finite() && b.0.is_finite() && b.1.is_finite());
            let Some((from, to)) = part else {
                last = None;
                continue;
            };
            match (last, out.last_mut()) {
                (Some(end), Some(run)) if (end.0 - from.0).hypot(end.1 - from.1) < 1e-6 => run.push(to),
                _ => out.push(vec![from, to]),
            }
            last = Some(to);
        }
        out
    }

    /// A filled polygon of places on the page, cut at the edges of the panel.
    pub fn area(&self, group: &mut Group, places: &[(f64, f64)], colour: Colour) {
        let (left, top, right, bottom) = self.edges();
        let mut shape = places.to_vec();
        // one edge after the other
        let sides: [(Coordinate, f64, f64); 4] =
            [(|p| p.0, left, 1.0), (|p| p.0, right, -1.0), (|p| p.1, top, 1.0), (|p| p.1, bottom, -1.0)];
        for (of, edge, sign) in sides {
            let inside = |p: &(f64, f64)| sign * (of(p) - edge) >= 0.0;
            let mut cut = vec![];
            for i in 0..shape.len() {
                let (a, b) = (shape[i], shape[(i + 1) % shape.len()]);
                let t = (edge - of(&a)) / (of(&b) - of(&a));
                let crossing = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
                match (inside(&a), inside(&b)) {
                    (true, true) => cut.push(b),
                    (true, false) => cut.push(crossing),
                    (false, true) => cut.extend([crossing, b]),
                    (false, false) => {}
                }
            }
            shape = cut;
        }
        if shape.len() > 2 {
            group.polygon(shape, colour);
        }
    }
}

/// A sign of the legend.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    Circle { edge: Colour, fill: Colour },
    Diamond { edge: Colour, fill: Colour },
    Line { colour: Colour, width: f64, dash: Option<(f64, f64)> },
    Band(Colour),
}

/// A sign with what it means.
pub(super) type Key = (Sign, String);

/// How an axis is made for a length in points and a size of text.
pub(super) type AxisMaker<'a> = Box<dyn Fn(f64, f64) -> Axis + 'a>;

/// A chart before it has a place.
pub(super) struct Chart<'a> {
    pub options: &'a PlotOptions,
    /// Title of the document.
    pub title: String,
    /// One sentence for those who cannot see the picture.
    pub description: String,
    pub x: AxisMaker<'a>,
    pub y: AxisMaker<'a>,
    pub x_title: String,
    /// Stands above the axis, where it can be read without turning the page.
    pub y_title: String,
    /// Whether the vertical axis runs downward.
    pub down: bool,
    /// Labels under the ends of the horizontal axis.
    pub favours: [Option<String>; 2],
    pub legend: Vec<Key>,
    pub footer: Vec<String>,
    /// Sides of the panel in points, unless a width is asked for.
    pub panel: (f64, f64),
    /// Whether both sides are kept alike.
    pub square: bool,
    /// Room beside and above the panel, for marginal drawings and labels.
    pub right_room: f64,
    pub top_room: f64,
    /// Lines across the panel at the ticks.
    pub grid: (bool, bool),
    /// A rule around the whole panel instead of two axes.
    pub framed: bool,
}

impl<'a> Chart<'a> {
    /// A chart of usual size.
    pub fn new(options: &'a PlotOptions, x: AxisMaker<'a>, y: AxisMaker<'a>) -> Self {
        Self {
            options,
            title: String::new(),
            description: String::new(),
            x,
            y,
            x_title: String::new(),
            y_title: String::new(),
            down: false,
            favours: [None, None],
            legend: vec![],
            footer: vec![],
            panel: (320.0, 240.0),
            square: false,
            right_room: 8.0,
            top_room: 0.0,
            grid: (false, false),
            framed: false,
        }
    }

    /// Size of the text, left edge and width of the panel, and width of the page.
    pub fn horizontal(&self) -> (f64, f64, f64, f64) {
        let theme = self.options.theme.spec();
        let asked = self.options.width_mm.map(|mm| mm * POINTS_PER_MM);
        let size = match asked {
            Some(w) if w < 300.0 => theme.size.min(7.5),
            _ => theme.size,
        };
        // a first axis of usual length tells how wide the labels of the vertical axis are
        let axis = (self.y)(self.panel.1, size);
        let labels = axis.ticks.iter().map(|t| text::width(&t.1, size, Weight::Regular)).fold(0.0, f64::max);
        let left_room = labels + 9.0;
        let fixed = left_room + self.right_room + 2.0 * MARGIN;
        let width = asked.unwrap_or(self.panel.0 + fixed);
        (size, MARGIN + left_room, width - fixed, width)
    }

    /// Lays the chart out around what `draw` makes: marks under the axes, and marks over them.
    ///
    /// # Errors
    /// The width cannot be drawn.
    pub fn compose(
        self,
        draw: impl FnOnce(&Panel, &'static ThemeSpec, f64) -> (Vec<Group>, Vec<Group>),
    ) -> Result<Drawing, Error> {
        check_width(self.options, 60.0)?;
        let theme = self.options.theme.spec();
        let (size, left, across, width) = self.horizontal();
        let asked = self.options.width_mm;
        let high = match (self.square, asked) {
            (true, _) => across,
            (false, Some(_)) => self.panel.1.min(across * self.panel.1 / self.panel.0 * 1.1).max(110.0),
            (false, None) => self.panel.1,
        };
        let mut y = MARGIN;
        let mut groups = vec![];
        let mut head = Group::default();
        let room = width - 2.0 * MARGIN;
        if let Some(title) = &self.options.labels.title {
            for line in text::wrap(title, 1.2 * size, Weight::Bold, room) {
                head.text((MARGIN, y + size), Anchor::Start, &line, (1.2 * size, Weight::Bold), theme.ink);
                y += 1.5 * size;
            }
            y += 0.3 * size;
        }
        for line in text::wrap(&self.y_title, size, Weight::Bold, room) {
            head.text((MARGIN, y + size), Anchor::Start, &line, (size, Weight::Bold), theme.ink);
            y += 1.3 * size;
        }
        y += 0.6 * size + self.top_room;
        groups.push(head);
        let panel = Panel {
            left,
            right: left + across,
            top: y,
            bottom: y + high,
            x: (self.x)(across, size),
            y: (self.y)(high, size),
            down: self.down,
        };
        let (under, over) = draw(&panel, theme, size);
        groups.extend(under);
        groups.push(self.axes(&panel, theme, size));
        groups.extend(over);
        let mut foot = Group::default();
        let mut y = panel.bottom + 3.5 + 1.2 * size;
        y = self.below(&mut foot, &panel, theme, size, y);
        y = legend(&mut foot, &self.legend, (MARGIN, room), size, theme.ink, y);
        let small = (0.9 * size).max(6.0);
        y += 0.4 * size;
        for sentence in &self.footer {
            for line in text::wrap(&typeset_sentence(sentence), small, Weight::Regular, room) {
                y += 1.35 * small;
                foot.text((MARGIN, y), Anchor::Start, &line, (small, Weight::Regular), theme.ink);
            }
        }
        groups.push(foot);
        let height = y + MARGIN + 0.2 * size;
        let title = self.options.labels.title.clone().unwrap_or(self.title);
        Ok(Drawing {
            pages: vec![Scene { width, height, title, description: self.description, groups }],
            remarks: vec![],
        })
    }

    fn axes(&self, panel: &Panel, theme: &ThemeSpec, size: f64) -> Group {
        let mut group = Group::default();
        let ink = theme.ink;
        let (left, top, right, bottom) = panel.edges();
        if self.grid.1 {
            for (value, _) in &panel.y.ticks {
                group.line((left, panel.y(*value)), (right, panel.y(*value)), 0.4, GRID);
            }
        }
        if self.grid.0 {
            for (value, _) in &panel.x.ticks {
                group.line((panel.x(*value), top), (panel.x(*value), bottom), 0.4, GRID);
            }
        }
        group.line((left, bottom), (right, bottom), 0.8, ink);
        group.line((left, top), (left, bottom), 0.8, ink);
        if self.framed {
            group.line((left, top), (right, top), 0.8, ink);
            group.line((right, top), (right, bottom), 0.8, ink);
        }
        for (value, label) in &panel.y.ticks {
            let y = panel.y(*value);
            group.line((left - 3.0, y), (left, y), 0.8, ink);
            group.text((left - 5.0, y + 0.33 * size), Anchor::End, label, (size, Weight::Regular), ink);
        }
        for value in &panel.x.minor {
            let x = panel.x(*value);
            group.line((x, bottom), (x, bottom + 1.8), 0.6, ink);
        }
        for (value, label) in &panel.x.ticks {
            let x = panel.x(*value);
            group.line((x, bottom), (x, bottom + 3.0), 0.8, ink);
            group.text((x, bottom + 3.5 + size), Anchor::Middle, label, (size, Weight::Regular), ink);
        }
        group
    }

    /// Labels of the sides and the title of the horizontal axis; returns where the next line may stand.
    fn below(&self, foot: &mut Group, panel: &Panel, theme: &ThemeSpec, size: f64, y: f64) -> f64 {
        let mut y = y;
        let sides: Vec<(&String, bool)> = [(&self.favours[0], true), (&self.favours[1], false)]
            .iter()
            .filter_map(|(t, low)| t.as_ref().map(|t| (t, *low)))
            .collect();
        let half = 0.5 * (panel.right - panel.left);
        if !sides.is_empty() {
            y += 1.25 * size;
            let mut deepest = y;
            for (words, low) in sides {
                let shown = if low { format!("← {words}") } else { format!("{words} →") };
                let mut line_y = y;
                for line in text::wrap(&shown, size, Weight::Regular, half - size) {
                    let (x, anchor) =
                        if low { (panel.left, Anchor::Start) } else { (panel.right, Anchor::End) };
                    foot.text((x, line_y), anchor, &line, (size, Weight::Regular), theme.ink);
                    deepest = deepest.max(line_y);
                    line_y += 1.25 * size;
                }
            }
            y = deepest;
        }
        if !self.x_title.is_empty() {
            let middle = 0.5 * (panel.left + panel.right);
            for line in text::wrap(&self.x_title, size, Weight::Bold, panel.right - panel.left + 30.0) {
                y += 1.45 * size;
                foot.text((middle, y), Anchor::Middle, &line, (size, Weight::Bold), theme.ink);
            }
        }
        y
    }
}

/// Widths that can be drawn.
pub(super) fn check_width(options: &PlotOptions, least: f64) -> Result<(), Error> {
    match options.width_mm {
        Some(mm) if !(least..=2000.0).contains(&mm) => Err(Error::usage(format!("a width of {mm} mm"))
            .with_hint(format!("give {least} to 2000; journals take 85, 114 or 174"))),
        _ => Ok(()),
    }
}

/// Signs with their meaning, in as many lines as they need; returns the last baseline.
pub(super) fn legend(
    group: &mut Group,
    keys: &[Key],
    (left, room): (f64, f64),
    size: f64,
    ink: Colour,
    y: f64,
) -> f64 {
    if keys.is_empty() {
        return y;
    }
    let sign = 1.9 * size;
    let mut y = y + 1.8 * size;
    let mut x = left;
    for (what, label) in keys {
        let needed = sign + 0.4 * size + text::width(label, size, Weight::Regular);
        if x > left && x + needed > left + room {
            x = left;
            y += 1.4 * size;
        }
        let middle = (x + 0.5 * sign, y - 0.33 * size);
        match *what {
            Sign::Circle { edge, fill } => outlined(group, |r| circle(middle, r), 0.36 * size, edge, fill),
            Sign::Diamond { edge, fill } => outlined(group, |r| lozenge(middle, r), 0.42 * size, edge, fill),
            Sign::Line { colour, width, dash } => {
                path(group, &[(x, middle.1), (x + sign, middle.1)], width, colour, dash);
            }
            Sign::Band(colour) => {
                group.rect(x, middle.1 - 0.4 * size, sign, 0.8 * size, tint(GREY, 0.5));
                group.rect(x + 0.4, middle.1 - 0.4 * size + 0.4, sign - 0.8, 0.8 * size - 0.8, colour);
            }
        }
        // a label longer than the page is broken
        for (i, line) in text::wrap(label, size, Weight::Regular, room - sign - 0.4 * size).iter().enumerate()
        {
            if i > 0 {
                y += 1.3 * size;
            }
            group.text((x + sign + 0.4 * size, y), Anchor::Start, line, (size, Weight::Regular), ink);
        }
        x += needed + 1.4 * size;
    }
    y
}

/// The analysis scale with round values of the scale people read.
pub(super) fn effect_axis(
    table: &EffectTable,
    (lo, hi): (f64, f64),
    length: f64,
    size: f64,
    upright: bool,
) -> Axis {
    let proportion = table.measure().is_proportion();
    let scale = table.scale();
    let factor = Unit::of(table).factor();
    let width = |label: &str| if upright { size } else { text::width(label, size, Weight::Regular) };
    let back = |x: f64| table.back(x).unwrap_or(x);
    let hull = (back(lo), back(hi));
    let log = scale == Scale::Log && !proportion;
    let wanted = Wanted {
        hull,
        bounds: if proportion { (0.0, 1.0) } else { scale.range() },
        factor,
        length,
        label_width: &width,
        gap: 0.8 * size,
    };
    let read = Axis::fit(if log { Spread::Log } else { Spread::Linear }, &wanted);
    let size_of = if scale.needs_size() { table.harmonic_size() } else { None };
    let place = |v: f64| scale.forward(v, size_of).filter(|x| x.is_finite());
    let linear = scale == Scale::Identity || log;
    let mut ticks: Vec<(f64, String)> =
        read.ticks.iter().filter_map(|(v, label)| Some((place(*v)?, label.clone()))).collect();
    if !linear {
        // where the scale bends, labels that would touch are left out
        ticks.retain(|t| t.0 >= lo && t.0 <= hi);
        let mut kept: Vec<(f64, String)> = vec![];
        let at = |x: f64| (x - lo) / (hi - lo) * length;
        for t in ticks {
            if kept.last().is_none_or(|l| at(t.0) - at(l.0) >= 0.5 * (width(&t.1) + width(&l.1)) + 0.8 * size)
            {
                kept.push(t);
            }
        }
        ticks = kept;
    }
    let minor = read.minor.iter().filter_map(|v| place(*v)).collect();
    let ends = [place(read.range.0).unwrap_or(lo), place(read.range.1).unwrap_or(hi)];
    let range = if linear { (ends[0].min(lo), ends[1].max(hi)) } else { (lo, hi) };
    Axis { spread: Spread::Linear, range, ticks, minor }
}

/// A linear axis of plain numbers; `upright` for a vertical one.
pub(super) fn plain_axis(
    hull: (f64, f64),
    bounds: (f64, f64),
    factor: f64,
    length: f64,
    size: f64,
    upright: bool,
) -> Axis {
    let width = |label: &str| if upright { size } else { text::width(label, size, Weight::Regular) };
    let hull = opened(hull);
    Axis::fit(
        Spread::Linear,
        &Wanted {
            hull,
            bounds,
            factor,
            length,
            label_width: &width,
            gap: if upright { 0.9 * size } else { 0.8 * size },
        },
    )
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

/// The title of an effect axis.
pub(super) fn effect_title(result: &PoolResult, options: &PlotOptions) -> String {
    let spec = result.table.measure().spec();
    let labels = &options.labels;
    let outcome = labels.outcome.clone().filter(|o| !o.is_empty());
    let unit = Unit::of(&result.table).words().map(|w| super::scale::typeset(&w));
    if let Some(unit) = unit.as_ref().filter(|_| result.table.measure().is_proportion()) {
        return outcome.map_or(upper_first(unit), |o| format!("{o}, {unit}"));
    }
    let word = labels.estimate.as_deref().unwrap_or(spec.label);
    let word = unit.map_or_else(|| word.to_string(), |unit| format!("{word} {unit}"));
    let word = if spec.scale == Scale::Log { format!("{word}, log scale") } else { word };
    outcome.map_or(word.clone(), |o| format!("{o}: {}", lower_first(&word)))
}

/// Labels of the sides, where the measure has a value of no effect that is within the axis.
pub(super) fn favours(
    result: &PoolResult,
    options: &PlotOptions,
    (lo, hi): (f64, f64),
) -> [Option<String>; 2] {
    match result.table.measure().spec().null {
        Some(null) => {
            let l = &options.labels;
            [l.favours_low.clone().filter(|_| lo < null), l.favours_high.clone().filter(|_| hi > null)]
        }
        None => [None, None],
    }
}

/// A lower first letter, unless the word is an abbreviation.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), text.chars().nth(1)) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + chars.as_str()
        }
        _ => text.to_string(),
    }
}

/// Hyphens before digits become minus signs, and what belongs together stays on one line.
pub(super) fn typeset_sentence(text: &str) -> String {
    let mut text = super::scale::powers_of_ten(text).replace('\u{202F}', "\u{2009}");
    for (plain, bound) in [
        (" = ", "\u{A0}=\u{A0}"),
        (" < ", "\u{A0}<\u{A0}"),
        (" − ", "\u{A0}−\u{A0}"),
        ("t (k", "t\u{A0}(k"),
        ("I² from τ²", "I²\u{A0}from\u{A0}τ²"),
    ] {
        text = text.replace(plain, bound);
    }
    let chars: Vec<char> = text.chars().collect();
    let minus = |i: usize| {
        let before = i.checked_sub(1).map(|j| chars[j]);
        chars.get(i + 1).is_some_and(char::is_ascii_digit)
            && before.is_none_or(|c| matches!(c, ' ' | '\u{A0}' | '('))
    };
    chars.iter().enumerate().map(|(i, &c)| if c == '-' && minus(i) { '\u{2212}' } else { c }).collect()
}

/// An effect on the analysis scale as it is read, with its unit.
pub(super) fn shown(table: &EffectTable, look: Look, x: f64) -> String {
    super::scale::typeset(&look.with_unit(table.back(x).unwrap_or(x)))
}

/// The pooled estimate with its limits, in words.
pub(super) fn pooled_words(result: &PoolResult) -> String {
    let Some(main) = result.main() else { return String::new() };
    let look = Look::pooled(result, None);
    let shown = |x: f64| shown(&result.table, look, x);
    let limit = |x: Option<f64>| {
        let read = |x: f64| super::scale::typeset(&look.limit(result.table.back(x).unwrap_or(x)));
        x.map_or("unbounded".into(), read)
    };
    format!(
        "{}: {} ({}% CI {} to {})",
        crate::result::sentence::model_word(result),
        shown(main.estimate),
        result.settings.level,
        limit(main.lower),
        limit(main.upper)
    )
}
