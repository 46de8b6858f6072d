//! What is computed beside the pooled estimate.

use super::super::{Command, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};

options! {
    SUBGROUP = option(
        "subgroup",
        "COLUMN",
        Heading::Subgroups,
        &[Command::Pool, Command::Plot],
        "Pool the studies by the values of a column as well, with a test of their differences: F of the meta-regression on \
         the groups, or χ² with `--ci wald` and in models other than inverse variance",
    )
    .rules(&[Rule::Of("kind", &["forest"], None)]);
    COMMON_TAU2 = flag(
        "common-tau2",
        Heading::Subgroups,
        &[Command::Pool, Command::Plot],
        "One τ² for all subgroups, instead of one for each",
    )
    .rules(&[Rule::Beside(&[With::Given("subgroup")], "there are no subgroups")]);
    BASELINE_RISK = option(
        "baseline-risk",
        "RISK,...",
        Heading::Beside,
        &[Command::Pool],
        "Risks (rates, for IRR) without treatment, at which the effect is given per 1000 and as number needed to treat",
    )
    .takes(Takes::Number)
    .many(Many::List);
    AGREEMENT = flag(
        "agreement",
        Heading::Beside,
        &[Command::Pool],
        "Compare methods also where no cell of two groups is empty",
    );
    NO_AGREEMENT = flag(
        "no-agreement",
        Heading::Beside,
        &[Command::Pool],
        "Leave out the agreement of methods, which proportions and two groups with empty cells have",
    )
    .rules(&[Rule::Apart(&["agreement"], "does not go with ⟦{other}⟧")]);
}
