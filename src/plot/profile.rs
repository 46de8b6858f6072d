//! The likelihood of τ² with its maximum and the interval that it gives. Reference: \[viechtbauer2007\].

use super::chart::{ACCENT, Chart, DASH, GREY, Sign, circle, outlined, plain_axis};
use super::scene::Group;
use super::{Drawing, Draws, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::format::significant;
use crate::result::sensitivity::{Analysis, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "profile",
    aliases: &[],
    title: "Profile likelihood of τ²",
    reference: "viechtbauer2007",
    draws: Draws::Sensitivity { needs: &[Analysis::Profile], quantiles: false, draw },
};

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let p = s.profile.as_ref().ok_or_else(|| Error::model("there is no likelihood of τ²"))?;
    let end = p.points.last().map_or(1.0, |l| l.0);
    let top = p.peak.1;
    // the curve may fall far below the cut near zero: three times the drop to it is enough to see
    let least = p.points.iter().map(|x| x.1).fold(f64::INFINITY, f64::min).max(top - 3.2 * (top - p.cut));
    let reach = (least, top + 0.06 * (top - least).max(1e-9));
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    let mut chart = Chart::new(
        options,
        Box::new(move |length: f64, size: f64| {
            plain_axis((0.0, end), (0.0, f64::INFINITY), 1.0, length, size, false)
        }),
        Box::new(move |length: f64, size: f64| {
            let mut axis = plain_axis(reach, any, 1.0, length, size, true);
            // the picture ends where the curve does
            axis.range = reach;
            axis.ticks.retain(|t| t.0 >= reach.0 && t.0 <= reach.1);
            axis
        }),
    );
    let theme = options.theme.spec();
    let level = s.pool.settings.level;
    chart.x_title = "τ²".into();
    chart.y_title = if p.restricted { "Restricted log-likelihood" } else { "Log-likelihood" }.into();
    let shown = |x: f64| if x == 0.0 { "0".into() } else { significant(x, 3) };
    chart.legend = vec![
        (
            Sign::Circle { edge: theme.diamond, fill: theme.diamond },
            format!("maximum, τ² = {}", shown(p.peak.0)),
        ),
        (Sign::Line { colour: GREY, width: 0.8, dash: Some(DASH) }, format!("cut for a {level}% interval")),
        (Sign::Line { colour: ACCENT, width: 1.0, dash: None }, "its limits".into()),
    ];
    let upper = p.upper.map_or("unbounded".into(), shown);
    let lower = shown(p.lower.unwrap_or(0.0));
    let mut words = format!("τ² = {} ({level}% CI {lower} to {upper}, profile likelihood)", shown(p.peak.0));
    if p.peak.0 == 0.0 {
        words += "; the maximum lies on the boundary";
    }
    if p.upper.is_none() {
        words += "; the likelihood is so flat that nothing bounds τ² above";
    }
    chart.footer = vec![words, format!("{} studies. Method: {}", s.pool.k, s.pool.method_line())];
    chart.title = format!("Profile likelihood of τ²: {}", s.pool.table.title());
    chart.description = format!("{}. {}.", chart.title, chart.footer[0]);
    chart.compose(|panel, theme, _| {
        let mut under = Group::default();
        panel.path(&mut under, &[(0.0, p.cut), (panel.x.range.1, p.cut)], 0.8, GREY, Some(DASH));
        let floor = panel.y.range.0;
        for limit in [p.lower, p.upper].into_iter().flatten() {
            panel.path(&mut under, &[(limit, floor), (limit, p.cut)], 1.0, ACCENT, None);
        }
        let mut over = Group::default();
        panel.path(&mut over, &p.points, 1.5, theme.square, None);
        let at = panel.at(p.peak.0, p.peak.1);
        outlined(&mut over, |r| circle(at, r), 3.0, theme.diamond, theme.diamond);
        (vec![under], vec![over])
    })
}
