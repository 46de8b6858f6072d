//! Where results go and in which form.

use super::super::{Command, Family, Heading, OptionSpec, Rule, Takes, With, flag, option};
use super::GROUPED;

const OUTPUT: Heading = Heading::Output;

/// Commands with a result that is written in several forms.
const RESULTS: &[Command] =
    &[Command::Pool, Command::Effects, Command::Regress, Command::Bias, Command::Sensitivity, Command::Bayes];

options! {
    FORMAT = option("format", "FORM", OUTPUT, RESULTS, "Form of the result")
        .short('f')
        .of(Family::Format)
        .default("from the ending of -o, else table")
        .more(
            "CSV is one tidy table with the names of JSON: `kind` says what a row is (study, random, common, prediction, \
             subgroup, heterogeneity, test, coefficient, mu ...), `label` which; `estimate`, `se`, `ci_lower` and `ci_upper` \
             are on the analysis scale, `natural_...` as they are read. `effects` writes one row a study, without `kind`.",
        );
    FILE = option("output", "FILE", OUTPUT, RESULTS, "Write to a file instead of standard output").short('o');
    GROUPS_FILE = option("output", "FILE", OUTPUT, GROUPED, "Write to a file: .parquet or .csv")
        .short('o')
        .default("CSV on standard output");
    FOLDER = option("output", "FOLDER", OUTPUT, &[Command::Report], "Folder to write to")
        .short('o')
        .default("reports/NAME");
    DATASET_FILE =
        option("output", "FILE.csv", OUTPUT, &[Command::Datasets], "Write its table to a CSV file")
            .short('o')
            .rules(&[Rule::Beside(&[With::Given("name")], "no table is named")]);
    DIGITS = option("digits", "N", OUTPUT, RESULTS, "Decimals of effects in tables and Markdown")
        .takes(Takes::Count(0, 12))
        .default("what their intervals ask for");
    QUIET = flag(
        "quiet",
        OUTPUT,
        &[
            Command::Pool,
            Command::Effects,
            Command::Regress,
            Command::Bias,
            Command::Sensitivity,
            Command::Bayes,
            Command::Plot,
            Command::Mass,
            Command::Merge,
            Command::Report,
        ],
        "No notes, no progress and no summary on standard error",
    )
    .short('q');
}
