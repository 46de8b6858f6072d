//! Strokes and markers: what a chart and its legend draw alike.

use super::colour::Colour;
use super::geometry::{Point, circle, dashes, diamond, ribbon};
use super::scene::Group;

/// Whether a line is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dash {
    Solid,
    /// Lengths of dashes and of the gaps between them.
    Broken(f64, f64),
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    width: f64,
    colour: Colour,
    dash: Dash,
}

impl Stroke {
    pub const fn solid(width: f64, colour: Colour) -> Self {
        Self { width, colour, dash: Dash::Solid }
    }

    pub const fn dashed(width: f64, colour: Colour) -> Self {
        Self { width, colour, dash: Dash::Broken(3.0, 2.2) }
    }

    /// In short dashes.
    pub const fn dotted(width: f64, colour: Colour) -> Self {
        Self { width, colour, dash: Dash::Broken(1.1, 1.9) }
    }
}

/// The mark of a study, with an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Marker {
    Circle { edge: Colour, fill: Colour },
    Diamond { edge: Colour, fill: Colour },
}

impl Marker {
    /// The circle of a study: a pale fill, so that what it covers is guessed.
    pub fn study(colour: Colour) -> Self {
        Self::Circle { edge: colour, fill: colour.tint(0.55) }
    }

    /// A circle of one colour.
    pub const fn dot(colour: Colour) -> Self {
        Self::Circle { edge: colour, fill: colour }
    }

    /// The diamond of one colour.
    pub const fn full_diamond(colour: Colour) -> Self {
        Self::Diamond { edge: colour, fill: colour }
    }
}

impl Group {
    /// Adds a path.
    pub(super) fn path(&mut self, path: &[Point], stroke: Stroke) {
        let Stroke { width, colour, dash } = stroke;
        match dash {
            // one shape for the whole path: segments laid end to end would show their joints
            Dash::Solid => {
                if let Some(outline) = ribbon(path, width) {
                    self.polygon(outline, colour);
                }
            }
            Dash::Broken(on, off) => {
                for (from, to) in dashes(path, (on, off)) {
                    self.line(from, to, width, colour);
                }
            }
        }
    }

    /// Adds a marker.
    pub(super) fn marker(&mut self, at: Point, radius: f64, marker: Marker) {
        let inner = (radius - 0.8).max(0.4);
        match marker {
            Marker::Circle { edge, fill } => {
                self.polygon(circle(at, radius), edge);
                self.polygon(circle(at, inner), fill);
            }
            Marker::Diamond { edge, fill } => {
                self.polygon(diamond(at, radius), edge);
                self.polygon(diamond(at, inner), fill);
            }
        }
    }
}
