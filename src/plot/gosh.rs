//! GOSH plot: the subsets of the studies by estimate and I², as a density, split by the study that divides them most.
//! Reference: \[olkin2012\].

use super::chart::{Chart, Marks, Panel};
use super::colour::{ACCENT, Colour};
use super::geometry::Rect;
use super::legend::Symbol;
use super::marks::Stroke;
use super::options::PlotOptions;
use super::scene::{Drawing, Group};
use super::side::{Side, is_log};
use super::spec::{Draws, PlotSpec};
use super::words;
use crate::error::Error;
use crate::result::format::{fixed, significant};
use crate::result::look::Look;
use crate::result::sensitivity::{Analysis, Cloud, Gosh, SensitivityResult, Split};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "gosh",
    aliases: &[],
    title: "GOSH plot: all subsets of the studies",
    reference: "olkin2012",
    draws: Draws::Sensitivity { needs: &[Analysis::Gosh], quantiles: false, draw },
};

/// Height and width of the marginal histograms.
const MARGINAL: f64 = 34.0;
/// Between the panel and the histograms.
const MARGINAL_GAP: f64 = 3.0;
/// Share of the subsets that the picture holds.
const SHOWN: f64 = 0.998;
/// Most columns of the density.
const COLUMNS: f64 = 90.0;

/// How many subsets there are.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: f64,
    /// Of these, with the study that divides them.
    with: f64,
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self { all: self.all + other.all, with: self.with + other.with }
    }
}

/// Counts of cells in a coarser grid over the part that is shown.
struct Density {
    range: (f64, f64),
    columns: usize,
    rows: usize,
    cells: Vec<Count>,
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

impl Density {
    fn of(cloud: &Cloud) -> Self {
        let (a, b) = middle(cloud);
        let each = ((b - a) as f64 / COLUMNS).ceil().max(1.0) as usize;
        let columns = (b - a).div_ceil(each);
        let rows = cloud.rows;
        let width = (cloud.range.1 - cloud.range.0) / cloud.columns as f64;
        let mut cells = vec![Count::default(); columns * rows];
        for r in 0..cloud.rows {
            for c in a..b {
                let from = r * cloud.columns + c;
                let cell = &mut cells[r * columns + (c - a) / each];
                let (all, with) = (f64::from(cloud.counts[from]), f64::from(cloud.with_split[from]));
                *cell = cell.plus(Count { all, with });
            }
        }
        let start = cloud.range.0 + a as f64 * width;
        Self { range: (start, start + (columns * each) as f64 * width), columns, rows, cells }
    }

    fn cell(&self, column: usize, row: usize) -> Count {
        self.cells[row * self.columns + column]
    }

    fn column(&self, column: usize) -> Count {
        (0..self.rows).map(|r| self.cell(column, r)).fold(Count::default(), Count::plus)
    }

    fn row(&self, row: usize) -> Count {
        (0..self.columns).map(|c| self.cell(c, row)).fold(Count::default(), Count::plus)
    }

    fn total(&self) -> f64 {
        self.cells.iter().map(|c| c.all).sum()
    }

    /// The cells, darker where there are more subsets, on a logarithmic scale.
    fn draw(&self, panel: &Panel) -> Group {
        let mut group = Group::default();
        let most = self.cells.iter().map(|c| c.all).fold(0.0, f64::max);
        let Rect { left, .. } = panel.edges;
        let x = |c: usize| left + panel.edges.width() * c as f64 / self.columns as f64;
        let y = |r: usize| panel.y(100.0 * r as f64 / self.rows as f64);
        for r in 0..self.rows {
            for c in 0..self.columns {
                let Count { all, with } = self.cell(c, r);
                if all > 0.0 {
                    let strength = 0.12 + 0.88 * (1.0 + all).ln() / (1.0 + most).ln();
                    let colour = panel.theme.square.mixed(ACCENT, with / all).tint(strength);
                    // a hair wider, so that no seam shows between neighbours
                    group.rect(x(c), y(r + 1), x(c + 1) - x(c) + 0.2, y(r) - y(r + 1) + 0.2, colour);
                }
            }
        }
        group
    }

