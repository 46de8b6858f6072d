//! The manual page, from the table of options.

use super::{Outcome, flags};
use crate::choice::option::{Given, table};
use crate::error::Error;
use std::io::Write;

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let mut all = flags::command_line();
    all.build();
    let page = match given.text(&table::COMMAND) {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(c) => c.clone().name(format!("metapool-{name}")),
            None => {
                return Err(Error::usage(format!("there is no command `{name}`"))
                    .with_hint("`metapool --help` lists the commands")
                    .into());
            }
        },
    };
    clap_mangen::Man::new(page).render(out)?;
    Ok(())
}
