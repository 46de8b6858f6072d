use super::Outcome;
use super::choice::one_of;
use super::data::DataArgs;
use super::limits::{self, Limited};
use super::model::ModelArgs;
use super::output::OutputArgs;
use super::progress::progress;
use crate::analysis::Beside;
use crate::error::Error;
use crate::registry::Member;
use crate::result::sensitivity::Analysis;
use crate::sensitivity::{SensitivityOptions, Source, analyse};
use std::io::Write;

/// Ask what the answer owes to single studies and to choices
///
/// Leaves studies out, adds them one by one, measures their influence, pools all subsets, and repeats the analysis under
/// every defensible choice. Every model that pools can be examined; what it cannot give stays empty.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool sensitivity @bcg\n  metapool sensitivity @bcg --analysis cumulative --order year\n  \
    metapool sensitivity @bcg --analysis gosh --tau2 EE\n  metapool sensitivity @bcg --analysis stability\n  \
    metapool sensitivity @konstantopoulos2011 --cluster district\n  metapool sensitivity @msc_response --analysis stability --against 0.3"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    analyses: AnalysisArgs,
    #[command(flatten)]
    options: SensitivityArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Analysis")]
struct AnalysisArgs {
    /// Which analyses [default: leave-one-out,influence, and outliers from three studies on]
    #[arg(short, long, value_name = "NAME,...", value_delimiter = ',', value_parser = one_of::<Analysis>())]
    analysis: Vec<Analysis>,
}

/// What analyses may be told, of numbers and pictures.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Analysis")]
pub(super) struct SensitivityArgs {
    /// Column that orders a cumulative analysis, or `precision` [default: the order of the data]
    #[arg(long, value_name = "COLUMN")]
    order: Option<String>,
    /// Add from the largest value down
    #[arg(long)]
    descending: bool,
    /// Leave out all studies with the same value of a column together
    #[arg(long, value_name = "COLUMN")]
    cluster: Option<String>,
    /// Most subsets to pool; a random sample if there are more [default: 1048576, or 2000 for models of counts]
    #[arg(long, value_name = "N")]
    subsets: Option<u64>,
    /// I² in percent at which the search for outliers ends [default: 50]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
    i2_target: Option<f64>,
    /// A value, as it is read, that the conclusion is about instead of no effect: 0.3 for "more than 30%"
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    against: Option<f64>,
    /// Of random numbers: the same seed gives the same digits on every machine [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl SensitivityArgs {
    /// Whether a seed was given.
    pub(super) fn is_seeded(&self) -> bool {
        self.seed.is_some()
    }

    /// What the analyses are told; `drawn` where a picture needs them, which has its own use of random numbers.
    ///
    /// # Errors
    /// No analysis that was asked for can use an option.
    pub(super) fn options(&self, analyses: &[Analysis], drawn: bool) -> Result<SensitivityOptions, Error> {
        let random: &[Analysis] =
            if drawn { &[Analysis::Gosh, Analysis::Influence] } else { &[Analysis::Gosh] };
        let concluding =
            [Analysis::LeaveOneOut, Analysis::Cumulative, Analysis::Outliers, Analysis::Stability];
        let limited = [
            Limited::new(self.order.is_some(), "--order", &[Analysis::Cumulative]),
            Limited::new(self.descending, "--descending", &[Analysis::Cumulative]),
            Limited::new(self.cluster.is_some(), "--cluster", &[Analysis::LeaveOneOut]),
            Limited::new(self.subsets.is_some(), "--subsets", &[Analysis::Gosh]),
            Limited::new(self.i2_target.is_some(), "--i2-target", &[Analysis::Outliers]),
            Limited::new(self.seed.is_some(), "--seed", random),
            Limited::new(self.against.is_some(), "--against", &concluding),
        ];
        if drawn && analyses.is_empty() {
            // a picture that needs no analysis
            if let Some(l) = limited.iter().find(|l| l.given) {
                return Err(Error::usage(format!("`{}` has no use here", l.option))
                    .with_hint("leave it out; it goes with pictures of sensitivity analyses"));
            }
        }
        limits::check(analyses, &limited, |a| format!("--analysis {}", a.id()))?;
        let usual = SensitivityOptions::default();
        Ok(SensitivityOptions {
            order: self.order.clone(),
            descending: self.descending,
            cluster: self.cluster.clone(),
            subsets: self.subsets,
            seed: self.seed.unwrap_or(usual.seed),
            i2_target: self.i2_target.unwrap_or(usual.i2_target),
            against: self.against,
            quantiles: false,
        })
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    let mut analyses = args.analyses.analysis.clone();
    let by_default = analyses.is_empty();
    if by_default {
        analyses = vec![Analysis::LeaveOneOut, Analysis::Influence, Analysis::Outliers];
        // what was asked to be done says what is to be seen
        if args.options.order.is_some() || args.options.descending {
            analyses = vec![Analysis::Cumulative];
        } else if args.options.subsets.is_some() {
            analyses = vec![Analysis::Gosh];
        } else if args.options.cluster.is_some() {
            analyses = vec![Analysis::LeaveOneOut];
        }
    }
    analyses.dedup();
    let options = args.options.options(&analyses, false)?;
    let model = args.model.options(args.data.level)?;
    let loaded = args.data.load(&model, args.output.quiet)?;
    let input = args.data.input(&loaded);
    let pool = loaded.pool(model, Beside::default())?;
    if by_default && pool.k == 2 {
        // of two studies none is the outlier
        analyses.retain(|a| *a != Analysis::Outliers);
    }
    let source =
        Source { dataset: &loaded.dataset, table: &loaded.table, rows: &loaded.rows, shape: loaded.shape };
    let shown = progress("pooling again", args.output.quiet);
    let result = analyse(pool, source, &analyses, &model, &options, &shown)?;
    args.output.show(&result, format, &input, out)
}
