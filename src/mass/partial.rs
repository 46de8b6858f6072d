//! Partial results: effects row by row in Parquet, from which any number of shards are pooled exactly.

use super::job::Job;
use super::output::{building, unwritable};
use super::record::{JOINT, Record};
use super::{MassOptions, Progress};
use crate::dataset::{Dataset, Output, ParquetFile, RoleMap, stream};
use crate::effect::Measure;
use crate::error::Error;
use crate::registry::Member;
use std::path::Path;

/// Columns of a partial result after those of the groups; the last only where sizes were asked for.
const COLUMNS: [&str; 4] = ["measure", "estimate", "variance", "size"];
/// Rows that are written at once.
const BATCH: usize = 131_072;

/// Writes the effects of the inputs as a partial result: one row per study and group, in the order of the input,
/// from which any number of shards are pooled exactly by [`run`](super::run) with the options of [`merged`]. Gives the rows
/// written.
///
/// # Errors
/// As [`run`](super::run); the output must be a Parquet file.
pub fn partial(options: &MassOptions, progress: Progress<'_>) -> Result<u64, Error> {
    let target = options
        .output
        .as_ref()
        .filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")))
        .ok_or_else(|| Error::usage("partial results are Parquet files").with_hint("`-o SHARD.parquet`"))?;
    if options.wide {
        return Err(Error::usage("files that are joined have no partial results")
            .with_hint("each of them is one already: join them with ⟦key⟧"));
    }
    let job = Job::new(options)?;
    let place = building(target);
    let rows = write(&job, &place, progress).inspect_err(|_| {
        // what it stopped for is told, not that its beginning could not be removed
        let _ = std::fs::remove_file(&place);
    })?;
    std::fs::rename(&place, target).map_err(|e| unwritable(target, e))?;
    Ok(rows)
}

/// Writes all effects; gives the rows written.
fn write(job: &Job<'_>, place: &Path, progress: Progress<'_>) -> Result<u64, Error> {
    let mut shard = Shard {
        keys: &job.options.keys,
        measure: job.effects.measure.id(),
        sized: job.options.size.is_some(),
        waiting: Batch::default(),
        rows: 0,
    };
    let mut file = ParquetFile::create(place, shard.columns(Batch::default()))?;
    let files = job.plans.len() as f64;
    for i in 0..job.plans.len() {
        let shown = |share: f64, rows: u64| progress((i as f64 + share) / files, rows);
        let mut take = |r: &Record<'_>| {
            shard.waiting.add(r);
            if shard.waiting.y.len() >= BATCH { shard.write(&mut file).map(|()| true) } else { Ok(true) }
        };
        job.read(i, &mut take, &shown)?;
    }
    shard.write(&mut file)?;
    file.finish()?;
    Ok(shard.rows)
}

/// A partial result on its way to its file.
struct Shard<'a> {
    keys: &'a [String],
    measure: &'static str,
    sized: bool,
    waiting: Batch,
    rows: u64,
}

impl Shard<'_> {
    fn write(&mut self, file: &mut ParquetFile) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.waiting);
        self.rows += batch.y.len() as u64;
        file.write(self.columns(batch).into_iter().map(|c| c.1).collect())
    }

    fn columns(&self, batch: Batch) -> Vec<(String, Output)> {
        let mut texts: Vec<Vec<String>> = vec![Vec::with_capacity(batch.keys.len()); self.keys.len()];
        for key in &batch.keys {
            let mut parts = key.split(|b| *b == JOINT);
            for column in &mut texts {
                column.push(String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned());
            }
        }
        let mut out: Vec<(String, Output)> =
            self.keys.iter().cloned().zip(texts.into_iter().map(Output::Text)).collect();
        out.push((COLUMNS[0].into(), Output::Text(vec![self.measure.to_string(); batch.y.len()])));
        out.push((COLUMNS[1].into(), Output::Number(batch.y)));
        out.push((COLUMNS[2].into(), Output::Number(batch.v)));
        if self.sized {
            out.push((COLUMNS[3].into(), Output::Number(batch.n)));
        }
        out
    }
}

/// Rows of a partial result.
#[derive(Default)]
struct Batch {
    keys: Vec<Vec<u8>>,
    y: Vec<f64>,
    v: Vec<f64>,
    n: Vec<f64>,
}

impl Batch {
    fn add(&mut self, r: &Record<'_>) {
        self.keys.push(r.key.to_vec());
        self.y.push(r.y);
        self.v.push(r.v);
        self.n.push(r.n);
    }
}

/// What a shard says of itself.
#[derive(PartialEq)]
struct Label {
    /// Names of its columns.
    names: Vec<String>,
    measure: String,
}

impl Label {
    /// Of a shard; `None` if it holds no rows.
    fn of(head: &Dataset) -> Result<Option<Self>, Error> {
        let names: Vec<String> = head.columns.iter().map(|c| c.name.clone()).collect();
        let at = groups(&names);
        let own = &names[at..];
        if at == 0 || own.len() < 3 || own.iter().zip(COLUMNS).any(|(a, b)| a != b) {
            return Err(Error::data("this is no partial result").in_file(&head.source).with_hint(
                "it comes from ⟦mass: partial⟧ and has the columns of the groups, measure, estimate, variance",
            ));
        }
        Ok(head.text(at, 0).map(|measure| Self { names, measure }))
    }

    fn text(&self) -> String {
        format!("{} of ({})", self.measure, self.names.join(", "))
    }
}

/// How many of the columns name groups: those before the measure.
fn groups(names: &[String]) -> usize {
    names.iter().position(|n| n == COLUMNS[0]).unwrap_or(names.len())
}

/// The options with what the shards say of themselves: groups, measure, sizes.
///
/// # Errors
/// A shard cannot be read, is no partial result, or differs in kind from the first.
pub fn merged(options: MassOptions) -> Result<MassOptions, Error> {
    let mut first: Option<Label> = None;
    for file in &stream::expand_all(&options.inputs)? {
        let head = stream::head(file, None)?;
        let Some(own) = Label::of(&head)? else { continue };
        match &first {
            Some(f) if *f != own => {
                return Err(Error::data(format!("the partial results differ: {} here", own.text()))
                    .in_file(&head.source)
                    .with_hint(format!("the first holds {}", f.text())));
            }
            Some(_) => {}
            None => first = Some(own),
        }
    }
    let none = || Error::data("the partial results hold no rows").with_hint("name at least one that does");
    let Label { names, measure } = first.ok_or_else(none)?;
    let sized = names.last().is_some_and(|n| n == COLUMNS[3]);
    Ok(MassOptions {
        keys: names[..groups(&names)].to_vec(),
        measure: Some(Measure::parse(&measure)?),
        partials: true,
        columns: RoleMap::parse("estimate=estimate,variance=variance")?,
        size: sized.then(|| COLUMNS[3].to_string()),
        ..options
    })
}
