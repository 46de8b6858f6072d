use super::Outcome;
use clap_complete::Shell;
use std::io::Write;

/// Print shell completions
///
/// For bash: `metapool completions bash > /etc/bash_completion.d/metapool`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut super::command(), "metapool", &mut script);
    Ok(out.write_all(&script)?)
}
