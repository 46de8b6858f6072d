//! The likelihood of τ² with its maximum and the interval that it gives. Reference: \[viechtbauer2007\].

use super::chart::{Chart, Marks, Panel};
use super::colour::{ACCENT, GREY};
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{FROM_ZERO, Side, UNBOUNDED};
use super::spec::{Draws, PlotSpec};
use super::words;
use crate::error::Error;
use crate::result::format::significant;
use crate::result::sensitivity::{Analysis, ProfileCurve, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "profile",
    aliases: &[],
    title: "Profile likelihood of τ²",
    reference: "viechtbauer2007",
    draws: Draws::Sensitivity { needs: &[Analysis::Profile], quantiles: false, draw },
};

/// The likelihood at which the interval ends, and the ends.
const CUT: Stroke = Stroke::dashed(0.8, GREY);
const LIMIT: Stroke = Stroke::solid(1.0, ACCENT);

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let p = s.profile.as_ref().ok_or_else(|| Error::model("there is no likelihood of τ²"))?;
    let end = p.points.last().map_or(1.0, |l| l.0);
    let reach = reach(p);
    let x = move |side: Side| side.numbers((0.0, end), FROM_ZERO);
    let y = move |side: Side| {
        let mut axis = side.numbers(reach, UNBOUNDED);
        // the picture ends where the curve does
        axis.range = reach;
        axis.ticks.retain(|t| t.0 >= reach.0 && t.0 <= reach.1);
        axis
    };
    let mut chart = Chart::new(options, x, y);
    say(&mut chart, s, p);
    chart.compose(|panel| marks(panel, p))
}

/// Log-likelihoods that are shown: the curve may fall far below the cut near zero, and three times the drop to it is
/// enough to see.
fn reach(p: &ProfileCurve) -> (f64, f64) {
    let top = p.peak.1;
    let least = p.points.iter().map(|x| x.1).fold(f64::INFINITY, f64::min).max(top - 3.2 * (top - p.cut));
    (least, top + 0.06 * (top - least).max(1e-9))
}

fn shown(tau2: f64) -> String {
    if tau2 == 0.0 { "0".into() } else { significant(tau2, 3) }
}

fn say(chart: &mut Chart, s: &SensitivityResult, p: &ProfileCurve) {
    let theme = chart.options.theme.spec();
    let level = s.pool.settings.level;
    chart.x_title = "τ²".into();
    chart.y_title = if p.restricted { "Restricted log-likelihood" } else { "Log-likelihood" }.into();
    chart.legend = vec![
        (Symbol::Marker(Marker::dot(theme.diamond)), format!("maximum, τ² = {}", shown(p.peak.0))),
        (Symbol::Line(CUT), format!("cut for a {level}% interval")),
        (Symbol::Line(LIMIT), "its limits".into()),
    ];
    chart.footer = vec![interval(p, level), format!("{} studies. {}", s.pool.k, words::method(&s.pool))];
    chart.title = format!("Profile likelihood of τ²: {}", s.pool.table.title());
    chart.description = format!("{}. {}.", chart.title, chart.footer[0]);
}

fn interval(p: &ProfileCurve, level: f64) -> String {
    let lower = shown(p.lower.unwrap_or(0.0));
    let upper = p.upper.map_or("unbounded".into(), shown);
    let mut words = format!("τ² = {} ({level}% CI {lower} to {upper}, profile likelihood)", shown(p.peak.0));
    if p.peak.0 == 0.0 {
        words += "; the maximum lies on the boundary";
    }
    if p.upper.is_none() {
        words += "; the likelihood is so flat that nothing bounds τ² above";
    }
    words
}

fn marks(panel: &Panel, p: &ProfileCurve) -> Marks {
    let theme = panel.theme;
    let mut under = Group::default();
    panel.path(&mut under, &[(0.0, p.cut), (panel.x.range.1, p.cut)], CUT);
    for limit in [p.lower, p.upper].into_iter().flatten() {
        panel.path(&mut under, &[(limit, panel.y.range.0), (limit, p.cut)], LIMIT);
    }
    let mut over = Group::default();
    panel.path(&mut over, &p.points, Stroke::solid(1.5, theme.square));
    over.marker(panel.at(p.peak), 3.0, Marker::dot(theme.diamond));
    Marks { under: vec![under], over: vec![over], unnamed: 0 }
}
