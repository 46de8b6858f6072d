use super::Outcome;
use super::choice::{one_of, or_auto_worded};
use super::data::DataArgs;
use super::limits::{self, Idle};
use super::model::ModelArgs;
use super::output::OutputArgs;
use super::progress::progress;
use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::regression::{Orders, Permutation, Regression, Requests, Robust};
use std::io::Write;

/// Explain effects by moderators (meta-regression)
///
/// Formulas are written as in R: `ablat + alloc`, `a * b`, `a:b`, `log(dose)`, `I(year^2)`, `0 + group`,
/// `factor(grade)`, `relevel(alloc, "random")`. Text columns are factors whose first level is the reference.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool regress @bcg --mods ablat\n  metapool regress @bcg --mods \"ablat + alloc\" --at \"ablat=10,40\"\n  \
    metapool regress @bcg --mods \"relevel(alloc, 'random')\" --contrast \"alloc[alternate] - alloc[systematic]\"\n  \
    metapool regress @bcg --mods latitude --scale year\n  \
    metapool regress trials.csv --mods \"dose * drug\" --compare dose --format json",
    mut_arg("ci", |a| a.value_parser(or_auto_worded(Interval::title_in_regression)))
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    moderators: ModeratorArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Moderators")]
struct ModeratorArgs {
    /// Moderators as a formula
    #[arg(long, value_name = "FORMULA", required = true, allow_hyphen_values = true)]
    mods: String,
    /// Predict at these values, such as "ablat=10,40; alloc=random"; may be given several times
    #[arg(long, value_name = "VALUES")]
    at: Vec<String>,
    /// Test a combination of coefficients, such as "alloc[random] - alloc[systematic]"; may be given several times
    #[arg(long, value_name = "SUM", allow_hyphen_values = true)]
    contrast: Vec<String>,
    /// Compare with another formula by likelihood ratio and AICc
    #[arg(long, value_name = "FORMULA", allow_hyphen_values = true)]
    compare: Option<String>,
    /// Column of clusters within which studies depend on each other: gives robust variances
    #[arg(long, value_name = "COLUMN")]
    cluster: Option<String>,
    /// Robust variance: CR2, CR1 or CR0
    #[arg(long, value_name = "CODE", value_parser = one_of::<Robust>(), default_value = "CR2", requires = "cluster")]
    robust: Robust,
    /// Permutation test with so many orders of the moderators, or all of them: `exact`
    #[arg(long, value_name = "N|exact")]
    permute: Option<String>,
    /// Confidence limits from the permutation test as well
    #[arg(long, requires = "permute")]
    permute_ci: bool,
    /// Percentile intervals from so many draws of studies with replacement
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    bootstrap: Option<u32>,
    /// Fit all subsets of up to so many terms by AICc
    #[arg(long, value_name = "TERMS", num_args = 0..=1, default_missing_value = "16")]
    select: Option<usize>,
    /// Of random numbers: the same seed gives the same digits on every machine [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Args {
    /// Options that have no use beside the others are refused.
    fn check(&self) -> Result<(), Error> {
        let m = &self.moderators;
        let exact = m.permute.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("exact"));
        let drawn = m.bootstrap.is_some() || m.permute.is_some() && !exact;
        limits::idle(&[
            Idle {
                given: m.seed.is_some() && !drawn,
                option: "--seed",
                why: "nothing is drawn at random",
                hint: "it goes with `--permute N` and `--bootstrap N`",
            },
            Idle {
                given: self.model.given().tau2_ci,
                option: "--tau2-ci",
                why: "a regression gives no interval of its residual τ²",
                hint: "it goes with `metapool pool`",
            },
        ])
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    args.check()?;
    let seed = args.moderators.seed.unwrap_or(1);
    let options = args.model.options(args.data.level)?;
    let (measuring, scale) = args.data.scale_or_formula()?;
    let loaded = args.data.load_scaled(&options, measuring, args.output.quiet)?;
    let input = args.data.input(&loaded);
    let m = &args.moderators;
    let requests = Requests {
        contrasts: m.contrast.clone(),
        at: m.at.clone(),
        compare: m.compare.clone(),
        scale,
        cluster: m.cluster.clone().map(|c| (c, m.robust)),
    };
    let resampled = [
        ("--permute", m.permute.is_some()),
        ("--bootstrap", m.bootstrap.is_some()),
        ("--select", m.select.is_some()),
    ];
    let beside = [("--cluster", requests.cluster.is_some()), ("--scale", requests.scale.is_some())];
    if let (Some((what, _)), Some((model, _))) =
        (resampled.into_iter().find(|r| r.1), beside.into_iter().find(|b| b.1))
    {
        return Err(Error::usage(format!(
            "`{what}` takes studies as independent and τ² as constant, not with `{model}`"
        ))
        .with_hint(format!("leave `{what}` or `{model}` out"))
        .into());
    }
    let permutation = match &m.permute {
        None => None,
        Some(text) => Some(Permutation { orders: Orders::parse(text)?, seed, limits: m.permute_ci }),
    };
    let regression = Regression::new(&loaded.table, &loaded.dataset, &m.mods, &options)?;
    let mut result = regression.fit(&requests)?;
    if let Some(wanted) = &permutation {
        regression.permute(&mut result, wanted, &progress("permutations", args.output.quiet))?;
    }
    if let Some(draws) = m.bootstrap {
        regression.bootstrap(&mut result, draws as usize, seed, &progress("bootstrap", args.output.quiet));
    }
    if let Some(largest) = m.select {
        regression.select(&mut result, largest)?;
    }
    args.output.show(&result, format, &input, out)
}
