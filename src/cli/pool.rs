use super::Outcome;
use super::choice::one_of;
use super::data::DataArgs;
use super::model::ModelArgs;
use super::output::OutputArgs;
use crate::analysis::{Beside, Loaded, Panel};
use crate::error::Error;
use crate::model::imputation::Impute;
use crate::model::regression::Robust;
use std::io::Write;

/// Pool studies into one estimate
///
/// Prints every study, the random-effects and common-effect estimates, the prediction interval and heterogeneity,
/// read on the natural scale (ratios, proportions), and the line that says how it was computed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool pool @bcg\n  metapool pool @bcg --measure OR --tau2 DL --ci wald\n  \
    metapool pool @msc_response --where \"disease = 'MS'\"\n  \
    metapool pool @konstantopoulos2011 --cluster district\n  \
    metapool pool published.csv --measure HR --columns estimate=hr,ci_lower=lower,ci_upper=upper\n  \
    metapool pool arms.csv --arm treatment --reference placebo\n  cat trials.csv | metapool pool - --format json"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// Correlations to try for missing SDs of a change, with the tipping point [default: .3,.5,.7,.9]
    #[arg(
        long,
        value_name = "R,...",
        value_delimiter = ',',
        allow_negative_numbers = true,
        help_heading = "Data"
    )]
    correlation_grid: Vec<f64>,
    /// What replaces missing SDs of a change beside the primary analysis: none, grid, borrow:STUDY or bounds. `grid` also
    /// tells at which SD the conclusion would change where no correlation gives one
    #[arg(long, value_name = "HOW", help_heading = "Data")]
    impute: Option<String>,
    #[command(flatten)]
    groups: SubgroupArgs,
    /// Column of clusters, such as studies with several rows: cluster-robust standard error of the mean
    #[arg(long, value_name = "COLUMN", help_heading = "Model")]
    cluster: Option<String>,
    /// Robust variance: CR2, CR1 or CR0
    #[arg(long, value_name = "CODE", value_parser = one_of::<Robust>(), default_value = "CR2", requires = "cluster", help_heading = "Model")]
    robust: Robust,
    /// Risks (rates, for IRR) without treatment, at which the effect is given per 1000 and as number needed to treat
    #[arg(long, value_name = "RISK,...", value_delimiter = ',', allow_negative_numbers = true)]
    baseline_risk: Vec<f64>,
    /// Compare methods also where no cell of two groups is empty
    #[arg(long, conflicts_with = "no_agreement")]
    agreement: bool,
    /// Leave out the agreement of methods, which proportions and two groups with empty cells have
    #[arg(long)]
    no_agreement: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Subgroups, of numbers and pictures.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Subgroups")]
pub(super) struct SubgroupArgs {
    /// Pool the studies by the values of a column as well, with a test of their differences: F of the meta-regression on the groups, or χ² with `--ci wald` and in models other than inverse variance
    #[arg(long, value_name = "COLUMN")]
    subgroup: Option<String>,
    /// One τ² for all subgroups, instead of one for each
    #[arg(long, requires = "subgroup")]
    common_tau2: bool,
}

impl SubgroupArgs {
    pub(super) fn is_set(&self) -> bool {
        self.subgroup.is_some()
    }

    pub(super) fn beside(&self) -> Beside<'_> {
        Beside { subgroup: self.subgroup.as_deref(), common_tau2: self.common_tau2, ..Beside::default() }
    }
}

impl Args {
    /// What to explore for missing SDs of a change in the data `loaded`.
    fn impute(&self, loaded: &Loaded) -> Result<Option<Impute>, Error> {
        let how = match (&self.impute, self.correlation_grid.is_empty()) {
            (None, true) => return Ok(None),
            (None, false) => "grid",
            (Some(how), _) => how.as_str(),
        };
        loaded.check_imputable()?;
        Impute::parse(how, &self.correlation_grid, self.data.measuring_scale()?).map(Some)
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    let options = args.model.options(args.data.level)?;
    let loaded = args.data.load(&options, args.output.quiet)?;
    let input = args.data.input(&loaded);
    let impute = args.impute(&loaded)?;
    let agreement = match (args.no_agreement, args.agreement) {
        (true, _) => Panel::Never,
        (_, true) => Panel::Always,
        _ => Panel::WhereUseful,
    };
    let beside = Beside {
        impute: impute.as_ref(),
        agreement,
        baseline_risks: &args.baseline_risk,
        cluster: args.cluster.as_deref().map(|c| (c, args.robust)),
        ..args.groups.beside()
    };
    let result = loaded.pool(options, beside)?;
    args.output.show(&result, format, &input, out)
}
