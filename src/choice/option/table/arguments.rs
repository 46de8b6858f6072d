//! What is given by its place.

use super::super::{Command, Family, Heading, Many, OptionSpec, option};
use super::STUDIES;

const fn argument(
    name: &'static str,
    value: &'static str,
    commands: &'static [Command],
    help: &'static str,
) -> OptionSpec {
    option(name, value, Heading::Argument, commands, help)
}

options! {
    KIND = argument("kind", "KIND", &[Command::Plot], "Kind of picture; `metapool list plots` shows all")
        .of(Family::Plot)
        .required(&[Command::Plot]);
    DATA = argument("data", "DATA", STUDIES, "File, `-` for CSV on standard input, or @NAME for bundled data")
        .required(STUDIES);
    TABLES = argument("tables", "TABLE", &[Command::Mass], "Tables, folders, or patterns such as 'shards/*.parquet'")
        .many(Many::Repeated)
        .required(&[Command::Mass]);
    SHARDS = argument(
        "shards",
        "SHARD",
        &[Command::Merge],
        "Partial results, folders of them, or patterns such as 'shards/*.parquet'",
    )
    .many(Many::Repeated)
    .required(&[Command::Merge]);
    MANIFEST = argument(
        "manifest",
        "REVIEW.toml",
        &[Command::Report],
        "The manifest; without it, the bundled review of stem-cell trials",
    );
    DATASET = argument("name", "NAME", &[Command::Datasets], "Describe this one (with or without @)");
    FAMILY = argument("family", "FAMILY", &[Command::List], "Which family; all of them if not given");
    SHELL = argument("shell", "SHELL", &[Command::Completions], "The shell")
        .required(&[Command::Completions]);
    COMMAND = argument("command", "COMMAND", &[Command::Man], "The command to describe");
}
