//! L'Abbé plot: risks of both groups against each other, with the pooled effect as the curve that it is on the scale of
//! risks. Reference: \[labbe1987\].

use super::axis::{Axis, Spacing};
use super::chart::{Chart, Marks, Panel, StudyPoint, points};
use super::colour::{CONFIDENCE, Colour, PREDICTION};
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::names::Obstacles;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::Side;
use super::spec::{Draws, PlotSpec};
use super::{typeset, words};
use crate::dataset::StudyData;
use crate::effect::{EffectTable, Measure, StudyEffect};
use crate::error::Error;
use crate::registry::Member;
use crate::result::format::{risk, significant};
use crate::result::look::Unit;
use crate::result::{PoolResult, Pooled};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "labbe",
    aliases: &["l-abbe"],
    title: "L'Abbé plot of the risks in two groups",
    reference: "labbe1987",
    draws: Draws::Pool(draw),
};

/// Radius of the circle of the largest weight, and of the smallest that is seen.
const LARGEST: f64 = 11.0;
const SMALLEST: f64 = 1.4;
/// Studies that stand farther from the curve are named, in points.
const NOTABLE: f64 = 28.0;
/// A heap in the corner is spread out by logarithms where the greatest risk is so many times the median.
const CROWDED: f64 = 8.0;

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

/// Risks (or rates) of the second and of the first group.
fn risks(s: &StudyEffect) -> Option<(f64, f64)> {
    match s.data.filter(|_| s.effect().is_some())? {
        StudyData::TwoByTwo(t) => Some((t.c / t.n2(), t.a / t.n1())),
        StudyData::TwoRates(r) => Some((r.x2 / r.t2, r.x1 / r.t1)),
        _ => None,
    }
}

/// A study with its risks and the area of its circle.
struct Study {
    row: usize,
    second: f64,
    first: f64,
    area: f64,
}

/// What is drawn.
struct Labbe<'a> {
    result: &'a PoolResult,
    options: &'a PlotOptions,
    main: &'a Pooled,
    studies: Vec<Study>,
    /// Studies without events in a group, which a logarithmic axis cannot show.
    empty: Vec<&'a str>,
    log: bool,
    rates: bool,
    /// In what risks are read.
    unit: Unit,
    /// Names of the groups.
    groups: [String; 2],
}

impl<'a> Labbe<'a> {
    fn of(result: &'a PoolResult, options: &'a PlotOptions) -> Result<Self, Error> {
        let table = &result.table;
        let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
        check(table)?;
        let rates = matches!(table.measure(), Measure::RateRatio | Measure::RateDifference);
        let log = options.log_axes.unwrap_or_else(|| logarithms_help(result));
        let weights = result.main_weights();
        let (mut studies, mut empty) = (vec![], vec![]);
        for (row, (s, shown)) in table.studies.iter().zip(result.studies()).enumerate() {
            let Some((second, first)) = risks(&shown) else { continue };
            if log && (second <= 0.0 || first <= 0.0) {
                empty.push(s.study.as_str());
            } else {
                let area = weights[row].or(s.patients()).unwrap_or(1.0);
                studies.push(Study { row, second, first, area });
            }
        }
        if studies.is_empty() {
            return Err(Error::model("no study can be drawn")
                .with_hint("use ⟦axes=linear⟧: risks of 0 have no logarithm"));
        }
        let unit = match Unit::of(table) {
            Unit::Plain if !rates => Unit::PerCent,
            unit => unit,
        };
        Ok(Self { result, options, main, studies, empty, log, rates, unit, groups: options.labels.groups() })
    }

    fn risks(&self) -> impl Iterator<Item = f64> {
        self.studies.iter().flat_map(|s| [s.second, s.first])
    }

