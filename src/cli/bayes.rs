use super::Outcome;
use super::data::DataArgs;
use super::limits::{self, Idle};
use super::output::OutputArgs;
use crate::effect::{EffectTable, Measure, Scale};
use crate::error::Error;
use crate::model::bayes::{Credible, MuPrior, TauPrior, fit};
use crate::model::bayes_counts::fit_counts;
use crate::model::{ModelOptions, table_notes};
use crate::result::{BayesAnalysis, Likelihood, Note};
use std::io::Write;

/// Pool studies with priors, by quadrature
///
/// The random-effects model for effects with known sampling variances, and for counts in one group (PLO, IRLN) by
/// their own likelihood. Priors are on the analysis scale (logarithms for ratios, logits for proportions). No
/// sampling: the same call gives the same digits.
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
    /// Pool counts of one group by their normal approximation instead of their own likelihood
    #[arg(long, help_heading = "Priors")]
    normal: bool,
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
        None => Err(Error::usage(format!("a prior for τ has no default on the scale of {}", table.title()))
            .with_hint("give one that suits the unit of the effects: `--tau-prior \"half-normal(SCALE)\"`")),
    }
}

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let format = args.output.format()?;
    let mu = MuPrior::parse(&args.mu_prior)?;
    let loaded = args.data.load(&ModelOptions::default(), args.output.quiet)?;
    let tau = prior(args, &loaded.table)?;
    let credible = if args.interval == Kind::Shortest { Credible::Shortest } else { Credible::Central };
    let measure = loaded.table.measure();
    let counted = matches!(measure, Measure::LogitProportion | Measure::LogRate);
    limits::idle(&[Idle {
        given: args.normal && !counted,
        option: "--normal",
        why: "effects of this measure are taken as normal in any case",
        hint: "it goes with counts of one group: `--measure PLO` or `IRLN`",
    }])?;
    let own = counted && !args.normal;
    let counts = if own { fit_counts(&loaded.table, tau, mu, args.data.level, credible) } else { None };
    let mut notes = table_notes(&loaded.table);
    if loaded.table.k() == 1 {
        notes.insert(0, Note::OneStudy);
    }
    let (likelihood, posterior) = match counts {
        Some(posterior) => {
            notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
            (Likelihood::Counts, posterior?)
        }
        None => {
            let (y, v) = loaded.table.arrays();
            let posterior = fit(&y.to_vec(), &v.to_vec(), tau, mu, args.data.level, credible)?;
            (Likelihood::Effects, posterior)
        }
    };
    notes.extend(posterior.notes.iter().cloned());
    let input = args.data.input(&loaded);
    let result = BayesAnalysis::new(loaded.table, posterior, likelihood, notes);
    args.output.show(&result, format, &input, out)
}
