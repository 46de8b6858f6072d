//! The column of estimates: numbers aligned at their decimal points, limits in brackets.

use super::content::Content;
use super::rows::{Estimate, Row};
use crate::plot::scene::{Anchor, Group};
use crate::plot::text::{self, Weight};
use crate::plot::theme::{Brackets, ThemeSpec};

/// Limits whose widths differ by more digits than this are set as one piece.
const UNEVEN: f64 = 2.6;

/// Edges of the estimate column.
#[derive(Clone, Debug, Default)]
pub(super) struct EstimateColumn {
    left: f64,
    pub right: f64,
    /// Right edges of estimate, lower and upper limit.
    edges: [f64; 3],
    /// Widest part after the decimal point, of each.
    tails: [f64; 3],
    /// Limits differ so much in length that each interval is set as one piece.
    compact: bool,
    pub header: Vec<String>,
}

/// Width of what follows the decimal point, point included.
fn tail(number: &str, size: f64, weight: Weight) -> f64 {
    number.find('.').map_or(0.0, |at| text::width(&number[at..], size, weight))
}

/// The widest parts of all estimates.
struct Parts {
    /// Before the decimal point and after it, of estimate and limits.
    heads: [f64; 3],
    tails: [f64; 3],
    /// Of words.
    words: f64,
    /// Least and greatest width of the limits.
    limits: [(f64, f64); 2],
}

impl Parts {
    fn of(content: &Content, size: f64) -> Self {
        let limits = [(f64::INFINITY, 0.0); 2];
        let mut parts = Self { heads: [0.0; 3], tails: [0.0; 3], words: 0.0, limits };
        for row in content.rows.iter().chain(&content.summary) {
            let weight = row.text_weight();
            match &row.estimate {
                Estimate::Triple(numbers) => {
                    numbers.iter().enumerate().for_each(|(i, n)| parts.take(i, n, size, weight));
                }
                Estimate::Limits([lower, upper]) => {
                    parts.take(1, lower, size, weight);
                    parts.take(2, upper, size, weight);
                }
                Estimate::Words(w) => parts.words = parts.words.max(text::width(w, size, weight)),
            }
        }
        parts
    }

    fn take(&mut self, i: usize, number: &str, size: f64, weight: Weight) {
        let (whole, tail) = (text::width(number, size, weight), tail(number, size, weight));
        self.tails[i] = self.tails[i].max(tail);
        self.heads[i] = self.heads[i].max(whole - tail);
        if i > 0 {
            let (least, most) = self.limits[i - 1];
            self.limits[i - 1] = (least.min(whole), most.max(whole));
        }
    }

    fn uneven(&self, size: f64) -> bool {
        let digit = text::width("0", size, Weight::Regular);
        self.limits.iter().any(|(least, most)| most - least > UNEVEN * digit)
    }
}

impl EstimateColumn {
    /// Edges from zero; `right` is the width.
    pub fn measure(content: &Content, size: f64, brackets: &Brackets) -> Self {
        let parts = Parts::of(content, size);
        let bold = |words: &str| text::width(words, size, Weight::Bold);
        let Parts { heads, tails, .. } = parts;
        let bracket = bold(brackets.open);
        let first = heads[0] + tails[0];
        let second = first + 0.45 * size + bracket + heads[1] + tails[1];
        let third = second + bold(brackets.between) + heads[2] + tails[2];
        let inner = third + bracket;
        let whole = bold(&content.estimate_header) <= inner;
        let header = if whole {
            vec![content.estimate_header.clone()]
        } else {
            split_header(&content.estimate_header)
        };
        let header_width = header.iter().map(|h| bold(h)).fold(0.0, f64::max);
        let right = inner.max(header_width).max(parts.words);
        let shift = right - inner;
        Self {
            left: 0.0,
            right,
            edges: [first + shift, second + shift, third + shift],
            tails,
            compact: parts.uneven(size),
            header,
        }
    }

    /// Moves the column to start at `x`; returns its right edge.
    pub fn shift(&mut self, x: f64) -> f64 {
        self.left += x;
        self.right += x;
        self.edges.iter_mut().for_each(|e| *e += x);
        self.right
    }

    /// Writes the estimate of a row.
    pub fn draw(&self, group: &mut Group, row: &Row, theme: &ThemeSpec, (size, baseline): (f64, f64)) {
        let style = (size, row.text_weight());
        match &row.estimate {
            Estimate::Triple([estimate, lower, upper]) => {
                self.limits(group, (lower, upper), theme, style, baseline);
                let x = self.end(0, estimate, style);
                group.text((x, baseline), Anchor::End, estimate, style, theme.ink);
            }
            Estimate::Limits([lower, upper]) => self.limits(group, (lower, upper), theme, style, baseline),
            Estimate::Words(words) => {
                group.text((self.right, baseline), Anchor::End, words, style, theme.ink);
            }
        }
    }

    /// The right end of a number whose point stands with the others.
    fn end(&self, i: usize, number: &str, (size, weight): (f64, Weight)) -> f64 {
        self.edges[i] - (self.tails[i] - tail(number, size, weight))
    }

    fn limits(
        &self,
        group: &mut Group,
        (lower, upper): (&str, &str),
        theme: &ThemeSpec,
        style: (f64, Weight),
        baseline: f64,
    ) {
        let ink = theme.ink;
        let Brackets { open, between, close, follows } = theme.brackets;
        if self.compact {
            let whole = format!("{open}{lower}{between}{upper}{close}");
            group.text((self.right, baseline), Anchor::End, &whole, style, ink);
            return;
        }
        let left = self.end(1, lower, style);
        group.text((left, baseline), Anchor::End, &format!("{open}{lower}"), style, ink);
        let end = self.end(2, upper, style);
        let between = between.trim();
        if follows {
            group.text((left, baseline), Anchor::Start, between, style, ink);
        } else {
            let start = end - text::width(upper, style.0, style.1);
            group.text((0.5 * (left + start), baseline), Anchor::Middle, between, style, ink);
        }
        let right = end + text::width(close, style.0, style.1);
        group.text((right, baseline), Anchor::End, &format!("{upper}{close}"), style, ink);
    }
}

/// Breaks `Standardised change (95% CI)` before its bracket.
fn split_header(header: &str) -> Vec<String> {
    match header.rfind(['(', '[']) {
        Some(at) if at > 0 => vec![header[..at].trim_end().to_string(), header[at..].to_string()],
        _ => vec![header.to_string()],
    }
}
