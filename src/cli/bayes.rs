use super::data::DataArgs;
use super::output::{Format, OutputArgs, aligned, json as printed};
use super::{Outcome, style};
use crate::effect::{EffectTable, Scale};
use crate::error::Error;
use crate::model::bayes::{Credible, MuPrior, TauPrior, fit};
use crate::model::table_notes;
use crate::report::{json, summary};
use crate::result::BayesResult;
use crate::result::format::significant;
use std::io::Write;

/// Pool studies with priors, by quadrature
///
/// The random-effects model for effects with known sampling variances. Priors are on the analysis scale
/// (logarithms for ratios). No sampling: the same call gives the same digits.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool bayes @bcg\n  metapool bayes trials.csv --tau-prior \"half-cauchy(0.5)\" --mu-prior \"normal(0,4)\"\n  \
    metapool bayes @raudenbush1985 --tau-prior uniform --interval central"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    /// Prior of τ: half-normal(S), half-cauchy(S), half-t(S,DF), uniform, jeffreys [default: half-normal(0.5) for log and logit scales]
    #[arg(long, value_name = "PRIOR", help_heading = "Priors")]
    tau_prior: Option<String>,
    /// Prior of μ: flat, or normal(MEAN,SD)
    #[arg(long, value_name = "PRIOR", default_value = "flat", help_heading = "Priors")]
    mu_prior: String,
    /// Kind of credible interval
    #[arg(long, value_enum, value_name = "KIND", default_value = "shortest", help_heading = "Priors")]
    interval: Kind,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// The shortest interval
    Shortest,
    /// Equal tails
    Central,
}

fn prior(args: &Args, table: &EffectTable) -> Result<TauPrior, Error> {
    match &args.tau_prior {
        Some(text) => TauPrior::parse(text),
        None if matches!(table.scale(), Scale::Log | Scale::Logit) => Ok(TauPrior::HalfNormal(0.5)),
        None => Err(Error::usage(format!(
            "a prior for τ has no default on the scale of {}",
            table.measure().spec().title
        ))
        .with_hint("give one that suits the unit of the effects: `--tau-prior \"half-normal(SCALE)\"`")),
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    let mu = MuPrior::parse(&args.mu_prior)?;
    let loaded = args.data.load(args.output.quiet)?;
    let tau = prior(args, &loaded.table)?;
    let credible = if args.interval == Kind::Shortest { Credible::Shortest } else { Credible::Central };
    let (y, v) = loaded.table.arrays();
    let result = fit(&y.to_vec(), &v.to_vec(), tau, mu, args.data.level, credible)?;
    let notes = table_notes(&loaded.table);
    let digits = args.output.digits();
    let sheet = summary::bayes_table(&loaded.table, &result, digits);
    let text = match format {
        Format::Json => printed(&json::bayes(&loaded.table, &result, &args.data.input(&loaded), &notes)),
        Format::Csv => sheet.csv(),
        Format::Markdown => sheet.markdown(digits) + &format!("\n{}\n", method(&loaded.table, &result)),
        Format::Table => format!(
            "{}\n\n{}\n{}\n",
            loaded.table.measure().spec().title,
            aligned(&sheet, digits),
            method(&loaded.table, &result)
        ),
    };
    args.output.notes(&notes);
    if loaded.table.measure().is_proportion() && !args.output.quiet {
        style::info(
            "counts are pooled by their normal approximation here; `metapool pool` shows the binomial posterior in its agreement of methods",
        );
    }
    args.output.emit(&text, out)
}

fn method(table: &EffectTable, r: &BayesResult) -> String {
    let mut text = String::new();
    if table.measure().spec().null == Some(0.0) {
        text += &format!(
            "P(mean effect below no effect) = {}; in a new study {}\n",
            significant(r.mu_below_null, 3),
            significant(r.predictive_below_null, 3)
        );
    }
    let kind = if r.shortest { "shortest" } else { "central" };
    text + &format!(
        "Normal-normal model by quadrature; τ ~ {}; μ ~ {}; {kind} intervals",
        r.tau_prior, r.mu_prior
    )
}
