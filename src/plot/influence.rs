//! Influence diagnostics as a table of strips: a row per study, a column per diagnostic, the rules as dashed lines.
//! Reference: \[viechtbauer2010b\].

use super::chart::{self, ACCENT, DASH, GRID, Sign, circle, hull, legend, outlined, path, plain_axis, tint};
use super::scene::{Anchor, Group, Scene};
use super::text::{self, Weight};
use super::{Drawing, Draws, PlotOptions, PlotSpec};
use crate::error::Error;
use crate::result::format::significant;
use crate::result::sensitivity::{Analysis, Flag, Influence, SensitivityResult};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "influence",
    aliases: &["influences"],
    title: "Influence diagnostics of every study",
    reference: "viechtbauer2010b",
    draws: Draws::Sensitivity { needs: &[Analysis::Influence], quantiles: false, draw },
};

const MARGIN: f64 = 12.0;
const STRIP: f64 = 62.0;
const NARROWEST_STRIP: f64 = 34.0;
const GAP: f64 = 12.0;

/// A column: heading, values, rules, value of the whole result.
struct Strip {
    heading: [&'static str; 2],
    values: Vec<Option<f64>>,
    rules: Vec<f64>,
    whole: Option<f64>,
    /// The flag that a value beyond a rule raises.
    flag: Option<Flag>,
}

fn strips(s: &SensitivityResult, rows: &[Influence]) -> Vec<Strip> {
    let k = rows.len() as f64;
    let of = |get: fn(&Influence) -> Option<f64>| rows.iter().map(get).collect::<Vec<_>>();
    let h = s.pool.heterogeneity;
    let fits = 3.0 * (1.0 / (k - 1.0)).sqrt();
    let strip = |heading, values, rules, whole, flag| Strip { heading, values, rules, whole, flag };
    let all = vec![
        strip(["Residual", "(deleted)"], of(|d| d.rstudent), vec![-1.96, 1.96], Some(0.0), None),
        strip(["DFFITS", ""], of(|d| d.dffits), vec![-fits, fits], Some(0.0), Some(Flag::Dffits)),
        // the median of χ² with one degree of freedom
        strip(
            ["Cook's", "distance"],
            of(|d| d.cook_distance),
            vec![0.454_936_423_119_572_7],
            None,
            Some(Flag::CookDistance),
        ),
        strip(["Covariance", "ratio"], of(|d| d.covratio), vec![], Some(1.0), None),
        strip(["τ²", "without it"], of(|d| d.tau2_deleted), vec![], h.and_then(|h| h.tau2), None),
        strip(["Q", "without it"], of(|d| d.q_deleted), vec![], h.map(|h| h.q), None),
        strip(["Leverage", ""], of(|d| d.hat), vec![3.0 / k], Some(1.0 / k), Some(Flag::Leverage)),
        strip(["DFBETA", ""], of(|d| d.dfbeta), vec![-1.0, 1.0], Some(0.0), Some(Flag::Dfbeta)),
    ];
    all.into_iter().filter(|s| s.values.iter().any(Option::is_some)).collect()
}

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    chart::check_width(options, 100.0)?;
    let rows = s
        .influence
        .as_deref()
        .filter(|r| !r.is_empty())
        .ok_or_else(|| Error::model("there are no diagnostics"))?;
    let strips = strips(s, rows);
    let theme = options.theme.spec();
    let asked = options.width_mm.map(|mm| mm * 72.0 / 25.4);
    let size = if asked.is_some_and(|w| w < 480.0) { theme.size.min(7.5) } else { theme.size };
    let widest = rows
        .iter()
        .map(|r| {
            text::width(
                &text::printable(&r.study),
                size,
                if r.flags.is_empty() { Weight::Regular } else { Weight::Bold },
            )
        })
        .fold(text::width("Study", size, Weight::Bold), f64::max);
    let n = strips.len() as f64;
    let label_limit = match asked {
        Some(w) => widest.min((w - 2.0 * MARGIN - n * (NARROWEST_STRIP + GAP)).max(60.0)),
        None => widest.min(200.0),
    };
    let strip = asked.map_or(STRIP, |w| ((w - 2.0 * MARGIN - label_limit) / n - GAP).max(NARROWEST_STRIP));
    let width = 2.0 * MARGIN + label_limit + n * (strip + GAP);
    let labels: Vec<Vec<String>> = rows
        .iter()
        .map(|r| {
            let weight = if r.flags.is_empty() { Weight::Regular } else { Weight::Bold };
            text::wrap(&text::printable(&r.study), size, weight, label_limit + 0.1)
        })
        .collect();
    let per_page = options.rows_per_page.max(1);
    let pages = if rows.len() <= per_page + per_page / 6 { 1 } else { rows.len().div_ceil(per_page) };
    let portion = rows.len().div_ceil(pages);
    let title = format!("Influence diagnostics: {}, {} studies", s.pool.table.title(), rows.len());
    let flagged: Vec<&str> = rows.iter().filter(|r| !r.flags.is_empty()).map(|r| r.study.as_str()).collect();
    let who = if flagged.is_empty() {
        "no study is flagged".to_string()
    } else {
        format!("flagged: {}", flagged.join("; "))
    };
    let mut scenes = vec![];
    for page in 0..pages {
        let range = page * portion..((page + 1) * portion).min(rows.len());
        let mut groups = vec![];
        let mut head = Group::default();
        let mut y = MARGIN;
        if let Some(words) = &options.labels.title {
            for line in text::wrap(words, 1.2 * size, Weight::Bold, width - 2.0 * MARGIN) {
                head.text((MARGIN, y + size), Anchor::Start, &line, (1.2 * size, Weight::Bold), theme.ink);
                y += 1.5 * size;
            }
            y += 0.3 * size;
        }
        let left = |i: usize| MARGIN + label_limit + GAP + i as f64 * (strip + GAP);
        head.text((MARGIN, y + 2.3 * size), Anchor::Start, "Study", (size, Weight::Bold), theme.ink);
        let small = 0.9 * size;
        for (i, st) in strips.iter().enumerate() {
            let lines: Vec<&str> = st.heading.iter().copied().filter(|l| !l.is_empty()).collect();
            for (j, line) in lines.iter().enumerate() {
                let up = (lines.len() - 1 - j) as f64 * 1.2 * size;
                let at = (left(i) + 0.5 * strip, y + 2.3 * size - up);
                head.text(at, Anchor::Middle, line, (small, Weight::Bold), theme.ink);
            }
        }
        y += 2.9 * size;
        head.line((MARGIN, y), (width - MARGIN, y), 0.8, theme.rule);
        groups.push(head);
        let top = y + 0.2 * size;
        let heights: Vec<f64> =
            range.clone().map(|i| 1.45 * size + (labels[i].len() - 1) as f64 * 1.2 * size).collect();
        let bottom = top + heights.iter().sum::<f64>();
        let mut back = Group::default();
        let axes: Vec<_> = strips
            .iter()
            .map(|st| {
                let (lo, hi) = hull(st.values.iter().flatten().copied().chain(st.whole));
                // a rule near the values is shown, one far away is not
                let reach = hi - lo;
                let near =
                    st.rules.iter().copied().filter(|r| *r > lo - 0.6 * reach && *r < hi + 0.6 * reach);
                let h = chart::opened(hull(near.chain([lo, hi])));
                let mut axis =
                    plain_axis(h, (f64::NEG_INFINITY, f64::INFINITY), 1.0, strip, 0.8 * size, false);
                thin(&mut axis, strip, 0.8 * size);
                axis
            })
            .collect();
        let x = |i: usize, v: f64| left(i) + 3.0 + axes[i].fraction(v) * (strip - 6.0);
        for (i, st) in strips.iter().enumerate() {
            for (v, _) in &axes[i].ticks {
                back.line((x(i, *v), top), (x(i, *v), bottom), 0.4, GRID);
            }
            if let Some(whole) = st.whole {
                back.line((x(i, whole), top), (x(i, whole), bottom), 0.7, theme.null);
            }
            for rule in st.rules.iter().filter(|r| (0.0..=1.0).contains(&axes[i].fraction(**r))) {
                path(&mut back, &[(x(i, *rule), top), (x(i, *rule), bottom)], 0.8, ACCENT, Some(DASH));
            }
            back.line((left(i), bottom), (left(i) + strip, bottom), 0.7, theme.ink);
            for (v, label) in &axes[i].ticks {
                back.line((x(i, *v), bottom), (x(i, *v), bottom + 2.4), 0.7, theme.ink);
                let across = label_at(x(i, *v), label, 0.8 * size, (left(i), strip));
                let at = (across, bottom + 3.0 + 0.85 * size);
                back.text(at, Anchor::Middle, label, (0.8 * size, Weight::Regular), theme.ink);
            }
        }
        groups.push(back);
        let mut y = top;
        for (row, height) in range.clone().zip(&heights) {
            let d = &rows[row];
            let flagged = !d.flags.is_empty();
            let shown = |x: Option<f64>| x.map_or("none".into(), |x| significant(x, 3));
            let mut g = Group::labelled(format!(
                "{}: residual {}, Cook's distance {}{}",
                d.study,
                shown(d.rstudent),
                shown(d.cook_distance),
                if flagged { format!(", flagged by {}", d.flagged_by()) } else { String::new() }
            ));
            let middle = y + 0.5 * height;
            let weight = if flagged { Weight::Bold } else { Weight::Regular };
            let first = middle - 0.5 * (labels[row].len() - 1) as f64 * 1.2 * size + 0.33 * size;
            for (j, line) in labels[row].iter().enumerate() {
                let at = (MARGIN, first + j as f64 * 1.2 * size);
                g.text(at, Anchor::Start, line, (size, weight), theme.ink);
            }
            for (i, st) in strips.iter().enumerate() {
                let Some(v) = st.values[row] else { continue };
                let raised = st.flag.is_some_and(|f| d.flags.contains(&f))
                    || st.heading[0] == "Residual" && v.abs() > 1.96;
                let at = (x(i, v), middle);
                if raised {
                    outlined(&mut g, |r| chart::lozenge(at, r), 3.8, ACCENT, tint(ACCENT, 0.7));
                } else {
                    outlined(&mut g, |r| circle(at, r), 2.3, theme.square, tint(theme.square, 0.55));
                }
            }
            groups.push(g);
            y += height;
        }
        let mut foot = Group::default();
        let mut y = bottom + 1.2 * size;
        let keys = [
            (Sign::Circle { edge: theme.square, fill: tint(theme.square, 0.55) }, "study".to_string()),
            (Sign::Diamond { edge: ACCENT, fill: tint(ACCENT, 0.7) }, "beyond a rule".to_string()),
            (Sign::Line { colour: theme.null, width: 0.7, dash: None }, "all studies".to_string()),
            (Sign::Line { colour: ACCENT, width: 0.8, dash: Some(DASH) }, "rule".to_string()),
        ];
        y = legend(&mut foot, &keys, (MARGIN, width - 2.0 * MARGIN), size, theme.ink, y);
        let small = (0.9 * size).max(6.0);
        y += 0.4 * size;
        let mut sentences =
            vec![format!("{} studies; {who}", rows.len()), format!("Method: {}", s.pool.method_line())];
        if pages > 1 {
            sentences.push(format!("Page {} of {pages}", page + 1));
        }
        for sentence in &sentences {
            for line in
                text::wrap(&chart::typeset_sentence(sentence), small, Weight::Regular, width - 2.0 * MARGIN)
            {
                y += 1.35 * small;
                foot.text((MARGIN, y), Anchor::Start, &line, (small, Weight::Regular), theme.ink);
            }
        }
        groups.push(foot);
        scenes.push(Scene {
            width,
            height: y + MARGIN,
            title: options.labels.title.clone().unwrap_or_else(|| title.clone()),
            description: format!("{title}; {who}."),
            groups,
        });
    }
    Ok(Drawing { pages: scenes, remarks: vec![] })
}

