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
