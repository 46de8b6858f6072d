use super::choice::{OrAuto, one_of, or_auto};
use super::{Failure, Outcome, style};
use crate::dataset::RoleMap;
use crate::effect::{CorrectWhere, DoubleZero, Measure, Values, Variance};
use crate::error::Error;
use crate::mass::{CODES, MassOptions, Order, Summary, merged, partial, run as pool_all};
use crate::model::interval::Interval;
use crate::model::prediction::PredictionInterval;
use crate::model::tau2::Tau2;
use crate::registry::Member;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

/// Pool millions of groups of one large table
///
/// With --by, every row is a study and rows with the same value are a group. With --key, every file is a study and rows
/// with the same key are joined over files. Tables are CSV or TSV (also .gz), Parquet or Arrow; a folder stands for the
/// tables in it, and * and ? match names. Each group is pooled as `metapool pool` would, in bounded memory: rows sorted by
/// group are pooled as they pass, others wait in memory, or in partitions on disk once they exceed --memory. An interrupted
/// run goes on from its finished partitions when it is started again; the result appears only when it is complete.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool mass trials.parquet --by outcome -o pooled.parquet\n  metapool mass cohorts/*.tsv.gz --key MARKER \
                  -c estimate=BETA,se=SE --alleles A1,A2 --size N -o meta.csv\n  metapool mass part1.csv --by outcome --partial -o 1.parquet; \
                  metapool merge 1.parquet 2.parquet -o all.csv\n`metapool help mass` also explains the columns and the codes of the notes.",
    after_long_help = long_help()
)]
pub(super) struct Args {
    /// Tables, folders, or patterns such as 'shards/*.parquet'
    #[arg(value_name = "TABLE", required = true)]
    inputs: Vec<String>,
    /// Columns that name a group: every row is a study of its group
    #[arg(
        long,
        value_name = "COLUMN[,COLUMN]",
        value_delimiter = ',',
        required_unless_present = "key",
        conflicts_with = "key"
    )]
    by: Vec<String>,
    /// Column on which the tables are joined: every table is a study
    #[arg(long, value_name = "COLUMN")]
    key: Option<String>,
    /// Effect measure, chosen from the columns if not given; `metapool list measures` shows all
    #[arg(short, long, value_name = "CODE", value_parser = one_of::<Measure>(), hide_possible_values = true, help_heading = "Data")]
    measure: Option<Measure>,
    /// Which column plays which role, where names differ; `metapool list shapes` shows the roles
    #[arg(short, long, value_name = "ROLE=COLUMN,...", help_heading = "Data")]
    columns: Option<String>,
    /// Separator of delimited tables: a character, or `tab` [default: from the ending, else from the header]
    #[arg(long, value_name = "CHAR", value_parser = super::data::delimiter, help_heading = "Data")]
    delimiter: Option<u8>,
    /// Added to cells of counts [default: 0.5; 0 for measures that are defined with empty cells]
    #[arg(long, value_name = "X", help_heading = "Data")]
    add: Option<f64>,
    /// Where it is added: only0, all, tacc or none
    #[arg(long, value_name = "WHERE", default_value = "only0", value_parser = CorrectWhere::ALL.map(CorrectWhere::id), ignore_case = true, hide_possible_values = true, help_heading = "Data")]
    to: String,
    /// Studies without events, or with events only, in both groups: `auto` leaves them out of ratios and keeps them for differences [default: auto]
    #[arg(long, value_name = "WHAT", value_parser = DoubleZero::ALL.map(DoubleZero::id), ignore_case = true, hide_possible_values = true, help_heading = "Data")]
    double_zero: Option<String>,
    /// The same as --double-zero drop
    #[arg(long, conflicts_with = "double_zero", help_heading = "Data")]
    drop_double_zero: bool,
    /// Scale of ready estimates and limits: natural (ratios as ratios) or analysis (their logarithms)
    #[arg(long, value_name = "SCALE", value_parser = Values::ALL.map(Values::id), ignore_case = true, hide_possible_values = true, help_heading = "Data")]
    values: Option<String>,
    /// Scale of ready standard errors and variances [default: analysis]
    #[arg(long, value_name = "SCALE", value_parser = Values::ALL.map(Values::id), ignore_case = true, hide_possible_values = true, help_heading = "Data")]
    se_scale: Option<String>,
    /// Variant of the sampling variance, where the measure has several
    #[arg(long, value_name = "CODE", value_parser = Variance::ALL.map(Variance::id), ignore_case = true, hide_possible_values = true, help_heading = "Data")]
    vtype: Option<String>,
    /// Leave out the small-sample correction of SMD, ROM and their kin
    #[arg(long, help_heading = "Data")]
    no_correction: bool,
    /// Column of the number of patients: adds z-values weighted by its root
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    size: Option<String>,
    /// Columns of effect and other allele: effects are turned to the alleles of the first table, over strands too
    #[arg(
        long,
        value_name = "EFFECT,OTHER",
        value_parser = two_columns,
        requires = "key",
        help_heading = "Data"
    )]
    alleles: Option<(String, String)>,
    /// Widen the standard errors of each table by the root of its genomic control factor, where that exceeds 1
    #[arg(long, requires = "key", help_heading = "Data")]
    genomic_control: bool,
    /// The rows are sorted by group: anything else is an error [default: seen while reading, where -o names a file]
    #[arg(long, conflicts_with_all = ["unsorted", "memory"], help_heading = "Work")]
    sorted: bool,
    /// The rows are not sorted by group
    #[arg(long, help_heading = "Work")]
    unsorted: bool,
    /// Write the effects as a partial result (Parquet), to be pooled by `metapool merge`
    #[arg(long, requires = "output", conflicts_with_all = ["key", "tau2", "ci", "prediction", "level", "memory", "select", "sorted", "unsorted"], help_heading = "Work")]
    partial: bool,
    #[command(flatten)]
    pooling: Pooling,
}

