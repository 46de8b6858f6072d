//! The engine of charts with two axes: it makes the page, the axes, the legend and the sentences around what a picture
//! draws into the panel between them.
//!
//! The legend stands below the title of the axis, never over data; everything is measured before it is placed.

mod panel;
mod points;

use super::axis::Axis;
use super::geometry::Rect;
use super::legend::Entry;
use super::options::PlotOptions;
use super::page::{MARGIN, Page, asked_width, check_width, text_size};
use super::scene::{Anchor, Drawing, Group};
use super::side::Side;
use super::text::{self, Weight};
use crate::error::Error;
pub(super) use panel::Panel;
pub(super) use points::{StudyPoint, points};

/// The narrowest page of a chart, in millimetres.
const NARROWEST: f64 = 60.0;
/// Pages narrower than this have smaller text, in points.
const NARROW: f64 = 300.0;

/// How an axis is made for the side where it will stand.
pub(super) type AxisMaker<'a> = Box<dyn Fn(Side) -> Axis + 'a>;

/// A chart before it has a place.
pub(super) struct Chart<'a> {
    pub options: &'a PlotOptions,
    /// Title of the document.
    pub title: String,
    /// One sentence for those who cannot see the picture.
    pub description: String,
    x: AxisMaker<'a>,
    y: AxisMaker<'a>,
    pub x_title: String,
    /// Stands above the axis, where it can be read without turning the page.
    pub y_title: String,
    /// Whether the vertical axis runs downward.
    pub down: bool,
    /// Labels under the ends of the horizontal axis.
    pub favours: [Option<String>; 2],
    pub legend: Vec<Entry>,
    pub footer: Vec<String>,
    /// Sides of the panel in points, unless a width is asked for.
    pub panel: (f64, f64),
    /// Whether both sides are kept alike, within a frame.
    pub square: bool,
    /// Room beside and above the panel, for marginal drawings and labels.
    pub right_room: f64,
    pub top_room: f64,
}

/// Where the panel lies across the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Across {
    /// Size of the text.
    pub size: f64,
    /// Left edge and width of the panel.
    pub left: f64,
    pub length: f64,
    /// Width of the page.
    pub page: f64,
}

/// What is drawn into the panel.
#[derive(Default)]
pub(super) struct Marks {
    /// Under the axes.
    pub under: Vec<Group>,
    /// Over them.
    pub over: Vec<Group>,
    /// How many names of studies found no room.
    pub unnamed: usize,
}

impl<'a> Chart<'a> {
    /// A chart of usual size.
    pub fn new(
        options: &'a PlotOptions,
        x: impl Fn(Side) -> Axis + 'a,
        y: impl Fn(Side) -> Axis + 'a,
    ) -> Self {
        Self {
            options,
            title: String::new(),
            description: String::new(),
            x: Box::new(x),
            y: Box::new(y),
            x_title: String::new(),
            y_title: String::new(),
            down: false,
            favours: [None, None],
            legend: vec![],
            footer: vec![],
            panel: (320.0, 240.0),
            square: false,
            right_room: 8.0,
            top_room: 0.0,
        }
    }

    /// Where the panel lies across the page: the labels of the vertical axis stand left of it.
    pub fn across(&self) -> Across {
        let asked = asked_width(self.options);
        let size = text_size(self.options, NARROW);
        // a first axis of usual length tells how wide the labels are
        let axis = (self.y)(Side::upright(self.panel.1, size));
        let labels = axis.ticks.iter().map(|t| text::width(&t.1, size, Weight::Regular)).fold(0.0, f64::max);
        let left_room = labels + 9.0;
        let fixed = left_room + self.right_room + 2.0 * MARGIN;
        let page = asked.unwrap_or(self.panel.0 + fixed);
        Across { size, left: MARGIN + left_room, length: page - fixed, page }
    }

    /// Lays the chart out around what `draw` makes.
    ///
    /// # Errors
    /// The width cannot be drawn.
    pub fn compose(self, draw: impl FnOnce(&Panel) -> Marks) -> Result<Drawing, Error> {
        check_width(self.options, NARROWEST)?;
        let across = self.across();
        let mut page = Page::new(self.options, across.size, across.page);
        self.head(&mut page);
        let panel = self.panel(across, page.y);
        let marks = draw(&panel);
        page.groups.extend(marks.under);
        page.groups.push(panel.axes(self.square));
        page.groups.extend(marks.over);
        self.foot(&mut page, &panel);
        let mut drawing =
            Drawing { pages: vec![page.finish(&self.title, self.description)], remarks: vec![] };
        drawing.say_unnamed(marks.unnamed);
        Ok(drawing)
    }

    fn head(&self, page: &mut Page) {
        let mut head = Group::default();
        page.title(&mut head);
        page.heading(&mut head, &self.y_title);
        page.y += 0.6 * page.size + self.top_room;
        page.groups.push(head);
    }

    fn panel(&self, across: Across, top: f64) -> Panel {
        let usual = self.panel.1;
        let high = match (self.square, self.options.width_mm) {
            (true, _) => across.length,
            (false, Some(_)) => usual.min(across.length * usual / self.panel.0 * 1.1).max(110.0),
            (false, None) => usual,
        };
        let (left, right) = (across.left, across.left + across.length);
        Panel {
            edges: Rect { left, top, right, bottom: top + high },
            x: (self.x)(Side::level(across.length, across.size)),
            y: (self.y)(Side::upright(high, across.size)),
            down: self.down,
            inset: 0.0,
            theme: self.options.theme.spec(),
            size: across.size,
        }
    }

    fn foot(&self, page: &mut Page, panel: &Panel) {
        let mut foot = Group::default();
        page.y = panel.edges.bottom + 3.5 + 1.2 * page.size;
        self.sides(&mut foot, page, panel);
        self.axis_title(&mut foot, page, panel);
        page.legend(&mut foot, &self.legend);
        page.y += 0.4 * page.size;
        let small = page.small();
        page.sentences(&mut foot, &self.footer, small);
        page.y += 0.2 * page.size;
        page.groups.push(foot);
    }

    /// What either side of no effect favours, under the ends of the axis.
    fn sides(&self, foot: &mut Group, page: &mut Page, panel: &Panel) {
        if self.favours.iter().all(Option::is_none) {
            return;
        }
        let (size, step) = (page.size, 1.25 * page.size);
        let Rect { left, right, .. } = panel.edges;
        let [low, high] = &self.favours;
        let ends = [
            (low.as_ref().map(|words| format!("← {words}")), left, Anchor::Start),
            (high.as_ref().map(|words| format!("{words} →")), right, Anchor::End),
        ];
        let first = page.y + step;
        page.y = first;
        for (words, x, anchor) in ends {
            let Some(words) = words else { continue };
            let lines = text::wrap(&words, size, Weight::Regular, 0.5 * (right - left) - size);
            let mut y = first;
            for line in lines {
                foot.text((x, y), anchor, &line, (size, Weight::Regular), page.theme.ink);
                page.y = page.y.max(y);
                y += step;
            }
        }
    }

    fn axis_title(&self, foot: &mut Group, page: &mut Page, panel: &Panel) {
        if self.x_title.is_empty() {
            return;
        }
        let Rect { left, right, .. } = panel.edges;
        let style = (page.size, Weight::Bold);
        for line in text::wrap(&self.x_title, page.size, Weight::Bold, right - left + 30.0) {
            page.y += 1.45 * page.size;
            foot.text((0.5 * (left + right), page.y), Anchor::Middle, &line, style, page.theme.ink);
        }
    }
}
