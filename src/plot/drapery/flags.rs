//! Names over the peaks of curves, each beside the line of its peak, in rows so that no line runs through another name.

/// Most rows of names above the panel.
const MOST_ROWS: usize = 14;

/// A peak that is to be named.
#[derive(Clone, Copy)]
pub(super) struct Peak {
    pub study: usize,
    /// Where it lies across the page.
    pub x: f64,
    /// Width of the name.
    pub width: f64,
}

/// A name above the panel.
pub(super) struct Flag {
    /// Row of names, from the panel upwards.
    pub row: usize,
    pub study: usize,
    /// Whether the name stands to the left of its line.
    pub leftward: bool,
}

/// Places as many names as find room, those first that must not be left out; the ends are those of the page.
pub(super) fn arrange(peaks: &[Peak], ends: (f64, f64)) -> Vec<Flag> {
    let mut best: Vec<Flag> = vec![];
    let mut chosen: Vec<Peak> = vec![];
    for peak in peaks {
        chosen.push(*peak);
        match rows(&chosen, ends) {
            Some(flags) => best = flags,
            None => {
                chosen.pop();
            }
        }
    }
    best
}

/// Raises names until none is crossed; `None` if that takes too many rows.
fn rows(chosen: &[Peak], (left, right): (f64, f64)) -> Option<Vec<Flag>> {
    let leftward: Vec<bool> = chosen.iter().map(|c| c.x + 4.0 + c.width > right).collect();
    let span = |i: usize| {
        let Peak { x, width, .. } = chosen[i];
        if leftward[i] { (x - 4.0 - width, x) } else { (x, x + 4.0 + width) }
    };
    let spans: Vec<(f64, f64)> = (0..chosen.len()).map(span).collect();
    if spans.iter().any(|s| s.0 < left - 40.0) {
        return None;
    }
    let mut row = vec![0usize; chosen.len()];
    for _ in 0..MOST_ROWS * chosen.len() + 1 {
        let settled = !raise(&mut row, chosen, &spans);
        if row.iter().any(|r| *r >= MOST_ROWS) {
            return None;
        }
        if settled {
            let flag = |i: usize| Flag { row: row[i], study: chosen[i].study, leftward: leftward[i] };
            return Some((0..chosen.len()).map(flag).collect());
        }
    }
    None
}

/// Raises every name that a line crosses or that touches another; says whether there was one.
fn raise(row: &mut [usize], chosen: &[Peak], spans: &[(f64, f64)]) -> bool {
    let mut raised = false;
    for i in 0..chosen.len() {
        let (a, b) = spans[i];
        for j in (0..chosen.len()).filter(|&j| j != i) {
            let crossed = chosen[j].x > a - 1.5 && chosen[j].x < b + 1.5;
            let (c, d) = spans[j];
            let touching = row[i] == row[j] && a < d + 3.0 && c < b + 3.0;
            if (crossed || touching) && row[i] <= row[j] && (crossed || i > j) {
                row[i] = row[j] + 1;
                raised = true;
            }
        }
    }
    raised
}
