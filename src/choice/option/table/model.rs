//! How studies are pooled.

use super::super::{Command, Family, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};
use super::{GROUPED, MODELS};

const MODEL: Heading = Heading::Model;

/// Commands that fit a model, and mass analyses.
const MODELS_AND_GROUPS: &[Command] = &[
    Command::Pool,
    Command::Regress,
    Command::Bias,
    Command::Sensitivity,
    Command::Plot,
    Command::Mass,
    Command::Merge,
];

/// What the model takes by itself.
const AUTO: (&str, &str) = ("auto", "what the model takes by itself");

/// Of the methods that an agreement compares each has its own.
macro_rules! not_of_an_agreement {
    ($mark:literal) => {
        Rule::Not(
            With::Value("kind", "agreement"),
            concat!("⟦plot: kind=agreement⟧ has no ⟦", $mark, "⟧"),
            "leave it out; the methods that are compared have each their own",
        )
    };
}

options! {
    MODEL_NAME = option(
        "model",
        "NAME",
        MODEL,
        MODELS,
        "Pooling model: `auto` (glmm for PLO and IRLN, peto for PETO, else inverse-variance) or a name from \
         `metapool list models`",
    )
    .of(Family::Model)
    .words(&[AUTO], &["auto"])
    .default("auto");
    TAU2 = option(
        "tau2",
        "CODE|NUMBER",
        MODEL,
        MODELS,
        "Estimator of τ² or a number; `metapool list tau2` shows all, EE assumes τ² = 0",
    )
    .takes(Takes::ChoiceOrNumber(Family::Tau2))
    .default("REML")
    .rules(&[not_of_an_agreement!("tau2")]);
    TAU2_LIST = option(
        "tau2",
        "CODE[,CODE]",
        MODEL,
        GROUPED,
        "Estimators of τ²; further ones add columns with their name",
    )
    .of(Family::Tau2)
    .many(Many::List)
    .default("REML");
    CI = option(
        "ci",
        "NAME",
        MODEL,
        MODELS_AND_GROUPS,
        "Confidence interval of the pooled effect: `auto` (hksj-adhoc for inverse variance, profile for GLMM and \
         beta-binomial, or as `--profile` has it) or a name from `metapool list ci`",
    )
    .of(Family::Interval)
    .words(&[AUTO], &["auto"])
    .default("auto")
    .rules(&[not_of_an_agreement!("ci")]);
    PREDICTION = option(
        "prediction",
        "NAME",
        MODEL,
        MODELS_AND_GROUPS,
        "Prediction interval: `auto` (the partner of the confidence interval), `none`, or a name from \
         `metapool list prediction`",
    )
    .of(Family::PredictionInterval)
    .words(&[("auto", "the partner of the confidence interval"), ("none", "none")], &["auto", "none"])
    .default("auto")
    .rules(&[not_of_an_agreement!("prediction")]);
    TAU2_CI = option("tau2-ci", "NAME", MODEL, MODELS, "Confidence interval of τ²: `QP`, `PL` or `none`")
        .of(Family::Tau2Interval)
        .words(&[("none", "none")], &["none"])
        .default("QP; PL for models of counts")
        .rules(&[
            Rule::Idle(
                &[Command::Regress],
                "a regression gives no interval of its residual τ²",
                Command::Pool,
            ),
            Rule::Idle(&[Command::Bias], "no test of bias gives an interval of τ²", Command::Pool),
            Rule::Of("kind", &["forest"], None),
        ]);
    GLMM_MODEL =
        option("glmm-model", "NAME", MODEL, MODELS, "Mixed model of two groups: UM.FS, UM.RS, CM.EL or CM.AL")
            .of(Family::GlmmModel)
            .default("UM.FS")
            .rules(&[Rule::Of("model", &["glmm"], Some("auto"))]);
    KEEP_DOUBLE_ZERO = flag(
        "keep-double-zero",
        MODEL,
        MODELS,
        "Keep studies without events in both groups in UM.RS, which can use them",
    )
    .rules(&[
        Rule::Of("model", &["glmm"], Some("auto")),
        Rule::Of("glmm-model", &["UM.RS"], Some("UM.FS")),
    ]);
    POOL_CORRECTED = flag(
        "pool-corrected",
        MODEL,
        MODELS,
        "Sum corrected counts in Mantel-Haenszel pooling, as meta and RevMan do",
    )
    .rules(&[Rule::Of("model", &["mantel-haenszel"], Some("auto"))]);
    PROFILE = option(
        "profile",
        "NAME",
        MODEL,
        &[
            Command::Pool,
            Command::Effects,
            Command::Regress,
            Command::Bias,
            Command::Sensitivity,
            Command::Plot,
        ],
        "Defaults of another program; what is given explicitly wins",
    )
    .of(Family::Profile)
    .default("metapool");
    CLUSTER = option(
        "cluster",
        "COLUMN",
        MODEL,
        &[Command::Pool, Command::Regress],
        "Column of clusters within which rows depend on each other, such as several rows of a study: cluster-robust variances",
    );
    ROBUST = option(
        "robust",
        "CODE",
        MODEL,
        &[Command::Pool, Command::Regress],
        "Robust variance: CR2, CR1 or CR0",
    )
    .of(Family::Robust)
    .default("CR2")
    .rules(&[Rule::Beside(&[With::Given("cluster")], "there are no clusters")]);
    TAU_PRIOR = option(
        "tau-prior",
        "PRIOR",
        Heading::Priors,
        &[Command::Bayes],
        "Prior of τ: half-normal(S), half-cauchy(S), half-t(S,DF), uniform, jeffreys",
    )
    .default("half-normal(0.5) for log and logit scales");
    MU_PRIOR = option(
        "mu-prior",
        "PRIOR",
        Heading::Priors,
        &[Command::Bayes],
        "Prior of μ: flat, or normal(MEAN,SD)",
    )
    .default("flat");
    INTERVAL =
        option("interval", "KIND", Heading::Priors, &[Command::Bayes], "Kind of credible interval")
            .of(Family::Credible)
            .default("shortest");
    NORMAL = flag(
        "normal",
        Heading::Priors,
        &[Command::Bayes],
        "Pool counts of one group by their normal approximation instead of their own likelihood",
    );
}
