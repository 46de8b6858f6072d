//! The command line: parse, call the library, print. Results to standard output, everything else to standard error.
#![allow(clippy::print_stderr, reason = "the only module that talks to people")]

mod bayes;
mod bias;
mod completions;
mod data;
mod datasets;
mod effects;
mod flags;
mod list;
mod man;
#[cfg(feature = "mass")]
mod mass;
mod output;
mod plot;
mod pool;
mod progress;
mod regress;
mod report;
mod sensitivity;
mod style;

use crate::analysis::options::checked;
use crate::choice::Door;
use crate::choice::option::{Command, Given};
use crate::error::{Error, ErrorKind};
use std::io::Write;
use std::process::ExitCode;

/// Why a command failed: an error of the library, or a stream that cannot be written.
enum Failure {
    Library(Error),
    Stream(std::io::Error),
    /// An error of the library in what a manifest asks for.
    Manifest(Error),
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
    // clap asks for a command before it comes to this
    let Some(given) = flags::given(&flags::command_line().get_matches()) else { return ExitCode::from(2) };
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let outcome = checked(given).map_err(Failure::from).and_then(|given| run(&given, &mut out));
    match outcome.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Stream(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Stream(e)) => {
            style::failure(&format!("the output cannot be written: {e}"));
            ExitCode::from(1)
        }
        Err(Failure::Library(e)) => refused(&e, Door::Terminal),
        Err(Failure::Manifest(e)) => refused(&e, Door::Manifest),
    }
}

/// Says what went wrong in the words of the door by which it was asked for.
fn refused(e: &Error, door: Door) -> ExitCode {
    style::error(e, door);
    ExitCode::from(if e.kind() == ErrorKind::Usage { 2 } else { 1 })
}

fn run(given: &Given, out: &mut (impl Write + Send)) -> Outcome {
    match given.command() {
        Command::Pool => pool::run(given, out),
        Command::Effects => effects::run(given, out),
        Command::Regress => regress::run(given, out),
        Command::Bias => bias::run(given, out),
        Command::Sensitivity => sensitivity::run(given, out),
        Command::Bayes => bayes::run(given, out),
        Command::Plot => plot::run(given),
        #[cfg(feature = "mass")]
        Command::Mass => mass::run(given, out),
        #[cfg(feature = "mass")]
        Command::Merge => mass::merge(given, out),
        #[cfg(not(feature = "mass"))]
        Command::Mass | Command::Merge => {
            Err(Error::without_feature("pooling of large tables", "mass").into())
        }
        Command::Report => report::run(given),
        Command::Datasets => datasets::run(given, out),
        Command::List => list::run(given, out),
        Command::Completions => completions::run(given, out),
        Command::Man => man::run(given, out),
    }
}
