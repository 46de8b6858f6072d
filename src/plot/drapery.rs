//! Drapery plot: the p-value of every possible effect, for each study, for the pooled estimate and for a new study.
//! Reference: \[rucker2021\].

use super::chart::{self, Chart, DASH, GRID, Sign, effect_axis, hull, tint};
use super::colour::Colour;
use super::scene::{Anchor, Group};
use super::text::{self, Weight};
use super::{Drawing, Draws, Naming, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::math::dist;
use crate::result::PoolResult;
use crate::result::look::Look;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "drapery",
    aliases: &[],
    title: "Drapery plot: p-value functions",
    reference: "rucker2021",
    draws: Draws::Pool(draw),
};

const BAND: Colour = Colour(0xE4, 0xEC, 0xF4);
const LEVELS: [f64; 5] = [50.0, 80.0, 90.0, 95.0, 99.0];
/// Most rows of names above the panel.
const MOST_ROWS: usize = 14;
const SAMPLES: i32 = 240;

/// A name above the panel.
struct Flag {
    /// Row of names, from the panel upwards.
    row: usize,
    study: usize,
    /// Whether the name stands to the left of its line.
    leftward: bool,
}

fn p_of(distance: f64, se: f64, df: Option<f64>) -> f64 {
    let z = distance.abs() / se;
    df.map_or_else(|| dist::normal_two_sided(z), |df| dist::t_two_sided(z, df))
}

fn draw(result: &PoolResult, options: &PlotOptions) -> Result<Drawing, Error> {
    let table = &result.table;
    let main = result.main().ok_or_else(|| Error::model("there is no pooled estimate"))?;
    let se = main.se.filter(|se| *se > 0.0).ok_or_else(|| {
        Error::model("the pooled estimate has no standard error above 0, and so no p-value function")
            .with_hint("add ⟦model=inverse-variance⟧, or leave ⟦ci⟧ out where all studies agree")
    })?;
    let studies: Vec<(f64, f64, usize)> = table
        .studies
        .iter()
        .enumerate()
        .filter_map(|(row, s)| s.effect().map(|e| (e.y, e.v.sqrt(), row)))
        .collect();
    if studies.is_empty() {
        return Err(Error::model("no study has an effect with a variance"));
    }
    let weights = result.main_weights();
    let weight = |row: usize| weights[row].unwrap_or(100.0 / result.k as f64);
    let heaviest = studies.iter().map(|s| weight(s.2)).fold(0.0, f64::max);
    // all peaks, and the middle half of each curve as far as it does not flatten the rest
    let own = hull(studies.iter().map(|s| s.0).chain([main.estimate]).chain(table.measure().spec().null));
    let reach = own.1 - own.0;
    let feet = studies.iter().flat_map(|s| [s.0 - 2.0 * s.1, s.0 + 2.0 * s.1]);
    let wide =
        hull(feet.filter(|x| *x > own.0 - 0.35 * reach && *x < own.1 + 0.35 * reach).chain([own.0, own.1]));
    let range = chart::opened(wide);
    let x = Box::new(move |length: f64, size: f64| effect_axis(table, range, length, size, false));
    let y =
        Box::new(|length: f64, size: f64| chart::plain_axis((0.0, 1.0), (0.0, 1.0), 1.0, length, size, true));
    let mut chart = Chart::new(options, x, y);
    chart.panel = (340.0, 240.0);
    chart.right_room = 34.0;
    chart.x_title = chart::effect_title(result, options);
    chart.y_title = "Two-sided p-value of the effect (confidence level on the right)".into();
    chart.favours = chart::favours(result, options, range);
    let theme = options.theme.spec();
    chart.legend = vec![
        (
            Sign::Line { colour: tint(theme.square, 0.7), width: 0.9, dash: None },
            "study, darker by weight".into(),
        ),
        (Sign::Line { colour: theme.diamond, width: 2.2, dash: None }, "pooled estimate".into()),
    ];
    let tau2 = result.heterogeneity.and_then(|h| h.tau2).filter(|_| main.prediction.is_some());
    if tau2.is_some() {
        chart.legend.push((Sign::Band(BAND), "effect in a new study".into()));
    }
    if table.measure().spec().null.is_some() {
        chart
            .legend
            .push((Sign::Line { colour: theme.null, width: 0.7, dash: Some(DASH) }, "no effect".into()));
    }
    // names as flags over the peaks, the heaviest studies first
    let naming = match options.naming {
        Naming::None => 0,
        Naming::Outliers => 16,
        Naming::All => usize::MAX,
    };
    let (size, left, across, width) = chart.horizontal();
    let small = 0.85 * size;
    let axis = effect_axis(table, range, across, size, false);
    let mut named: Vec<usize> = (0..studies.len()).collect();
    named.sort_by(|&a, &b| weight(studies[b].2).total_cmp(&weight(studies[a].2)));
    named.truncate(naming);
    let wishes: Vec<(usize, f64, f64)> = named
        .iter()
        .map(|&i| {
            let (y, _, row) = studies[i];
            let words = text::printable(&table.studies[row].study);
            (i, left + axis.fraction(y) * across, text::width(&words, small, Weight::Regular))
        })
        .collect();
    let flags = flags(&wishes, (left, width - 12.0));
    let left_out = named.len() - flags.len();
    let rows = flags.iter().map(|f| f.row + 1).max().unwrap_or(0);
    chart.top_room = rows as f64 * 1.15 * small + if rows > 0 { 4.0 } else { 0.0 };
    chart.footer = vec![
        format!("{} studies; {}", result.k, chart::pooled_words(result)),
        format!("Method: {}", result.method_line()),
    ];
    chart.title = format!("Drapery plot: {}, {} studies", table.title(), result.k);
    chart.description = format!("{}. {}", chart.title, chart.footer[0]);
    let mut drawing = chart.compose(|panel, theme, size| {
        let mut under = Group::default();
        let grid: Vec<f64> =
            (0..=SAMPLES).map(|i| panel.x.value_at(f64::from(i) / f64::from(SAMPLES))).collect();
        if let (Some(_), Some(p)) = (tau2, &main.prediction) {
            // the interval that was computed says how wide its curve is
            let half = 0.5 * (p.upper - p.lower);
            let df = main.df.unwrap_or(f64::INFINITY);
            let spread = half / crate::math::dist::t_upper_quantile(0.5 - result.settings.level / 200.0, df);
            let mut outline: Vec<(f64, f64)> =
                grid.iter().map(|&x| panel.at(x, p_of(x - main.estimate, spread, main.df))).collect();
            outline.insert(0, (panel.left, panel.bottom));
            outline.push((panel.right, panel.bottom));
            panel.area(&mut under, &outline, BAND);
        }
        for level in LEVELS {
            let y = panel.y(1.0 - level / 100.0);
            under.line((panel.left, y), (panel.right, y), 0.4, GRID);
            let label = format!("{level}%");
            let at = (panel.right + 4.0, y + 0.3 * size);
            under.text(at, Anchor::Start, &label, (0.82 * size, Weight::Regular), theme.ink);
        }
        if let Some(null) = table.measure().spec().null {
            panel.path(&mut under, &[(null, 0.0), (null, 1.0)], 0.7, theme.null, Some(DASH));
        }
        let mut over = vec![];
        let mut order: Vec<&(f64, f64, usize)> = studies.iter().collect();
        order.sort_by(|a, b| weight(a.2).total_cmp(&weight(b.2)));
        let look = Look::pooled(result, None);
        for (y, se, row) in order {
            let strength = 0.3 + 0.6 * (weight(*row) / heaviest).sqrt();
            let mut g =
                Group::labelled(format!("{}: {}", table.studies[*row].study, chart::shown(table, look, *y)));
            let mut places: Vec<f64> = grid.clone();
            places.push(*y);
            places.sort_by(f64::total_cmp);
            let curve: Vec<(f64, f64)> = places.iter().map(|&x| (x, p_of(x - y, *se, None))).collect();
            panel.path(&mut g, &curve, 0.9, tint(theme.square, strength), None);
            over.push(g);
        }
        let mut g = Group::labelled(chart::pooled_words(result));
        let mut places: Vec<f64> = grid.clone();
        // fine where the pooled curve is narrow
        places.extend((-120..=120).map(|i| main.estimate + f64::from(i) / 30.0 * se));
        places.sort_by(f64::total_cmp);
        let curve: Vec<(f64, f64)> =
            places.iter().map(|&x| (x, p_of(x - main.estimate, se, main.df))).collect();
        panel.path(&mut g, &curve, 2.2, theme.diamond, None);
        over.push(g);
        let mut names = Group::default();
        for f in &flags {
            let (y, _, row) = studies[f.study];
            let x = panel.x(y);
            let base = panel.top - 4.0 - f.row as f64 * 1.15 * small;
            names.line((x, panel.top), (x, base - 0.55 * small), 0.4, tint(theme.square, 0.7));
            let (at, anchor) = if f.leftward { (x - 2.0, Anchor::End) } else { (x + 2.0, Anchor::Start) };
            names.text((at, base), anchor, &table.studies[row].study, (small, Weight::Regular), theme.ink);
        }
        over.push(names);
        (vec![under], over)
    })?;
    drawing.say_unnamed(left_out);
    Ok(drawing)
}