    /// Histograms above and beside the panel; bars with the study on those without it.
    fn marginals(&self, group: &mut Group, panel: &Panel) {
        let colours = (panel.theme.square.tint(0.8), ACCENT.tint(0.8));
        let Rect { left, top, right, bottom } = panel.edges;
        let columns: Vec<Count> = (0..self.columns).map(|c| self.column(c)).collect();
        let width = panel.edges.width() / self.columns as f64;
        for (c, (without, with)) in bars(&columns).into_iter().enumerate() {
            let (x, base) = (left + c as f64 * width, top - MARGINAL_GAP);
            bar(group, without, colours.0, |b| (x, base - b, width, b));
            bar(group, with, colours.1, |b| (x, base - without - b, width, b));
        }
        let rows: Vec<Count> = (0..self.rows).map(|r| self.row(r)).collect();
        let height = panel.edges.height() / self.rows as f64;
        for (r, (without, with)) in bars(&rows).into_iter().enumerate() {
            let (base, y) = (right + MARGINAL_GAP, bottom - (r + 1) as f64 * height);
            bar(group, without, colours.0, |b| (base, y, b, height));
            bar(group, with, colours.1, |b| (base + without, y, b, height));
        }
    }
}

/// Lengths of the bars without the study and with it.
fn bars(counts: &[Count]) -> Vec<(f64, f64)> {
    let longest = counts.iter().map(|c| c.all).fold(1e-300, f64::max);
    counts.iter().map(|c| (MARGINAL * (c.all - c.with) / longest, MARGINAL * c.with / longest)).collect()
}

/// A bar that is long enough to be seen.
fn bar(group: &mut Group, length: f64, colour: Colour, place: impl Fn(f64) -> (f64, f64, f64, f64)) {
    if length > 0.01 {
        let (x, y, width, height) = place(length);
        group.rect(x, y, width, height, colour);
    }
}

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let g = s.gosh.as_ref().ok_or_else(|| Error::model("the subsets were not pooled"))?;
    let table = &s.pool.table;
    let density = Density::of(&g.cloud);
    let range = density.range;
    let x = move |side: Side| {
        let mut axis = side.effects(table, range);
        // the picture ends where the subsets do
        axis.range = range;
        axis.ticks.retain(|t| t.0 >= range.0 && t.0 <= range.1);
        axis.minor.retain(|t| *t >= range.0 && *t <= range.1);
        axis
    };
    let y = |side: Side| side.numbers((0.0, 100.0), (0.0, 100.0));
    let mut chart = Chart::new(options, x, y);
    chart.top_room = MARGINAL + 6.0;
    chart.right_room = MARGINAL + 10.0;
    chart.x_title = words::axis_title(table, &options.labels, is_log(table));
    chart.y_title = format!("{} of the subset, per cent", s.inconsistency_word());
    say(&mut chart, s, g, &density);
    chart.compose(|panel| {
        let mut over = Group::default();
        density.marginals(&mut over, panel);
        let mean = s.pool.main().map(|m| m.estimate).filter(|m| *m >= range.0 && *m <= range.1);
        if let Some(m) = mean {
            panel.path(&mut over, &[(m, 0.0), (m, 100.0)], Stroke::dashed(1.1, panel.theme.diamond));
        }
        Marks { under: vec![density.draw(panel)], over: vec![over], unnamed: 0 }
    })
}

fn say(chart: &mut Chart, s: &SensitivityResult, g: &Gosh, density: &Density) {
    let theme = chart.options.theme.spec();
    chart.footer = vec![subsets(s, g, density)];
    if let Some(split) = g.widest() {
        let all = Symbol::Line(Stroke::dashed(1.1, theme.diamond));
        chart.legend = vec![
            (Symbol::Band(ACCENT.tint(0.8)), format!("subsets with {}", split.study)),
            (Symbol::Band(theme.square.tint(0.8)), "subsets without".into()),
            (all, "all studies".into()),
        ];
        chart.footer.push(means(s, split));
    }
    chart.title = format!("GOSH plot: {}, {} studies", s.pool.table.title(), s.pool.k);
    chart.description = format!("{}. {}", chart.title, chart.footer.join(". "));
    chart.footer.push(words::method(&s.pool));
}

fn subsets(s: &SensitivityResult, g: &Gosh, density: &Density) -> String {
    let count = if g.exhaustive {
        format!("all {} subsets", g.subsets)
    } else {
        format!("a random sample of {} subsets", g.subsets)
    };
    let shown = format!("{} studies, {count}; darker where there are more, on a logarithmic scale", s.pool.k);
    let hidden = 100.0 * (1.0 - density.total() / g.subsets as f64);
    if hidden > 1e-9 {
        format!("{shown}; {}% of the estimates lie beyond the picture", significant(hidden, 2))
    } else {
        shown
    }
}

fn means(s: &SensitivityResult, split: &Split) -> String {
    let look = Look::pooled(&s.pool, None);
    let shown = |x: f64| words::effect(&s.pool.table, look, x);
    format!(
        "Mean with {}: {}, I² {}%; without: {}, I² {}%",
        split.study,
        shown(split.estimate_with),
        fixed(split.i2_with, 1),
        shown(split.estimate_without),
        fixed(split.i2_without, 1)
    )
}
