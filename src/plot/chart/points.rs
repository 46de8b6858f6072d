//! Studies as points of a chart, with names beside those that are to be named.

use super::{Marks, Panel};
use crate::choice::Naming;
use crate::plot::geometry::Point;
use crate::plot::marks::Marker;
use crate::plot::names::{Name, Obstacles, place};
use crate::plot::scene::Group;

/// A study as a point.
pub(in crate::plot) struct StudyPoint {
    pub at: Point,
    pub radius: f64,
    pub study: String,
    /// What is read aloud after its name.
    pub spoken: String,
    /// Whether it stands out from the others.
    pub outlying: bool,
    /// How much; names of those that stand out most find their places first.
    pub distance: f64,
}

/// Adds points in their order over what is drawn already, and names that keep clear of the obstacles and of every point.
pub(in crate::plot) fn points(
    marks: &mut Marks,
    panel: &Panel,
    points: Vec<StudyPoint>,
    (marker, naming): (Marker, Naming),
    mut obstacles: Obstacles,
) {
    let mut names = vec![];
    for p in points {
        let mut group = Group::labelled(format!("{}: {}", p.study, p.spoken));
        group.marker(p.at, p.radius, marker);
        marks.over.push(group);
        obstacles.marks.push((p.at, p.radius));
        let named = match naming {
            Naming::All => true,
            Naming::None => false,
            Naming::Outliers => p.outlying,
        };
        if named {
            names.push(Name { at: p.at, radius: p.radius, text: p.study, priority: p.distance });
        }
    }
    let mut group = Group::default();
    let lettering = (0.85 * panel.size, panel.theme.ink);
    marks.unnamed = place(&mut group, names, &obstacles, panel.edges, lettering);
    marks.over.push(group);
}