#[derive(Debug, clap::Args)]
struct Pooling {
    /// Estimators of τ²; further ones add columns with their name [default: REML]
    #[arg(long, value_name = "CODE[,CODE]", value_delimiter = ',', value_parser = one_of::<Tau2>(), hide_possible_values = true, help_heading = "Model")]
    tau2: Vec<Tau2>,
    /// Confidence interval: auto (hksj-adhoc: Hartung-Knapp, never narrower than Wald), hksj, wald, t, or kr with REML
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = or_auto::<Interval>(), hide_possible_values = true, help_heading = "Model")]
    ci: OrAuto<Interval>,
    /// Prediction interval: `auto` (the partner of the confidence interval), `none`, or a name from `metapool list prediction`
    #[arg(long, value_name = "NAME", default_value = "auto", help_heading = "Model")]
    prediction: String,
    /// Confidence level of all intervals, in percent, from 50 up
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0, help_heading = "Model")]
    level: f64,
    /// Megabytes of rows kept in memory before they go to disk, beside the output
    #[arg(long, value_name = "MB", default_value_t = 512, help_heading = "Work")]
    memory: u64,
    /// Write to a file: .parquet or .csv [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Columns of the result besides the groups, in this order; `metapool help mass` names them [default: all]
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', help_heading = "Output")]
    select: Option<Vec<String>>,
    /// No progress and no summary on standard error
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

/// Pool partial results of `metapool mass --partial`
///
/// Shards hold effects row by row, so that any number of them, computed anywhere, gives exactly what one run over the whole
/// table gives, as long as they are named in the order of the table.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool mass a.csv --by outcome --partial -o a.parquet\n  metapool mass b.csv --by outcome --partial \
                        -o b.parquet\n  metapool merge a.parquet b.parquet --tau2 DL -o pooled.csv"
)]
pub(super) struct MergeArgs {
    /// Partial results, folders of them, or patterns such as 'shards/*.parquet'
    #[arg(value_name = "SHARD", required = true)]
    inputs: Vec<String>,
    #[command(flatten)]
    pooling: Pooling,
}

fn two_columns(text: &str) -> Result<(String, String), String> {
    let (a, b) = text.split_once(',').ok_or("name two columns: effect allele, then the other")?;
    Ok((a.trim().to_string(), b.trim().to_string()))
}

fn long_help() -> String {
    let codes: Vec<String> =
        CODES.iter().map(|(_, code, meaning)| format!("  {code:<18}{meaning}")).collect();
    format!(
        "Columns of the result, on the analysis scale (logarithms for ratios), empty where there is no value:\n  \
         the groups; k; common_estimate, common_se, common_ci_lower, common_ci_upper, common_p_value; estimate, se, ci_lower,\n  \
         ci_upper, p_value, prediction_lower, prediction_upper, tau2, i2 (in percent), again with _CODE for each further estimator;\n  \
         q, q_p_value; with --size z, z_p_value, size; direction (+ - 0 per study, ? where it is missing); notes\n\n\
         Codes of the notes:\n{}\n\n\
         Examples:\n  metapool mass trials.parquet --by outcome -o pooled.parquet\n  metapool mass cohorts/*.tsv.gz --key MARKER -c \
         estimate=BETA,se=SE --alleles A1,A2 --size N -o meta.csv",
        codes.join("\n")
    )
}

impl Pooling {
    fn options(&self, inputs: &[String]) -> Result<MassOptions, Error> {
        let prediction = match self.prediction.to_ascii_lowercase().as_str() {
            "auto" => None,
            "none" => Some(None),
            name => Some(Some(PredictionInterval::parse(name)?)),
        };
        Ok(MassOptions {
            inputs: inputs.to_vec(),
            tau2: if self.tau2.is_empty() { vec![Tau2::Reml] } else { self.tau2.clone() },
            ci: self.ci.chosen(),
            prediction,
            level: self.level,
            memory: self.memory,
            select: self.select.clone(),
            output: self.output.clone(),
            ..MassOptions::default()
        })
    }

