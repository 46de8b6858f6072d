//! GOSH plot: the subsets of the studies by estimate and I², as a density, split by the study that divides them most.
//! Reference: \[olkin2012\].

use super::chart::{self, ACCENT, Chart, DASH, Panel, Sign, effect_axis, plain_axis, tint};
use super::colour::Colour;
use super::scene::Group;
use super::{Drawing, Draws, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::format::{fixed, significant};
use crate::result::look::Look;
use crate::result::sensitivity::{Analysis, Cloud, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "gosh",
    aliases: &[],
    title: "GOSH plot: all subsets of the studies",
    reference: "olkin2012",
    draws: Draws::Sensitivity { needs: &[Analysis::Gosh], quantiles: false, draw },
};

/// Height and width of the marginal histograms.
const MARGINAL: f64 = 34.0;
/// Share of the subsets that the picture holds.
const SHOWN: f64 = 0.998;

/// Counts of cells in a coarser grid over the part that is shown.
struct Grid {
    range: (f64, f64),
    columns: usize,
    rows: usize,
    /// Subsets in all, and with the study.
    cells: Vec<(f64, f64)>,
}

/// The columns that hold nearly all subsets.
fn middle(cloud: &Cloud) -> (usize, usize) {
    let column =
        |c: usize| (0..cloud.rows).map(|r| f64::from(cloud.counts[r * cloud.columns + c])).sum::<f64>();
    let sums: Vec<f64> = (0..cloud.columns).map(column).collect();
    let total: f64 = sums.iter().sum();
    let cut = 0.5 * (1.0 - SHOWN) * total;
    let (mut a, mut b) = (0, cloud.columns);
    let mut below = 0.0;
    while a + 1 < b && below + sums[a] <= cut {
        below += sums[a];
        a += 1;
    }
    let mut above = 0.0;
    while b - 1 > a && above + sums[b - 1] <= cut {
        above += sums[b - 1];
        b -= 1;
    }
    (a, b)
}

impl Grid {
    fn new(cloud: &Cloud) -> Self {
        let (a, b) = middle(cloud);
        let each = ((b - a) as f64 / 90.0).ceil().max(1.0) as usize;
        let columns = (b - a).div_ceil(each);
        let rows = cloud.rows;
        let width = (cloud.range.1 - cloud.range.0) / cloud.columns as f64;
        let mut cells = vec![(0.0, 0.0); columns * rows];
        for r in 0..cloud.rows {
            for c in a..b {
                let from = r * cloud.columns + c;
                let to = r * columns + (c - a) / each;
                cells[to].0 += f64::from(cloud.counts[from]);
                cells[to].1 += f64::from(cloud.with_split[from]);
            }
        }
        let start = cloud.range.0 + a as f64 * width;
        Self { range: (start, start + (columns * each) as f64 * width), columns, rows, cells }
    }
}

/// A mix of two colours, paler for fewer subsets.
fn blend(without: Colour, with: Colour, share: f64, strength: f64) -> Colour {
    without.mixed(with, share).tint(strength)
}

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let g = s.gosh.as_ref().ok_or_else(|| Error::model("the subsets were not pooled"))?;
    let table = &s.pool.table;
    let grid = Grid::new(&g.cloud);
    let range = grid.range;
    let x = Box::new(move |length: f64, size: f64| {
        let mut axis = effect_axis(table, range, length, size, false);
        // the picture ends where the subsets do
        axis.range = range;
        axis.ticks.retain(|t| t.0 >= range.0 && t.0 <= range.1);
        axis.minor.retain(|t| *t >= range.0 && *t <= range.1);
        axis
    });
    let y =
        Box::new(|length: f64, size: f64| plain_axis((0.0, 100.0), (0.0, 100.0), 1.0, length, size, true));
    let mut chart = Chart::new(options, x, y);
    let theme = options.theme.spec();
    chart.top_room = MARGINAL + 6.0;
    chart.right_room = MARGINAL + 10.0;
    chart.x_title = chart::effect_title(&s.pool, options);
    chart.y_title = format!("{} of the subset, per cent", s.inconsistency_word());
    let split = g.widest();
    if let Some(split) = split {
        chart.legend = vec![
            (Sign::Band(tint(ACCENT, 0.8)), format!("subsets with {}", split.study)),
            (Sign::Band(tint(theme.square, 0.8)), "subsets without".into()),
            (Sign::Line { colour: theme.diamond, width: 1.1, dash: Some(DASH) }, "all studies".into()),
        ];
    }
    let count = if g.exhaustive {
        format!("all {} subsets", g.subsets)
    } else {
        format!("a random sample of {} subsets", g.subsets)
    };
    let mut first =
        format!("{} studies, {count}; darker where there are more, on a logarithmic scale", s.pool.k);
    let hidden = 100.0 * (1.0 - grid.cells.iter().map(|c| c.0).sum::<f64>() / g.subsets as f64);
    if hidden > 1e-9 {
        first += &format!("; {}% of the estimates lie beyond the picture", significant(hidden, 2));
    }
    chart.footer = vec![first];
    if let Some(split) = split {
        let look = Look::pooled(&s.pool, None);
        chart.footer.push(format!(
            "Mean with {}: {}, I² {}%; without: {}, I² {}%",
            split.study,
            chart::shown(table, look, split.estimate_with),
            fixed(split.i2_with, 1),
            chart::shown(table, look, split.estimate_without),
            fixed(split.i2_without, 1)
        ));
    }
    chart.footer.push(format!("Method: {}", s.pool.method_line()));
    chart.title = format!("GOSH plot: {}, {} studies", table.title(), s.pool.k);
    chart.description = format!("{}. {}", chart.title, chart.footer[..chart.footer.len() - 1].join(". "));
    let most = grid.cells.iter().map(|c| c.0).fold(0.0, f64::max);
    let mean = s.pool.main().map(|m| m.estimate);
    chart.compose(|panel, theme, _| {
        let mut density = Group::default();
        let place = |c: usize, r: usize| {
            let x = |c: usize| panel.left + (panel.right - panel.left) * c as f64 / grid.columns as f64;
            let y = |r: usize| panel.y(100.0 * r as f64 / grid.rows as f64);
            (x(c), y(r + 1), x(c + 1) - x(c), y(r) - y(r + 1))
        };
        for r in 0..grid.rows {
            for c in 0..grid.columns {
                let (all, with) = grid.cells[r * grid.columns + c];
                if all > 0.0 {
                    let strength = 0.12 + 0.88 * (1.0 + all).ln() / (1.0 + most).ln();
                    let (x, y, w, h) = place(c, r);
                    // a hair wider, so that no seam shows between neighbours
                    density.rect(x, y, w + 0.2, h + 0.2, blend(theme.square, ACCENT, with / all, strength));
                }
            }
        }
        let mut over = Group::default();
        marginals(&mut over, panel, &grid, theme.square);
        if let Some(m) = mean.filter(|m| *m >= range.0 && *m <= range.1) {
            panel.path(&mut over, &[(m, 0.0), (m, 100.0)], 1.1, theme.diamond, Some(DASH));
        }
        (vec![density], vec![over])
    })
}

