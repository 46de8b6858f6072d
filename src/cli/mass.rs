//! Pools many groups of large tables, with progress and a summary.

use super::{Failure, Outcome, style};
use crate::analysis::options;
use crate::choice::option::{Given, table};
use crate::error::{Error, ErrorKind};
use crate::mass::{CODES, MassOptions, Summary, merged, partial, run as pool_all};
use crate::registry::Member;
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// What the whole help explains beside the options.
pub(super) fn long_help() -> String {
    let codes: Vec<String> =
        CODES.iter().map(|(_, code, meaning)| format!("  {code:<20}{meaning}")).collect();
    format!(
        "Columns of the result, on the analysis scale (logarithms for ratios), empty where there is no value:\n  \
         the groups; k; common_estimate, common_se, common_ci_lower, common_ci_upper, common_p_value; estimate, se, ci_lower,\n  \
         ci_upper, p_value, prediction_lower, prediction_upper, tau2, i2 (in percent), again with _CODE for each further estimator;\n  \
         q, q_p_value; with --size z, z_p_value, size; direction (+ - 0 per study, ? where it is missing); notes\n\n\
         Codes of the notes:\n{}",
        codes.join("\n")
    )
}

/// Runs the analysis into the file or to `out`.
fn pool(given: &Given, options: &MassOptions, out: &mut (impl Write + Send)) -> Outcome {
    let quiet = given.has(&table::QUIET);
    let start = Instant::now();
    let shown = progress(quiet, start);
    let standard: Option<Box<dyn Write + Send + '_>> = match options.output {
        Some(_) => None,
        None => Some(Box::new(out)),
    };
    let summary = pool_all(options, standard, &shown);
    clear(quiet);
    let summary = summary.map_err(as_failure)?;
    if !quiet {
        told(&summary, start);
    }
    Ok(())
}

/// Shows the share that is done and how fast it goes.
fn progress(quiet: bool, start: Instant) -> impl Fn(f64, u64) + Sync {
    let shown = !quiet && std::io::stderr().is_terminal();
    let last = std::sync::atomic::AtomicU64::new(0);
    move |share, rows| {
        let passed = start.elapsed();
        let tenth = passed.as_millis() as u64 / 100;
        if shown && tenth >= 3 && last.swap(tenth, std::sync::atomic::Ordering::Relaxed) != tenth {
            let seconds = passed.as_secs_f64();
            let left = if share > 0.02 {
                format!(", {:.0} s left", seconds * (1.0 / share - 1.0))
            } else {
                String::new()
            };
            eprint!("\r{:3.0}%, {rows} rows, {:.0} rows/s{left}\x1b[K", 100.0 * share, rows as f64 / seconds);
        }
    }
}

fn clear(quiet: bool) {
    if !quiet && std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

/// Whoever closed the pipe has read what they wanted.
fn as_failure(e: Error) -> Failure {
    match e.kind() {
        ErrorKind::Closed => Failure::Stream(std::io::ErrorKind::BrokenPipe.into()),
        _ => Failure::Library(e),
    }
}

fn told(s: &Summary, start: Instant) {
    let many = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let how = match (s.sorted, s.spilled) {
        (true, _) => "sorted by group",
        (_, true) => "in any order, through disk",
        (_, false) => "in any order",
    };
    let read = match s.rows {
        0 if s.resumed => "rows of the interrupted run".to_string(),
        rows => many(rows, "row"),
    };
    style::info(&format!(
        "{} of {} ({how}): {} in {:.1} s",
        read,
        many(s.files as u64, "file"),
        many(s.groups, "group"),
        start.elapsed().as_secs_f64()
    ));
    if let Some(m) = s.measure {
        style::info(&format!("measure: {} ({}), on the analysis scale", m.id(), m.title()));
    }
    if s.without_group > 0 {
        style::info(&format!("{} without a group left out", many(s.without_group, "row")));
    }
    for (file, factor) in &s.genomic_control {
        style::info(&format!("genomic control of {file}: {factor:.3}"));
    }
    for (code, groups) in &s.notes {
        let meaning = CODES.iter().find(|c| c.1 == *code).map_or("", |c| c.2);
        style::info(&format!("{code} in {}: {meaning}", many(*groups, "group")));
    }
}

pub(super) fn run(given: &Given, out: &mut (impl Write + Send)) -> Outcome {
    let options = options::mass(given)?;
    if !given.has(&table::PARTIAL) {
        return pool(given, &options, out);
    }
    let quiet = given.has(&table::QUIET);
    let start = Instant::now();
    let rows = partial(&options, &progress(quiet, start));
    clear(quiet);
    let rows = rows?;
    if !quiet {
        style::info(&format!(
            "{rows} effects in {:.1} s; pool them with `metapool merge`",
            start.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

pub(super) fn merge(given: &Given, out: &mut (impl Write + Send)) -> Outcome {
    pool(given, &merged(options::mass(given)?)?, out)
}
