//! Lists, describes and exports bundled data.

use super::Outcome;
use super::output::aligned;
use crate::choice::option::{Given, table};
use crate::dataset::Bundled;
use crate::document::{Cell, Heading, Sheet};
use crate::error::Error;
use crate::file::write;
use std::io::Write;
use std::path::Path;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    match (given.text(&table::DATASET), given.text(&table::DATASET_FILE)) {
        (None, _) => list(out),
        (Some(name), Some(path)) => Ok(write(Path::new(path), find(name)?.csv.as_bytes())?),
        (Some(name), None) => describe(find(name)?, out),
    }
}

fn find(name: &str) -> Result<Bundled, Error> {
    Bundled::find(name.trim_start_matches('@'))
}

fn list(out: &mut impl Write) -> Outcome {
    let mut sheet = Sheet {
        headings: vec![
            Heading::text("name", "Name"),
            Heading::number("rows", "Rows"),
            Heading::text("title", "Title"),
        ],
        ..Sheet::default()
    };
    for bundled in Bundled::all() {
        let rows = bundled.load()?.rows();
        let name = Cell::Text(format!("@{}", bundled.name));
        sheet.rows.push(vec![name, Cell::Count(rows as f64), bundled.info()?.title.into()]);
    }
    Ok(out.write_all(aligned(&sheet).as_bytes())?)
}

fn describe(bundled: Bundled, out: &mut impl Write) -> Outcome {
    let info = bundled.info()?;
    writeln!(out, "@{}: {}", bundled.name, info.title)?;
    writeln!(out, "Rows      {}", bundled.load()?.rows())?;
    writeln!(out, "Data      {}", info.shape)?;
    if let Some(measure) = &info.measure {
        writeln!(out, "Measure   {measure}")?;
    }
    writeln!(out, "Source    {}", info.citation)?;
    writeln!(out, "Licence   {}", info.licence)?;
    writeln!(out, "Columns")?;
    let dataset = bundled.load()?;
    let width = dataset.columns.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
    for column in &dataset.columns {
        let meaning = info.columns.get(&column.name).map_or("", String::as_str);
        writeln!(out, "  {:width$}  {meaning}", column.name)?;
    }
    Ok(())
}
