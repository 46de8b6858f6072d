//! Radial plot: standardised effects against precision, with the effect read along an arc. Reference: \[galbraith1988\].

use super::chart::{Chart, Marks, Panel, StudyPoint, points};
use super::colour::{ACCENT, GREY};
use super::geometry::{Point, Rect};
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::names::Obstacles;
use super::options::PlotOptions;
use super::scene::{Anchor, Drawing, Group};
use super::side::{FROM_ZERO, Side, UNBOUNDED, hull};
use super::spec::{Draws, PlotSpec};
use super::text::Weight;
use super::{typeset, words};
use crate::error::Error;
use crate::result::format::significant;
use crate::result::look::{Look, Unit};
use crate::result::{PoolResult, Pooled};
use std::borrow::Cow;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "radial",
    aliases: &["galbraith"],
    title: "Radial (Galbraith) plot",
    reference: "galbraith1988",
    draws: Draws::Pool(draw),
};

/// Radius of a study.
const MARK: f64 = 2.7;
/// Share of the panel's width that the studies may take; the arc stands beyond.
const SHARE: f64 = 0.8;
/// Half the width of the band about the pooled estimate, in standard errors.
const BAND: f64 = 1.96;
const BAND_EDGE: Stroke = Stroke::dashed(0.7, GREY);
const INTERVAL: Stroke = Stroke::solid(2.4, ACCENT);

/// A study with its effect y, its precision x and z = xy.
struct Standardised {
    row: usize,
    y: f64,
    x: f64,
    z: f64,
}

/// What is drawn.
struct Radial<'a> {
    result: &'a PoolResult,
    main: &'a Pooled,
    tau2: f64,
    studies: Vec<Standardised>,
    /// The greatest precision.
    far: f64,
}

impl<'a> Radial<'a> {
    fn of(result: &'a PoolResult) -> Result<Self, Error> {
        let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
        let tau2 = result.random.as_ref().and(result.heterogeneity).and_then(|h| h.tau2).unwrap_or(0.0);
        let standardised = |(row, s): (usize, Cow<'_, crate::effect::StudyEffect>)| {
            let e = s.effect()?;
            // x = 1/√(v + τ²),   z = y/√(v + τ²)
            let se = (e.v + tau2).sqrt();
            Some(Standardised { row, y: e.y, x: 1.0 / se, z: e.y / se })
        };
        let studies: Vec<Standardised> = result.studies().enumerate().filter_map(standardised).collect();
        if studies.is_empty() {
            return Err(Error::model("no study has an effect with a variance"));
        }
        let far = studies.iter().map(|p| p.x).fold(0.0, f64::max);
        Ok(Self { result, main, tau2, studies, far })
    }

