//! Drapery plot: the p-value of every possible effect, for each study, for the pooled estimate and for a new study.
//! Reference: \[rucker2021\].

mod flags;

use super::chart::{Chart, Marks, Panel};
use super::colour::{GRID, PALE};
use super::legend::{Entry, Symbol};
use super::marks::Stroke;
use super::options::PlotOptions;
use super::page::MARGIN;
use super::scene::{Anchor, Drawing, Group};
use super::side::{Side, hull, is_log, opened};
use super::spec::{Draws, PlotSpec};
use super::text::{self, Weight};
use super::words;
use crate::choice::Naming;
use crate::effect::StudyEffect;
use crate::error::Error;
use crate::math::dist;
use crate::result::look::Look;
use crate::result::{PoolResult, Pooled};
use flags::{Flag, Peak};
use std::borrow::Cow;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "drapery",
    aliases: &[],
    title: "Drapery plot: p-value functions",
    reference: "rucker2021",
    draws: Draws::Pool(draw),
};

/// Confidence levels whose p-values are labelled.
const LEVELS: [f64; 5] = [50.0, 80.0, 90.0, 95.0, 99.0];
/// Steps of a curve across the panel.
const SAMPLES: i32 = 240;
/// Most studies that are named unless all are to be.
const NAMED: usize = 16;
/// Height of a row of names, in sizes of their text.
const ROW: f64 = 1.15;

/// Two-sided p-value of a distance from the estimate.
fn p_of(distance: f64, se: f64, df: Option<f64>) -> f64 {
    let z = distance.abs() / se;
    df.map_or_else(|| dist::normal_two_sided(z), |df| dist::t_two_sided(z, df))
}

/// A study with its effect and weight.
struct Study<'a> {
    name: &'a str,
    y: f64,
    se: f64,
    weight: f64,
}

/// What is drawn.
struct Drapery<'a> {
    result: &'a PoolResult,
    options: &'a PlotOptions,
    main: &'a Pooled,
    /// Standard error of the pooled estimate.
    se: f64,
    studies: Vec<Study<'a>>,
    null: Option<f64>,
    /// Effects from the left edge to the right.
    range: (f64, f64),
}

impl<'a> Drapery<'a> {
    fn of(result: &'a PoolResult, options: &'a PlotOptions) -> Result<Self, Error> {
        let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
        let se = main.se.filter(|se| *se > 0.0).ok_or_else(|| {
            Error::model("the pooled estimate has no standard error above 0, and so no p-value function")
                .with_hint("add ⟦model=inverse-variance⟧, or leave ⟦ci⟧ out where all studies agree")
        })?;
        let weights = result.main_weights();
        let study = |((s, shown), weight): ((&'a StudyEffect, Cow<'_, StudyEffect>), &Option<f64>)| {
            let e = shown.effect()?;
            let weight = weight.unwrap_or(100.0 / result.k as f64);
            Some(Study { name: &s.study, y: e.y, se: e.v.sqrt(), weight })
        };
        let rows = result.table.studies.iter().zip(result.studies()).zip(weights);
        let studies: Vec<Study> = rows.filter_map(study).collect();
        if studies.is_empty() {
            return Err(Error::model("no study has an effect with a variance"));
        }
        let null = result.table.measure().spec().null;
        let range = range(&studies, main.estimate, null);
        Ok(Self { result, options, main, se, studies, null, range })
    }