/// Rows for names that stand beside the lines of their peaks, so that no line runs through another name. Takes study,
/// place and width, those first that must not be left out; the ends are those of the page.
fn flags(wishes: &[(usize, f64, f64)], (left, right): (f64, f64)) -> Vec<Flag> {
    let mut best: Vec<Flag> = vec![];
    let mut chosen: Vec<(usize, f64, f64)> = vec![];
    for wish in wishes {
        chosen.push(*wish);
        match rows(&chosen, (left, right)) {
            Some(flags) => best = flags,
            None => {
                chosen.pop();
            }
        }
    }
    best
}

/// Raises names until none is crossed; `None` if that takes too many rows.
fn rows(chosen: &[(usize, f64, f64)], (left, right): (f64, f64)) -> Option<Vec<Flag>> {
    let leftward: Vec<bool> = chosen.iter().map(|c| c.1 + 4.0 + c.2 > right).collect();
    let span = |i: usize| {
        let (_, x, width) = chosen[i];
        if leftward[i] { (x - 4.0 - width, x) } else { (x, x + 4.0 + width) }
    };
    if (0..chosen.len()).any(|i| span(i).0 < left - 40.0) {
        return None;
    }
    let mut row = vec![0usize; chosen.len()];
    for _ in 0..MOST_ROWS * chosen.len() + 1 {
        let mut settled = true;
        for i in 0..chosen.len() {
            let (a, b) = span(i);
            for j in (0..chosen.len()).filter(|&j| j != i) {
                let crossed = chosen[j].1 > a - 1.5 && chosen[j].1 < b + 1.5;
                let (c, d) = span(j);
                let touching = row[i] == row[j] && a < d + 3.0 && c < b + 3.0;
                if (crossed || touching) && row[i] <= row[j] && (crossed || i > j) {
                    row[i] = row[j] + 1;
                    settled = false;
                }
            }
        }
        if row.iter().any(|r| *r >= MOST_ROWS) {
            return None;
        }
        if settled {
            let flag = |i: usize| Flag { row: row[i], study: chosen[i].0, leftward: leftward[i] };
            return Some((0..chosen.len()).map(flag).collect());
        }
    }
    None
}