    /// The same axis for both sides of the panel.
    fn axis(&self) -> impl Fn(Side) -> Axis + Copy + 'a {
        let most = self.risks().fold(0.0, f64::max);
        let least = self.risks().fold(f64::INFINITY, f64::min);
        let (from, to) = if self.log { (0.8 * least, most * 1.25) } else { (0.0, most * 1.04) };
        let end = if self.rates { f64::INFINITY } else { 1.0 };
        let (log, factor) = (self.log, self.unit.factor());
        move |side: Side| {
            // labels stand under the horizontal axis, and the vertical one is the same
            let side = Side { upright: false, ..side };
            let spacing = if log { Spacing::Log } else { Spacing::Linear };
            let mut axis = side.fit(spacing, (from, to.min(end)), (0.0, end), factor);
            if !log {
                // circles at a risk of 0 stay within the frame
                axis.range.0 -= 0.045 * (axis.range.1 - axis.range.0);
            }
            axis
        }
    }

    fn chart(&self) -> Chart<'a> {
        let mut chart = Chart::new(self.options, self.axis(), self.axis());
        chart.panel = (265.0, 265.0);
        chart.square = true;
        chart.right_room = 14.0;
        self.say(&mut chart);
        chart
    }

    fn say(&self, chart: &mut Chart) {
        let result = self.result;
        let per = typeset::number(&self.unit.words().unwrap_or_default());
        let what = match self.unit {
            Unit::PerCent => "% with event".to_string(),
            Unit::Per(_) if self.rates => format!("events {per} of time"),
            Unit::Per(_) => format!("events {per}"),
            Unit::Plain => "events per unit of time".into(),
        };
        let [first, second] = &self.groups;
        chart.x_title = format!("{second}, {what}");
        let both = if self.log { " (both axes logarithmic)" } else { "" };
        chart.y_title = format!("{first}, {what}{both}");
        chart.legend = self.legend();
        chart.footer = vec![words::studies_and_pooled(result)];
        if !self.empty.is_empty() {
            chart.footer.push(format!("Not drawn, for want of events in a group: {}", self.empty.join("; ")));
        }
        chart.footer.push(words::method(result));
        let title = result.table.measure().title();
        chart.title = format!("L'Abbé plot: {title}, {} studies", result.k);
        chart.description = format!("{}. {}", chart.title, chart.footer[0]);
    }

    fn legend(&self) -> Vec<super::legend::Entry> {
        let theme = self.options.theme.spec();
        let weighted = self.result.main_weights().iter().any(Option::is_some);
        let area = if weighted { "area by weight" } else { "area by size" };
        let level = self.result.settings.level;
        let mut legend = vec![
            (Symbol::Marker(self.marker()), format!("study, {area}")),
            (Symbol::Line(Stroke::solid(0.7, theme.null)), "no difference".into()),
            (
                Symbol::Line(Stroke::dashed(1.3, theme.diamond)),
                typeset::lower_first(&words::pooled_estimate(self.result)),
            ),
            (Symbol::Band(CONFIDENCE), format!("its {level}% CI")),
        ];
        if self.main.prediction.is_some() {
            legend.push((Symbol::Band(PREDICTION), format!("{level}% prediction interval")));
        }
        legend
    }

    fn marker(&self) -> Marker {
        let colour = self.options.theme.spec().square;
        Marker::Circle { edge: colour, fill: colour.tint(0.42) }
    }

    /// Risks of both groups at an effect.
    fn curve(&self, panel: &Panel, effect: f64) -> Vec<(f64, f64)> {
        let measure = self.result.table.measure();
        let place = |i: i32| {
            let second = panel.x.value_at(f64::from(i) / 100.0);
            first_group(measure, second, effect).map(|first| (second, first))
        };
        (0..=100).filter_map(place).filter(|p| !self.log || p.1 > 0.0).collect()
    }

    /// Between the curves of two effects.
    fn band(&self, group: &mut Group, panel: &Panel, (lower, upper): (f64, f64), colour: Colour) {
        let upper = self.curve(panel, upper);
        let lower = self.curve(panel, lower);
        let outline: Vec<(f64, f64)> = upper.iter().chain(lower.iter().rev()).map(|p| panel.at(*p)).collect();
        panel.area(group, &outline, colour);
    }

    fn marks(&self, panel: &Panel) -> Marks {
        let theme = panel.theme;
        let mut under = Group::default();
        if let Some(p) = &self.main.prediction {
            self.band(&mut under, panel, (p.lower, p.upper), PREDICTION);
        }
        if let (Some(l), Some(u)) = (self.main.lower, self.main.upper) {
            self.band(&mut under, panel, (l, u), CONFIDENCE);
        }
        let mut obstacles = Obstacles::default();
        let (lo, hi) = panel.x.range;
        let same = [(lo, lo), (hi, hi)];
        panel.path(&mut under, &same, Stroke::solid(0.7, theme.null));
        obstacles.path(&same.map(|p| panel.at(p)));
        let pooled = self.curve(panel, self.main.estimate);
        panel.path(&mut under, &pooled, Stroke::dashed(1.3, theme.diamond));
        panel.stretches(&pooled).iter().for_each(|s| obstacles.path(s));
        let mut marks = Marks { under: vec![under], ..Marks::default() };
        let style = (self.marker(), self.options.naming);
        points(&mut marks, panel, self.points(panel), style, obstacles);
        marks
    }

    /// The largest first, so that none hides another.
    fn points(&self, panel: &Panel) -> Vec<StudyPoint> {
        let largest = self.studies.iter().map(|s| s.area).fold(0.0, f64::max);
        let mut order: Vec<&Study> = self.studies.iter().collect();
        order.sort_by(|a, b| b.area.total_cmp(&a.area));
        let [first, second] = &self.groups;
        let point = |s: &Study| {
            let at = panel.at((s.second, s.first));
            let expected = first_group(self.result.table.measure(), s.second, self.main.estimate);
            let distance = (panel.y(expected.unwrap_or(s.first)) - at.1).abs();
            StudyPoint {
                at,
                radius: (LARGEST * (s.area / largest).sqrt()).max(SMALLEST),
                study: self.result.table.studies[s.row].study.clone(),
                spoken: format!("{first} {}, {second} {}", self.shown(s.first), self.shown(s.second)),
                outlying: distance > NOTABLE,
                distance,
            }
        };
        order.into_iter().map(point).collect()
    }

    fn shown(&self, value: f64) -> String {
        match self.unit {
            Unit::PerCent => risk(value),
            unit => typeset::number(&significant(unit.factor() * value, 3)),
        }
    }
}

/// Refuses what is no effect between two groups of counts.
fn check(table: &EffectTable) -> Result<(), Error> {
    let measure = table.measure();
    if first_group(measure, 0.1, 0.0).is_some() && !table.is_ready() {
        return Ok(());
    }
    let what = if table.is_ready() { "ready effects" } else { measure.id() };
    Err(Error::usage(format!("a L'Abbé plot shows two groups of counts, not {what}"))
        .with_hint("use ⟦measure⟧ RR, OR, RD, AS, PETO, IRR or IRD"))
}

/// Whether logarithms spread out a heap in the corner, and every risk has one.
fn logarithms_help(result: &PoolResult) -> bool {
    let mut all: Vec<f64> = result.studies().filter_map(|s| risks(&s)).flat_map(|p| [p.0, p.1]).collect();
    all.sort_by(f64::total_cmp);
    let median = all.get(all.len() / 2);
    let crowded = all.last().zip(median).is_some_and(|(most, median)| most / median > CROWDED);
    crowded && all.first().is_some_and(|least| *least > 0.0)
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let labbe = Labbe::of(result, options)?;
    labbe.chart().compose(|panel| labbe.marks(panel))
}
