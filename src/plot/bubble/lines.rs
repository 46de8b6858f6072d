//! Fitted lines of a bubble plot with their labels at the right end; means with confidence limits for a factor.

use super::Bubble;
use crate::plot::chart::Panel;
use crate::plot::colour::{Colour, GREY, LINES};
use crate::plot::scene::{Anchor, Group};
use crate::plot::text::Weight;
use crate::result::regression::{Line, Predicted};

/// What is said beside the right end of a line.
struct EndLabel {
    y: f64,
    words: String,
    colour: Colour,
    weight: Weight,
}

impl Bubble<'_> {
    /// The lines with their labels, and where these are.
    pub(super) fn lines(&self, panel: &Panel) -> (Group, Vec<f64>) {
        let mut group = Group::default();
        let mut labels = vec![];
        for (index, line) in self.along.lines.iter().enumerate() {
            let colour = LINES[index % LINES.len()];
            if self.factor {
                self.means(&mut group, panel, (index, line), colour);
            } else {
                self.line(&mut group, panel, line, colour);
            }
            if let Some((_, last)) = line.points.last() {
                labels.extend(self.end_labels(panel, line, last, colour));
            }
        }
        let heights = draw_labels(&mut group, panel, labels);
        (group, heights)
    }

    fn line(&self, group: &mut Group, panel: &Panel, line: &Line, colour: Colour) {
        for pair in line.points.windows(2) {
            let at = |(x, p): &(f64, Predicted)| (panel.x(*x), self.y(panel, p.estimate));
            group.line(at(&pair[0]), at(&pair[1]), 1.6, colour);
        }
    }

    /// A mean with its limits for every level; those of several lines stand side by side.
    fn means(&self, group: &mut Group, panel: &Panel, (index, line): (usize, &Line), colour: Colour) {
        let half = 0.3 * panel.edges.width() / self.along.levels.len() as f64;
        let count = self.along.lines.len();
        let offset = (index as f64 - 0.5 * (count - 1) as f64) * half / count as f64;
        for (x, p) in &line.points {
            let x = panel.x(*x) + offset;
            let y = |effect: f64| self.y(panel, effect);
            group.line((x, y(p.lower)), (x, y(p.upper)), 1.4, colour);
            let mean = y(p.estimate);
            group.line((x - 0.5 * half, mean), (x + 0.5 * half, mean), 2.2, colour);
        }
    }

    /// The level of one among several lines, the names of the bands of a single one.
    fn end_labels(&self, panel: &Panel, line: &Line, last: &Predicted, colour: Colour) -> Vec<EndLabel> {
        let y = |effect: f64| self.y(panel, effect);
        if self.several {
            let (y, words) = (y(last.estimate), line.label.clone());
            return vec![EndLabel { y, words, colour, weight: Weight::Bold }];
        }
        if self.factor {
            return vec![];
        }
        let level = self.result.settings.level;
        let band = |effect: f64, what: &str| EndLabel {
            y: y(effect),
            words: format!("{level}% {what}"),
            colour: GREY,
            weight: Weight::Regular,
        };
        let prediction = last.prediction.as_ref().map(|q| band(q.upper, "prediction"));
        std::iter::once(band(last.upper, "CI")).chain(prediction).collect()
    }
}

/// Draws labels in their order, a line's distance apart; returns their heights.
fn draw_labels(group: &mut Group, panel: &Panel, mut labels: Vec<EndLabel>) -> Vec<f64> {
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut last = f64::NEG_INFINITY;
    let mut heights = vec![];
    for label in labels {
        let y = label.y.max(last + 1.15 * panel.size);
        last = y;
        heights.push(y);
        let at = (panel.edges.right + 5.0, y + 0.33 * panel.size);
        group.text(at, Anchor::Start, &label.words, (panel.size, label.weight), label.colour);
    }
    heights
}
