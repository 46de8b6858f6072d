//! The fonts that are measured and drawn: embedded ones first, installed ones only for what those lack.

#[cfg_attr(not(feature = "files"), path = "font/installed_absent.rs")]
mod installed;

use super::Weight;
use harfrust::{Direction, Script, ShapeOptions, ShapePlan, Shaper, ShaperData, UnicodeBuffer};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::pen::PathStyle;
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::sync::OnceLock;

/// A font in memory.
pub struct Font {
    /// The file.
    pub data: &'static [u8],
    /// Which face of the file.
    pub index: u32,
    face: FontRef<'static>,
    characters: Charmap<'static>,
    outlines: OutlineGlyphCollection<'static>,
    tables: ShaperData,
    units: f64,
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Font({} bytes)", self.data.len())
    }
}

impl Font {
    /// A face of a font file; nothing if the file is no font.
    fn load(data: &'static [u8], index: u32) -> Option<Self> {
        let face = FontRef::from_index(data, index).ok()?;
        let tables = ShaperData::new(&face);
        let units = f64::from(tables.shaper(&face).build().units_per_em());
        Some(Self {
            data,
            index,
            characters: face.charmap(),
            outlines: face.outline_glyphs(),
            face,
            tables,
            units,
        })
    }

    /// Whether it has a glyph for the character.
    pub(super) fn has(&self, c: char) -> bool {
        self.characters.map(c).is_some()
    }

    /// Draws a glyph's outline in font units; says whether it has one.
    pub fn outline(&self, glyph: u16, pen: &mut impl OutlinePen) -> bool {
        let as_designed = DrawSettings::unhinted(Size::unscaled(), LocationRef::default())
            .with_path_style(PathStyle::HarfBuzz);
        self.outlines.get(GlyphId::from(glyph)).is_some_and(|g| g.draw(as_designed, pen).is_ok())
    }

    /// Font units per em.
    pub fn units(&self) -> f64 {
        self.units
    }

    fn shaper(&self) -> Shaper<'_> {
        self.tables.shaper(&self.face).build()
    }

    /// How text of a direction and script is shaped; costs more than shaping a label with it.
    pub(super) fn plan(&self, direction: Direction, script: Script) -> ShapePlan {
        ShapePlan::new(&self.shaper(), direction, Some(script), None, &[])
    }

    /// Shapes a text of the direction and script that the plan was made for.
    pub(super) fn shape(&self, text: UnicodeBuffer, plan: &ShapePlan) -> harfrust::GlyphBuffer {
        self.shaper().shape(text, ShapeOptions::new().plan(Some(plan)))
    }
}

const EMBEDDED: [&[u8]; 3] = [
    include_bytes!("../fonts/SourceSans3-Regular.ttf"),
    include_bytes!("../fonts/SourceSans3-Semibold.ttf"),
    include_bytes!("../fonts/DejaVuSans.ttf"),
];

/// The embedded font that has most characters.
const FALLBACK: usize = 2;

fn embedded() -> &'static [Font] {
    static FONTS: OnceLock<Vec<Font>> = OnceLock::new();
    FONTS.get_or_init(|| EMBEDDED.iter().filter_map(|data| Font::load(data, 0)).collect())
}

/// The font with this number: 0 regular, 1 semibold, 2 fallback, then installed ones in the order they were needed.
pub fn font(number: usize) -> &'static Font {
    let embedded = embedded();
    match embedded.get(number) {
        Some(font) => font,
        None => installed::get(number - embedded.len()).unwrap_or(&embedded[0]),
    }
}

/// The number of the embedded font of a weight.
pub(super) fn own(weight: Weight) -> usize {
    usize::from(weight == Weight::Bold)
}

/// The number of a font that has the character: the wanted weight, the fallback, then installed fonts.
pub(super) fn font_for(c: char, weight: Weight) -> Option<usize> {
    let known = [own(weight), FALLBACK].into_iter().find(|&n| font(n).has(c));
    known.or_else(|| Some(EMBEDDED.len() + installed::find(c)?))
}
