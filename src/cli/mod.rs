//! The command line: parse, call the library, print. Results to standard output, everything else to standard error.
#![allow(clippy::print_stderr, reason = "the only module that talks to people")]

mod bayes;
mod bias;
mod choice;
mod completions;
mod data;
mod datasets;
mod effects;
mod limits;
mod list;
mod man;
#[cfg(feature = "mass")]
mod mass;
mod model;
mod output;
mod plot;
mod pool;
mod progress;
mod regress;
mod report;
mod sensitivity;
mod style;

use crate::error::{Error, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// Statistical meta-analysis: from a study table to pooled estimates, forest plots and finished reports
#[derive(Debug, Parser)]
#[command(
    name = "metapool",
    version,
    max_term_width = 100,
    after_help = "DATA is a file (.csv .tsv .parquet .arrow .feather .ndjson .xlsx), `-` for CSV on standard input, or \
                  @NAME for bundled data.\nExit codes: 0 done; 1 the data or the model cannot be used; 2 wrong usage.",
    after_long_help = "DATA is a file (.csv .tsv .parquet .arrow .feather .ndjson .xlsx), `-` for CSV on standard input, \
                  or @NAME for bundled data.\nExit codes: 0 done; 1 the data or the model cannot be used; 2 wrong usage.\n\n\
                  Examples:\n  metapool pool @bcg\n  metapool plot forest @bcg -o bcg.png\n  metapool pool trials.csv --measure SMD \
                  --columns mean1=m_e,sd1=sd_e,n1=n_e,mean2=m_c,sd2=sd_c,n2=n_c\n  metapool report"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "made once")]
enum Command {
    Pool(pool::Args),
    Effects(effects::Args),
    Regress(regress::Args),
    Bias(bias::Args),
    Sensitivity(sensitivity::Args),
    Bayes(bayes::Args),
    Plot(plot::Args),
    #[cfg(feature = "mass")]
    Mass(mass::Args),
    #[cfg(feature = "mass")]
    Merge(mass::MergeArgs),
    Report(report::Args),
    Datasets(datasets::Args),
    List(list::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Why a command failed: an error of the library, or a stream that cannot be written.
enum Failure {
    Library(Error),
    Stream(std::io::Error),
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Self::Library(e)
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::Stream(e)
    }
}

type Outcome = Result<(), Failure>;

/// Runs the program and turns the outcome into an exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let outcome = match cli.command {
        Command::Pool(args) => pool::run(&args, &mut out),
        Command::Effects(args) => effects::run(&args, &mut out),
        Command::Regress(args) => regress::run(&args, &mut out),
        Command::Bias(args) => bias::run(&args, &mut out),
        Command::Sensitivity(args) => sensitivity::run(&args, &mut out),
        Command::Bayes(args) => bayes::run(&args, &mut out),
        Command::Plot(args) => plot::run(&args),
        #[cfg(feature = "mass")]
        Command::Mass(args) => mass::run(&args, &mut out),
        #[cfg(feature = "mass")]
        Command::Merge(args) => mass::merge(&args, &mut out),
        Command::Report(args) => report::run(&args),
        Command::Datasets(args) => datasets::run(&args, &mut out),
        Command::List(args) => list::run(&args, &mut out),
        Command::Completions(args) => completions::run(&args, &mut out),
        Command::Man(args) => man::run(&args, &mut out),
    };
    match outcome.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Stream(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Stream(e)) => {
            style::failure(&format!("the output cannot be written: {e}"));
            ExitCode::from(1)
        }
        Err(Failure::Library(e)) => {
            style::error(&e);
            ExitCode::from(if e.kind() == ErrorKind::Usage { 2 } else { 1 })
        }
    }
}

/// The definition of the whole command line, for completions and the manual page.
fn command() -> clap::Command {
    Cli::command()
}