/// Where a label stands: under its tick, but not further into the gap than it may reach.
fn label_at(place: f64, label: &str, size: f64, (left, length): (f64, f64)) -> f64 {
    let half = 0.5 * text::width(label, size, Weight::Regular);
    let reach = 0.5 * GAP - 1.0;
    place.clamp(left - reach + half, (left + length + reach - half).max(left - reach + half))
}

/// Keeps as many ticks as have room for their labels in a narrow strip.
fn thin(axis: &mut super::scale::Axis, length: f64, size: f64) {
    let place =
        |t: &(f64, String)| label_at(3.0 + axis.fraction(t.0) * (length - 6.0), &t.1, size, (0.0, length));
    let width = |t: &(f64, String)| text::width(&t.1, size, Weight::Regular);
    let apart = |a: &(f64, String), b: &(f64, String)| {
        place(b) - place(a) >= 0.5 * (width(a) + width(b)) + 0.6 * size
    };
    let all = axis.ticks.clone();
    let mut choices: Vec<Vec<(f64, String)>> =
        (1..all.len().max(2)).map(|every| all.iter().step_by(every).cloned().collect()).collect();
    choices.push(all.first().into_iter().chain(all.last()).cloned().collect());
    let fits = |c: &Vec<(f64, String)>| c.len() > 1 && c.windows(2).all(|p| apart(&p[0], &p[1]));
    axis.ticks = choices.into_iter().find(fits).unwrap_or_else(|| all.into_iter().take(1).collect());
}
