//! The display list: what is drawn, in points, once for every output format.

use super::colour::Colour;
use super::text::{self, Weight};

/// Which point of a text its position names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// One mark. Coordinates are points from the upper left corner; text stands on its baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A straight line with butt ends.
    Line {
        /// One end.
        from: (f64, f64),
        /// The other end.
        to: (f64, f64),
        /// Thickness.
        width: f64,
        /// Colour.
        colour: Colour,
    },
    /// A filled polygon.
    Polygon {
        /// Corners.
        points: Vec<(f64, f64)>,
        /// Fill.
        colour: Colour,
    },
    /// A run of text.
    Text {
        /// Anchor point on the baseline.
        at: (f64, f64),
        /// What the anchor point is.
        anchor: Anchor,
        /// The text.
        text: String,
        /// Em size.
        size: f64,
        /// Regular or semibold.
        weight: Weight,
        /// Colour.
        colour: Colour,
    },
}

/// Marks that belong together, such as a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What assistive software reads, if the group means something by itself.
    pub label: Option<String>,
    /// In drawing order.
    pub items: Vec<Item>,
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width in points.
    pub width: f64,
    /// Height in points.
    pub height: f64,
    /// Title for assistive software and document properties.
    pub title: String,
    /// One sentence that says what the picture shows.
    pub description: String,
    /// In drawing order.
    pub groups: Vec<Group>,
}

/// Finished pages and what had to be changed to make them fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The pages.
    pub pages: Vec<Scene>,
    /// What the user should know: dropped columns, a page made wider.
    pub remarks: Vec<String>,
}

impl Drawing {
    /// Tells how many names of studies are not in the picture, if any.
    pub(super) fn say_unnamed(&mut self, names: usize) {
        match names {
            0 => {}
            1 => self.remarks.push("the name of 1 study found no room".into()),
            n => self.remarks.push(format!("the names of {n} studies found no room")),
        }
    }
}

impl Group {
    /// A group that is read aloud.
    pub fn labelled(label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), items: vec![] }
    }

    /// Adds a line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: Colour) {
        self.items.push(Item::Line { from, to, width, colour });
    }

    /// Adds a polygon.
    pub fn polygon(&mut self, points: Vec<(f64, f64)>, colour: Colour) {
        self.items.push(Item::Polygon { points, colour });
    }

    /// Adds a rectangle.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Colour) {
        self.polygon(vec![(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour);
    }

    /// Adds text.
    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, text: &str, style: (f64, Weight), colour: Colour) {
        if !text.is_empty() {
            let (size, weight) = style;
            self.items.push(Item::Text { at, anchor, text: text.to_string(), size, weight, colour });
        }
    }
}

impl Scene {
    /// All marks, whatever their group.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.groups.iter().flat_map(|g| &g.items)
    }

    /// Characters that no available font can draw.
    pub fn missing_characters(&self) -> Vec<char> {
        let mut missing: Vec<char> = self
            .items()
            .filter_map(|i| match i {
                Item::Text { text, .. } => Some(text::missing(text)),
                _ => None,
            })
            .flatten()
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }
}

impl Item {
    /// The box of a text: left, top, right, bottom.
    pub fn text_box(&self) -> Option<(f64, f64, f64, f64)> {
        let Self::Text { at, anchor, text, size, weight, .. } = self else { return None };
        let width = text::width(text, *size, *weight);
        let left = match anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - 0.5 * width,
            Anchor::End => at.0 - width,
        };
        Some((left, at.1 - 0.72 * size, left + width, at.1 + 0.2 * size))
    }
}
