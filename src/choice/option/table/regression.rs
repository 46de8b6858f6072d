//! Moderators of effects, and what is asked of their regression.

use super::super::{Command, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};

const MODERATORS: Heading = Heading::Moderators;
const REGRESS: &[Command] = &[Command::Regress];

/// What draws or permutes studies.
const RESAMPLES: &[Rule] = &[Rule::Apart(
    &["cluster", "tau2-mods"],
    "takes studies as independent and τ² as constant, not with ⟦{other}⟧",
)];

options! {
    MODS = option("mods", "FORMULA", MODERATORS, &[Command::Regress, Command::Plot], "Moderators as a formula")
        .takes(Takes::Formula)
        .required(REGRESS)
        .rules(&[Rule::Of("kind", &["bubble"], None)]);
    MODERATOR = option(
        "moderator",
        "NAME",
        MODERATORS,
        &[Command::Plot],
        "Which of them is drawn along the axis",
    )
    .default("the first number")
    .rules(&[Rule::Beside(&[With::Given("mods")], "there are no moderators")]);
    TAU2_MODS = option("tau2-mods", "FORMULA", MODERATORS, REGRESS, "Moderators of ln τ², as a formula")
        .takes(Takes::Formula);
    AT = option(
        "at",
        "VALUES",
        MODERATORS,
        REGRESS,
        "Predict at these values, such as \"ablat=10,40; alloc=random\"; may be given several times",
    )
    .many(Many::Repeated);
    CONTRAST = option(
        "contrast",
        "SUM",
        MODERATORS,
        REGRESS,
        "Test a combination of coefficients, such as \"alloc[random] - alloc[systematic]\"; may be given several times",
    )
    .takes(Takes::Formula)
    .many(Many::Repeated);
    COMPARE = option(
        "compare",
        "FORMULA",
        MODERATORS,
        REGRESS,
        "Compare with another formula by likelihood ratio and AICc",
    )
    .takes(Takes::Formula);
    PERMUTE = option(
        "permute",
        "N",
        MODERATORS,
        REGRESS,
        "Permutation test with so many orders of the moderators, or all of them: `exact`",
    )
    .rules(RESAMPLES);
    PERMUTE_CI =
        flag("permute-ci", MODERATORS, REGRESS, "Confidence limits from the permutation test as well")
            .rules(&[Rule::Beside(&[With::Given("permute")], "nothing is permuted")]);
    BOOTSTRAP = option(
        "bootstrap",
        "N",
        MODERATORS,
        REGRESS,
        "Percentile intervals from so many draws of studies with replacement",
    )
    .takes(Takes::Count(10, 1_000_000))
    .rules(RESAMPLES);
    SELECT_TERMS =
        option("select", "TERMS", MODERATORS, REGRESS, "Fit all subsets of up to so many terms by AICc")
            .takes(Takes::Count(0, u64::MAX))
            .bare("16")
            .rules(RESAMPLES);
    SEED = option(
        "seed",
        "N",
        MODERATORS,
        &[Command::Regress, Command::Sensitivity, Command::Plot],
        "Of random numbers: the same seed gives the same digits on every machine",
    )
    .takes(Takes::Count(0, u64::MAX))
    .default("1")
    .rules(&[
        Rule::Beside(&[With::Other("permute", "exact"), With::Given("bootstrap")], "nothing is drawn at random"),
        Rule::Of("analysis", &["gosh"], None),
        Rule::Of("kind", &["gosh", "qq"], None),
    ]);
}
