//! Specification curve: the estimate under every combination of choices, sorted, with the choices below.
//!
//! Measures that are read on different scales stand in panels of their own, side by side. A pale bar behind each estimate
//! is the range of the estimate when one study is left out. Reference: \[simonsohn2020\].

mod block;

use super::colour::{ACCENT, Colour, GRID};
use super::geometry::Point;
use super::legend::{Entry, Symbol};
use super::marks::Marker;
use super::options::PlotOptions;
use super::page::{MARGIN, Page, asked_width, check_width, text_size};
use super::scene::{Anchor, Drawing, Group};
use super::spec::{Draws, PlotSpec};
use super::text::{self, Weight};
use crate::error::Error;
use crate::result::format::upper_first;
use crate::result::sensitivity::{Analysis, SensitivityResult, Specification, Stability};
use block::{Block, HIGH, blocks};
use std::borrow::Cow;

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "stability",
    aliases: &["specification", "multiverse"],
    title: "Specification curve: the estimate under every defensible choice",
    reference: "simonsohn2020",
    draws: Draws::Sensitivity { needs: &[Analysis::Stability], quantiles: false, draw },
};

/// The narrowest page, in millimetres.
const NARROWEST: f64 = 100.0;
/// Pages narrower than this have smaller text, in points.
const NARROW: f64 = 480.0;
/// Longer names of options are cut.
const WIDEST_OPTION: f64 = 150.0;
/// Between blocks.
const GAP: f64 = 8.0;
/// Width of an estimate on a page of natural width, and of all of them.
const STEP: f64 = 5.2;
const WIDTHS: (f64, f64) = (280.0, 620.0);

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    check_width(options, NARROWEST)?;
    let stability = s.stability.as_ref().ok_or_else(|| Error::model("the choices were not compared"))?;
    let size = text_size(options, NARROW);
    let mut curve =
        Curve { s, stability, size, rows: rows(stability), blocks: vec![], label: 0.0, step: 0.0 };
    let width = curve.place_blocks(options);
    let mut page = Page::new(options, size, width);
    curve.head(&mut page);
    curve.panels(&mut page);
    curve.dashboard(&mut page);
    let sentences = curve.sentences();
    curve.foot(&mut page, &sentences);
    let (count, k) = (stability.specifications.len(), s.pool.k);
    let title = format!("Specification curve: {count} analyses, {k} studies");
    let description = format!("{title}. {}", sentences[0]);
    Ok(Drawing { pages: vec![page.finish(&title, description)], remarks: vec![] })
}

/// A row of the dashboard.
struct Row<'a> {
    /// Index of its dimension.
    dimension: usize,
    option: &'a str,
    /// Whether it is the first of its dimension.
    first: bool,
}

/// Every option of every dimension that has more than one.
fn rows(stability: &Stability) -> Vec<Row<'_>> {
    let mut rows = vec![];
    for (dimension, name) in stability.dimensions.iter().enumerate() {
        let options = options_of(stability, name);
        if options.len() > 1 {
            let row = |(i, option)| Row { dimension, option, first: i == 0 };
            rows.extend(options.into_iter().enumerate().map(row));
        }
    }
    rows
}

fn options_of<'a>(stability: &'a Stability, dimension: &str) -> Vec<&'a str> {
    let choices = stability.choices.iter().filter(|c| c.dimension == dimension);
    choices.map(|c| c.option.as_str()).collect()
}

/// What is drawn, and where it lies.
struct Curve<'a> {
    s: &'a SensitivityResult,
    stability: &'a Stability,
    size: f64,
    rows: Vec<Row<'a>>,
    blocks: Vec<Block<'a>>,
    /// Width of the names of options.
    label: f64,
    /// Width of an estimate.
    step: f64,
}

