//! Options that say which data, which rows, which columns and which measure.

use super::choice::one_of;
use super::style;
use crate::analysis::{Loaded, Request};
use crate::dataset::{Denominator, MeasuringScale, ReadOptions, RoleMap, ShapeOptions};
use crate::effect::{Continuity, CorrectWhere, EffectOptions, Measure, StudyInterval, Variance};
use crate::error::Error;
use crate::model::Model;
use crate::registry::Member;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Standardizer {
    /// The SD after treatment (metafor's sd1i)
    #[default]
    Post,
    /// The SD before treatment
    Pre,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Data")]
pub(super) struct DataArgs {
    /// File, `-` for CSV on standard input, or @NAME for bundled data
    #[arg(value_name = "DATA")]
    pub(super) data: String,
    /// Effect measure, chosen from the data if not given; `metapool list measures` shows all
    #[arg(short, long, value_name = "CODE", value_parser = one_of::<Measure>(), hide_possible_values = true)]
    measure: Option<Measure>,
    /// Which column plays which role, where names differ; `metapool list shapes` shows the roles
    #[arg(short, long, value_name = "ROLE=COLUMN,...")]
    columns: Option<String>,
    /// Column of study labels [default: study, slab, studlab, trial, or author with year]
    #[arg(long, value_name = "COLUMN")]
    study: Option<String>,
    /// Keep the rows for which an SQL condition holds: "year >= 2000 AND disease = 'MS'"
    #[arg(short = 'w', long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// Separator of a delimited file: a character, or `tab`
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Confidence level of all intervals, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0)]
    pub(super) level: f64,
    /// Added to cells of counts [default: 0.5; 0 for measures that are defined with empty cells]
    #[arg(long, value_name = "X")]
    add: Option<f64>,
    /// Where it is added
    #[arg(long, value_name = "WHERE", default_value = "only0", value_parser = CorrectWhere::ALL.map(CorrectWhere::id), ignore_case = true)]
    to: String,
    /// Leave out studies without events, or with events only, in both groups
    #[arg(long)]
    drop_double_zero: bool,
    /// Variant of the sampling variance, where the measure has several
    #[arg(long, value_name = "CODE", value_parser = Variance::ALL.map(Variance::id), ignore_case = true)]
    vtype: Option<String>,
    /// Leave out the small-sample correction of SMD, ROM and their kin
    #[arg(long)]
    no_correction: bool,
    /// Confidence interval of each study's proportion [default: CP, Clopper-Pearson]
    #[arg(long, value_name = "CODE", value_parser = one_of::<StudyInterval>())]
    study_ci: Option<StudyInterval>,
    /// Which SD divides the change in SMCR and SMCRH
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    standardizer: Standardizer,
    /// Patients that a proportion is of: those evaluated, or those enrolled (column `n_enrolled`)
    #[arg(long, value_enum, default_value_t, value_name = "WHO")]
    denominator: Who,
    /// Scale of means, to check them: its ends and its step, such as 0:10:0.5; in `regress`, moderators of ln τ²
    #[arg(long, value_name = "LOW:HIGH:STEP|FORMULA", allow_hyphen_values = true)]
    scale: Option<String>,
    /// Correlation of before with after where it is not reported; such rows are imputed, not primary
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    correlation: Option<f64>,
    /// Level of confidence limits in the data, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0)]
    ci_level: f64,
    /// Accept counts that are not whole numbers
    #[arg(long)]
    fractional_counts: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Who {
    /// Those evaluated
    #[default]
    Evaluated,
    /// Those enrolled; the ones not evaluated count as without event
    Enrolled,
}

pub(super) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [c] => Ok(*c),
        _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok(b'\t'),
        _ => Err("give one character, such as ';', or `tab`".into()),
    }
}

impl DataArgs {
    /// The scale of means.
    pub(super) fn measuring_scale(&self) -> Result<Option<MeasuringScale>, Error> {
        self.scale.as_deref().map(MeasuringScale::parse).transpose()
    }

    /// Of a regression: the scale of means, or a formula of ln τ².
    pub(super) fn scale_or_formula(&self) -> Result<(Option<MeasuringScale>, Option<String>), Error> {
        let ends =
            |text: &&str| text.chars().next().is_some_and(|c| c.is_ascii_digit()) && text.contains(':');
        match self.scale.as_deref().filter(ends) {
            Some(text) => Ok((Some(MeasuringScale::parse(text)?), None)),
            None => Ok((None, self.scale.clone())),
        }
    }

    fn request(&self, model: Option<Model>, scale: Option<MeasuringScale>) -> Result<Request, Error> {
        if !(self.ci_level > 0.0 && self.ci_level < 100.0) {
            return Err(Error::usage(format!("`--ci-level {}`", self.ci_level))
                .with_hint("give it in percent, between 0 and 100"));
        }
        Ok(Request {
            source: self.data.clone(),
            read: ReadOptions { delimiter: self.delimiter },
            measure: self.measure,
            columns: RoleMap::parse(self.columns.as_deref().unwrap_or_default())?,
            study: self.study.clone(),
            filter: self.filter.clone(),
            shape: ShapeOptions {
                fractional_counts: self.fractional_counts,
                ci_level: self.ci_level,
                denominator: match self.denominator {
                    Who::Evaluated => Denominator::Evaluated,
                    Who::Enrolled => Denominator::Enrolled,
                },
                scale,
            },
            model,
            correlation: self.correlation,
        })
    }

    fn options(&self, base: EffectOptions, to: CorrectWhere) -> EffectOptions {
        let code = self.vtype.as_deref();
        EffectOptions {
            continuity: Continuity {
                add: self.add.unwrap_or(base.continuity.add),
                to,
                drop_double_zero: self.drop_double_zero,
            },
            variance: code.and_then(|c| Variance::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(c))),
            study_interval: self.study_ci.unwrap_or(base.study_interval),
            level: self.level,
            standardise_by_pre: self.standardizer == Standardizer::Pre,
            small_sample_correction: !self.no_correction,
            ..base
        }
    }

    /// Reads the data and computes the effects; says which measure was chosen, if none was asked for.
    pub(super) fn load(&self, model: Option<Model>, quiet: bool) -> Result<Loaded, Error> {
        self.load_scaled(model, self.measuring_scale()?, quiet)
    }

    /// The same with the scale of means as the command understood it.
    pub(super) fn load_scaled(
        &self,
        model: Option<Model>,
        scale: Option<MeasuringScale>,
        quiet: bool,
    ) -> Result<Loaded, Error> {
        let to = CorrectWhere::parse(&self.to)?;
        let loaded = self.request(model, scale)?.load(|base| self.options(base, to))?;
        if self.study_ci.is_some() && !loaded.table.measure().is_proportion() {
            return Err(Error::usage(format!(
                "`--study-ci` is for proportions, not for {}",
                loaded.table.measure().id()
            ))
            .with_hint("leave it out"));
        }
        if loaded.measure_chosen && !quiet {
            let measure = loaded.table.measure();
            style::info(&format!(
                "measure: {} ({}), for {}; choose another with --measure",
                measure.id(),
                measure.title(),
                loaded.shape.title()
            ));
        }
        Ok(loaded)
    }

    /// What JSON says of the input.
    pub(super) fn input(&self, loaded: &Loaded) -> Value {
        json!({
            "source": self.data,
            "rows": loaded.dataset.rows(),
            "shape": loaded.shape.id(),
            "where": self.filter,
            "citation": loaded.dataset.info.as_ref().map(|i| i.citation.clone()),
        })
    }
}
