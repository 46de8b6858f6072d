//! Names of points: each beside its point where it touches neither mark, line, name nor edge, with a leader where it
//! must stand away; what finds no place is left out and counted.

use super::colour::Colour;
use super::geometry::{Point, Rect, Segment, cross, passes};
use super::scene::{Anchor, Group};
use super::text::{self, Weight};

/// A point that is to be named.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub at: Point,
    /// Radius of its mark.
    pub radius: f64,
    pub text: String,
    /// Greater is placed first.
    pub priority: f64,
}

/// What names must keep clear of.
#[derive(Clone, Debug, Default)]
pub(super) struct Obstacles {
    /// Centre and radius of every mark.
    pub marks: Vec<(Point, f64)>,
    lines: Vec<Segment>,
}

impl Obstacles {
    /// Adds a path of places.
    pub fn path(&mut self, places: &[Point]) {
        self.lines.extend(places.windows(2).map(|p| (p[0], p[1])));
    }
}

/// A place for a name, with the leader to its point if it stands away.
type Candidate = (Rect, Option<Segment>);

/// Names that have their place, and what keeps others from it.
struct Placed<'a> {
    obstacles: &'a Obstacles,
    bounds: Rect,
    names: Vec<Rect>,
    leaders: Vec<Segment>,
}

impl Placed<'_> {
    fn free(&self, point: Point, (rect, leader): &Candidate) -> bool {
        let roomy = rect.grown(1.0, 0.6);
        let crosses = |r: Rect, line: &Segment| r.clip(*line).is_some();
        rect.within(self.bounds)
            && !self.names.iter().any(|n| roomy.overlaps(*n))
            && !self.obstacles.marks.iter().any(|m| rect.touches(m.0, m.1 + 0.5))
            && !self.obstacles.lines.iter().any(|l| crosses(roomy, l))
            && !self.leaders.iter().any(|l| crosses(roomy, l))
            && leader.is_none_or(|l| self.leader_free(point, l))
    }

    fn leader_free(&self, point: Point, leader: Segment) -> bool {
        !self.names.iter().any(|n| n.clip(leader).is_some())
            && !self.obstacles.marks.iter().any(|m| m.0 != point && passes(leader, m.0, m.1 + 0.8))
            && !self.leaders.iter().any(|other| cross(*other, leader))
    }
}

/// Places names within `bounds` and draws them; returns how many found no place.
pub(super) fn place(
    group: &mut Group,
    mut names: Vec<Name>,
    obstacles: &Obstacles,
    bounds: Rect,
    (size, colour): (f64, Colour),
) -> usize {
    names.sort_by(|a, b| b.priority.total_cmp(&a.priority));
    let mut placed = Placed { obstacles, bounds, names: vec![], leaders: vec![] };
    let mut left_out = 0;
    for name in &names {
        let Some((rect, leader)) = candidates(name, size).find(|c| placed.free(name.at, c)) else {
            left_out += 1;
            continue;
        };
        if let Some(l) = leader {
            group.line(l.0, l.1, 0.4, colour);
            placed.leaders.push(l);
        }
        let baseline = rect.bottom - 0.2 * size;
        group.text((rect.left, baseline), Anchor::Start, &name.text, (size, Weight::Regular), colour);
        placed.names.push(rect);
    }
    left_out
}

/// Where a name may stand, seen from its point: beside it first, then above and below.
const DIRECTIONS: [(f64, f64); 12] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.7, -0.7),
    (0.7, 0.7),
    (-0.7, -0.7),
    (-0.7, 0.7),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.95, -0.35),
    (0.95, 0.35),
    (-0.95, -0.35),
    (-0.95, 0.35),
];
/// How far from its mark, in points.
const DISTANCES: [f64; 8] = [2.0, 4.0, 8.0, 13.0, 19.0, 26.0, 34.0, 44.0];

/// Rectangles around the point, near ones first, with a leader for those that stand away.
fn candidates(name: &Name, size: f64) -> impl Iterator<Item = Candidate> {
    let (width, height) = (text::width(&name.text, size, Weight::Regular), 0.92 * size);
    let (point, radius) = (name.at, name.radius);
    DISTANCES.into_iter().flat_map(move |away| {
        DIRECTIONS.into_iter().map(move |(dx, dy)| {
            let end = (point.0 + dx * (radius + away), point.1 + dy * (radius + away));
            let rect = beside(end, (dx, dy), (width, height));
            let end = (end.0.clamp(rect.left, rect.right), end.1.clamp(rect.top, rect.bottom));
            let start = (point.0 + dx * radius, point.1 + dy * radius);
            (rect, (away > 5.0).then_some((start, end)))
        })
    })
}

/// The rectangle whose corner or side nearest to the point lies at `end`.
fn beside((x, y): Point, (dx, dy): (f64, f64), (width, height): (f64, f64)) -> Rect {
    let start = |at: f64, length: f64, direction: f64, least: f64| {
        if direction > least {
            at
        } else if direction < -least {
            at - length
        } else {
            at - 0.5 * length
        }
    };
    let (left, top) = (start(x, width, dx, 0.3), start(y, height, dy, 0.5));
    Rect { left, top, right: left + width, bottom: top + height }
}
