//! Marks of options in a document, in the words of a door.

use super::{Block, Cell, Document, Facts, Figure, Heading, Sheet};
use crate::choice::Door;

impl Document {
    /// The document with every option named as a door names it.
    #[must_use]
    pub fn worded(&self, door: Door) -> Self {
        self.blocks.iter().map(|b| block(b, door)).collect()
    }
}

impl Sheet {
    /// The table with every option named as a door names it.
    #[must_use]
    pub fn worded(&self, door: Door) -> Self {
        let heading = |h: &Heading| Heading { title: word(&h.title, door), ..h.clone() };
        let cell = |c: &Cell| match c {
            Cell::Text(s) => Cell::Text(word(s, door)),
            other => other.clone(),
        };
        Self {
            headings: self.headings.iter().map(heading).collect(),
            rows: self.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            rules: self.rules.clone(),
        }
    }
}

fn word(text: &str, door: Door) -> String {
    door.word(text).into_owned()
}

fn block(block: &Block, door: Door) -> Block {
    let word = |text: &String| word(text, door);
    match block {
        Block::Opening(text) => Block::Opening(word(text)),
        Block::Heading(rank, text) => Block::Heading(*rank, word(text)),
        Block::Prose(text) => Block::Prose(word(text)),
        Block::Points(points) => Block::Points(points.iter().map(word).collect()),
        Block::Table(sheet) => Block::Table(sheet.worded(door)),
        Block::Sentences(sentences) => Block::Sentences(sentences.iter().map(word).collect()),
        Block::Facts(facts) => Block::Facts(Facts {
            lines: facts.lines.iter().map(|(label, text)| (label.clone(), word(text))).collect(),
            ..facts.clone()
        }),
        Block::Figure(figure) => Block::Figure(Figure { caption: word(&figure.caption), ..figure.clone() }),
        Block::Note { message, hint } => Block::Note { message: word(message), hint: word(hint) },
    }
}
