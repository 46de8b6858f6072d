//! Points, rectangles and shapes on the page, before they have a colour.

/// A place on the page: points to the right and downward from its upper left corner.
pub(super) type Point = (f64, f64);

/// Two ends.
pub(super) type Segment = (Point, Point);

/// A rectangle with upright sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn width(self) -> f64 {
        self.right - self.left
    }

    pub fn height(self) -> f64 {
        self.bottom - self.top
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether it lies wholly within another.
    pub fn within(self, other: Self) -> bool {
        self.left >= other.left
            && self.top >= other.top
            && self.right <= other.right
            && self.bottom <= other.bottom
    }

    /// Wider and higher on every side.
    pub fn grown(self, across: f64, up: f64) -> Self {
        Self {
            left: self.left - across,
            top: self.top - up,
            right: self.right + across,
            bottom: self.bottom + up,
        }
    }

    /// Whether it comes nearer to a place than `radius`.
    pub fn touches(self, (x, y): Point, radius: f64) -> bool {
        let dx = (self.left - x).max(x - self.right).max(0.0);
        let dy = (self.top - y).max(y - self.bottom).max(0.0);
        dx.hypot(dy) < radius
    }

    /// The part of a segment that lies within (Liang and Barsky); `None` for one that misses it or has no end.
    pub fn clip(self, (a, b): Segment) -> Option<Segment> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let sides =
            [(-dx, a.0 - self.left), (dx, self.right - a.0), (-dy, a.1 - self.top), (dy, self.bottom - a.1)];
        for (p, q) in sides {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
        (from <= to && from.is_finite() && to.is_finite()).then(|| (at(from), at(to)))
    }

    /// The part of a filled polygon that lies within, cut at one side after the other (Sutherland and Hodgman).
    pub fn cut(self, polygon: &[Point]) -> Vec<Point> {
        type Coordinate = fn(&Point) -> f64;
        let sides: [(Coordinate, f64, f64); 4] = [
            (|p| p.0, self.left, 1.0),
            (|p| p.0, self.right, -1.0),
            (|p| p.1, self.top, 1.0),
            (|p| p.1, self.bottom, -1.0),
        ];
        let mut shape = polygon.to_vec();
        for (of, side, sign) in sides {
            shape = cut_at(&shape, of, side, sign);
        }
        shape
    }
}

/// What of a polygon lies on the side of an edge that `sign` points to.
fn cut_at(shape: &[Point], of: fn(&Point) -> f64, side: f64, sign: f64) -> Vec<Point> {
    let inside = |p: &Point| sign * (of(p) - side) >= 0.0;
    let mut cut = vec![];
    for i in 0..shape.len() {
        let (a, b) = (shape[i], shape[(i + 1) % shape.len()]);
        let t = (side - of(&a)) / (of(&b) - of(&a));
        let crossing = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
        match (inside(&a), inside(&b)) {
            (true, true) => cut.push(b),
            (true, false) => cut.push(crossing),
            (false, true) => cut.extend([crossing, b]),
            (false, false) => {}
        }
    }
    cut
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (b.0 - a.0).hypot(b.1 - a.1)
}

/// Whether a segment comes nearer to a place than so far.
pub(super) fn passes((a, b): Segment, p: Point, near: f64) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    distance(p, (a.0 + t * dx, a.1 + t * dy)) < near
}

/// Whether two segments cross each other.
pub(super) fn cross(a: Segment, b: Segment) -> bool {
    let side = |p: Point, q: Point, r: Point| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    side(a.0, a.1, b.0) * side(a.0, a.1, b.1) < 0.0 && side(b.0, b.1, a.0) * side(b.0, b.1, a.1) < 0.0
}

/// A circle as a polygon, which every format draws alike.
pub(super) fn circle(centre: Point, radius: f64) -> Vec<Point> {
    let corner = |i: u32| {
        let a = std::f64::consts::TAU * f64::from(i) / 40.0;
        (centre.0 + radius * a.cos(), centre.1 + radius * a.sin())
    };
    (0..40).map(corner).collect()
}

/// A diamond as high as it is wide.
pub(super) fn diamond((x, y): Point, half: f64) -> Vec<Point> {
    vec![(x - half, y), (x, y - half), (x + half, y), (x, y + half)]
}

/// The pieces of a path that are drawn when `on` is drawn and `off` is not, in turn, over its corners too.
pub(super) fn dashes(path: &[Point], (on, off): (f64, f64)) -> Vec<Segment> {
    let (mut left, mut drawing) = (on, true);
    let mut pieces = vec![];
    for pair in path.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = distance(a, b);
        if length.is_nan() || length <= 0.0 {
            continue;
        }
        let at = |t: f64| (a.0 + (b.0 - a.0) * t / length, a.1 + (b.1 - a.1) * t / length);
        let mut done = 0.0;
        while done < length {
            let end = (done + left).min(length);
            if drawing {
                pieces.push((at(done), at(end)));
            }
            left -= end - done;
            done = end;
            if left <= 1e-9 {
                drawing = !drawing;
                left = if drawing { on } else { off };
            }
        }
    }
    pieces
}

/// The outline of a path of some width; `None` for a path without length.
pub(super) fn ribbon(path: &[Point], width: f64) -> Option<Vec<Point>> {
    let mut kept: Vec<Point> = vec![];
    for p in path {
        if kept.last().is_none_or(|l| distance(*l, *p) > 1e-3) {
            kept.push(*p);
        }
    }
    if kept.len() < 2 {
        return None;
    }
    let half = 0.5 * width;
    let (mut left, mut right) = (vec![], vec![]);
    for (i, at) in kept.iter().enumerate() {
        for j in joints(&kept, i)? {
            left.push((at.0 + half * j.0, at.1 + half * j.1));
            right.push((at.0 - half * j.0, at.1 - half * j.1));
        }
    }
    right.reverse();
    Some([left, right].concat())
}

/// Directions to the left border at a corner of a path: one, or two where it turns so sharply that the joint is cut.
fn joints(path: &[Point], i: usize) -> Option<Vec<(f64, f64)>> {
    let normal = |a: Point, b: Point| {
        let length = distance(a, b);
        ((a.1 - b.1) / length, (b.0 - a.0) / length)
    };
    let before = i.checked_sub(1).map(|j| normal(path[j], path[i]));
    let after = path.get(i + 1).map(|next| normal(path[i], *next));
    let (m, n) = (before.or(after)?, after.or(before)?);
    let sum = (m.0 + n.0, m.1 + n.1);
    let square = sum.0 * sum.0 + sum.1 * sum.1;
    let scale = 2.0 / square;
    Some(if square > 0.2 { vec![(sum.0 * scale, sum.1 * scale)] } else { vec![m, n] })
}
