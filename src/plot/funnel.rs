//! Funnel plot: effects against their standard errors, with regions of significance, and what bias may have done to it.
//! References: \[sterne2001\], \[peters2008\].

use super::chart::{Chart, Marks, Panel, StudyPoint, points};
use super::colour::{ACCENT, Colour, GREY, LINES};
use super::legend::{Entry, Symbol};
use super::marks::{Marker, Stroke};
use super::names::Obstacles;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{FROM_ZERO, Side, hull, is_log, opened};
use super::spec::{Draws, PlotSpec};
use super::{typeset, words};
use crate::effect::StudyEffect;
use crate::error::Error;
use crate::registry::Member;
use crate::result::bias::{Adjusted, BiasOutcome, BiasResult, Finding};
use crate::result::format::{fixed, p_value, significant, studies};
use crate::result::look::Look;
use crate::result::{Note, PoolResult, sentence};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "funnel",
    aliases: &[],
    title: "Funnel plot, with contours of significance",
    reference: "sterne2001",
    draws: Draws::Bias(draw),
};

/// z at which p is .10, .05 and .01, and the shade beyond it.
const CONTOURS: [(f64, Colour, &str); 3] = [
    (1.644_853_626_951_472_2, Colour::hex(0xEEF2F6), "p 0.05 to 0.10"),
    (1.959_963_984_540_054, Colour::hex(0xDCE4EC), "p 0.01 to 0.05"),
    (2.575_829_303_548_900_4, Colour::hex(0xC3D0DC), "p < 0.01"),
];
/// Half the width of the funnel, in standard errors.
const CHANCE: f64 = 1.96;
/// Radius of a study.
const MARK: f64 = 2.7;
const FILLED: Marker = Marker::Diamond { edge: ACCENT, fill: Colour::WHITE };
const FILLED_ESTIMATE: Stroke = Stroke::dashed(1.1, ACCENT);
const CHANCE_LIMIT: Stroke = Stroke::dotted(0.7, GREY);

/// A study with its effect, its standard error, and where it stands on the vertical axis.
struct Study {
    row: usize,
    y: f64,
    se: f64,
    depth: f64,
}

/// A curve through the funnel: effect at a standard error.
struct Curve {
    effect: Box<dyn Fn(f64) -> f64>,
    stroke: Stroke,
    words: String,
}

/// What is drawn.
struct Funnel<'a> {
    bias: &'a BiasResult,
    pool: &'a PoolResult,
    options: &'a PlotOptions,
    mean: f64,
    /// Of one study nothing is pooled, and there is no funnel about it.
    pooled: bool,
    studies: Vec<Study>,
    /// Effects and standard errors of studies that trim and fill adds.
    filled: Vec<(f64, f64)>,
    /// The estimate with them.
    filled_estimate: Option<Adjusted>,
    curves: Vec<Curve>,
    /// No effect, where regions of significance are drawn.
    null: Option<f64>,
    /// The lower end of the vertical axis.
    deepest: f64,
}

impl<'a> Funnel<'a> {
    fn of(bias: &'a BiasResult, options: &'a PlotOptions) -> Result<Self, Error> {
        let pool = &bias.pool;
        let main = pool.main().ok_or_else(|| {
            Error::model("there is no pooled estimate to draw a funnel about")
                .with_hint("draw the studies: ⟦plot: forest⟧")
        })?;
        let rows = pool.studies().enumerate();
        let studies: Vec<Study> = rows
            .filter_map(|(row, s)| study(row, &s, options.by_size).transpose())
            .collect::<Result<_, _>>()?;
        let trim_fill = bias.trim_fill();
        let filled = |f: &crate::result::bias::Filled| (f.estimate, f.variance.sqrt());
        Ok(Self {
            bias,
            pool,
            options,
            mean: main.estimate,
            pooled: pool.k > 1,
            deepest: studies.iter().map(|p| p.depth).fold(0.0, f64::max) * 1.06,
            studies,
            filled: trim_fill.map_or(vec![], |t| t.filled.iter().map(filled).collect()),
            filled_estimate: trim_fill.filter(|t| t.missing > 0).and(filled_estimate(bias)),
            curves: if options.by_size { vec![] } else { curves(bias) },
            null: pool.table.measure().spec().null.filter(|_| !options.by_size),
        })
    }

    /// Effects from the left edge to the right: the lower corners of the funnel may widen the axis, but not flatten the
    /// studies.
    fn range(&self) -> (f64, f64) {
        let effects = self.studies.iter().map(|p| p.y).chain(self.filled.iter().map(|f| f.0));
        let own = hull(effects.chain([self.mean]).chain(self.null));
        let half = CHANCE * self.deepest;
        let widest = if self.options.by_size {
            own
        } else {
            (own.0.min(self.mean - half), own.1.max(self.mean + half))
        };
        let reach = own.1 - own.0;
        let (lo, hi) = (widest.0.max(own.0 - 0.35 * reach), widest.1.min(own.1 + 0.35 * reach));
        let pad = 0.03 * (hi - lo).max(1e-12);
        opened((lo - pad, hi + pad))
    }

