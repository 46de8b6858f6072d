//! Completions of shells, from the table of options.

use super::{Outcome, flags};
use crate::choice::option::{Given, table};
use crate::error::Error;
use clap_complete::Shell;
use std::io::Write;
use std::str::FromStr;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let shell = Shell::from_str(given.text(&table::SHELL).unwrap_or_default()).map_err(Error::usage)?;
    let mut script = vec![];
    clap_complete::generate(shell, &mut flags::command_line(), "metapool", &mut script);
    Ok(out.write_all(&script)?)
}
