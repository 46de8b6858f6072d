//! Colours, and those that all pictures share. What a theme may change is in [`super::theme`].

/// Red, green and blue; everything is opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// The paper.
    pub const WHITE: Self = Self(255, 255, 255);

    /// From `0xRRGGBB`.
    pub const fn hex(code: u32) -> Self {
        Self((code >> 16) as u8, (code >> 8) as u8, code as u8)
    }

    /// A lighter tint: `share` of the colour on white.
    pub fn tint(self, share: f64) -> Self {
        let mix = |x: u8| (255.0 - (255.0 - f64::from(x)) * share).round() as u8;
        Self(mix(self.0), mix(self.1), mix(self.2))
    }

    /// On the way from this colour to another.
    pub fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// What is said beside the data: dark enough to be read in print.
pub const GREY: Colour = Colour(85, 85, 85);
/// Lines of a grid.
pub const GRID: Colour = Colour::hex(0xE3E3E3);
/// What stands against the theme's own colour, told apart also without seeing red or green.
pub const ACCENT: Colour = Colour::hex(0xC86A12);
/// Under curves, and between limits that no line draws.
pub const PALE: Colour = Colour::hex(0xE4ECF4);
/// Confidence bands.
pub const CONFIDENCE: Colour = Colour::hex(0xC9DAEA);
/// Prediction bands.
pub const PREDICTION: Colour = Colour::hex(0xE9F0F6);
/// Lines that are told apart also without seeing red or green.
pub const LINES: [Colour; 6] = [
    Colour::hex(0x2F5D8C),
    ACCENT,
    Colour::hex(0x4B8B5A),
    Colour::hex(0x8A4F9E),
    Colour::hex(0x6B6B6B),
    Colour::hex(0xA32E3E),
];