    fn chart(&self) -> Chart<'a> {
        let (table, range, deepest) = (&self.pool.table, self.range(), self.deepest);
        let mut chart = Chart::new(
            self.options,
            move |side: Side| side.effects(table, range),
            move |side: Side| side.numbers((0.0, deepest), FROM_ZERO),
        );
        chart.down = true;
        chart.y_title =
            if self.options.by_size { "1/√(number of patients)" } else { "Standard error" }.into();
        chart.x_title = words::axis_title(table, &self.options.labels, is_log(table));
        chart.favours = words::favours(table, self.options, range);
        chart.legend = self.legend();
        chart.footer = footer(self.bias);
        let (title, count) = (table.title(), studies(self.pool.k));
        chart.title = format!("Funnel plot: {title}, {count}");
        chart.description = format!("Funnel plot of {title}: {count}. {}", chart.footer.join(". "));
        chart
    }

    /// Whether limits of chance are drawn about the estimate.
    fn limits(&self) -> bool {
        self.pooled && !self.options.by_size
    }

    fn legend(&self) -> Vec<Entry> {
        let theme = self.options.theme.spec();
        let mut legend: Vec<Entry> = vec![(Symbol::Marker(Marker::study(theme.square)), "study".into())];
        if !self.filled.is_empty() {
            legend.push((Symbol::Marker(FILLED), "study filled in".into()));
        }
        if self.pooled {
            let model = typeset::lower_first(sentence::model_word(self.pool));
            legend.push((Symbol::Line(Stroke::dashed(1.1, theme.diamond)), format!("{model} estimate")));
        }
        if self.limits() {
            legend.push((Symbol::Line(CHANCE_LIMIT), "95% limits of chance about it".into()));
        }
        if self.null.is_some() {
            legend.push((Symbol::Line(Stroke::solid(0.7, theme.null)), "no effect".into()));
            legend.extend(CONTOURS.iter().map(|(_, shade, words)| (Symbol::Band(*shade), words.to_string())));
        }
        legend.extend(self.curves.iter().map(|c| (Symbol::Line(c.stroke), c.words.clone())));
        if self.bias.trim_fill().is_some_and(|t| t.missing > 0) {
            legend.push((Symbol::Line(FILLED_ESTIMATE), "estimate with studies filled in".into()));
        }
        legend
    }

    fn marks(&self, panel: &Panel) -> Marks {
        let mut under: Vec<Group> = self.null.map(|null| contours(panel, null)).into_iter().collect();
        let mut obstacles = Obstacles::default();
        under.push(self.lines(panel, &mut obstacles));
        let mut marks = Marks { under, ..Marks::default() };
        for at in self.filled.iter().map(|f| panel.at(*f)) {
            obstacles.marks.push((at, MARK + 0.6));
            let mut group = Group::default();
            group.marker(at, MARK + 0.8, FILLED);
            marks.over.push(group);
        }
        let style = (Marker::study(panel.theme.square), self.options.naming);
        points(&mut marks, panel, self.points(panel), style, obstacles);
        marks
    }

    /// Everything that is no point, and what names keep clear of.
    fn lines(&self, panel: &Panel, obstacles: &mut Obstacles) -> Group {
        let (theme, bottom) = (panel.theme, panel.y.range.1);
        let mut group = Group::default();
        let mut line = |values: &[(f64, f64)], stroke: Stroke| {
            panel.path(&mut group, values, stroke);
            panel.stretches(values).iter().for_each(|s| obstacles.path(s));
        };
        if let Some(null) = self.null {
            line(&[(null, 0.0), (null, bottom)], Stroke::solid(0.7, theme.null));
        }
        for side in [-CHANCE, CHANCE].into_iter().filter(|_| self.limits()) {
            line(&[(self.mean, 0.0), (self.mean + side * bottom, bottom)], CHANCE_LIMIT);
        }
        if self.pooled {
            line(&[(self.mean, 0.0), (self.mean, bottom)], Stroke::dashed(1.1, theme.diamond));
        }
        if let Some(a) = &self.filled_estimate {
            line(&[(a.estimate, 0.0), (a.estimate, bottom)], FILLED_ESTIMATE);
        }
        for c in &self.curves {
            let value = |i: u32| {
                let se = bottom * f64::from(i) / 60.0;
                ((c.effect)(se), se)
            };
            line(&(0..=60).map(value).collect::<Vec<_>>(), c.stroke);
        }
        group
    }

    fn points(&self, panel: &Panel) -> Vec<StudyPoint> {
        let table = &self.pool.table;
        let look = Look::pooled(self.pool, None);
        let point = |s: &Study| {
            let distance = ((s.y - self.mean) / s.se).abs();
            StudyPoint {
                at: panel.at((s.y, s.depth)),
                radius: MARK,
                study: table.studies[s.row].study.clone(),
                spoken: format!(
                    "{}, standard error {}",
                    words::effect(table, look, s.y),
                    significant(s.se, 3)
                ),
                // a study alone has nothing to stand out from
                outlying: distance > CHANCE || !self.pooled,
                distance,
            }
        };
        self.studies.iter().map(point).collect()
    }
}

