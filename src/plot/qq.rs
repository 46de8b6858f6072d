//! Normal quantiles of residuals, with a simulated envelope. Reference: \[viechtbauer2021b\].

use super::chart::{Chart, Marks, Panel, StudyPoint, points};
use super::colour::PALE;
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::names::Obstacles;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{Side, UNBOUNDED, hull};
use super::spec::{Draws, PlotSpec};
use super::words;
use crate::error::Error;
use crate::result::format::fixed;
use crate::result::sensitivity::{Analysis, Quantiles, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "qq",
    aliases: &["qqnorm"],
    title: "Normal quantiles of residuals, with an envelope",
    reference: "viechtbauer2021b",
    draws: Draws::Sensitivity { needs: &[Analysis::Influence], quantiles: true, draw },
};

/// Radius of a study.
const MARK: f64 = 2.6;
/// Residuals beyond this are named even within the envelope.
const NOTABLE: f64 = 1.96;

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let q = s.quantiles.as_ref().ok_or_else(|| Error::model("there are no residuals"))?;
    let across = hull(q.points.iter().map(|p| p.1));
    let pad = 0.05 * (across.1 - across.0);
    let across = (across.0 - pad, across.1 + pad);
    let up = hull(q.points.iter().map(|p| p.2).chain(q.envelope.iter().flat_map(|e| [e.0, e.1])));
    let axis = |range| move |side: Side| side.numbers(range, UNBOUNDED);
    let mut chart = Chart::new(options, axis(across), axis(up));
    chart.panel = (290.0, 260.0);
    say(&mut chart, s, q);
    chart.compose(|panel| marks(panel, s, q, options))
}

/// Whether a residual lies beyond the envelope.
fn outside(q: &Quantiles, i: usize) -> bool {
    let residual = q.points[i].2;
    residual < q.envelope[i].0 || residual > q.envelope[i].1
}

fn say(chart: &mut Chart, s: &SensitivityResult, q: &Quantiles) {
    let theme = chart.options.theme.spec();
    let level = s.pool.settings.level;
    chart.x_title = "Quantile of the normal distribution".into();
    chart.y_title = "Externally standardised residual".into();
    chart.legend = vec![
        (Symbol::Marker(Marker::study(theme.square)), "study".into()),
        (Symbol::Line(Stroke::solid(1.0, theme.diamond)), "as expected".into()),
        (Symbol::Band(PALE), format!("{level}% of {} samples from the model", q.samples)),
    ];
    let beyond = (0..q.points.len()).filter(|&i| outside(q, i)).count();
    chart.footer =
        vec![format!("{beyond} of {} studies outside the envelope", q.points.len()), words::method(&s.pool)];
    chart.title = format!("Quantiles of residuals: {}, {} studies", s.pool.table.title(), s.pool.k);
    chart.description = format!("{}. {}.", chart.title, chart.footer[0]);
}

fn marks(panel: &Panel, s: &SensitivityResult, q: &Quantiles, options: &PlotOptions) -> Marks {
    let mut under = Group::default();
    let upper = q.points.iter().zip(&q.envelope).map(|(p, e)| panel.at((p.1, e.1)));
    let lower = q.points.iter().zip(&q.envelope).rev().map(|(p, e)| panel.at((p.1, e.0)));
    let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
    panel.area(&mut under, &outline, PALE);
    let ends = hull([panel.x.range.0, panel.x.range.1]);
    let expected = [(ends.0, ends.0), (ends.1, ends.1)];
    panel.path(&mut under, &expected, Stroke::solid(1.0, panel.theme.diamond));
    let mut obstacles = Obstacles::default();
    panel.stretches(&expected).iter().for_each(|s| obstacles.path(s));
    let point = |(i, (row, x, residual)): (usize, &(usize, f64, f64))| StudyPoint {
        at: panel.at((*x, *residual)),
        radius: MARK,
        study: s.pool.table.studies[*row].study.clone(),
        spoken: format!("residual {}", fixed(*residual, 2)),
        outlying: outside(q, i) || residual.abs() > NOTABLE,
        distance: residual.abs(),
    };
    let mut marks = Marks { under: vec![under], ..Marks::default() };
    let studies = q.points.iter().enumerate().map(point).collect();
    let marker = Marker::study(panel.theme.square);
    points(&mut marks, panel, studies, (marker, options.naming), obstacles);
    marks
}
