//! The ways through an analysis: sorted input as it passes, other input in memory or through disk.

use super::job::Job;
use super::partition::{Partitions, mark, merge};
use super::reading::gather;
use super::{MassOptions, Order, Progress, Summary, sorted};
use crate::error::Error;
use std::io::Write;
use std::sync::atomic::Ordering;

/// Where results go if no file is named.
type Standard<'a> = Option<Box<dyn Write + Send + 'a>>;

/// Bytes of the input for which there is a partition: on disk, with its numbers, each takes some sixty megabytes.
const PARTITION: u64 = 24 << 20;
/// Share of the progress that reading takes, and that after partitions are pooled.
const READ: f64 = 0.6;
const POOLED: f64 = 0.9;

/// Pools every group of the inputs; `standard` takes CSV where no output file is given.
///
/// # Errors
/// An input cannot be read or lacks a column, a value is impossible (with file, line and column), an option does not fit, or
/// the results cannot be written.
pub fn run(
    options: &MassOptions,
    standard: Option<Box<dyn Write + Send + '_>>,
    progress: Progress<'_>,
) -> Result<Summary, Error> {
    let job = Job::new(options)?;
    let mut summary = job.summary();
    let mut standard = standard;
    if options.order == Order::Sorted && options.wide {
        return Err(Error::usage("files that are joined are not read as sorted")
            .with_hint("leave ⟦sorted⟧ out; ⟦by⟧ reads one table that is sorted by group"));
    }
    let done = job.is_taken_as_sorted() && job.run_sorted(&mut standard, &mut summary, progress)?;
    if !done {
        job.run_unsorted(&mut standard, &mut summary, progress).inspect_err(|_| job.clean())?;
    }
    job.count(&mut summary);
    Ok(summary)
}

impl Job<'_> {
    fn is_taken_as_sorted(&self) -> bool {
        match self.options.order {
            Order::Sorted => true,
            // what went to standard output cannot be taken back
            Order::Auto => !self.options.wide && self.options.output.is_some() && !self.interrupted(),
            Order::Unsorted => false,
        }
    }

    /// Pools rows as they pass; `false` if they show that they are not sorted.
    fn run_sorted<'s>(
        &'s self,
        standard: &mut Standard<'s>,
        summary: &mut Summary,
        progress: Progress<'_>,
    ) -> Result<bool, Error> {
        let mut sink = self.sink(standard)?;
        let read = |runs: &mut sorted::Runs| self.read_runs(runs, progress);
        let is_sorted = sorted::run(&self.method, &mut sink, read).inspect_err(|_| self.clean())?;
        if is_sorted {
            summary.sorted = true;
            (summary.groups, summary.notes) = sink.finish()?;
            return Ok(true);
        }
        drop(sink);
        if self.options.order == Order::Sorted {
            self.clean();
            return Err(Error::data("the rows are not sorted by group").with_hint("leave ⟦sorted⟧ out"));
        }
        self.restart();
        Ok(false)
    }

    /// Reads all files into runs of groups; `false` if their rows are not sorted.
    fn read_runs(&self, runs: &mut sorted::Runs, progress: Progress<'_>) -> Result<bool, Error> {
        let files = self.plans.len() as f64;
        let mut is_sorted = true;
        for file in 0..self.plans.len() {
            let shown = |share: f64, rows: u64| progress((file as f64 + share) / files, rows);
            let mut take = |record: &super::record::Record<'_>| {
                is_sorted = runs.add(record);
                Ok(is_sorted)
            };
            self.read(file, &mut take, &shown)?;
            if !is_sorted {
                break;
            }
        }
        Ok(is_sorted)
    }

    /// Pools rows in any order, in memory or through disk.
    fn run_unsorted<'s>(
        &'s self,
        standard: &mut Standard<'s>,
        summary: &mut Summary,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        let partitions = self.partitions();
        if self.interrupted() && partitions.found() {
            summary.resumed = true;
        } else {
            self.remove_partitions()?;
            let read = || self.rows.load(Ordering::Relaxed);
            let shown = |share: f64| progress(READ * share, read());
            if let Some(gathered) = gather(self, &partitions, self.options.memory << 20, &shown)? {
                let mut sink = self.sink(standard)?;
                let shown = |share: f64| progress(READ + (1.0 - READ) * share, read());
                gathered.pool(self, self.studies(), &mut sink, &shown)?;
                (summary.groups, summary.notes) = sink.finish()?;
                return Ok(());
            }
            mark(&self.folder().join("fingerprint"), self.fingerprint().as_bytes())?;
            partitions.complete()?;
        }
        self.run_partitions(&partitions, standard, summary, progress)
    }

    /// As many partitions as the files ask for.
    fn partitions(&self) -> Partitions {
        // a file whose size is not known counts as none
        let sizes = self.plans.iter().filter_map(|p| std::fs::metadata(&p.path).ok()).map(|m| m.len());
        let count = (sizes.sum::<u64>() / PARTITION).next_power_of_two().clamp(16, 1024) as usize;
        Partitions::new(count, self.folder())
    }

    /// Pools the partitions on disk, which are removed once the result is complete.
    fn run_partitions<'s>(
        &'s self,
        partitions: &Partitions,
        standard: &mut Standard<'s>,
        summary: &mut Summary,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        summary.spilled = true;
        let read = || self.rows.load(Ordering::Relaxed);
        let shown = |share: f64| progress(READ + (POOLED - READ) * share, read());
        let results = partitions.pool(self.studies(), &self.method, &shown)?;
        let mut sink = self.sink(standard)?;
        let former = sink.former();
        merge(results, &former, &mut |formed| sink.write(formed))?;
        (summary.groups, summary.notes) = sink.finish()?;
        progress(1.0, read());
        self.remove_partitions()
    }
}