/// Histograms above and beside the panel; bars with the study on those without it.
fn marginals(group: &mut Group, panel: &Panel, grid: &Grid, colour: Colour) {
    let sum = |cells: &mut dyn Iterator<Item = usize>| {
        cells.fold((0.0, 0.0), |s, i| (s.0 + grid.cells[i].0, s.1 + grid.cells[i].1))
    };
    let columns: Vec<(f64, f64)> =
        (0..grid.columns).map(|c| sum(&mut (0..grid.rows).map(|r| r * grid.columns + c))).collect();
    let rows: Vec<(f64, f64)> =
        (0..grid.rows).map(|r| sum(&mut (0..grid.columns).map(|c| r * grid.columns + c))).collect();
    let tallest = |v: &[(f64, f64)]| v.iter().map(|x| x.0).fold(1e-300, f64::max);
    let (top, side) = (tallest(&columns), tallest(&rows));
    let width = (panel.right - panel.left) / grid.columns as f64;
    for (c, (all, with)) in columns.iter().enumerate() {
        let x = panel.left + c as f64 * width;
        let base = panel.top - 3.0;
        let (h, w) = (MARGINAL * (all - with) / top, MARGINAL * with / top);
        if h > 0.01 {
            group.rect(x, base - h, width, h, tint(colour, 0.8));
        }
        if w > 0.01 {
            group.rect(x, base - h - w, width, w, tint(ACCENT, 0.8));
        }
    }
    let height = (panel.bottom - panel.top) / grid.rows as f64;
    for (r, (all, with)) in rows.iter().enumerate() {
        let y = panel.bottom - (r + 1) as f64 * height;
        let base = panel.right + 3.0;
        let (l, w) = (MARGINAL * (all - with) / side, MARGINAL * with / side);
        if l > 0.01 {
            group.rect(base, y, l, height, tint(colour, 0.8));
        }
        if w > 0.01 {
            group.rect(base + l, y, w, height, tint(ACCENT, 0.8));
        }
    }
}