impl Curve<'_> {
    fn small(&self) -> f64 {
        0.88 * self.size
    }

    fn label_width(&self) -> f64 {
        let (small, size) = (self.small(), self.size);
        let option = |r: &Row| text::width(r.option, small, Weight::Regular) + size;
        let dimension = |d: &Cow<'_, str>| text::width(&upper_first(d), small, Weight::Bold);
        self.rows
            .iter()
            .map(option)
            .chain(self.stability.dimensions.iter().map(dimension))
            .fold(text::width("Estimate", size, Weight::Bold), f64::max)
            .min(WIDEST_OPTION)
    }

    /// Sets the blocks side by side; returns the width of the page.
    fn place_blocks(&mut self, options: &PlotOptions) -> f64 {
        self.label = self.label_width();
        self.blocks = blocks(self.s, &self.stability.specifications, self.size);
        let count: usize = self.blocks.iter().map(|b| b.specifications.len()).sum();
        let ticks: f64 = self.blocks.iter().map(|b| b.tick_room(self.size)).sum();
        let room = ticks + GAP * (self.blocks.len() - 1) as f64;
        let natural = || 2.0 * MARGIN + self.label + room + (count as f64 * STEP).clamp(WIDTHS.0, WIDTHS.1);
        let width = asked_width(options).unwrap_or_else(natural);
        self.step = (width - 2.0 * MARGIN - self.label - room) / count as f64;
        let mut x = MARGIN + self.label;
        for block in &mut self.blocks {
            block.left = x + block.tick_room(self.size);
            block.right = block.left + block.specifications.len() as f64 * self.step;
            x = block.right + GAP;
        }
        width
    }

    fn head(&self, page: &mut Page) {
        let mut head = Group::default();
        page.title(&mut head);
        let (y, style, ink) = (page.y + self.size, (self.size, Weight::Bold), page.theme.ink);
        head.text((MARGIN, y), Anchor::Start, "Estimate", style, ink);
        for b in &self.blocks {
            let room = (b.right - b.left).max(40.0);
            let lines = text::wrap(&b.heading(self.s), self.size, Weight::Bold, room);
            head.text((b.left, y), Anchor::Start, &lines[0], style, ink);
        }
        page.y += 1.8 * self.size;
        page.groups.push(head);
    }

    /// The colour of what an analysis concludes.
    fn colour(&self, x: &Specification, page: &Page) -> Colour {
        match (x.conclusion, self.stability.conclusion) {
            (Some(one), Some(primary)) if one != primary => ACCENT,
            _ => page.theme.square,
        }
    }

    fn panels(&self, page: &mut Page) {
        let edges = (page.y, page.y + HIGH);
        for b in &self.blocks {
            page.groups.push(b.background(page, edges));
            for (i, x) in b.specifications.iter().enumerate() {
                let at = b.left + (i as f64 + 0.5) * self.step;
                let group = self.estimate(page, x, at, |v| b.y(v, edges));
                page.groups.push(group);
            }
        }
        page.y = edges.1;
    }

    /// An estimate with its limits and the range of those with one study left out.
    fn estimate(&self, page: &Page, x: &Specification, at: f64, y: impl Fn(f64) -> f64) -> Group {
        let colour = self.colour(x, page);
        let conclusion = x.conclusion.map_or(String::new(), |c| c.words(self.stability.against));
        let mut group = Group::labelled(format!("{}: {conclusion}", x.choices.join(", ")));
        if let Some((lo, hi)) = x.left_out {
            let half = (0.36 * self.step).min(3.0);
            group.rect(at - half, y(hi), 2.0 * half, (y(lo) - y(hi)).max(0.6), colour.tint(0.25));
        }
        if let (Some(l), Some(u)) = (x.natural.lower, x.natural.upper) {
            group.line((at, y(u)), (at, y(l)), 0.7, colour);
        }
        if let Some(e) = x.natural.estimate {
            let radius = (0.36 * self.step).clamp(0.9, 2.4);
            if x.primary {
                group.marker((at, y(e)), radius + 2.2, Marker::full_diamond(page.theme.diamond));
            } else {
                group.marker((at, y(e)), radius, Marker::dot(colour));
            }
        }
        group
    }

    /// Which choices each estimate comes from.
    fn dashboard(&self, page: &mut Page) {
        let (small, ink) = (self.small(), page.theme.ink);
        let height = 1.32 * self.size;
        let mut board = Group::default();
        page.y += 0.8 * self.size;
        for row in &self.rows {
            if row.first {
                page.y += 0.5 * self.size;
                let name = upper_first(&self.stability.dimensions[row.dimension]);
                let at = (MARGIN, page.y + 0.9 * self.size);
                board.text(at, Anchor::Start, &name, (small, Weight::Bold), ink);
                page.y += height;
            }
            let room = self.label - self.size + 0.5;
            let option = shortened(row.option, small, room);
            let at = (MARGIN + 0.7 * self.size, page.y + 0.9 * self.size);
            board.text(at, Anchor::Start, &option, (small, Weight::Regular), ink);
            self.ticks(&mut board, page, row, height);
            page.y += height;
        }
        page.groups.push(board);
    }

    /// A tick under every estimate with this option.
    fn ticks(&self, board: &mut Group, page: &Page, row: &Row, height: f64) {
        let half = (0.38 * self.step).clamp(0.35, 2.2);
        for b in &self.blocks {
            board.line((b.left, page.y + height), (b.right, page.y + height), 0.3, GRID);
            for (i, x) in b.specifications.iter().enumerate() {
                if x.choices[row.dimension] != row.option {
                    continue;
                }
                let at: Point = (b.left + (i as f64 + 0.5) * self.step - half, page.y + 0.2 * height);
                let colour = if x.primary { page.theme.diamond } else { self.colour(x, page) };
                board.rect(at.0, at.1, 2.0 * half, 0.62 * height, colour);
            }
        }
    }

    fn legend(&self, page: &Page) -> Vec<Entry> {
        let (theme, st) = (page.theme, self.stability);
        let mut entries: Vec<Entry> =
            vec![(Symbol::Marker(Marker::full_diamond(theme.diamond)), "primary analysis".into())];
        if let Some(c) = st.conclusion {
            let same = format!("same conclusion ({})", c.words(st.against));
            entries.push((Symbol::Marker(Marker::dot(theme.square)), same));
            let other = |x: &Specification| x.conclusion.is_some_and(|other| other != c);
            if st.specifications.iter().any(other) {
                entries.push((Symbol::Marker(Marker::dot(ACCENT)), "another conclusion".into()));
            }
        }
        let left_out = Symbol::Band(theme.square.tint(0.25));
        entries.push((left_out, "estimates with one study left out".into()));
        entries
    }

    fn foot(&self, page: &mut Page, sentences: &[String]) {
        let mut foot = Group::default();
        let entries = self.legend(page);
        page.legend(&mut foot, &entries);
        page.y += 0.4 * self.size;
        page.sentences(&mut foot, sentences, self.small());
        page.groups.push(foot);
    }

    fn sentences(&self) -> Vec<String> {
        let st = self.stability;
        let mut sentences = vec![];
        if let Some(h) = st.holds {
            sentences.push(format!(
                "The conclusion{} holds in {h} of {} analyses ({:.0}%), those with one study left out included",
                st.against.map_or(String::new(), |x| format!(" about {x}")),
                st.analyses,
                100.0 * h as f64 / st.analyses as f64
            ));
        }
        let constant = |d: &Cow<'_, str>| match options_of(st, d)[..] {
            [only] => Some(format!("{d}: {only}")),
            _ => None,
        };
        let constant: Vec<String> = st.dimensions.iter().filter_map(constant).collect();
        if !constant.is_empty() {
            sentences.push(format!("The same throughout: {}", constant.join("; ")));
        }
        if st.refused.0 > 0 {
            sentences.push(format!("{} combinations could not be computed", st.refused.0));
        }
        let pool = &self.s.pool;
        sentences.push(format!("{} studies. Primary analysis: {}", pool.k, pool.method_line()));
        sentences
    }
}

/// Words that fit, with an ellipsis if they had to be cut.
fn shortened(words: &str, size: f64, room: f64) -> String {
    let lines = text::wrap(words, size, Weight::Regular, room);
    if lines.len() > 1 { format!("{}…", lines[0]) } else { words.to_string() }
}
