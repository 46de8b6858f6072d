//! Cells and headings that tables of every result share.

use crate::document::{Block, Cell};
use crate::effect::{EffectTable, Natural, StudyEffect};
use crate::result::Note;
use crate::result::format::{decimals_of_percentages, fixed, p_value, significant, upper_first};
use crate::result::look::{Look, Unit};

/// The heading of an interval of this level.
pub(super) fn level(x: f64) -> String {
    format!("{x}% CI")
}

/// The word above a column of effects.
pub(super) fn effect_word(table: &EffectTable) -> String {
    let label = table.measure().spec().label;
    match Unit::of(table) {
        Unit::Plain => label.into(),
        Unit::PerCent => "%".into(),
        // of proportions the unit says all, as the sign does
        unit @ Unit::Per(_) if table.measure().is_proportion() => {
            upper_first(&unit.words().unwrap_or_default())
        }
        unit @ Unit::Per(_) => format!("{label} {}", unit.words().unwrap_or_default()),
    }
}

/// An estimate, as its limits let it be written.
pub(super) fn estimate(n: &Natural, look: Look) -> Cell {
    let [e, _, _] = look.interval(n);
    e.filter(|_| n.estimate.is_some_and(|x| !x.is_nan())).map_or(Cell::Missing, Cell::Text)
}

/// Its limits in one cell: `0.13 to 1.26`.
pub(super) fn limits(n: &Natural, look: Look) -> Cell {
    match look.interval(n) {
        [_, None, None] => Cell::Missing,
        [_, l, u] => {
            let shown = |x: Option<String>| x.unwrap_or_else(|| "unbounded".into());
            Cell::Text(format!("{} to {}", shown(l), shown(u)))
        }
    }
}

/// A value, as its column is written.
pub(super) fn value(x: Option<f64>, look: Look) -> Cell {
    x.filter(|x| !x.is_nan()).map_or(Cell::Missing, |x| Cell::Text(look.number(x)))
}

/// A column of percentages that tells them from 0.
pub(super) fn percentages(values: &[Option<f64>]) -> impl Fn(Option<f64>) -> Cell {
    let decimals = decimals_of_percentages(values.iter().flatten().copied());
    move |x| x.map_or(Cell::Missing, |x| Cell::Text(format!("{}%", fixed(x, decimals))))
}

/// A p-value below a heading that says so: `0.012`, `< 0.001`.
pub(super) fn p_cell(p: f64) -> Cell {
    let text = p_value(p);
    Cell::Text(text.strip_prefix("p = ").or_else(|| text.strip_prefix("p ")).unwrap_or(&text).to_string())
}

/// A variance between studies.
pub(super) fn tau2(x: f64) -> String {
    if x == 0.0 { "0".into() } else { significant(x, 3) }
}

/// What became of a study, where that is not the rule.
pub(super) fn remark(s: &StudyEffect) -> String {
    match &s.reason {
        Some(reason) => format!("not pooled: {reason}"),
        None if s.corrected => "corrected".into(),
        None => String::new(),
    }
}

/// Caveats as blocks.
pub(crate) fn notes<'a>(notes: impl IntoIterator<Item = &'a Note>) -> impl Iterator<Item = Block> {
    notes.into_iter().map(|n| Block::Note { message: n.message(), hint: n.hint() })
}
