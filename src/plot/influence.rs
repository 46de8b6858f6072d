//! Influence diagnostics as a table of strips: a row per study, a column per diagnostic, the rules as dashed lines.
//! Reference: \[viechtbauer2010b\].

mod strip;

use super::colour::{ACCENT, GRID};
use super::legend::Symbol;
use super::marks::{Marker, Stroke};
use super::options::PlotOptions;
use super::page::{MARGIN, Page, asked_width, check_width, paginate, text_size};
use super::scene::{Anchor, Drawing, Group, Scene};
use super::spec::{Draws, PlotSpec};
use super::text::{self, Weight};
use super::words;
use crate::error::Error;
use crate::result::format::significant;
use crate::result::sensitivity::{Analysis, Influence, SensitivityResult};
use std::ops::Range;
use strip::{Strip, diagnostics, label_at};

pub(super) const SPEC: PlotSpec = PlotSpec {
    id: "influence",
    aliases: &["influences"],
    title: "Influence diagnostics of every study",
    reference: "viechtbauer2010b",
    draws: Draws::Sensitivity { needs: &[Analysis::Influence], quantiles: false, draw },
};

/// The narrowest page, in millimetres.
const NARROWEST: f64 = 100.0;
/// Pages narrower than this have smaller text, in points.
const NARROW: f64 = 480.0;
/// Length of a strip where no width is asked for, and the shortest on a page of a given width.
const STRIP: f64 = 62.0;
const SHORTEST_STRIP: f64 = 34.0;
/// Between strips.
const GAP: f64 = 12.0;
/// Longer names are broken on a page of natural width.
const WIDEST_NAME: f64 = 200.0;
const RULE: Stroke = Stroke::dashed(0.8, ACCENT);

fn draw(s: &SensitivityResult, options: &PlotOptions) -> Result<Drawing, Error> {
    check_width(options, NARROWEST)?;
    let rows = s
        .influence
        .as_deref()
        .filter(|r| !r.is_empty())
        .ok_or_else(|| Error::model("there are no diagnostics"))?;
    let table = Table::of(s, rows, options);
    let pages = paginate(rows.len(), options);
    let count = pages.len();
    let page = |(number, rows)| table.page(rows, (number + 1, count));
    Ok(Drawing { pages: pages.into_iter().enumerate().map(page).collect(), remarks: vec![] })
}

/// What is drawn, and where its columns lie.
struct Table<'a> {
    pool: &'a SensitivityResult,
    options: &'a PlotOptions,
    rows: &'a [Influence],
    strips: Vec<Strip>,
    /// Names of the studies, broken into lines.
    names: Vec<Vec<String>>,
    size: f64,
    /// Width of the names.
    name_width: f64,
    /// Length of a strip.
    length: f64,
}

/// Flagged studies are bold.
fn weight(d: &Influence) -> Weight {
    if d.flags.is_empty() { Weight::Regular } else { Weight::Bold }
}

impl<'a> Table<'a> {
    fn of(s: &'a SensitivityResult, rows: &'a [Influence], options: &'a PlotOptions) -> Self {
        let size = text_size(options, NARROW);
        let diagnostics = diagnostics(s, rows);
        let n = diagnostics.len() as f64;
        let name = |d: &Influence| text::width(&text::printable(&d.study), size, weight(d));
        let widest = rows.iter().map(name).fold(text::width("Study", size, Weight::Bold), f64::max);
        let (name_width, length) = match asked_width(options) {
            Some(page) => {
                let room = page - 2.0 * MARGIN;
                let names = widest.min((room - n * (SHORTEST_STRIP + GAP)).max(60.0));
                (names, ((room - names) / n - GAP).max(SHORTEST_STRIP))
            }
            None => (widest.min(WIDEST_NAME), STRIP),
        };
        let wrapped =
            |d: &Influence| text::wrap(&text::printable(&d.study), size, weight(d), name_width + 0.1);
        let names = rows.iter().map(wrapped).collect();
        let strips = diagnostics.into_iter().map(|d| d.along(length, 0.8 * size)).collect();
        Self { pool: s, options, rows, strips, names, size, name_width, length }
    }

    fn page(&self, rows: Range<usize>, (number, count): (usize, usize)) -> Scene {
        let width = 2.0 * MARGIN + self.name_width + self.strips.len() as f64 * (self.length + GAP);
        let mut page = Page::new(self.options, self.size, width);
        self.head(&mut page);
        let top = page.y + 0.2 * self.size;
        let bottom = top + rows.clone().map(|row| self.height(row)).sum::<f64>();
        let background = self.background(&page, (top, bottom));
        page.groups.push(background);
        page.y = top;
        for row in rows {
            let group = self.row(&page, row);
            page.groups.push(group);
            page.y += self.height(row);
        }
        page.y = bottom + 1.2 * self.size;
        let mut sentences =
            vec![format!("{} studies; {}", self.rows.len(), self.flagged()), words::method(&self.pool.pool)];
        if count > 1 {
            sentences.push(format!("Page {number} of {count}"));
        }
        self.foot(&mut page, &sentences);
        let title =
            format!("Influence diagnostics: {}, {} studies", self.pool.pool.table.title(), self.rows.len());
        let description = format!("{title}; {}.", self.flagged());
        page.finish(&title, description)
    }