    fn chart(&self) -> Chart<'a> {
        let (table, range) = (&self.result.table, self.range);
        let mut chart = Chart::new(
            self.options,
            move |side: Side| side.effects(table, range),
            |side: Side| side.numbers((0.0, 1.0), (0.0, 1.0)),
        );
        chart.panel = (340.0, 240.0);
        chart.right_room = 34.0;
        chart.x_title = words::axis_title(table, &self.options.labels, is_log(table));
        chart.y_title = "Two-sided p-value of the effect (confidence level on the right)".into();
        chart.favours = words::favours(table, self.options, range);
        chart.legend = self.legend();
        chart.footer = vec![words::studies_and_pooled(self.result), words::method(self.result)];
        chart.title = format!("Drapery plot: {}, {} studies", table.title(), self.result.k);
        chart.description = format!("{}. {}", chart.title, chart.footer[0]);
        chart
    }

    fn legend(&self) -> Vec<Entry> {
        let theme = self.options.theme.spec();
        let study = Stroke::solid(0.9, theme.square.tint(0.7));
        let mut legend = vec![
            (Symbol::Line(study), "study, darker by weight".into()),
            (Symbol::Line(Stroke::solid(2.2, theme.diamond)), "pooled estimate".into()),
        ];
        if self.new_study().is_some() {
            legend.push((Symbol::Band(PALE), "effect in a new study".into()));
        }
        if self.null.is_some() {
            legend.push((Symbol::Line(Stroke::dashed(0.7, theme.null)), "no effect".into()));
        }
        legend
    }

    /// Standard deviation of the effect in a new study: the interval that was computed says how wide its curve is.
    fn new_study(&self) -> Option<f64> {
        self.result.heterogeneity.and_then(|h| h.tau2)?;
        let p = self.main.prediction.as_ref()?;
        let df = self.main.df.unwrap_or(f64::INFINITY);
        let quantile = dist::t_upper_quantile(0.5 - self.result.settings.level / 200.0, df);
        Some(0.5 * (p.upper - p.lower) / quantile)
    }

    /// Names over the peaks, the heaviest studies first; also how many found no room.
    fn flags(&self, chart: &Chart) -> (Vec<Flag>, usize) {
        let most = match self.options.naming {
            Naming::None => 0,
            Naming::Outliers => NAMED,
            Naming::All => usize::MAX,
        };
        let across = chart.across();
        let axis = Side::level(across.length, across.size).effects(&self.result.table, self.range);
        let mut named: Vec<usize> = (0..self.studies.len()).collect();
        named.sort_by(|&a, &b| self.studies[b].weight.total_cmp(&self.studies[a].weight));
        named.truncate(most);
        let peak = |&study: &usize| {
            let s = &self.studies[study];
            let width = text::width(&text::printable(s.name), small(across.size), Weight::Regular);
            Peak { study, x: across.left + axis.fraction(s.y) * across.length, width }
        };
        let peaks: Vec<Peak> = named.iter().map(peak).collect();
        let flags = flags::arrange(&peaks, (across.left, across.page - MARGIN));
        let unnamed = named.len() - flags.len();
        (flags, unnamed)
    }

    fn marks(&self, panel: &Panel, flags: &[Flag]) -> Marks {
        let step = |i: i32| panel.x.value_at(f64::from(i) / f64::from(SAMPLES));
        let grid: Vec<f64> = (0..=SAMPLES).map(step).collect();
        let under = self.background(panel, &grid);
        let mut order: Vec<&Study> = self.studies.iter().collect();
        order.sort_by(|a, b| a.weight.total_cmp(&b.weight));
        let mut over: Vec<Group> = order.into_iter().map(|s| self.study(panel, s, &grid)).collect();
        over.push(self.pooled(panel, &grid));
        over.push(self.names(panel, flags));
        Marks { under: vec![under], over, unnamed: 0 }
    }

    /// The curve of a new study, the levels of confidence and no effect.
    fn background(&self, panel: &Panel, grid: &[f64]) -> Group {
        let mut group = Group::default();
        let edges = panel.edges;
        if let Some(sd) = self.new_study() {
            let p = |x: f64| p_of(x - self.main.estimate, sd, self.main.df);
            let curve = grid.iter().map(|&x| panel.at((x, p(x))));
            let corners = ((edges.left, edges.bottom), (edges.right, edges.bottom));
            let outline: Vec<(f64, f64)> =
                std::iter::once(corners.0).chain(curve).chain([corners.1]).collect();
            panel.area(&mut group, &outline, PALE);
        }
        for level in LEVELS {
            let y = panel.y(1.0 - level / 100.0);
            group.line((edges.left, y), (edges.right, y), 0.4, GRID);
            let at = (edges.right + 4.0, y + 0.3 * panel.size);
            let style = (0.82 * panel.size, Weight::Regular);
            group.text(at, Anchor::Start, &format!("{level}%"), style, panel.theme.ink);
        }
        if let Some(null) = self.null {
            panel.path(&mut group, &[(null, 0.0), (null, 1.0)], Stroke::dashed(0.7, panel.theme.null));
        }
        group
    }

    fn study(&self, panel: &Panel, s: &Study, grid: &[f64]) -> Group {
        let look = Look::pooled(self.result, None);
        let shown = words::effect(&self.result.table, look, s.y);
        let mut group = Group::labelled(format!("{}: {shown}", s.name));
        let heaviest = self.studies.iter().map(|s| s.weight).fold(0.0, f64::max);
        let strength = 0.3 + 0.6 * (s.weight / heaviest).sqrt();
        // the peak itself is a corner of the curve
        let curve = curve(grid.iter().copied().chain([s.y]), |x| p_of(x - s.y, s.se, None));
        panel.path(&mut group, &curve, Stroke::solid(0.9, panel.theme.square.tint(strength)));
        group
    }

    fn pooled(&self, panel: &Panel, grid: &[f64]) -> Group {
        let mut group = Group::labelled(words::pooled(self.result));
        let (estimate, se) = (self.main.estimate, self.se);
        // fine where the pooled curve is narrow
        let fine = (-120..=120).map(|i| estimate + f64::from(i) / 30.0 * se);
        let curve = curve(grid.iter().copied().chain(fine), |x| p_of(x - estimate, se, self.main.df));
        panel.path(&mut group, &curve, Stroke::solid(2.2, panel.theme.diamond));
        group
    }

    fn names(&self, panel: &Panel, flags: &[Flag]) -> Group {
        let mut group = Group::default();
        let small = small(panel.size);
        let (top, theme) = (panel.edges.top, panel.theme);
        for f in flags {
            let s = &self.studies[f.study];
            let x = panel.x(s.y);
            let base = top - 4.0 - f.row as f64 * ROW * small;
            group.line((x, top), (x, base - 0.55 * small), 0.4, theme.square.tint(0.7));
            let (at, anchor) = if f.leftward { (x - 2.0, Anchor::End) } else { (x + 2.0, Anchor::Start) };
            group.text((at, base), anchor, s.name, (small, Weight::Regular), theme.ink);
        }
        group
    }
}

