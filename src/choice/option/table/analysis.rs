//! Sensitivity analyses, and what each may be told.

use super::super::{Command, Family, Heading, Many, OptionSpec, Rule, Takes, flag, option};

const ANALYSIS: Heading = Heading::Analysis;
const BOTH: &[Command] = &[Command::Sensitivity, Command::Plot];

options! {
    ANALYSES = option("analysis", "NAME,...", ANALYSIS, &[Command::Sensitivity], "Which analyses")
        .short('a')
        .of(Family::Analysis)
        .many(Many::List)
        .default("leave-one-out,influence, and outliers from three studies on");
    ORDER =
        option("order", "COLUMN", ANALYSIS, BOTH, "Column that orders a cumulative analysis, or `precision`")
            .default("the order of the data")
            .rules(&[Rule::Of("analysis", &["cumulative"], None), Rule::Of("kind", &["cumulative"], None)]);
    DESCENDING = flag("descending", ANALYSIS, BOTH, "Add from the largest value down")
        .rules(&[Rule::Of("analysis", &["cumulative"], None), Rule::Of("kind", &["cumulative"], None)]);
    TOGETHER = option(
        "cluster",
        "COLUMN",
        ANALYSIS,
        BOTH,
        "Leave out all studies with the same value of a column together",
    )
    .rules(&[Rule::Of("analysis", &["leave-one-out"], None), Rule::Of("kind", &["leave-one-out"], None)]);
    SUBSETS = option(
        "subsets",
        "N",
        ANALYSIS,
        BOTH,
        "Most subsets to pool; a random sample if there are more",
    )
    .takes(Takes::Count(0, u64::MAX))
    .default("1048576, or 2000 for models of counts")
    .rules(&[Rule::Of("analysis", &["gosh"], None), Rule::Of("kind", &["gosh"], None)]);
    I2_TARGET = option(
        "i2-target",
        "PERCENT",
        ANALYSIS,
        &[Command::Sensitivity],
        "I² in percent at which the search for outliers ends",
    )
    .takes(Takes::Number)
    .default("50")
    .rules(&[Rule::Of("analysis", &["outliers"], None)]);
    AGAINST = option(
        "against",
        "VALUE",
        ANALYSIS,
        BOTH,
        "A value, as it is read, that the conclusion is about instead of no effect: 0.3 for \"more than 30%\"",
    )
    .takes(Takes::Number)
    .rules(&[
        Rule::Of("analysis", &["leave-one-out", "cumulative", "outliers", "stability"], None),
        Rule::Of("kind", &["leave-one-out", "cumulative", "stability"], None),
    ]);
}
