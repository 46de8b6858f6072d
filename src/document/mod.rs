//! What a result shows to people, before anyone decides on a form: a document of blocks, and its renderers.
//!
//! A result says once what it shows ([`Report::document`]); a terminal ([`text`]), Markdown ([`markdown`]) and whatever comes
//! later (HTML, a spreadsheet, a word processor) render the same blocks and know no result. Options that a sentence names
//! stand in marks (`⟦tau2=REML⟧`) until a door words them.

pub mod csv;
pub mod markdown;
mod sheet;
pub mod text;
mod wording;

use crate::result::Note;
use serde_json::Value;
pub use sheet::{Cell, Heading, Sheet};

/// A document: blocks from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// In the order of reading.
    pub blocks: Vec<Block>,
}

/// How high a heading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Of the whole document.
    Title,
    /// Of a section.
    Section,
    /// Of a table or two within a section.
    Part,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// What was analysed, in a line: `Risk ratio, 13 studies`. A result shown by itself opens with it; within a report the
    /// heading above says as much, so that Markdown leaves it out.
    Opening(String),
    /// A heading.
    Heading(Rank, String),
    /// Text as its author wrote it; may hold several paragraphs, emphasis and links of Markdown.
    Prose(String),
    /// Points of a list, each as its author wrote it.
    Points(Vec<String>),
    /// A table.
    Table(Sheet),
    /// Sentences on what stands above, without their full stops.
    Sentences(Vec<String>),
    /// Labelled lines.
    Facts(Facts),
    /// A picture.
    Figure(Figure),
    /// What the reader should know before quoting a number, and what to do about it.
    Note {
        /// What is the case.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// Lines that begin with what they are about: `Heterogeneity  τ² = …`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Label and text.
    pub lines: Vec<(String, String)>,
    /// The column of a terminal where texts begin.
    pub column: usize,
    /// Points of a list rather than paragraphs, where there are paragraphs.
    pub listed: bool,
}

/// A picture in files beside the document.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows.
    pub caption: String,
    /// Its pages as pixels.
    pub pages: Vec<String>,
    /// All pages for print.
    pub print: String,
}

/// For whom a document is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Decimals of effects; without, those that their intervals ask for.
    pub digits: Option<usize>,
}

/// A result that says what it shows.
pub trait Report {
    /// For people: tables, sentences and notes.
    fn document(&self, view: &View) -> Document;
    /// For programs: JSON with every number in full precision; `input` says what was read.
    fn json(&self, input: &Value) -> Value;
    /// For spreadsheets and statistics programs: the same numbers as one tidy table.
    fn tidy(&self) -> Sheet;
    /// What the reader should know before quoting a number.
    fn caveats(&self) -> Vec<Note>;
}

impl Facts {
    /// Lines as paragraphs whose texts begin in this column of a terminal.
    pub fn new(column: usize) -> Self {
        Self { lines: vec![], column, listed: false }
    }

    /// The same as points of a list.
    #[must_use]
    pub fn listed(self) -> Self {
        Self { listed: true, ..self }
    }

    /// A line more.
    pub fn say(&mut self, label: impl Into<String>, text: impl Into<String>) {
        self.lines.push((label.into(), text.into()));
    }
}

impl Document {
    /// A block more.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// A table under a heading.
    pub fn part(&mut self, heading: impl Into<String>, table: Sheet) {
        self.push(Block::Heading(Rank::Part, heading.into()));
        self.push(Block::Table(table));
    }
}

impl FromIterator<Block> for Document {
    fn from_iter<T: IntoIterator<Item = Block>>(blocks: T) -> Self {
        Self { blocks: blocks.into_iter().collect() }
    }
}

impl Extend<Block> for Document {
    fn extend<T: IntoIterator<Item = Block>>(&mut self, blocks: T) {
        self.blocks.extend(blocks);
    }
}
