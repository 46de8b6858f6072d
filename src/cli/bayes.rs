use super::Outcome;
use super::data::DataArgs;
use super::limits::{self, Idle};
use super::output::{Format, OutputArgs, aligned, json as printed};
use crate::effect::{EffectTable, Measure, Scale};
use crate::error::Error;
use crate::model::bayes::{Credible, MuPrior, TauPrior, fit};
use crate::model::bayes_counts::fit_counts;
use crate::model::{ModelOptions, table_notes};
use crate::report::{json, summary, tidy};
use crate::result::format::significant;
use crate::result::{BayesResult, Note};
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
    let by_counts = counts.is_some();
    let result = match counts {
        Some(result) => {
            notes.retain(|n| !matches!(n, Note::Corrected { .. } | Note::TransformedProportion));
            result?
        }
        None => {
            let (y, v) = loaded.table.arrays();
            fit(&y.to_vec(), &v.to_vec(), tau, mu, args.data.level, credible)?
        }
    };
    notes.extend(result.notes.iter().cloned());
    let digits = args.output.digits();
    let sheet = summary::bayes_table(&loaded.table, &result, digits);
    let text = match format {
        Format::Json => printed(&json::bayes(&loaded.table, &result, &args.data.input(&loaded), &notes)),
        Format::Csv => tidy::bayes(&loaded.table, &result, &notes).csv(),
        Format::Markdown => sheet.markdown() + &format!("\n{}\n", method(&loaded.table, &result, by_counts)),
        Format::Table => format!(
            "{}\n\n{}\n{}\n",
            loaded.table.title(),
            aligned(&sheet),
            method(&loaded.table, &result, by_counts)
        ),
    };
    args.output.notes(&notes);
    args.output.emit(&text, out)
}

fn method(table: &EffectTable, r: &BayesResult, by_counts: bool) -> String {
    let mut text = String::new();
    if table.measure().spec().null == Some(0.0) {
        text += &format!(
            "P(mean effect below no effect) = {}; in a new study {}\n",
            significant(r.mu_below_null, 3),
            significant(r.predictive_below_null, 3)
        );
    }
    let kind = if r.shortest { "shortest" } else { "central" };
    let model = match (by_counts, table.measure().is_proportion()) {
        (true, true) => "Binomial-normal",
        (true, false) => "Poisson-normal",
        _ => "Normal-normal",
    };
    text +=
        &format!("{model} model by quadrature; τ ~ {}; μ ~ {}; {kind} intervals", r.tau_prior, r.mu_prior);
    table.correction().map_or_else(|| text.clone(), |c| format!("{text}; {c}"))
}
