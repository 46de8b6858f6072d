//! Specification curve: the estimate under every combination of choices, sorted, with the choices below.
//!
//! Measures that are read on different scales stand in panels of their own, side by side. A pale bar behind each estimate
//! is the range of the estimate when one study is left out. Reference: \[simonsohn2020\].

use super::chart::{self, ACCENT, GRID, Sign, circle, hull, legend, outlined, plain_axis, tint};
use super::scale::{Axis, Spread, Wanted, typeset};
use super::scene::{Anchor, Group, Scene};
use super::text::{self, Weight};
use super::{Drawing, Draws, PlotOptions, PlotSpec};
use crate::effect::Measure;
use crate::error::Error;
use crate::registry::Member;
use crate::result::look::Unit;
use crate::result::sensitivity::{Analysis, SensitivityResult, Specification};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "stability",
    aliases: &["specification", "multiverse"],
    title: "Specification curve: the estimate under every defensible choice",
    reference: "simonsohn2020",
    draws: Draws::Sensitivity { needs: &[Analysis::Stability], quantiles: false, draw },
};

const MARGIN: f64 = 12.0;
const HIGH: f64 = 150.0;

/// Specifications that share an axis.
struct Block<'a> {
    specifications: Vec<&'a Specification>,
    axis: Axis,
    left: f64,
}