    fn chart(&self, options: &'a PlotOptions) -> Chart<'a> {
        let (far, mean) = (self.far, self.main.estimate);
        let shown = [-2.5, 2.5, mean * far - 2.2, mean * far + 2.2];
        let up = hull(self.studies.iter().map(|p| p.z).chain(shown));
        let x = move |side: Side| {
            let part = Side { length: SHARE * side.length, ..side };
            let mut axis = part.numbers((0.0, far), FROM_ZERO);
            axis.range = (0.0, far.max(axis.range.1.min(1.04 * far)) / SHARE);
            axis.ticks.retain(|t| t.0 <= 1.04 * far);
            axis
        };
        let mut chart = Chart::new(options, x, move |side: Side| side.numbers(up, UNBOUNDED));
        chart.right_room = 42.0;
        self.say(&mut chart);
        chart
    }

    fn say(&self, chart: &mut Chart) {
        let (result, theme) = (self.result, chart.options.theme.spec());
        let table = &result.table;
        let (precision, error) =
            if self.tau2 > 0.0 { ("1/√(SE² + τ²)", "√(SE² + τ²)") } else { ("1/SE", "its SE") };
        chart.x_title = format!("Precision, {precision}");
        let word = chart.options.labels.estimate.as_deref().unwrap_or(table.measure().spec().label);
        let word = typeset::lower_first(word);
        let unit = Unit::of(table).words().map_or(String::new(), |w| format!(", {}", typeset::number(&w)));
        chart.y_title = format!("Effect over {error}; along the arc: {word}{unit}");
        chart.legend = vec![
            (Symbol::Marker(Marker::study(theme.square)), "study".into()),
            (Symbol::Line(Stroke::solid(1.2, theme.diamond)), "pooled estimate".into()),
            (Symbol::Line(BAND_EDGE), format!("±{BAND} about it")),
            (Symbol::Line(INTERVAL), format!("its {}% CI", result.settings.level)),
        ];
        chart.footer = vec![
            words::studies_and_pooled(result),
            "Studies beyond the dashed lines are further from the estimate than chance and τ² let expect"
                .into(),
            words::method(result),
        ];
        chart.title = format!("Radial plot: {}, {} studies", table.title(), result.k);
        chart.description = format!("{}. {}", chart.title, chart.footer[0]);
    }

    fn marks(&self, panel: &Panel, options: &PlotOptions) -> Marks {
        let theme = panel.theme;
        let mut under = Group::default();
        let mut obstacles = Obstacles::default();
        let zero = [(0.0, 0.0), (panel.x.range.1 * 0.985, 0.0)];
        panel.path(&mut under, &zero, Stroke::solid(0.6, theme.null));
        let (far, mean) = (self.far * 1.03, self.main.estimate);
        for shift in [-BAND, BAND] {
            let edge = [(0.0, shift), (far, mean * far + shift)];
            panel.path(&mut under, &edge, BAND_EDGE);
            panel.stretches(&edge).iter().for_each(|s| obstacles.path(s));
        }
        let arc = Arc::around(panel);
        let curve = arc.between(arc.ends(), 120);
        under.path(&curve, Stroke::solid(0.8, theme.ink));
        self.arc_labels(&mut under, &arc);
        if let (Some(l), Some(u)) = (self.main.lower, self.main.upper) {
            under.path(&arc.between((l, u), 40), INTERVAL);
        }
        let end = arc.at(mean, 0.0);
        under.line(arc.origin, end, 1.2, theme.diamond);
        obstacles.path(&[arc.origin, end]);
        obstacles.path(&curve);
        let mut marks = Marks { under: vec![under], ..Marks::default() };
        let marker = Marker::study(theme.square);
        points(&mut marks, panel, self.points(panel), (marker, options.naming), obstacles);
        marks
    }

    /// Ticks and effects along the arc.
    fn arc_labels(&self, group: &mut Group, arc: &Arc) {
        let (size, ink) = (arc.panel.size, arc.panel.theme.ink);
        let along = Side::upright(arc.panel.edges.height(), size).effects(&self.result.table, arc.ends());
        for (effect, label) in &along.ticks {
            let start = arc.at(*effect, 0.0);
            if !arc.shows(start) {
                continue;
            }
            group.line(start, arc.at(*effect, 3.5), 0.8, ink);
            let at = arc.at(*effect, 6.0);
            let baseline = at.1 + 0.33 * size;
            group.text((at.0, baseline), Anchor::Start, label, (size, Weight::Regular), ink);
        }
    }

    fn points(&self, panel: &Panel) -> Vec<StudyPoint> {
        let table = &self.result.table;
        let look = Look::pooled(self.result, None);
        let point = |s: &Standardised| {
            let distance = (s.z - self.main.estimate * s.x).abs();
            StudyPoint {
                at: panel.at((s.x, s.z)),
                radius: MARK,
                study: table.studies[s.row].study.clone(),
                spoken: format!("{}, precision {}", words::effect(table, look, s.y), significant(s.x, 3)),
                outlying: distance > BAND,
                distance,
            }
        };
        self.studies.iter().map(point).collect()
    }
}

/// The arc on which effects are read: as far from the origin as the panel is wide.
struct Arc<'a> {
    panel: &'a Panel,
    origin: Point,
    radius: f64,
    /// Points on the page of a unit upward, in those of a unit to the right.
    steepness: f64,
}

impl<'a> Arc<'a> {
    fn around(panel: &'a Panel) -> Self {
        let across = (panel.x(1.0) - panel.x(0.0)).abs();
        let up = (panel.y(0.0) - panel.y(1.0)).abs();
        Self {
            panel,
            origin: panel.at((0.0, 0.0)),
            radius: 0.97 * panel.edges.width(),
            steepness: up / across,
        }
    }

    /// The place of an effect, `out` points beyond the arc.
    fn at(&self, effect: f64, out: f64) -> Point {
        let angle = (effect * self.steepness).atan();
        let radius = self.radius + out;
        (self.origin.0 + radius * angle.cos(), self.origin.1 - radius * angle.sin())
    }

    fn shows(&self, place: Point) -> bool {
        let Rect { top, bottom, .. } = self.panel.edges;
        place.1 >= top - 0.5 && place.1 <= bottom + 0.5
    }

    /// The least and the greatest effect that it can show.
    fn ends(&self) -> (f64, f64) {
        let effect =
            |y: f64| ((self.origin.1 - y) / self.radius).clamp(-0.98, 0.98).asin().tan() / self.steepness;
        (effect(self.panel.edges.bottom), effect(self.panel.edges.top))
    }

    /// The visible part between two effects.
    fn between(&self, (lo, hi): (f64, f64), steps: u32) -> Vec<Point> {
        let place = |i: u32| self.at(lo + (hi - lo) * f64::from(i) / f64::from(steps), 0.0);
        (0..=steps).map(place).filter(|p| self.shows(*p)).collect()
    }
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let radial = Radial::of(result)?;
    radial.chart(options).compose(|panel| radial.marks(panel, options))
}