fn study(row: usize, s: &StudyEffect, by_size: bool) -> Result<Option<Study>, Error> {
    let Some(e) = s.effect() else { return Ok(None) };
    let se = e.v.sqrt();
    let depth = if by_size {
        let n = s.patients().ok_or_else(|| {
            Error::data("the number of patients is not known")
                .of_study(&s.study)
                .with_hint("leave ⟦by-size⟧ out: the axis is then the standard error")
        })?;
        1.0 / n.sqrt()
    } else {
        se
    };
    Ok(Some(Study { row, y: e.y, se, depth }))
}

/// The estimate of trim and fill.
fn filled_estimate(bias: &BiasResult) -> Option<Adjusted> {
    let of_trim_fill = |o: &BiasOutcome| matches!(o.finding, Finding::TrimFill(_)).then_some(o.adjusted);
    bias.outcomes.iter().find_map(|o| of_trim_fill(o).flatten())
}

/// From the darkest shade inwards.
fn contours(panel: &Panel, null: f64) -> Group {
    let mut group = Group::default();
    let edges = panel.edges;
    group.rect(edges.left, edges.top, edges.width(), edges.height(), CONTOURS[2].1);
    let deep = panel.y.range.1;
    let inner = [CONTOURS[1].1, CONTOURS[0].1, Colour::WHITE];
    for ((z, _, _), shade) in CONTOURS.iter().rev().zip(inner) {
        let corners = [(null, 0.0), (null + z * deep, deep), (null - z * deep, deep)];
        panel.area(&mut group, &corners.map(|c| panel.at(c)), shade);
    }
    group
}

/// Lines and curves that the tests fitted.
fn curves(bias: &BiasResult) -> Vec<Curve> {
    bias.outcomes.iter().filter_map(curve).collect()
}

fn curve(o: &BiasOutcome) -> Option<Curve> {
    match &o.finding {
        Finding::Line(l) if l.of_table && matches!(l.predictor.as_str(), "sei" | "vi") => {
            let (a, b, squared) = (l.intercept, l.slope, l.predictor == "vi");
            Some(Curve {
                effect: Box::new(move |se| a + b * if squared { se * se } else { se }),
                stroke: Stroke::solid(1.2, LINES[3]),
                words: format!("{}'s line", o.test.name()),
            })
        }
        Finding::Limit { alpha, .. } => {
            let a = o.adjusted.as_ref()?;
            let (alpha, tau2) = (*alpha, a.tau2.unwrap_or(0.0));
            let slope = a.estimate - tau2.sqrt() * alpha;
            Some(Curve {
                effect: Box::new(move |se| slope + alpha * (se * se + tau2).sqrt()),
                stroke: Stroke::solid(1.2, LINES[2]),
                words: "limit curve".into(),
            })
        }
        _ => None,
    }
}

fn footer(bias: &BiasResult) -> Vec<String> {
    let result = &bias.pool;
    let mut out = vec![if result.k > 1 {
        words::studies_and_pooled(result)
    } else {
        "1 study; nothing is pooled".to_string()
    }];
    // the picture is shown without what was said when it was made
    let unclear = |n: &Note| matches!(n, Note::AsymmetryUnclear { .. }).then(|| n.message());
    out.extend(bias.notes.iter().filter_map(unclear));
    let outcome = |o: &BiasOutcome| format!("{}: {}{}", o.test.name(), test(o), adjusted(result, o));
    out.extend(bias.outcomes.iter().map(outcome));
    if result.k > 1 {
        out.push(words::method(result));
    }
    out
}

/// What a test found.
fn test(o: &BiasOutcome) -> String {
    if let Finding::TrimFill(t) = &o.finding {
        return format!("{} missing on the {}", studies(t.missing), t.side.id());
    }
    match (o.statistic, o.p_value) {
        (Some(s), Some(p)) => format!("{} = {}, {}", o.statistic_kind.id(), fixed(s, 2), p_value(p)),
        (None, Some(p)) => p_value(p),
        _ => String::new(),
    }
}

/// The estimate that allows for bias, if the test gives one.
fn adjusted(result: &PoolResult, o: &BiasOutcome) -> String {
    let Some(a) = o.adjusted.as_ref().or(o.limit.as_ref()) else { return String::new() };
    let look = Look::pooled(result, None);
    let shown = |x: f64| words::effect(&result.table, look, x);
    let limit = |x: Option<f64>| x.map_or("unbounded".into(), shown);
    format!("; adjusted {} ({} to {})", shown(a.estimate), limit(a.lower), limit(a.upper))
}

fn draw(bias: &BiasResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let funnel = Funnel::of(bias, options)?;
    funnel.chart().compose(|panel| funnel.marks(panel))
}
