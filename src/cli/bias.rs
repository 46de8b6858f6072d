use super::Outcome;
use super::choice::one_of;
use super::data::DataArgs;
use super::limits::{self, Idle};
use super::model::ModelArgs;
use super::output::OutputArgs;
use crate::analysis::{Beside, Loaded};
use crate::bias::{
    self, Alternative, BiasOptions, BiasTest, Estimator, Excess, FailSafe, Predictor, RegressionModel,
    SelectionModel,
};
use crate::error::Error;
use crate::model::ModelOptions;
use crate::registry::Member;
use crate::result::bias::BiasResult;
use crate::result::format::significant;
use std::io::Write;

/// Look for small-study effects and allow for selective publication
///
/// Without `--test`: the tests that suit the data, side by side with estimates that allow for bias. Tests of asymmetry
/// need ten studies and refuse proportions of one group; the refusal says why, and `--force` overrides it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool bias @hackshaw1998\n  metapool bias @hackshaw1998 --test egger --regression rma\n  \
    metapool bias @bcg --measure OR --test harbord\n  metapool bias @hackshaw1998 --test trimfill --tau2 EE\n  \
    metapool bias @hackshaw1998 --test selection --steps 0.025,0.5\n  metapool list bias"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    test: BiasArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum RegressionName {
    /// Weighted least squares
    Lm,
    /// Meta-regression with τ²
    Rma,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum SideOfP {
    /// Small p for large effects
    Greater,
    /// Small p for low effects
    Less,
    /// Both
    #[value(name = "two.sided", alias = "two-sided")]
    TwoSided,
}

impl SideOfP {
    pub(super) fn alternative(self) -> Alternative {
        match self {
            Self::Greater => Alternative::Greater,
            Self::Less => Alternative::Less,
            Self::TwoSided => Alternative::TwoSided,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    /// Studies with low effects are missing
    Left,
    /// Studies with large effects are missing
    Right,
}

/// A test of bias and what it may be told.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Test")]
struct BiasArgs {
    /// One test, instead of those that suit the data; `metapool list bias` shows all
    #[arg(long, value_name = "NAME", value_parser = one_of::<BiasTest>(), hide_possible_values = true)]
    test: Option<BiasTest>,
    /// Model of Egger's line [default: lm, the test of 1997; rma under `--profile metafor`]
    #[arg(long, value_name = "MODEL", value_enum, ignore_case = true)]
    regression: Option<RegressionName>,
    /// What Egger's line runs along [default: sei]
    #[arg(long, value_name = "CODE", value_parser = one_of::<Predictor>())]
    predictor: Option<Predictor>,
    /// How trim and fill counts missing studies [default: L0]
    #[arg(long, value_name = "CODE", value_parser = one_of::<Estimator>())]
    estimator: Option<Estimator>,
    /// Where trim and fill misses studies [default: from the slope of Egger's line]
    #[arg(long, value_name = "SIDE", value_enum, ignore_case = true)]
    side: Option<Side>,
    /// Kind of fail-safe number (Rosenthal, Orwin, Rosenberg), of selection model (stepfun, beta, halfnorm, negexp, logistic,
    /// power) or of the test of excess significance (chi2, binomial, exact)
    #[arg(long = "type", value_name = "KIND")]
    kind: Option<String>,
    /// Steps of p in the selection model [default: 0.025, or 0.05 two-sided]
    #[arg(long, value_name = "P,...", value_delimiter = ',', allow_negative_numbers = true)]
    steps: Vec<f64>,
    /// Side of p-values in selection models [default: that of the common effect]
    #[arg(long, value_name = "SIDE", value_enum, ignore_case = true)]
    alternative: Option<SideOfP>,
    /// Effect that Orwin's number aims at, on the analysis scale [default: half the mean]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    target: Option<f64>,
    /// Level of significance of fail-safe numbers, excess significance, p-curve and p-uniform* [default: 0.05]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    alpha: Option<f64>,
    /// Test also what does not suit the data
    #[arg(long)]
    force: bool,
}

impl BiasArgs {
    fn options(&self) -> Result<BiasOptions, Error> {
        let mut options = BiasOptions {
            regression: self.regression.map(|r| match r {
                RegressionName::Rma => RegressionModel::Rma,
                RegressionName::Lm => RegressionModel::Lm,
            }),
            predictor: self.predictor,
            estimator: self.estimator,
            left: self.side.map(|s| s == Side::Left),
            fail_safe: None,
            target: self.target,
            selection: None,
            steps: self.steps.clone(),
            alternative: self.alternative.map(SideOfP::alternative),
            excess: None,
            alpha: self.alpha,
            force: self.force,
        };
        if let Some(a) = self.alpha
            && !(a > 0.0 && a < 0.5)
        {
            let meant = if a > 0.5 && a < 1.0 {
                format!("is {} meant? ", significant(1.0 - a, 3))
            } else {
                String::new()
            };
            return Err(Error::usage(format!("a level of significance of {a}"))
                .with_hint(format!("{meant}give a share between 0 and 0.5: `--alpha 0.05`")));
        }
        if let Some(kind) = &self.kind {
            match self.test {
                Some(BiasTest::FailSafe) => options.fail_safe = Some(FailSafe::parse(kind)?),
                Some(BiasTest::Selection) => options.selection = Some(SelectionModel::parse(kind)?),
                Some(BiasTest::ExcessSignificance) => options.excess = Some(Excess::parse(kind)?),
                _ => {
                    return Err(Error::usage("`--type` says which kind of a test is meant").with_hint(
                        "it goes with `--test failsafe`, `--test selection` and `--test excess-significance`",
                    ));
                }
            }
        }
        Ok(options)
    }

    /// Tests the pooled result of the data.
    fn run(&self, loaded: &Loaded, model: &ModelOptions) -> Result<BiasResult, Error> {
        let options = self.options()?;
        let pool = loaded.pool(*model, Beside::default())?;
        match self.test {
            Some(test) => bias::test(pool, test, model, &options),
            None => bias::panel(pool, model, &options),
        }
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    limits::idle(&[Idle {
        given: args.model.given().tau2_ci,
        option: "--tau2-ci",
        why: "no test of bias gives an interval of τ²",
        hint: "it goes with `metapool pool`",
    }])?;
    let model = args.model.options(args.data.level)?;
    let loaded = args.data.load(&model, args.output.quiet)?;
    let input = args.data.input(&loaded);
    let result = args.test.run(&loaded, &model)?;
    args.output.show(&result, format, &input, out)
}
