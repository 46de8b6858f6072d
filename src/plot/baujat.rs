//! Baujat plot: what each study adds to heterogeneity, against what it does to the estimate. Reference: \[baujat2002\].

use super::chart::{Chart, Marks, Panel, StudyPoint, points};
use super::colour::GREY;
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::names::Obstacles;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{FROM_ZERO, Side};
use super::spec::{Draws, PlotSpec};
use super::words;
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

/// Radius of a study.
const MARK: f64 = 2.9;
/// As many names as a reader can take in, the farthest first.
const NAMED: usize = 8;
const MEDIAN: Stroke = Stroke::dotted(0.6, GREY);

/// Where a study stands.
struct Standing<'a> {
    study: &'a str,
    contribution: f64,
    influence: f64,
}

/// All studies, and how far the axes reach.
struct Studies<'a> {
    studies: Vec<Standing<'a>>,
    right: f64,
    top: f64,
}

impl<'a> Studies<'a> {
    fn of(s: &'a SensitivityResult) -> Result<Self, Error> {
        let standing = |b: &'a crate::result::sensitivity::Baujat| {
            Some(Standing {
                study: b.study.as_str(),
                contribution: b.q_contribution?,
                influence: b.influence?,
            })
        };
        let studies: Vec<Standing> = s.baujat.iter().flatten().filter_map(standing).collect();
        if studies.is_empty() {
            return Err(Error::model("no study has both a residual and an influence")
                .with_hint("studies need effects with variances: use ⟦model=inverse-variance⟧"));
        }
        let most = |of: fn(&Standing) -> f64| studies.iter().map(of).fold(1e-12, f64::max) * 1.04;
        let (right, top) = (most(|p| p.contribution), most(|p| p.influence));
        Ok(Self { studies, right, top })
    }

    /// How far a study lies from the corner, in sides of the panel.
    fn distance(&self, s: &Standing) -> f64 {
        (s.contribution / self.right).hypot(s.influence / self.top)
    }

    /// Rows of the studies that are farthest.
    fn farthest(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.studies.len()).collect();
        let distance = |i: &usize| self.distance(&self.studies[*i]);
        rows.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
        rows.truncate(NAMED);
        rows
    }

    fn median(&self, of: fn(&Standing) -> f64) -> f64 {
        let mut v: Vec<f64> = self.studies.iter().map(of).collect();
        v.sort_by(f64::total_cmp);
        0.5 * (v[(v.len() - 1) / 2] + v[v.len() / 2])
    }
}

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let all = Studies::of(s)?;
    let axis = |to: f64| move |side: Side| side.numbers((0.0, to), FROM_ZERO);
    let mut chart = Chart::new(options, axis(all.right), axis(all.top));
    chart.right_room = 12.0;
    say(&mut chart, s, &all);
    chart.compose(|panel| marks(panel, &all, options))
}

fn say(chart: &mut Chart, s: &SensitivityResult, all: &Studies) {
    let equal = s.pool.settings.is_equal_effects() || s.pool.random.is_none();
    chart.x_title = if equal {
        "Contribution to Q".into()
    } else {
        "Contribution to heterogeneity (squared Pearson residual)".into()
    };
    chart.y_title =
        "Influence on the pooled estimate (squared shift over its variance without the study)".into();
    chart.legend = vec![
        (Symbol::Marker(Marker::study(chart.options.theme.spec().square)), "study".into()),
        (Symbol::Line(MEDIAN), "medians".into()),
    ];
    chart.footer = vec![words::studies_and_pooled(&s.pool), words::method(&s.pool)];
    chart.title = format!("Baujat plot: {}, {} studies", s.pool.table.title(), s.pool.k);
    let mut by_influence: Vec<&Standing> = all.studies.iter().collect();
    by_influence.sort_by(|a, b| b.influence.total_cmp(&a.influence));
    chart.description = format!("{}. Most influential: {}.", chart.title, by_influence[0].study);
}

fn marks(panel: &Panel, all: &Studies, options: &PlotOptions) -> Marks {
    let mut under = Group::default();
    let mut obstacles = Obstacles::default();
    let (x, y) = (all.median(|p| p.contribution), all.median(|p| p.influence));
    let (right, top) = (panel.x.range.1, panel.y.range.1);
    for median in [[(x, 0.0), (x, top)], [(0.0, y), (right, y)]] {
        panel.path(&mut under, &median, MEDIAN);
        obstacles.path(&median.map(|v| panel.at(v)));
    }
    let farthest = all.farthest();
    let point = |(i, s): (usize, &Standing)| StudyPoint {
        at: panel.at((s.contribution, s.influence)),
        radius: MARK,
        study: s.study.to_string(),
        spoken: format!(
            "contribution {}, influence {}",
            significant(s.contribution, 3),
            significant(s.influence, 3)
        ),
        outlying: farthest.contains(&i),
        distance: all.distance(s),
    };
    let mut marks = Marks { under: vec![under], ..Marks::default() };
    let studies = all.studies.iter().enumerate().map(point).collect();
    let marker = Marker::study(panel.theme.square);
    points(&mut marks, panel, studies, (marker, options.naming), obstacles);
    marks
}
