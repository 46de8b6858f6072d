use super::Outcome;
use super::data::DataArgs;
use super::output::{Format, OutputArgs, aligned, json as printed};
use crate::model::table_notes;
use crate::report::{json, summary};
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
    let digits = args.output.digits();
    let notes = table_notes(&loaded.table);
    let text = match format {
        Format::Json => printed(&json::effects(&loaded.table, &args.data.input(&loaded), &notes)),
        Format::Csv => summary::effects_file(&loaded.table).csv(),
        Format::Markdown => summary::effects_table(&loaded.table, digits).markdown(),
        Format::Table => {
            let said = loaded.table.correction().map(|c| format!("\n{}, {c}\n", loaded.table.title()));
            aligned(&summary::effects_table(&loaded.table, digits)) + &said.unwrap_or_default()
        }
    };
    args.output.notes(&notes);
    args.output.emit(&text, out)
}
