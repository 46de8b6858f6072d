//! Options that say which data, which rows, which columns and which measure.

use super::choice::one_of;
use super::style;
use crate::analysis::{Loaded, Request};
use crate::dataset::{
    ArmRequest, Arms, Denominator, MeasuringScale, ReadOptions, RoleMap, ShapeOptions, SharedControl,
};
use crate::effect::{
    Continuity, CorrectWhere, DoubleZero, EffectOptions, Measure, StudyInterval, Values, Variance,
    check_level,
};
use crate::error::Error;
use crate::model::ModelOptions;
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
    /// Confidence level of all intervals, in percent, from 50 up
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0)]
    pub(super) level: f64,
    /// Added to cells of counts [default: 0.5; 0 for measures that are defined with empty cells]
    #[arg(long, value_name = "X")]
    add: Option<f64>,
    /// Where it is added [default: only0]
    #[arg(long, value_name = "WHERE", value_parser = CorrectWhere::ALL.map(CorrectWhere::id), ignore_case = true)]
    to: Option<String>,
    /// Studies without events, or with events only, in both groups: `auto` finds them not estimable for ratios and keeps them for differences [default: auto; keep under --profile metafor]
    #[arg(long, value_name = "WHAT", value_parser = DoubleZero::ALL.map(DoubleZero::id), ignore_case = true)]
    double_zero: Option<String>,
    /// The same as --double-zero drop
    #[arg(long, conflicts_with = "double_zero")]
    drop_double_zero: bool,
    /// Scale of ready estimates and limits: natural (ratios as ratios) or analysis (their logarithms) [default: what the data prove]
    #[arg(long, value_name = "SCALE", value_parser = Values::ALL.map(Values::id), ignore_case = true)]
    values: Option<String>,
    /// Scale of ready standard errors and variances [default: analysis]
    #[arg(long, value_name = "SCALE", value_parser = Values::ALL.map(Values::id), ignore_case = true)]
    se_scale: Option<String>,
    /// Rows are arms of studies, told apart by this column; they become comparisons with --reference. `none`: every row is a study
    #[arg(long, value_name = "COLUMN")]
    arm: Option<String>,
    /// Level of the arm column that the others are compared with
    #[arg(long, value_name = "LEVEL", requires = "arm")]
    reference: Option<String>,
    /// Levels of like arms, which become one; may be given several times
    #[arg(long, value_name = "LEVEL,...", requires = "arm")]
    combine: Vec<String>,
    /// A control that several arms of a study share: split it among the comparisons, combine the arms, or take the first
    #[arg(long, value_name = "HOW", requires = "arm", value_parser = SharedControl::ALL.map(SharedControl::id), ignore_case = true)]
    shared_control: Option<String>,
    /// The last row is a study, although it equals the sum of all above it, or what they give when they are pooled
    #[arg(long)]
    keep_total: bool,
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
    /// Level of confidence limits in the data, in percent, from 50 up [default: 95]
    #[arg(long, value_name = "PERCENT")]
    ci_level: Option<f64>,
    /// Show rates, proportions and their differences per so many, such as 1000 or 100000; numbers in JSON and CSV stay as they are
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    per: Option<f64>,
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