fn blocks<'a>(
    s: &'a SensitivityResult,
    all: &'a [Specification],
    size: f64,
) -> Vec<(Vec<&'a Specification>, Axis)> {
    let proportion = s.pool.table.measure().is_proportion();
    let unit = Unit::of(&s.pool.table);
    // ratios of counts share an axis; so do all proportions; every other measure has its own
    let key = |x: &Specification| match (proportion, x.ratio) {
        (true, _) => String::new(),
        (false, true) => "ratio".to_string(),
        _ => x.measure.id().to_string(),
    };
    let mut groups: Vec<(String, Vec<&Specification>)> = vec![];
    for x in all {
        match groups.iter_mut().find(|g| g.0 == key(x)) {
            Some(g) => g.1.push(x),
            None => groups.push((key(x), vec![x])),
        }
    }
    groups
        .into_iter()
        .map(|(_, mut list)| {
            list.sort_by(|a, b| {
                a.natural.estimate.unwrap_or(0.0).total_cmp(&b.natural.estimate.unwrap_or(0.0))
            });
            let ratio = list[0].ratio;
            let place = |v: f64| if ratio { v.ln() } else { v };
            let own = hull(
                list.iter()
                    .flat_map(|x| [x.natural.estimate, x.left_out.map(|l| l.0), x.left_out.map(|l| l.1)])
                    .flatten()
                    .chain(list[0].null)
                    .map(place),
            );
            let reach = (own.1 - own.0).max(1e-9 * own.0.abs().max(own.1.abs()));
            // limits far out are cut rather than flatten the curve
            let limits = list.iter().flat_map(|x| [x.natural.lower, x.natural.upper]).flatten().map(place);
            let h = hull(
                limits.filter(|v| *v > own.0 - 1.2 * reach && *v < own.1 + 1.2 * reach).chain([own.0, own.1]),
            );
            let h = chart::opened(h);
            let axis = if ratio {
                let width = |_: &str| size;
                let hull = (h.0.exp(), h.1.exp());
                let bounds = (0.0, f64::INFINITY);
                Axis::fit(
                    Spread::Log,
                    &Wanted { hull, bounds, factor: 1.0, length: HIGH, label_width: &width, gap: 0.9 * size },
                )
            } else {
                let bounds = if proportion { (0.0, 1.0) } else { (f64::NEG_INFINITY, f64::INFINITY) };
                plain_axis(h, bounds, unit.factor(), HIGH, size, true)
            };
            (list, axis)
        })
        .collect()
}

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    chart::check_width(options, 100.0)?;
    let st = s.stability.as_ref().ok_or_else(|| Error::model("the choices were not compared"))?;
    let theme = options.theme.spec();
    let asked = options.width_mm.map(|mm| mm * 72.0 / 25.4);
    let size = if asked.is_some_and(|w| w < 480.0) { theme.size.min(7.5) } else { theme.size };
    let made = blocks(s, &st.specifications, size);
    // rows of the dashboard: every option of every dimension that has more than one
    let mut rows: Vec<(usize, &str, bool)> = vec![]; // dimension, option, first of its dimension
    for (d, dimension) in st.dimensions.iter().enumerate() {
        let options: Vec<&str> =
            st.choices.iter().filter(|c| c.dimension == *dimension).map(|c| c.option.as_str()).collect();
        if options.len() > 1 {
            rows.extend(options.iter().enumerate().map(|(i, o)| (d, *o, i == 0)));
        }
    }
    let small = 0.88 * size;
    let label = rows
        .iter()
        .map(|r| text::width(r.1, small, Weight::Regular) + size)
        .chain(st.dimensions.iter().map(|d| text::width(&chart::upper_first(d), small, Weight::Bold)))
        .fold(text::width("Estimate", size, Weight::Bold), f64::max)
        .min(150.0);
    let tick_room: Vec<f64> = made
        .iter()
        .map(|(_, axis)| {
            axis.ticks.iter().map(|t| text::width(&t.1, size, Weight::Regular)).fold(0.0, f64::max) + 12.0
        })
        .collect();
    let count: usize = made.iter().map(|b| b.0.len()).sum();
    let room: f64 = tick_room.iter().sum::<f64>() + 8.0 * (made.len() - 1) as f64;
    let width =
        asked.unwrap_or_else(|| 2.0 * MARGIN + label + room + (count as f64 * 5.2).clamp(280.0, 620.0));
    let step = (width - 2.0 * MARGIN - label - room) / count as f64;
    let mut y = MARGIN;
    let mut head = Group::default();
    if let Some(title) = &options.labels.title {
        for line in text::wrap(title, 1.2 * size, Weight::Bold, width - 2.0 * MARGIN) {
            head.text((MARGIN, y + size), Anchor::Start, &line, (1.2 * size, Weight::Bold), theme.ink);
            y += 1.5 * size;
        }
        y += 0.3 * size;
    }
    let mut x = MARGIN + label;
    let mut placed = vec![];
    for ((list, axis), room) in made.into_iter().zip(&tick_room) {
        let left = x + room;
        let n = list.len() as f64;
        placed.push(Block { specifications: list, axis, left });
        x = left + n * step + 8.0;
    }
    let mut groups = vec![];
    let heading_y = y + size;
    head.text((MARGIN, heading_y), Anchor::Start, "Estimate", (size, Weight::Bold), theme.ink);
    for b in &placed {
        let mut measures: Vec<&str> = vec![];
        b.specifications.iter().for_each(|x| {
            let name = if x.measure == Measure::Generic { "effect" } else { x.measure.id() };
            if !measures.contains(&name) {
                measures.push(name);
            }
        });
        let scale = match (Unit::of(&s.pool.table).words(), b.specifications[0].ratio) {
            (Some(unit), _) => format!(", {}", typeset(&unit)),
            (None, true) => ", log scale".into(),
            _ => String::new(),
        };
        let words = chart::upper_first(&format!("{}{scale}", measures.join(", ")));
        let lines = text::wrap(&words, size, Weight::Bold, (b.specifications.len() as f64 * step).max(40.0));
        head.text((b.left, heading_y), Anchor::Start, &lines[0], (size, Weight::Bold), theme.ink);
    }
    groups.push(head);
    y += 1.8 * size;
    let (top, bottom) = (y, y + HIGH);
    let colour_of = |x: &Specification| match (x.conclusion, st.conclusion) {
        (Some(c), Some(w)) if c == w => theme.square,
        (Some(_), Some(_)) => ACCENT,
        _ => theme.square,
    };
    for b in &placed {
        let place = |v: f64| bottom - b.axis.fraction(v).clamp(0.0, 1.0) * (bottom - top);
        let right = b.left + b.specifications.len() as f64 * step;
        let mut g = Group::default();
        for (v, tick) in &b.axis.ticks {
            g.line((b.left, place(*v)), (right, place(*v)), 0.4, GRID);
            g.text(
                (b.left - 5.0, place(*v) + 0.33 * size),
                Anchor::End,
                tick,
                (size, Weight::Regular),
                theme.ink,
            );
        }
        g.line((b.left, top), (b.left, bottom), 0.8, theme.ink);
        if let Some(null) = b.specifications[0].null.filter(|n| (0.0..=1.0).contains(&b.axis.fraction(*n))) {
            g.line((b.left, place(null)), (right, place(null)), 0.9, theme.null);
        }
        groups.push(g);
        for (i, x) in b.specifications.iter().enumerate() {
            let at = b.left + (i as f64 + 0.5) * step;
            let colour = colour_of(x);
            let mut g = Group::labelled(format!(
                "{}: {}",
                x.choices.join(", "),
                x.conclusion.map_or(String::new(), |c| c.words(st.against))
            ));
            if let Some((lo, hi)) = x.left_out {
                let half = (0.36 * step).min(3.0);
                g.rect(
                    at - half,
                    place(hi),
                    2.0 * half,
                    (place(lo) - place(hi)).max(0.6),
                    tint(colour, 0.25),
                );
            }
            if let (Some(l), Some(u)) = (x.natural.lower, x.natural.upper) {
                g.line((at, place(u)), (at, place(l)), 0.7, colour);
            }
            if let Some(e) = x.natural.estimate {
                let radius = (0.36 * step).clamp(0.9, 2.4);
                if x.primary {
                    outlined(
                        &mut g,
                        |r| chart::lozenge((at, place(e)), r),
                        radius + 2.2,
                        theme.diamond,
                        theme.diamond,
                    );
                } else {
                    outlined(&mut g, |r| circle((at, place(e)), r), radius, colour, colour);
                }
            }
            groups.push(g);
        }
    }
    // the dashboard
    let mut y = bottom + 0.8 * size;
    let height = 1.32 * size;
    let mut board = Group::default();
    for (d, option, first) in &rows {
        if *first {
            y += 0.5 * size;
            let name = chart::upper_first(&st.dimensions[*d]);
            board.text((MARGIN, y + 0.9 * size), Anchor::Start, &name, (small, Weight::Bold), theme.ink);
            y += height;
        }
        let lines = text::wrap(option, small, Weight::Regular, label - size + 0.5);
        let shown = if lines.len() > 1 { format!("{}…", lines[0]) } else { (*option).to_string() };
        board.text(
            (MARGIN + 0.7 * size, y + 0.9 * size),
            Anchor::Start,
            &shown,
            (small, Weight::Regular),
            theme.ink,
        );
        for b in &placed {
            let right = b.left + b.specifications.len() as f64 * step;
            board.line((b.left, y + height), (right, y + height), 0.3, GRID);
            for (i, x) in b.specifications.iter().enumerate().filter(|(_, x)| x.choices[*d] == *option) {
                let at = b.left + (i as f64 + 0.5) * step;
                let half = (0.38 * step).clamp(0.35, 2.2);
                let colour = if x.primary { theme.diamond } else { colour_of(x) };
                board.rect(at - half, y + 0.2 * height, 2.0 * half, 0.62 * height, colour);
            }
        }
        y += height;
    }
    groups.push(board);
    let mut foot = Group::default();
    let mut keys =
        vec![(Sign::Diamond { edge: theme.diamond, fill: theme.diamond }, "primary analysis".to_string())];
    if let Some(c) = st.conclusion {
        keys.push((
            Sign::Circle { edge: theme.square, fill: theme.square },
            format!("same conclusion ({})", c.words(st.against)),
        ));
        if st.specifications.iter().any(|x| x.conclusion.is_some() && x.conclusion != st.conclusion) {
            keys.push((Sign::Circle { edge: ACCENT, fill: ACCENT }, "another conclusion".into()));
        }
    }
    keys.push((Sign::Band(tint(theme.square, 0.25)), "estimates with one study left out".into()));
    y = legend(&mut foot, &keys, (MARGIN, width - 2.0 * MARGIN), size, theme.ink, y);
    let mut sentences = vec![];
    if let Some(h) = st.holds {
        sentences.push(format!(
            "The conclusion{} holds in {h} of {} analyses ({:.0}%), those with one study left out included",
            st.against.map_or(String::new(), |x| format!(" about {x}")),
            st.analyses,
            100.0 * h as f64 / st.analyses as f64
        ));
    }
    let constant: Vec<String> = st
        .dimensions
        .iter()
        .filter_map(|d| {
            let of: Vec<&str> =
                st.choices.iter().filter(|c| c.dimension == *d).map(|c| c.option.as_str()).collect();
            (of.len() == 1).then(|| format!("{d}: {}", of[0]))
        })
        .collect();
    if !constant.is_empty() {
        sentences.push(format!("The same throughout: {}", constant.join("; ")));
    }
    if st.refused.0 > 0 {
        sentences.push(format!("{} combinations could not be computed", st.refused.0));
    }
    sentences.push(format!("{} studies. Primary analysis: {}", s.pool.k, s.pool.method_line()));
    y += 0.4 * size;
    for sentence in &sentences {
        for line in
            text::wrap(&chart::typeset_sentence(sentence), small, Weight::Regular, width - 2.0 * MARGIN)
        {
            y += 1.35 * small;
            foot.text((MARGIN, y), Anchor::Start, &line, (small, Weight::Regular), theme.ink);
        }
    }
    groups.push(foot);
    let title = format!("Specification curve: {} analyses, {} studies", st.specifications.len(), s.pool.k);
    Ok(Drawing {
        pages: vec![Scene {
            width,
            height: y + MARGIN,
            title: options.labels.title.clone().unwrap_or_else(|| title.clone()),
            description: format!("{title}. {}", sentences[0]),
            groups,
        }],
        remarks: vec![],
    })
}