/// Size of the names.
fn small(size: f64) -> f64 {
    0.85 * size
}

/// All peaks, and the middle half of each curve as far as it does not flatten the rest.
fn range(studies: &[Study], estimate: f64, null: Option<f64>) -> (f64, f64) {
    let own = hull(studies.iter().map(|s| s.y).chain([estimate]).chain(null));
    let reach = own.1 - own.0;
    let feet = studies.iter().flat_map(|s| [s.y - 2.0 * s.se, s.y + 2.0 * s.se]);
    let near = feet.filter(|x| *x > own.0 - 0.35 * reach && *x < own.1 + 0.35 * reach);
    opened(hull(near.chain([own.0, own.1])))
}

/// A function at places in any order.
fn curve(places: impl Iterator<Item = f64>, of: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let mut places: Vec<f64> = places.collect();
    places.sort_by(f64::total_cmp);
    places.into_iter().map(|x| (x, of(x))).collect()
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let drapery = Drapery::of(result, options)?;
    let mut chart = drapery.chart();
    let (flags, unnamed) = drapery.flags(&chart);
    let rows = flags.iter().map(|f| f.row + 1).max().unwrap_or(0);
    let small = small(chart.across().size);
    chart.top_room = rows as f64 * ROW * small + if rows > 0 { 4.0 } else { 0.0 };
    chart.compose(|panel| Marks { unnamed, ..drapery.marks(panel, &flags) })
}
