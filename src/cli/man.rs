use super::Outcome;
use std::io::Write;

/// Print the manual page
///
/// `metapool man | man -l -` shows it; without a command it holds the overview, with one its options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The command to describe
    command: Option<String>,
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let mut all = super::command();
    all.build();
    let page = match &args.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(c) => c.clone().name(format!("metapool-{name}")),
            None => {
                return Err(crate::Error::usage(format!("there is no command `{name}`"))
                    .with_hint("`metapool --help` lists the commands")
                    .into());
            }
        },
    };
    clap_mangen::Man::new(page).render(out)?;
    Ok(())
}
