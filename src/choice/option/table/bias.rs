//! Tests of small-study effects, and what each may be told.

use super::super::{Command, Family, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};

const TEST: Heading = Heading::Test;
const BIAS: &[Command] = &[Command::Bias];

options! {
    TEST_NAME = option(
        "test",
        "NAME",
        TEST,
        BIAS,
        "One test, instead of those that suit the data; `metapool list bias` shows all",
    )
    .of(Family::BiasTest);
    REGRESSION = option("regression", "MODEL", TEST, BIAS, "Model of Egger's line")
        .of(Family::RegressionModel)
        .default("lm, the test of 1997; rma under `--profile metafor`")
        .rules(&[Rule::Of("test", &["egger"], None)]);
    PREDICTOR = option("predictor", "CODE", TEST, BIAS, "What Egger's line runs along")
        .of(Family::Predictor)
        .default("sei")
        .rules(&[Rule::Of("test", &["egger"], None)]);
    ESTIMATOR = option("estimator", "CODE", TEST, BIAS, "How trim and fill counts missing studies")
        .of(Family::Estimator)
        .default("L0")
        .rules(&[Rule::Of("test", &["trimfill"], None)]);
    SIDE = option("side", "SIDE", TEST, BIAS, "Where trim and fill misses studies")
        .of(Family::Side)
        .default("from the slope of Egger's line")
        .rules(&[Rule::Of("test", &["trimfill"], None)]);
    WITH = option(
        "with",
        "NAME,...",
        TEST,
        &[Command::Plot],
        "Tests and corrections drawn into a funnel: trimfill, egger, thompson, limit",
    )
    .of(Family::FunnelTest)
    .many(Many::List)
    .rules(&[Rule::Of("kind", &["funnel"], None)]);
    TYPE = option(
        "type",
        "KIND",
        TEST,
        BIAS,
        "Kind of fail-safe number (Rosenthal, Orwin, Rosenberg), of selection model (stepfun, beta, halfnorm, negexp, \
         logistic, power) or of the test of excess significance (chi2, binomial, exact)",
    )
    .rules(&[Rule::Of("test", &["failsafe", "selection", "excess-significance"], None)]);
    SELECTION_TYPE = option("type", "KIND", TEST, &[Command::Plot], "Kind of selection model")
        .of(Family::SelectionModel)
        .default("stepfun")
        .rules(&[Rule::Of("kind", &["selection"], None)]);
    STEPS = option("steps", "P,...", TEST, &[Command::Bias, Command::Plot], "Steps of p in the selection model")
        .takes(Takes::Number)
        .many(Many::List)
        .default("0.025, or 0.05 two-sided")
        .rules(&[
            Rule::Of("test", &["selection"], None),
            Rule::Of("kind", &["selection"], None),
            Rule::Of("type", &["stepfun"], Some("stepfun")),
        ]);
    ALTERNATIVE = option(
        "alternative",
        "SIDE",
        TEST,
        &[Command::Bias, Command::Plot],
        "Side of p-values in selection models",
    )
    .of(Family::Alternative)
    .default("that of the common effect")
    .rules(&[
        Rule::Of("test", &["selection", "excess-significance", "p-uniform"], None),
        Rule::Of("kind", &["selection"], None),
    ]);
    TARGET = option(
        "target",
        "X",
        TEST,
        BIAS,
        "Effect that Orwin's number aims at, on the analysis scale",
    )
    .takes(Takes::Number)
    .default("half the mean")
    .rules(&[Rule::Of("test", &["failsafe"], None), Rule::Of("type", &["Orwin"], Some("Rosenthal"))]);
    ALPHA = option(
        "alpha",
        "P",
        TEST,
        BIAS,
        "Level of significance of fail-safe numbers, excess significance, p-curve and p-uniform*",
    )
    .takes(Takes::Number)
    .default("0.05")
    .rules(&[
        Rule::Of("test", &["failsafe", "excess-significance", "p-curve", "p-uniform"], None),
        // it asks how large an effect is, not whether it is significant
        Rule::Not(
            With::Value("type", "Orwin"),
            "Orwin's fail-safe number has no level of significance",
            "leave ⟦alpha⟧ out; ⟦target⟧ says which effect it aims at",
        ),
    ]);
    FORCE = flag(
        "force",
        TEST,
        &[Command::Bias, Command::Plot],
        "Test, and draw into pictures of bias, also what does not suit the data",
    )
    .rules(&[Rule::Of("kind", &["selection", "funnel"], None)]);
}
