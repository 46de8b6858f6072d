use super::Outcome;
use super::data::DataArgs;
use super::output::OutputArgs;
use crate::model::table_notes;
use crate::result::EffectsResult;
use std::io::Write;

/// Compute one effect per study
///
/// Prints the per-study effect table: estimate, confidence interval and standard error. JSON and CSV hold
/// the analysis scale (logarithms for ratios) and the natural scale side by side.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool effects @bcg --measure OR\n  metapool effects trials.csv -o effects.csv"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    let loaded = args.data.list(args.output.quiet)?;
    let input = args.data.input(&loaded);
    let notes = table_notes(&loaded.table);
    let result = EffectsResult::new(loaded.table, notes);
    args.output.show(&result, format, &input, out)
}
