//! Legends: the signs of a picture with their meaning, below it and never over data.

use super::colour::{Colour, GREY};
use super::geometry::Point;
use super::marks::{Marker, Stroke};
use super::scene::{Anchor, Group};
use super::text::{self, Weight};

/// What a legend explains.
#[derive(Clone, Copy, Debug)]
pub(super) enum Symbol {
    Marker(Marker),
    Line(Stroke),
    Band(Colour),
}

/// A sign with what it means.
pub(super) type Entry = (Symbol, String);

/// Signs with their meaning, in as many lines as they need; returns the last baseline.
pub(super) fn legend(
    group: &mut Group,
    entries: &[Entry],
    (left, room): (f64, f64),
    (size, ink): (f64, Colour),
    y: f64,
) -> f64 {
    if entries.is_empty() {
        return y;
    }
    let indent = 1.9 * size + 0.4 * size;
    let (mut x, mut y) = (left, y + 1.8 * size);
    for (symbol, words) in entries {
        let needed = indent + text::width(words, size, Weight::Regular);
        if x > left && x + needed > left + room {
            x = left;
            y += 1.4 * size;
        }
        draw(group, *symbol, (x, y - 0.33 * size), size);
        // words longer than the page are broken
        for (i, line) in text::wrap(words, size, Weight::Regular, room - indent).iter().enumerate() {
            if i > 0 {
                y += 1.3 * size;
            }
            group.text((x + indent, y), Anchor::Start, line, (size, Weight::Regular), ink);
        }
        x += needed + 1.4 * size;
    }
    y
}

/// A sign from its left end, on the height of its middle.
fn draw(group: &mut Group, symbol: Symbol, (x, y): Point, size: f64) {
    let width = 1.9 * size;
    let middle = (x + 0.5 * width, y);
    match symbol {
        Symbol::Marker(marker @ Marker::Circle { .. }) => group.marker(middle, 0.36 * size, marker),
        Symbol::Marker(marker @ Marker::Diamond { .. }) => group.marker(middle, 0.42 * size, marker),
        Symbol::Line(stroke) => group.path(&[(x, y), (x + width, y)], stroke),
        Symbol::Band(colour) => {
            group.rect(x, y - 0.4 * size, width, 0.8 * size, GREY.tint(0.5));
            group.rect(x + 0.4, y - 0.4 * size + 0.4, width - 0.8, 0.8 * size - 0.8, colour);
        }
    }
}
