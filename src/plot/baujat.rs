//! Baujat plot: what each study adds to heterogeneity, against what it does to the estimate. Reference: \[baujat2002\].

use super::chart::{self, Chart, DOTS, GREY, Sign, circle, outlined, plain_axis, tint};
use super::place::{Obstacles, Wish, place};
use super::scene::Group;
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::format::significant;
use crate::result::sensitivity::{Analysis, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "baujat",
    aliases: &[],
    title: "Baujat plot: contribution to heterogeneity and influence",
    reference: "baujat2002",
    draws: Draws::Sensitivity { needs: &[Analysis::Baujat], quantiles: false, draw },
};

const MARK: f64 = 2.9;

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let points: Vec<(f64, f64, &str)> = s
        .baujat
        .iter()
        .flatten()
        .filter_map(|b| Some((b.q_contribution?, b.influence?, b.study.as_str())))
        .collect();
    if points.is_empty() {
        return Err(Error::model("no study has both a residual and an influence")
            .with_hint("studies need effects with variances: use ⟦model=inverse-variance⟧"));
    }
    let most = |of: fn(&(f64, f64, &str)) -> f64| points.iter().map(of).fold(1e-12, f64::max) * 1.04;
    let (right, top) = (most(|p| p.0), most(|p| p.1));
    let axis = |to: f64, upright: bool| {
        move |length: f64, size: f64| plain_axis((0.0, to), (0.0, f64::INFINITY), 1.0, length, size, upright)
    };
    let mut chart = Chart::new(options, Box::new(axis(right, false)), Box::new(axis(top, true)));
    let theme = options.theme.spec();
    chart.right_room = 12.0;
    let equal = s.pool.settings.is_equal_effects() || s.pool.random.is_none();
    chart.x_title = if equal {
        "Contribution to Q".into()
    } else {
        "Contribution to heterogeneity (squared Pearson residual)".into()
    };
    chart.y_title =
        "Influence on the pooled estimate (squared shift over its variance without the study)".into();
    chart.legend = vec![
        (Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.55) }, "study".into()),
        (Sign::Line { colour: GREY, width: 0.6, dash: Some(DOTS) }, "medians".into()),
    ];
    chart.footer = vec![
        format!("{} studies; {}", s.pool.k, chart::pooled_words(&s.pool)),
        format!("Method: {}", s.pool.method_line()),
    ];
    chart.title = format!("Baujat plot: {}, {} studies", s.pool.table.title(), s.pool.k);
    let mut by_influence = points.clone();
    by_influence.sort_by(|a, b| b.1.total_cmp(&a.1));
    chart.description = format!("{}. Most influential: {}.", chart.title, by_influence[0].2);
    let median = |of: fn(&(f64, f64, &str)) -> f64| {
        let mut v: Vec<f64> = points.iter().map(of).collect();
        v.sort_by(f64::total_cmp);
        0.5 * (v[(v.len() - 1) / 2] + v[v.len() / 2])
    };
    let (mx, my) = (median(|p| p.0), median(|p| p.1));
    // as many names as a reader can take in, the farthest first
    let named = match options.naming {
        Naming::All => points.len(),
        Naming::None => 0,
        Naming::Outliers => points.len().min(8),
    };
    let mut left_out = 0;
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = Group::default();
        panel.path(&mut under, &[(mx, 0.0), (mx, panel.y.range.1)], 0.6, GREY, Some(DOTS));
        panel.path(&mut under, &[(0.0, my), (panel.x.range.1, my)], 0.6, GREY, Some(DOTS));
        let mut obstacles = Obstacles::default();
        obstacles.path(&[panel.at(mx, 0.0), panel.at(mx, panel.y.range.1)]);
        obstacles.path(&[panel.at(0.0, my), panel.at(panel.x.range.1, my)]);
        let mut over = vec![];
        let mut wishes = vec![];
        for (q, influence, study) in &points {
            let at = panel.at(*q, *influence);
            let mut g = Group::labelled(format!(
                "{study}: contribution {}, influence {}",
                significant(*q, 3),
                significant(*influence, 3)
            ));
            outlined(&mut g, |r| circle(at, r), MARK, theme.square, tint(theme.square, 0.55));
            over.push(g);
            obstacles.marks.push((at, MARK));
            let priority = (q / right).hypot(influence / top);
            wishes.push(Wish { at, radius: MARK, text: study.to_string(), priority });
        }
        wishes.sort_by(|a, b| b.priority.total_cmp(&a.priority));
        wishes.truncate(named);
        let mut names = Group::default();
        left_out = place(&mut names, wishes, &obstacles, panel.edges(), 0.85 * size, theme.ink);
        over.push(names);
        (vec![under], over)
    })?;
    drawing.say_unnamed(left_out);
    Ok(drawing)
}
