//! The agreement of methods as rows of the table.

use super::rows::{Mark, Role, Row, limits};
use super::writer::Writer;
use crate::effect::Natural;
use crate::result::format::upper_first;
use crate::result::{Agreement, PoolResult};

/// A method: its estimate as a square; all squares are alike.
pub(super) fn row(a: &Agreement, writer: &Writer) -> Row {
    let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
    let square = |estimate| Mark::Square { estimate, limits: limits(&n, writer.bounds), area: 100.0 };
    Row::labelled(a.method.clone(), Role::Plain, 0)
        .estimate(writer.triple(&n), a.estimate.map_or(Mark::None, square))
}

pub(super) fn footer(result: &PoolResult) -> Vec<String> {
    let pooled = result.studies().filter(|s| s.effect().is_some());
    let n: f64 = pooled.filter_map(|s| s.size).sum();
    let patients = if n > 0.0 { format!(", {n} patients") } else { String::new() };
    let mut footer = vec![format!("{} studies{patients}; the same data under every method", result.k)];
    footer.extend(remarks(result));
    footer
}

/// What is to know of the methods: one line for those of which the same is said.
fn remarks(result: &PoolResult) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<&str>)> = vec![];
    for a in result.agreement.iter().filter(|a| !a.remark.is_empty()) {
        match lines.iter_mut().find(|l| l.0 == a.remark) {
            Some(line) => line.1.push(&a.method),
            None => lines.push((&a.remark, vec![&a.method])),
        }
    }
    let line =
        |(remark, methods): (&str, Vec<&str>)| format!("{}: {}", upper_first(remark), methods.join("; "));
    lines.into_iter().map(line).collect()
}
