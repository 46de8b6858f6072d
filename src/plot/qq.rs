//! Normal quantiles of residuals, with a simulated envelope. Reference: \[viechtbauer2021b\].

use super::chart::{Chart, Sign, circle, hull, outlined, plain_axis, tint};
use super::colour::Colour;
use super::place::{Obstacles, Wish, place};
use super::scene::Group;
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::format::fixed;
use crate::result::sensitivity::{Analysis, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "qq",
    aliases: &["qqnorm"],
    title: "Normal quantiles of residuals, with an envelope",
    reference: "viechtbauer2021b",
    draws: Draws::Sensitivity { needs: &[Analysis::Influence], quantiles: true, draw },
};

const MARK: f64 = 2.6;
const BAND: Colour = Colour(0xE4, 0xEC, 0xF4);

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let q = s.quantiles.as_ref().ok_or_else(|| Error::model("there are no residuals"))?;
    let across = hull(q.points.iter().map(|p| p.1));
    let pad = 0.05 * (across.1 - across.0);
    let across = (across.0 - pad, across.1 + pad);
    let up = hull(q.points.iter().map(|p| p.2).chain(q.envelope.iter().flat_map(|e| [e.0, e.1])));
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    let mut chart = Chart::new(
        options,
        Box::new(move |length: f64, size: f64| plain_axis(across, any, 1.0, length, size, false)),
        Box::new(move |length: f64, size: f64| plain_axis(up, any, 1.0, length, size, true)),
    );
    let theme = options.theme.spec();
    chart.panel = (290.0, 260.0);
    chart.x_title = "Quantile of the normal distribution".into();
    chart.y_title = "Externally standardised residual".into();
    let level = s.pool.settings.level;
    chart.legend = vec![
        (Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.55) }, "study".into()),
        (Sign::Line { colour: theme.diamond, width: 1.0, dash: None }, "as expected".into()),
        (Sign::Band(BAND), format!("{level}% of {} samples from the model", q.samples)),
    ];
    let outside = (0..q.points.len())
        .filter(|&i| q.points[i].2 < q.envelope[i].0 || q.points[i].2 > q.envelope[i].1)
        .count();
    chart.footer = vec![
        format!("{} of {} studies outside the envelope", outside, q.points.len()),
        format!("Method: {}", s.pool.method_line()),
    ];
    chart.title = format!("Quantiles of residuals: {}, {} studies", s.pool.table.title(), s.pool.k);
    chart.description = format!("{}. {}.", chart.title, chart.footer[0]);
    let mut left_out = 0;
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = Group::default();
        let upper = q.points.iter().zip(&q.envelope).map(|(p, e)| panel.at(p.1, e.1));
        let lower = q.points.iter().zip(&q.envelope).rev().map(|(p, e)| panel.at(p.1, e.0));
        let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
        panel.area(&mut under, &outline, BAND);
        let ends = hull([panel.x.range.0, panel.x.range.1]);
        let line = [(ends.0, ends.0), (ends.1, ends.1)];
        panel.path(&mut under, &line, 1.0, theme.diamond, None);
        let mut obstacles = Obstacles::default();
        panel.stretches(&line).iter().for_each(|s| obstacles.path(s));
        let mut over = vec![];
        let mut wishes = vec![];
        for (i, (row, x, r)) in q.points.iter().enumerate() {
            let at = panel.at(*x, *r);
            let study = &s.pool.table.studies[*row].study;
            let mut g = Group::labelled(format!("{study}: residual {}", fixed(*r, 2)));
            outlined(&mut g, |radius| circle(at, radius), MARK, theme.square, tint(theme.square, 0.55));
            over.push(g);
            obstacles.marks.push((at, MARK));
            let out = *r < q.envelope[i].0 || *r > q.envelope[i].1 || r.abs() > 1.96;
            let named = match options.naming {
                Naming::All => true,
                Naming::None => false,
                Naming::Outliers => out,
            };
            if named {
                wishes.push(Wish { at, radius: MARK, text: study.clone(), priority: r.abs() });
            }
        }
        let mut names = Group::default();
        left_out = place(&mut names, wishes, &obstacles, panel.edges(), 0.85 * size, theme.ink);
        over.push(names);
        (vec![under], over)
    })?;
    drawing.say_unnamed(left_out);
    Ok(drawing)
}
