//! A document as Markdown.

use super::{Block, Cell, Document, Facts, Figure, Rank, Sheet};

/// The whole document: blocks with a blank line between them, and a final newline.
pub fn render(document: &Document) -> String {
    let parts: Vec<String> = document.blocks.iter().filter_map(block).collect();
    parts.join("\n")
}

/// A block with its final newline; `None` where Markdown leaves it out.
fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Opening(_) => return None,
        Block::Heading(Rank::Title, text) => format!("# {text}\n"),
        Block::Heading(Rank::Section, text) => format!("## {text}\n"),
        Block::Heading(Rank::Part, text) => format!("**{text}**\n"),
        Block::Prose(text) => format!("{text}\n"),
        Block::Points(points) => points.iter().map(|p| format!("- {p}\n")).collect(),
        Block::Table(sheet) => table(sheet),
        Block::Sentences(sentences) => {
            sentences.iter().map(|s| format!("{s}.\n")).collect::<Vec<_>>().join("\n")
        }
        Block::Facts(facts) => labelled(facts),
        Block::Figure(figure) => picture(figure),
        Block::Note { message, hint } => format!("**Note.** {message}. *{hint}*\n"),
    })
}

fn labelled(facts: &Facts) -> String {
    let lines = facts.lines.iter();
    if facts.listed {
        lines.map(|(label, text)| format!("* {label}: {text}\n")).collect()
    } else {
        lines.map(|(label, text)| format!("**{label}.** {text}\n")).collect::<Vec<_>>().join("\n")
    }
}

/// Every page, and below them one link to all of them for print.
fn picture(figure: &Figure) -> String {
    let pages: String =
        figure.pages.iter().map(|page| format!("![{}]({page})\n\n", figure.caption)).collect();
    format!("{pages}[Figure as PDF]({})\n", figure.print)
}

/// A table.
pub fn table(sheet: &Sheet) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(sheet.headings.iter().map(|h| escaped(&h.title)).collect());
    out += &line(sheet.headings.iter().map(|h| if h.text { ":--".into() } else { "--:".into() }).collect());
    for row in &sheet.rows {
        out += &line(row.iter().map(cell).collect());
    }
    out
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Link { text, address } => {
            // brackets and blanks would end the address
            let address = address.replace('(', "%28").replace(')', "%29").replace(' ', "%20");
            escaped(&format!("[{text}]({address})"))
        }
        other => escaped(&other.shown()),
    }
}

/// Text that does not end a cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