    fn flagged(&self) -> String {
        let flagged: Vec<&str> =
            self.rows.iter().filter(|d| !d.flags.is_empty()).map(|d| d.study.as_str()).collect();
        if flagged.is_empty() {
            "no study is flagged".into()
        } else {
            format!("flagged: {}", flagged.join("; "))
        }
    }

    fn height(&self, row: usize) -> f64 {
        1.45 * self.size + (self.names[row].len() - 1) as f64 * 1.2 * self.size
    }

    /// The left end of a strip.
    fn left(&self, strip: usize) -> f64 {
        MARGIN + self.name_width + GAP + strip as f64 * (self.length + GAP)
    }

    /// Where a value lies in a strip.
    fn x(&self, strip: usize, value: f64) -> f64 {
        self.left(strip) + self.strips[strip].place(value, self.length)
    }

    fn head(&self, page: &mut Page) {
        let mut head = Group::default();
        page.title(&mut head);
        let (size, ink) = (self.size, page.theme.ink);
        let baseline = page.y + 2.3 * size;
        head.text((MARGIN, baseline), Anchor::Start, "Study", (size, Weight::Bold), ink);
        for (i, strip) in self.strips.iter().enumerate() {
            let lines = strip.heading;
            for (j, line) in lines.iter().enumerate() {
                let up = (lines.len() - 1 - j) as f64 * 1.2 * size;
                let at = (self.left(i) + 0.5 * self.length, baseline - up);
                head.text(at, Anchor::Middle, line, (0.9 * size, Weight::Bold), ink);
            }
        }
        page.y += 2.9 * size;
        head.line((MARGIN, page.y), (page.width - MARGIN, page.y), 0.8, page.theme.rule);
        page.groups.push(head);
    }

    /// Grids, rules and axes of all strips.
    fn background(&self, page: &Page, (top, bottom): (f64, f64)) -> Group {
        let (theme, size) = (page.theme, 0.8 * self.size);
        let mut group = Group::default();
        for (i, strip) in self.strips.iter().enumerate() {
            let x = |v: f64| self.x(i, v);
            for (v, _) in &strip.axis.ticks {
                group.line((x(*v), top), (x(*v), bottom), 0.4, GRID);
            }
            if let Some(whole) = strip.whole {
                group.line((x(whole), top), (x(whole), bottom), 0.7, theme.null);
            }
            for rule in strip.visible_rules() {
                group.path(&[(x(rule), top), (x(rule), bottom)], RULE);
            }
            let left = self.left(i);
            group.line((left, bottom), (left + self.length, bottom), 0.7, theme.ink);
            for (v, label) in &strip.axis.ticks {
                group.line((x(*v), bottom), (x(*v), bottom + 2.4), 0.7, theme.ink);
                let across = label_at(x(*v), label, size, (left, self.length));
                let at = (across, bottom + 3.0 + 0.85 * self.size);
                group.text(at, Anchor::Middle, label, (size, Weight::Regular), theme.ink);
            }
        }
        group
    }

    /// A study at the height of the page: its name and a marker in every strip.
    fn row(&self, page: &Page, row: usize) -> Group {
        let (d, size, theme) = (&self.rows[row], self.size, page.theme);
        let mut group = Group::labelled(spoken(d));
        let middle = page.y + 0.5 * self.height(row);
        let lines = &self.names[row];
        let first = middle - 0.5 * (lines.len() - 1) as f64 * 1.2 * size + 0.33 * size;
        for (j, line) in lines.iter().enumerate() {
            let at = (MARGIN, first + j as f64 * 1.2 * size);
            group.text(at, Anchor::Start, line, (size, weight(d)), theme.ink);
        }
        for (i, strip) in self.strips.iter().enumerate() {
            let Some(value) = strip.values[row] else { continue };
            let at = (self.x(i, value), middle);
            if strip.is_beyond(value) {
                group.marker(at, 3.8, beyond());
            } else {
                group.marker(at, 2.3, Marker::study(theme.square));
            }
        }
        group
    }

    fn foot(&self, page: &mut Page, sentences: &[String]) {
        let mut foot = Group::default();
        let theme = page.theme;
        page.legend(
            &mut foot,
            &[
                (Symbol::Marker(Marker::study(theme.square)), "study".into()),
                (Symbol::Marker(beyond()), "beyond a rule".into()),
                (Symbol::Line(Stroke::solid(0.7, theme.null)), "all studies".into()),
                (Symbol::Line(RULE), "rule".into()),
            ],
        );
        page.y += 0.4 * self.size;
        let small = page.small();
        page.sentences(&mut foot, sentences, small);
        page.groups.push(foot);
    }
}

/// The marker of a value beyond a rule.
fn beyond() -> Marker {
    Marker::Diamond { edge: ACCENT, fill: ACCENT.tint(0.7) }
}

fn spoken(d: &Influence) -> String {
    let shown = |x: Option<f64>| x.map_or("none".into(), |x| significant(x, 3));
    let flags = if d.flags.is_empty() { String::new() } else { format!(", flagged by {}", d.flagged_by()) };
    let (residual, cook) = (shown(d.rstudent), shown(d.cook_distance));
    format!("{}: residual {residual}, Cook's distance {cook}{flags}", d.study)
}
