//! Columns of the data as tables of a report: the characteristics of every trial once, or what the rows of one
//! analysis hold beside their numbers.

use super::manifest::{Characteristics, Shown};
use super::{labels_of, located};
use crate::dataset::{Dataset, ReadOptions};
use crate::document::{Cell, Heading, Sheet};
use crate::error::Error;
use std::path::Path;

/// One trial with what is known of it.
struct Trial {
    name: String,
    group: Option<String>,
    cells: Vec<Option<String>>,
}

/// The characteristics of all trials: each in one row, and every cell from the first table that knows it.
///
/// # Errors
/// A table cannot be read, or none has a column that is asked for.
pub(super) fn table(wanted: &Characteristics, base: &Path) -> Result<Sheet, Error> {
    let mut trials: Vec<Trial> = vec![];
    let mut tables = vec![];
    for source in &wanted.data {
        tables.push(Dataset::open_with(&located(source, base), ReadOptions::default())?);
    }
    let found = |name: &str| tables.iter().any(|d| d.position(name).is_some());
    let named = wanted.columns.iter().map(|s| &s.column).chain(&wanted.trial).chain(&wanted.group);
    for name in named.filter(|name| !found(name)) {
        // the error names the nearest column of the first table
        tables.first().map_or(Ok(0), |d| d.require(name))?;
    }
    for dataset in &tables {
        let labels = labels_of(dataset, None)?;
        let text = |name: &str, row: usize| dataset.text(dataset.position(name)?, row);
        for (row, label) in labels.into_iter().enumerate() {
            let name = wanted.trial.as_deref().and_then(|c| text(c, row)).unwrap_or(label);
            let group = wanted.group.as_deref().and_then(|c| text(c, row));
            let cells: Vec<_> = wanted.columns.iter().map(|s| text(&s.column, row)).collect();
            match trials.iter_mut().find(|t| t.name == name) {
                None => trials.push(Trial { name, group, cells }),
                Some(known) => {
                    known.group = known.group.take().or(group);
                    for (old, new) in known.cells.iter_mut().zip(cells) {
                        *old = old.take().or(new);
                    }
                }
            }
        }
    }
    Ok(sheet(trials, wanted))
}

/// Trials in the order of the tables, those of a group together.
fn sheet(mut trials: Vec<Trial>, wanted: &Characteristics) -> Sheet {
    let mut groups: Vec<Option<String>> = vec![];
    for t in &trials {
        if !groups.contains(&t.group) {
            groups.push(t.group.clone());
        }
    }
    trials.sort_by_key(|t| groups.iter().position(|g| *g == t.group));
    let rows = trials
        .into_iter()
        .map(|t| std::iter::once(Cell::from(t.name)).chain(t.cells.into_iter().map(Cell::from)).collect());
    Sheet::new(headings(&wanted.columns), rows)
}

fn headings(shown: &[Shown]) -> Vec<Heading> {
    let of = |s: &Shown| Heading::text(&s.column, s.heading.as_deref().unwrap_or(&s.column));
    std::iter::once(Heading::text("study", "Study")).chain(shown.iter().map(of)).collect()
}

/// Columns of the data of one analysis, a row for each of its studies.
///
/// # Errors
/// A column is not there.
pub(super) fn beside(shown: &[Shown], dataset: &Dataset, studies: &[String]) -> Result<Option<Sheet>, Error> {
    if shown.is_empty() || studies.len() != dataset.rows() {
        return Ok(None);
    }
    let columns: Vec<usize> = shown.iter().map(|s| dataset.require(&s.column)).collect::<Result<_, _>>()?;
    let row = |(i, study): (usize, &String)| {
        let cell = |&c: &usize| Cell::from(dataset.text(c, i));
        std::iter::once(Cell::from(study.as_str())).chain(columns.iter().map(cell)).collect()
    };
    let rows = studies.iter().enumerate().map(row);
    let mut headings = headings(shown);
    for (heading, &c) in headings.iter_mut().skip(1).zip(&columns) {
        heading.text = !dataset.is_numeric(c);
    }
    Ok(Some(Sheet::new(headings, rows)))
}