    /// Runs the analysis into the file or to `out`.
    fn pool(&self, options: &MassOptions, out: &mut (impl Write + Send)) -> Outcome {
        let start = Instant::now();
        let shown = self.progress(start);
        let standard: Option<Box<dyn Write + Send + '_>> = match self.output {
            Some(_) => None,
            None => Some(Box::new(out)),
        };
        let summary = pool_all(options, standard, &shown);
        self.clear();
        let summary = summary.map_err(as_failure)?;
        if !self.quiet {
            told(&summary, start);
        }
        Ok(())
    }

    fn progress(&self, start: Instant) -> impl Fn(f64, u64) + Sync {
        let shown = !self.quiet && std::io::stderr().is_terminal();
        let last = std::sync::atomic::AtomicU64::new(0);
        move |share, rows| {
            let passed = start.elapsed();
            let tenth = passed.as_millis() as u64 / 100;
            if shown && tenth >= 3 && last.swap(tenth, std::sync::atomic::Ordering::Relaxed) != tenth {
                let seconds = passed.as_secs_f64();
                let left = if share > 0.02 {
                    format!(", {:.0} s left", seconds * (1.0 / share - 1.0))
                } else {
                    String::new()
                };
                eprint!(
                    "\r{:3.0}%, {rows} rows, {:.0} rows/s{left}\x1b[K",
                    100.0 * share,
                    rows as f64 / seconds
                );
            }
        }
    }

    fn clear(&self) {
        if !self.quiet && std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
    }
}

/// Whoever closed the pipe has read what they wanted.
fn as_failure(e: Error) -> Failure {
    if crate::mass::is_closed(&e) {
        return Failure::Stream(std::io::ErrorKind::BrokenPipe.into());
    }
    Failure::Library(e)
}

fn told(s: &Summary, start: Instant) {
    let many = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let how = match (s.sorted, s.spilled) {
        (true, _) => "sorted by group",
        (_, true) => "in any order, through disk",
        (_, false) => "in any order",
    };
    let read = match s.rows {
        0 if s.resumed => "rows of the interrupted run".to_string(),
        rows => many(rows, "row"),
    };
    style::info(&format!(
        "{} of {} ({how}): {} in {:.1} s",
        read,
        many(s.files as u64, "file"),
        many(s.groups, "group"),
        start.elapsed().as_secs_f64()
    ));
    if let Some(m) = s.measure {
        style::info(&format!("measure: {} ({}), on the analysis scale", m.id(), m.title()));
    }
    if s.without_group > 0 {
        style::info(&format!("{} without a group left out", many(s.without_group, "row")));
    }
    for (file, factor) in &s.genomic_control {
        style::info(&format!("genomic control of {file}: {factor:.3}"));
    }
    for (code, groups) in &s.notes {
        let meaning = CODES.iter().find(|c| c.1 == *code).map_or("", |c| c.2);
        style::info(&format!("{code} in {}: {meaning}", many(*groups, "group")));
    }
}

pub(super) fn run(args: &Args, out: &mut (impl Write + Send)) -> Outcome {
    let order = match (args.sorted, args.unsorted) {
        (true, _) => Order::Sorted,
        (_, true) => Order::Unsorted,
        _ => Order::Auto,
    };
    let variance = args.vtype.as_deref();
    let options = MassOptions {
        keys: args.key.clone().map_or_else(|| args.by.clone(), |k| vec![k]),
        wide: args.key.is_some(),
        measure: args.measure,
        add: args.add,
        to: CorrectWhere::parse(&args.to)?,
        double_zero: match (args.drop_double_zero, &args.double_zero) {
            (true, _) => DoubleZero::Drop,
            (false, Some(code)) => DoubleZero::parse(code)?,
            (false, None) => DoubleZero::Auto,
        },
        values: args.values.as_deref().map(Values::parse).transpose()?,
        se_scale: args.se_scale.as_deref().map(Values::parse).transpose()?,
        variance: variance.and_then(|c| Variance::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(c))),
        small_sample_correction: !args.no_correction,
        columns: RoleMap::parse(args.columns.as_deref().unwrap_or_default())?,
        delimiter: args.delimiter,
        size: args.size.clone(),
        alleles: args.alleles.clone(),
        genomic_control: args.genomic_control,
        order,
        ..args.pooling.options(&args.inputs)?
    };
    if !args.partial {
        return args.pooling.pool(&options, out);
    }
    let start = Instant::now();
    let rows = partial(&options, &args.pooling.progress(start));
    args.pooling.clear();
    let rows = rows?;
    if !args.pooling.quiet {
        style::info(&format!(
            "{rows} effects in {:.1} s; pool them with `metapool merge`",
            start.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

pub(super) fn merge(args: &MergeArgs, out: &mut (impl Write + Send)) -> Outcome {
    let options = merged(args.pooling.options(&args.inputs)?)?;
    args.pooling.pool(&options, out)
}
