//! Text measured and shaped with the fonts that are drawn: embedded ones first, installed ones only for what they lack.

mod font;

pub use font::{Font, font};
use font::{font_for, own};
use harfrust::{Direction, Script, ShapePlan, UnicodeBuffer};
/// What receives a glyph's outline.
pub use skrifa::outline::OutlinePen;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// Family name of the embedded font, for formats that name fonts.
pub const FAMILY: &str = "Source Sans 3";

/// Regular or semibold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    Bold,
}

/// A glyph at its place, in ems from the start of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// Number in its font.
    pub id: u16,
    /// Horizontal place of its origin.
    pub x: f64,
    /// Height of its origin above the baseline.
    pub y: f64,
    /// How far it moves the pen.
    pub advance: f64,
    /// The bytes of the text it stands for.
    pub range: Range<usize>,
}

/// Glyphs of one font.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Number of the font.
    pub font: usize,
    /// In visual order.
    pub glyphs: Vec<Glyph>,
}

/// A shaped text at size 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaped {
    /// Runs from left to right.
    pub runs: Vec<Run>,
    /// Total advance in ems.
    pub width: f64,
}

/// Shapes a line of text; control characters become blanks.
pub fn shape(text: &str, weight: Weight) -> Rc<Shaped> {
    type Cache = HashMap<(String, Weight), Rc<Shaped>>;
    thread_local! { static CACHE: RefCell<Cache> = RefCell::new(HashMap::new()); }
    CACHE.with_borrow_mut(|cache| {
        let key = (text.to_string(), weight);
        if let Some(shaped) = cache.get(&key) {
            return Rc::clone(shaped);
        }
        if cache.len() > 20_000 {
            cache.clear();
        }
        let shaped = Rc::new(shape_new(text, weight));
        cache.insert(key, Rc::clone(&shaped));
        shaped
    })
}

/// The text as it is drawn: control characters and line breaks become blanks.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c) { ' ' } else { c })
        .collect()
}

fn shape_new(text: &str, weight: Weight) -> Shaped {
    let mut shaped = Shaped::default();
    let text = printable(text);
    for (range, rtl) in visual_runs(&text) {
        let mut parts = font_runs(&text[range.clone()], weight);
        if rtl {
            parts.reverse();
        }
        for (number, part) in parts {
            shape_run(&mut shaped, &text, range.start + part.start..range.start + part.end, number, rtl);
        }
    }
    shaped
}

/// Stretches of one writing direction, from left to right on the page.
fn visual_runs(text: &str) -> Vec<(Range<usize>, bool)> {
    if text.is_ascii() {
        return vec![(0..text.len(), false)];
    }
    let bidi = unicode_bidi::BidiInfo::new(text, Some(unicode_bidi::Level::ltr()));
    let runs = bidi.paragraphs.iter().flat_map(|p| {
        let (levels, runs) = bidi.visual_runs(p, p.range.clone());
        runs.into_iter().map(move |r| (r.clone(), levels[r.start].is_rtl())).collect::<Vec<_>>()
    });
    runs.collect()
}

/// The shaping plan of a font, direction and script: making one costs more than shaping a label with it.
fn plan(number: usize, direction: Direction, script: Script) -> Rc<ShapePlan> {
    type Plans = HashMap<(usize, Direction, Script), Rc<ShapePlan>>;
    thread_local! { static PLANS: RefCell<Plans> = RefCell::new(HashMap::new()); }
    PLANS.with_borrow_mut(|plans| {
        let make = || Rc::new(font(number).plan(direction, script));
        Rc::clone(plans.entry((number, direction, script)).or_insert_with(make))
    })
}

/// Appends the glyphs of one font and direction.
fn shape_run(shaped: &mut Shaped, text: &str, range: Range<usize>, number: usize, rtl: bool) {
    let font = font(number);
    let direction = if rtl { Direction::RightToLeft } else { Direction::LeftToRight };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text[range.clone()]);
    buffer.guess_segment_properties();
    buffer.set_direction(direction);
    let plan = plan(number, direction, buffer.script());
    let output = font.shape(buffer, &plan);
    let units = font.units();
    let mut glyphs: Vec<Glyph> = vec![];
    for (info, position) in output.glyph_infos().iter().zip(output.glyph_positions()) {
        let scaled = |v: i32| f64::from(v) / units;
        let start = range.start + info.cluster as usize;
        glyphs.push(Glyph {
            id: info.glyph_id as u16,
            x: shaped.width + scaled(position.x_offset),
            y: scaled(position.y_offset),
            advance: scaled(position.x_advance),
            range: start..start,
        });
        shaped.width += scaled(position.x_advance);
    }
    close_ranges(&mut glyphs, range.end);
    shaped.runs.push(Run { font: number, glyphs });
}

/// Gives every glyph the bytes up to the next cluster, in either direction of writing.
fn close_ranges(glyphs: &mut [Glyph], end: usize) {
    let mut starts: Vec<usize> = glyphs.iter().map(|g| g.range.start).collect();
    starts.sort_unstable();
    starts.dedup();
    for glyph in glyphs {
        let next = starts.partition_point(|&s| s <= glyph.range.start);
        glyph.range.end = starts.get(next).copied().unwrap_or(end);
    }
}

/// Splits a text where the font changes.
fn font_runs(text: &str, weight: Weight) -> Vec<(usize, Range<usize>)> {
    let own = own(weight);
    let mut runs: Vec<(usize, Range<usize>)> = vec![];
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let last = runs.last().map(|r| r.0);
        // blanks and marks stay with what they follow
        let number = match last {
            Some(n) if font(n).has(c) && (c == ' ' || !font(own).has(c)) => n,
            _ => font_for(c, weight).or(last).unwrap_or(own),
        };
        match runs.last_mut() {
            Some(run) if run.0 == number => run.1.end = end,
            _ => runs.push((number, at..end)),
        }
    }
    runs
}

/// Width of a line in points.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    shape(text, weight).width * size
}

/// Characters that no font has.
pub fn missing(text: &str) -> Vec<char> {
    printable(text).chars().filter(|&c| font_for(c, Weight::Regular).is_none()).collect()
}

/// Breaks a text at blanks so that no line is wider than `limit`; a word that is wider by itself is broken inside.
pub fn wrap(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    // non-breaking spaces stay inside words
    for word in text.split([' ', '\t', '\n']).filter(|w| !w.is_empty()) {
        let candidate = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if width(&candidate, size, weight) <= limit {
            line = candidate;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, size, weight, limit, &mut lines);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Pushes full lines of an overlong word and returns its rest.
fn break_word(word: &str, size: f64, weight: Weight, limit: f64, lines: &mut Vec<String>) -> String {
    let mut rest = String::new();
    for c in word.chars() {
        rest.push(c);
        if rest.chars().count() > 1 && width(&rest, size, weight) > limit {
            // after a hyphen if there is one, else before the character that is too much
            let last = rest.len() - c.len_utf8();
            let at = rest[..last]
                .rfind(['-', '/', '\u{2010}'])
                .map_or(last, |i| i + rest[i..].chars().next().map_or(1, char::len_utf8));
            let tail = rest.split_off(at);
            lines.push(std::mem::replace(&mut rest, tail));
        }
    }
    rest
}
