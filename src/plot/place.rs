//! Labels of points: each beside its point where it touches neither mark, line, label nor edge, with a leader where it
//! must stand away; what finds no place is left out and counted.

use super::colour::Colour;
use super::scene::{Anchor, Group};
use super::text::{self, Weight};

/// A point that wants a label.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub at: (f64, f64),
    /// Radius of its mark.
    pub radius: f64,
    pub text: String,
    /// Greater is placed first.
    pub priority: f64,
}

/// A rectangle: left, top, right, bottom.
type Rect = (f64, f64, f64, f64);

/// Two ends.
type Segment = ((f64, f64), (f64, f64));

/// What labels must keep clear of.
#[derive(Clone, Debug, Default)]
pub(super) struct Obstacles {
    /// Centre and radius of every mark.
    pub marks: Vec<((f64, f64), f64)>,
    pub lines: Vec<Segment>,
    pub boxes: Vec<Rect>,
}

impl Obstacles {
    /// Adds a path of places.
    pub fn path(&mut self, places: &[(f64, f64)]) {
        self.lines.extend(places.windows(2).map(|p| (p[0], p[1])));
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

fn touches(r: &Rect, (x, y): (f64, f64), radius: f64) -> bool {
    let dx = (r.0 - x).max(x - r.2).max(0.0);
    let dy = (r.1 - y).max(y - r.3).max(0.0);
    dx.hypot(dy) < radius
}

/// Whether a segment meets a rectangle (Liang and Barsky).
fn crosses(r: &Rect, a: (f64, f64), b: (f64, f64)) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (p, q) in [(-dx, a.0 - r.0), (dx, r.2 - a.0), (-dy, a.1 - r.1), (dy, r.3 - a.1)] {
        if p == 0.0 {
            if q < 0.0 {
                return false;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    from <= to
}

/// Whether a segment comes nearer to a place than so far.
fn passes((a, b): ((f64, f64), (f64, f64)), p: (f64, f64), near: f64) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (a.0 + t * dx - p.0).hypot(a.1 + t * dy - p.1) < near
}

fn cross_each_other(a: ((f64, f64), (f64, f64)), b: ((f64, f64), (f64, f64))) -> bool {
    let side =
        |p: (f64, f64), q: (f64, f64), r: (f64, f64)| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    side(a.0, a.1, b.0) * side(a.0, a.1, b.1) < 0.0 && side(b.0, b.1, a.0) * side(b.0, b.1, a.1) < 0.0
}

/// Places labels within `bounds` and draws them; returns how many found no place.
pub(super) fn place(
    group: &mut Group,
    mut wishes: Vec<Wish>,
    obstacles: &Obstacles,
    bounds: Rect,
    size: f64,
    colour: Colour,
) -> usize {
    wishes.sort_by(|a, b| b.priority.total_cmp(&a.priority));
    let mut taken = obstacles.boxes.clone();
    let mut leaders: Vec<Segment> = vec![];
    let mut left_out = 0;
    for wish in &wishes {
        let found = candidates(wish, size).find(|(rect, leader)| {
            let roomy = (rect.0 - 1.0, rect.1 - 0.6, rect.2 + 1.0, rect.3 + 0.6);
            rect.0 >= bounds.0
                && rect.1 >= bounds.1
                && rect.2 <= bounds.2
                && rect.3 <= bounds.3
                && !taken.iter().any(|t| overlap(&roomy, t))
                && !obstacles.marks.iter().any(|m| touches(rect, m.0, m.1 + 0.5))
                && !obstacles.lines.iter().any(|l| crosses(&roomy, l.0, l.1))
                && !leaders.iter().any(|l| crosses(&roomy, l.0, l.1))
                && leader.is_none_or(|l| {
                    !taken.iter().any(|t| crosses(t, l.0, l.1))
                        && !obstacles.marks.iter().any(|m| m.0 != wish.at && passes(l, m.0, m.1 + 0.8))
                        && !leaders.iter().any(|o| cross_each_other(*o, l))
                })
        });
        let Some((rect, leader)) = found else {
            left_out += 1;
            continue;
        };
        if let Some(l) = leader {
            group.line(l.0, l.1, 0.4, colour);
            leaders.push(l);
        }
        group.text((rect.0, rect.3 - 0.2 * size), Anchor::Start, &wish.text, (size, Weight::Regular), colour);
        taken.push(rect);
    }
    left_out
}

/// Rectangles around the point, near ones first, with a leader for those that stand away.
fn candidates(wish: &Wish, size: f64) -> impl Iterator<Item = (Rect, Option<Segment>)> {
    let width = text::width(&wish.text, size, Weight::Regular);
    let height = 0.92 * size;
    let (x, y) = wish.at;
    let radius = wish.radius;
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
    let distances = [2.0, 4.0, 8.0, 13.0, 19.0, 26.0, 34.0, 44.0];
    distances.into_iter().flat_map(move |away| {
        DIRECTIONS.into_iter().map(move |(dx, dy)| {
            let reach = radius + away;
            let (cx, cy) = (x + dx * reach, y + dy * reach);
            // the corner or side nearest to the point is where it reaches
            let left = if dx > 0.3 {
                cx
            } else if dx < -0.3 {
                cx - width
            } else {
                cx - 0.5 * width
            };
            let top = if dy > 0.5 {
                cy
            } else if dy < -0.5 {
                cy - height
            } else {
                cy - 0.5 * height
            };
            let rect = (left, top, left + width, top + height);
            let end = (cx.clamp(rect.0, rect.2), cy.clamp(rect.1, rect.3));
            let start = (x + dx * radius, y + dy * radius);
            (rect, (away > 5.0).then_some((start, end)))
        })
    })
}
