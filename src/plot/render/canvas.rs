//! What a format must be able to draw, and the walk from the display list to it.

use crate::error::Error;
use crate::plot::colour::Colour;
use crate::plot::geometry::Point;
use crate::plot::scene::{Anchor, Item, Scene};
use crate::plot::text::{self, Weight};

/// A page of some format. Places are exact: a format that knows whole units only rounds them itself.
pub(super) trait Canvas {
    /// Starts a group, named for assistive software if it means something by itself.
    fn open(&mut self, _label: Option<&str>) {}

    /// Ends it.
    fn close(&mut self) {}

    /// A straight line with butt ends.
    fn line(&mut self, from: Point, to: Point, width: f64, colour: Colour) -> Result<(), Error>;

    /// A filled polygon.
    fn polygon(&mut self, corners: &[Point], colour: Colour) -> Result<(), Error>;

    /// A line of text from its left end on the baseline.
    fn text(&mut self, start: Point, text: &str, lettering: Lettering) -> Result<(), Error>;
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lettering {
    /// Em size in points.
    pub size: f64,
    pub weight: Weight,
    pub colour: Colour,
}

/// Draws a scene on a canvas. Text is placed by our own measures, so that all formats agree.
pub(super) fn paint(scene: &Scene, canvas: &mut impl Canvas) -> Result<(), Error> {
    for group in &scene.groups {
        canvas.open(group.label.as_deref());
        group.items.iter().try_for_each(|item| paint_item(item, canvas))?;
        canvas.close();
    }
    Ok(())
}

fn paint_item(item: &Item, canvas: &mut impl Canvas) -> Result<(), Error> {
    match item {
        Item::Line { from, to, width, colour } => canvas.line(*from, *to, *width, *colour),
        Item::Polygon { points, colour } => canvas.polygon(points, *colour),
        Item::Text { at, anchor, text, size, weight, colour } => {
            let before = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => 0.5,
                Anchor::End => 1.0,
            };
            let left = at.0 - before * text::width(text, *size, *weight);
            let lettering = Lettering { size: *size, weight: *weight, colour: *colour };
            canvas.text((left, at.1), text, lettering)
        }
    }
}