/// Per how many rates of one group read best, where they are small and nothing was asked for.
fn rare(loaded: &Loaded) -> Option<u32> {
    let table = &loaded.table;
    if table.options.per.is_some() || !table.measure().is_rate() {
        return None;
    }
    let rates = table.studies.iter().filter_map(|s| s.natural.estimate);
    let largest = rates.fold(0.0, f64::max);
    match largest {
        x if x <= 0.0 || x >= 0.01 => None,
        x if x >= 1e-4 => Some(1000),
        _ => Some(100_000),
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

    fn arms(&self) -> Result<Arms, Error> {
        let Some(column) = &self.arm else { return Ok(Arms::Unsaid) };
        if column.eq_ignore_ascii_case("none") {
            if self.reference.is_some() || self.shared_control.is_some() || !self.combine.is_empty() {
                return Err(Error::usage("`--arm none` says that there are no arms")
                    .with_hint("name their column, or leave the other options of arms out"));
            }
            return Ok(Arms::Studies);
        }
        let levels = |text: &String| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
            record.iter().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect()
        };
        Ok(Arms::Compare(ArmRequest {
            column: column.clone(),
            reference: self.reference.clone(),
            shared: self.shared_control.as_deref().map(SharedControl::parse).transpose()?,
            combine: self.combine.iter().map(levels).collect(),
        }))
    }

    fn request(&self, model: &ModelOptions, scale: Option<MeasuringScale>) -> Result<Request, Error> {
        let ci_level = self.ci_level.unwrap_or(95.0);
        check_level("ci-level", ci_level)?;
        Ok(Request {
            source: self.data.clone(),
            read: ReadOptions { delimiter: self.delimiter },
            measure: self.measure,
            columns: RoleMap::parse(self.columns.as_deref().unwrap_or_default())?,
            study: self.study.clone(),
            filter: self.filter.clone(),
            shape: ShapeOptions {
                fractional_counts: self.fractional_counts,
                ci_level,
                denominator: match self.denominator {
                    Who::Evaluated => Denominator::Evaluated,
                    Who::Enrolled => Denominator::Enrolled,
                },
                scale,
            },
            model: model.model,
            profile: model.profile,
            correlation: self.correlation,
            values: self.values.as_deref().map(Values::parse).transpose()?,
            se_scale: self.se_scale.as_deref().map(Values::parse).transpose()?,
            arms: self.arms()?,
            keep_total: self.keep_total,
            listing: false,
        })
    }

    /// The options of these data that were given, by name.
    fn given(&self) -> Vec<&'static str> {
        let all = [
            ("add", self.add.is_some()),
            ("to", self.to.is_some()),
            ("double-zero", self.double_zero.is_some()),
            ("drop-double-zero", self.drop_double_zero),
            ("fractional-counts", self.fractional_counts),
            ("ci-level", self.ci_level.is_some()),
            ("values", self.values.is_some()),
            ("se-scale", self.se_scale.is_some()),
            ("vtype", self.vtype.is_some()),
            ("no-correction", self.no_correction),
            ("study-ci", self.study_ci.is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    fn options(&self, base: EffectOptions, chosen: (CorrectWhere, Option<DoubleZero>)) -> EffectOptions {
        let code = self.vtype.as_deref();
        EffectOptions {
            continuity: Continuity {
                add: self.add.unwrap_or(base.continuity.add),
                to: chosen.0,
                double_zero: chosen.1.unwrap_or(base.continuity.double_zero),
            },
            variance: code.and_then(|c| Variance::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(c))),
            study_interval: self.study_ci.unwrap_or(base.study_interval),
            level: self.level,
            standardise_by_pre: self.standardizer == Standardizer::Pre,
            small_sample_correction: !self.no_correction,
            per: self.per,
            ..base
        }
    }

    /// Reads the data and computes the effects; says which measure was chosen, if none was asked for.
    pub(super) fn load(&self, model: &ModelOptions, quiet: bool) -> Result<Loaded, Error> {
        self.load_request(self.request(model, self.measuring_scale()?)?, quiet)
    }

    /// The same with the scale of means as the command understood it.
    pub(super) fn load_scaled(
        &self,
        model: &ModelOptions,
        scale: Option<MeasuringScale>,
        quiet: bool,
    ) -> Result<Loaded, Error> {
        self.load_request(self.request(model, scale)?, quiet)
    }

    /// The same for a list of effects, of which nothing is pooled.
    pub(super) fn list(&self, quiet: bool) -> Result<Loaded, Error> {
        let request = self.request(&ModelOptions::default(), self.measuring_scale()?)?;
        self.load_request(Request { listing: true, ..request }, quiet)
    }

    fn load_request(&self, request: Request, quiet: bool) -> Result<Loaded, Error> {
        let to = self.to.as_deref().map_or(Ok(CorrectWhere::Only0), CorrectWhere::parse)?;
        let double_zero = match self.drop_double_zero {
            true => Some(DoubleZero::Drop),
            false => self.double_zero.as_deref().map(DoubleZero::parse).transpose()?,
        };
        let loaded = request.load(|base| self.options(base, (to, double_zero)))?;
        loaded.check_used(&self.given())?;
        if loaded.measure_chosen && !quiet {
            let measure = loaded.table.measure();
            style::info(&format!(
                "measure: {} ({}), for {}; choose another with --measure",
                measure.id(),
                measure.title(),
                loaded.shape.title()
            ));
        }
        if !quiet && let Some(per) = rare(&loaded) {
            style::info(&format!("rates are small: `--per {per}` shows them per {per}"));
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
