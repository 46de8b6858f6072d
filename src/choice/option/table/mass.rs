//! Many groups of one large table.

use super::super::{Command, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};
use super::GROUPED;

const MASS: &[Command] = &[Command::Mass];
const DATA: Heading = Heading::Data;
const WORK: Heading = Heading::Work;
const APART: &str = "does not go with ⟦{other}⟧";
const JOINED: &[Rule] = &[Rule::Beside(&[With::Given("key")], "no files are joined")];

options! {
    BY = option(
        "by",
        "COLUMN[,COLUMN]",
        DATA,
        MASS,
        "Columns that name a group: every row is a study of its group",
    )
    .many(Many::List)
    .rules(&[Rule::Apart(&["key"], APART)]);
    KEY = option("key", "COLUMN", DATA, MASS, "Column on which the tables are joined: every table is a study");
    SIZE = option(
        "size",
        "COLUMN",
        DATA,
        MASS,
        "Column of the number of patients: adds z-values weighted by its root",
    );
    ALLELES = option(
        "alleles",
        "EFFECT,OTHER",
        DATA,
        MASS,
        "Columns of effect and other allele: effects are turned to the alleles of the first table, over strands too",
    )
    .rules(JOINED);
    GENOMIC_CONTROL = flag(
        "genomic-control",
        DATA,
        MASS,
        "Widen the standard errors of each table by the root of its genomic control factor, where that exceeds 1",
    )
    .rules(JOINED);
    SORTED = flag(
        "sorted",
        WORK,
        MASS,
        "The rows are sorted by group: anything else is an error [default: seen while reading, where -o names a file]",
    )
    .rules(&[Rule::Apart(&["unsorted", "memory"], APART)]);
    UNSORTED = flag("unsorted", WORK, MASS, "The rows are not sorted by group");
    PARTIAL = flag(
        "partial",
        WORK,
        MASS,
        "Write the effects as a partial result (Parquet), to be pooled by `metapool merge`",
    )
    .rules(&[
        Rule::Beside(&[With::Given("output")], "a partial result is a file"),
        Rule::Apart(
            &["key", "tau2", "ci", "prediction", "level", "memory", "select", "sorted", "unsorted"],
            APART,
        ),
    ]);
    MEMORY = option(
        "memory",
        "MB",
        WORK,
        GROUPED,
        "Megabytes of rows kept in memory before they go to disk, beside the output",
    )
    .takes(Takes::Count(0, u64::MAX))
    .default("512");
    SELECT_COLUMNS = option(
        "select",
        "COLUMN,...",
        Heading::Output,
        GROUPED,
        "Columns of the result besides the groups, in this order; `metapool help mass` names them",
    )
    .many(Many::List)
    .default("all");
}
