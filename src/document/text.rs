//! A document as aligned text, for terminals.

use super::{Block, Document, Facts, Sheet};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// How wide text may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// As its longest line.
    #[default]
    Free,
    /// As the terminal: cells of tables are wrapped.
    Terminal,
}

/// The whole document; notes and pictures have places of their own beside a terminal.
pub fn render(document: &Document, width: Width) -> String {
    let mut out = String::new();
    let mut above: Option<&Block> = None;
    for block in &document.blocks {
        let Some(text) = said(block, width) else { continue };
        // what is said of a table stands right below it
        let close = matches!((above, block), (Some(Block::Table(_)), Block::Sentences(_)));
        if above.is_some() && !close {
            out.push('\n');
        }
        out += &text;
        above = Some(block);
    }
    out
}

/// A block with its final newline; `None` where a terminal does not show it.
fn said(block: &Block, width: Width) -> Option<String> {
    Some(match block {
        Block::Opening(text) | Block::Prose(text) => format!("{text}\n"),
        // files need a title, a terminal has the command above
        Block::Heading(super::Rank::Title, _) | Block::Note { .. } | Block::Figure(_) => return None,
        Block::Heading(_, text) => format!("{text}\n"),
        Block::Points(points) => points.iter().map(|p| format!("- {p}\n")).collect(),
        Block::Table(sheet) => table(sheet, width),
        Block::Sentences(sentences) => sentences.iter().map(|s| format!("{s}\n")).collect(),
        Block::Facts(facts) => labelled(facts),
    })
}

fn labelled(facts: &Facts) -> String {
    let column = facts.column;
    facts.lines.iter().map(|(label, text)| format!("{label:<column$}{text}\n")).collect()
}

/// A table: columns aligned, a rule below the headings and before the rows that a sheet names.
pub fn table(sheet: &Sheet, width: Width) -> String {
    let lines = aligned(sheet, width);
    let longest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(longest);
    // rules are counted in rows; wrapped rows are not told apart, so rules only go into unwrapped tables
    let unwrapped = lines.len() == sheet.rows.len() + 1;
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i == 1 || unwrapped && i > 1 && sheet.rules.contains(&(i - 1)) {
            out += &format!("{rule}\n");
        }
        out += &format!("{line}\n");
    }
    out
}

fn aligned(sheet: &Sheet, width: Width) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if width == Width::Terminal {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let clean = |row: Vec<String>| row.into_iter().map(|c| c.replace(char::is_control, " "));
    let mut lines = sheet.shown().into_iter();
    table.set_header(clean(lines.next().unwrap_or_default()));
    lines.for_each(|row| {
        table.add_row(clean(row));
    });
    for (column, heading) in table.column_iter_mut().zip(&sheet.headings) {
        column.set_cell_alignment(if heading.text { CellAlignment::Left } else { CellAlignment::Right });
        column.set_padding((0, 2));
    }
    table.lines().map(|l| l.trim_end().to_string()).collect()
}
