//! Themes: colours, lettering and wording. A theme changes the look, never a number.

use super::colour::Colour;

/// What stands around and between the limits of an interval.
#[derive(Clone, Copy, Debug)]
pub struct Brackets {
    /// Before the lower limit.
    pub open: &'static str,
    /// Between the limits, with its blanks.
    pub between: &'static str,
    /// After the upper limit.
    pub close: &'static str,
    /// Whether what stands between them follows the lower limit at once, as a comma does.
    pub follows: bool,
}

/// The look of a picture.
#[derive(Debug)]
pub struct ThemeSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// Text, axes and interval lines.
    pub ink: Colour,
    /// Squares of studies.
    pub square: Colour,
    /// Interval lines of studies.
    pub interval: Colour,
    /// Diamonds.
    pub diamond: Colour,
    /// Prediction intervals.
    pub prediction: Colour,
    /// Line of no effect.
    pub null: Colour,
    /// Rules of the table.
    pub rule: Colour,
    /// Every second row; `None` leaves it white.
    pub zebra: Option<Colour>,
    /// Em size in points.
    pub size: f64,
    /// Around and between the limits of an interval.
    pub brackets: Brackets,
    /// Whether the line of the pooled estimate runs through the studies.
    pub pooled_line: bool,
    /// Whether the weights stand before the panel.
    pub weight_first: bool,
    /// Whether estimates stand before the panel.
    pub estimate_first: bool,
}

const DEFAULT: ThemeSpec = ThemeSpec {
    id: "default",
    aliases: &["metapool"],
    title: "metapool: blue squares, dark diamond",
    reference: "",
    ink: Colour::hex(0x1A1A1A),
    square: Colour::hex(0x2F5D8C),
    interval: Colour::hex(0x1A1A1A),
    diamond: Colour::hex(0x14324F),
    prediction: Colour::hex(0x8FB1D0),
    null: Colour::hex(0x444444),
    rule: Colour::hex(0x1A1A1A),
    zebra: None,
    size: 9.0,
    brackets: Brackets { open: "(", between: " to ", close: ")", follows: false },
    pooled_line: true,
    weight_first: false,
    estimate_first: false,
};

const COCHRANE: ThemeSpec = ThemeSpec {
    id: "cochrane",
    aliases: &["revman"],
    title: "Cochrane: blue squares, black diamond, estimates before the panel, square brackets",
    reference: "higgins2019",
    square: Colour::hex(0x0000FF),
    diamond: Colour::hex(0x000000),
    ink: Colour::hex(0x000000),
    interval: Colour::hex(0x000000),
    brackets: Brackets { open: "[", between: ", ", close: "]", follows: true },
    pooled_line: false,
    weight_first: true,
    estimate_first: true,
    ..DEFAULT
};

const JAMA: ThemeSpec = ThemeSpec {
    id: "jama",
    aliases: &[],
    title: "JAMA: grey squares, estimates before the panel",
    reference: "",
    square: Colour::hex(0x4D6A85),
    diamond: Colour::hex(0x00385C),
    prediction: Colour::hex(0x9DB4C6),
    estimate_first: true,
    pooled_line: false,
    ..DEFAULT
};

const BMJ: ThemeSpec = ThemeSpec {
    id: "bmj",
    aliases: &[],
    title: "BMJ: purple marks, weights before estimates",
    reference: "",
    square: Colour::hex(0x6B58A6),
    interval: Colour::hex(0x4B3B86),
    diamond: Colour::hex(0x4B3B86),
    prediction: Colour::hex(0xB5ABD6),
    ..DEFAULT
};

const LANCET: ThemeSpec = ThemeSpec {
    id: "lancet",
    aliases: &[],
    title: "Lancet: dark squares, red-free diamond, en dash",
    reference: "",
    square: Colour::hex(0x00468B),
    diamond: Colour::hex(0x00468B),
    prediction: Colour::hex(0x8AAACB),
    brackets: Brackets { open: "(", between: "–", close: ")", follows: false },
    ..DEFAULT
};

const MONO: ThemeSpec = ThemeSpec {
    id: "mono",
    aliases: &["grey", "print"],
    title: "black and grey",
    reference: "",
    ink: Colour::hex(0x000000),
    square: Colour::hex(0x555555),
    interval: Colour::hex(0x000000),
    diamond: Colour::hex(0x000000),
    prediction: Colour::hex(0xA9A9A9),
    null: Colour::hex(0x555555),
    rule: Colour::hex(0x000000),
    ..DEFAULT
};

const ZEBRA: ThemeSpec = ThemeSpec {
    id: "zebra",
    aliases: &[],
    title: "the default with every second row shaded, for screens",
    zebra: Some(Colour::hex(0xF1F4F8)),
    ..DEFAULT
};

registry! {
    /// The look of a picture.
    Theme(ThemeSpec) = "theme" {
        /// Ours.
        Default => DEFAULT,
        /// Cochrane reviews.
        Cochrane => COCHRANE,
        /// JAMA.
        Jama => JAMA,
        /// BMJ.
        Bmj => BMJ,
        /// The Lancet.
        Lancet => LANCET,
        /// Black and grey.
        Mono => MONO,
        /// Striped rows.
        Zebra => ZEBRA,
    }
}
