//! The manifest of a review: which analyses, on which data, with which options.

use crate::error::{Error, ErrorKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A review.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Title of the report.
    pub title: String,
    /// Paragraphs before the first analysis.
    #[serde(default)]
    pub introduction: String,
    /// A table of what the trials were.
    pub characteristics: Option<Characteristics>,
    /// Analyses, in the order of the report.
    #[serde(rename = "analysis", default)]
    pub analyses: Vec<Analysis>,
}

/// A table with one row per trial, from columns of the data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristics {
    /// Paths relative to the manifest, or `@name`; the first that knows a cell gives it.
    pub data: Vec<String>,
    /// Column that names the trial, where labels differ between tables.
    pub trial: Option<String>,
    /// Column by which trials stand together.
    pub group: Option<String>,
    /// Columns to show.
    pub columns: Vec<Shown>,
    /// Paragraphs below the table.
    #[serde(default)]
    pub text: String,
}

/// A column of the data to show, and its heading.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Name in the data.
    pub column: String,
    /// Heading in the report; the name if none is given.
    pub heading: Option<String>,
}

fn yes() -> bool {
    true
}

fn level() -> f64 {
    95.0
}

fn plots() -> Vec<String> {
    vec!["forest".into()]
}

/// One analysis. Options have the names and meanings of `metapool pool`, as far as there are keys for them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Analysis {
    /// Name of its folder: letters, digits, `-` and `_`.
    pub id: String,
    /// Heading and title of its pictures.
    pub title: String,
    /// Paragraphs below the heading.
    #[serde(default)]
    pub text: String,
    /// Path relative to the manifest, or `@name`.
    pub data: String,
    /// Effect measure.
    pub measure: Option<String>,
    /// SQL condition on rows.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// Whether the rows are pooled; otherwise they are listed, each with its own interval.
    #[serde(default = "yes")]
    pub pool: bool,
    /// Columns of the data to show beside the numbers.
    #[serde(default)]
    pub show: Vec<Shown>,
    /// Role → column.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Column of labels.
    pub study: Option<String>,
    /// Patients that a proportion is of: `evaluated` or `enrolled`.
    pub denominator: Option<String>,
    /// Scale of means, `LOW:HIGH:STEP`.
    pub scale: Option<String>,
    /// Correlation assumed where both SDs are known.
    pub correlation: Option<f64>,
    /// Correlations to try for missing SDs of a change.
    #[serde(default)]
    pub correlation_grid: Vec<f64>,
    /// What replaces missing SDs of a change: `none`, `grid`, `borrow:STUDY`, `bounds`.
    pub impute: Option<String>,
    /// Untreated patients to show beside: `@name` or a path, a proportion.
    pub benchmark: Option<String>,
    /// Paragraph below the benchmark.
    #[serde(default)]
    pub benchmark_text: String,
    /// Continuity correction.
    pub add: Option<f64>,
    /// Where it is added.
    pub to: Option<String>,
    /// Leave out double-zero studies.
    #[serde(default)]
    pub drop_double_zero: bool,
    /// What becomes of double-zero studies: `auto`, `keep`, `drop`.
    pub double_zero: Option<String>,
    /// Scale of ready estimates and limits: `natural` or `analysis`.
    pub values: Option<String>,
    /// Scale of ready standard errors.
    pub se_scale: Option<String>,
    /// Column that tells the arms of a study apart, or `none`.
    pub arm: Option<String>,
    /// Level that the other arms are compared with.
    pub reference: Option<String>,
    /// What becomes of a shared control: `split`, `combine`, `first`.
    pub shared_control: Option<String>,
    /// Lists of like arms.
    #[serde(default)]
    pub combine: Vec<Vec<String>>,
    /// Keep a last row that equals the sum of all above it.
    #[serde(default)]
    pub keep_total: bool,
    /// Variance formula.
    pub vtype: Option<String>,
    /// Leave out the small-sample correction.
    #[serde(default)]
    pub no_correction: bool,
    /// Interval of each study's proportion.
    pub study_ci: Option<String>,
    /// Rates, proportions and their differences are read per so many.
    pub per: Option<f64>,
    /// Pooling model.
    pub model: Option<String>,
    /// Mixed model of two groups.
    pub glmm_model: Option<String>,
    /// Column of clusters: cluster-robust standard error of the mean.
    pub cluster: Option<String>,
    /// Column of subgroups.
    pub subgroup: Option<String>,
    /// One τ² for all subgroups.
    #[serde(default)]
    pub common_tau2: bool,
    /// Risks without treatment, for absolute effects.
    #[serde(default)]
    pub baseline_risk: Vec<f64>,
    /// Estimator of τ².
    pub tau2: Option<String>,
    /// Interval of the pooled effect.
    pub ci: Option<String>,
    /// Prediction interval.
    pub prediction: Option<String>,
    /// Defaults of another program.
    pub profile: Option<String>,
    /// Confidence level in percent.
    #[serde(default = "level")]
    pub level: f64,
    /// Kinds of pictures.
    #[serde(default = "plots")]
    pub plots: Vec<String>,
    /// Look of the pictures.
    pub theme: Option<String>,
    /// Width of the pictures in millimetres.
    pub width: Option<f64>,
    /// Show the common-effect estimate too.
    #[serde(default)]
    pub common: bool,
    /// First group.
    pub group1: Option<String>,
    /// Second group.
    pub group2: Option<String>,
    /// What low values favour.
    pub favours_low: Option<String>,
    /// What high values favour.
    pub favours_high: Option<String>,
    /// What was measured or counted.
    pub outcome: Option<String>,
    /// Heading of the estimates.
    pub estimate: Option<String>,
}

impl Analysis {
    /// What a list of rows cannot use is refused, and so is a paragraph on a benchmark that is not there.
    fn check_list(&self) -> Result<(), Error> {
        let refused = |what: &str, hint: String| {
            Err(Error::data(what.to_string()).of_study(&format!("analysis {}", self.id)).with_hint(hint))
        };
        if self.benchmark.is_none() && !self.benchmark_text.trim().is_empty() {
            return refused(
                "there is no benchmark for `benchmark-text` to stand beside",
                "add `benchmark`, or write the paragraph into `text`".into(),
            );
        }
        if self.pool {
            return Ok(());
        }
        let given = [
            ("model", self.model.is_some()),
            ("glmm-model", self.glmm_model.is_some()),
            ("tau2", self.tau2.is_some()),
            ("ci", self.ci.is_some()),
            ("prediction", self.prediction.is_some()),
            ("cluster", self.cluster.is_some()),
            ("subgroup", self.subgroup.is_some()),
            ("impute", self.impute.is_some()),
            ("correlation-grid", !self.correlation_grid.is_empty()),
            ("baseline-risk", !self.baseline_risk.is_empty()),
            ("benchmark", self.benchmark.is_some()),
        ];
        if let Some((key, _)) = given.iter().find(|(_, given)| *given) {
            return refused(
                &format!("`{key}` cannot act where nothing is pooled"),
                format!("leave out `{key}`, or `pool = false`"),
            );
        }
        if let Some(plot) = self.plots.iter().find(|p| *p != "forest") {
            return refused(
                &format!("the plot `{plot}` needs a pooled result, and nothing is pooled"),
                "rows that are listed have a forest plot: `plots = [\"forest\"]`".into(),
            );
        }
        Ok(())
    }
}

impl Analysis {
    /// The options of the data that were given, by name.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let all = [
            ("add", self.add.is_some()),
            ("to", self.to.is_some()),
            ("double-zero", self.double_zero.is_some()),
            ("drop-double-zero", self.drop_double_zero),
            ("values", self.values.is_some()),
            ("se-scale", self.se_scale.is_some()),
            ("vtype", self.vtype.is_some()),
            ("no-correction", self.no_correction),
            ("study-ci", self.study_ci.is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

impl Manifest {
    /// Parses a manifest; `source` is what messages call it.
    ///
    /// # Errors
    /// It is not TOML, lacks a key or has one that is not known.
    pub fn parse(source: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            Error::new(ErrorKind::Data, e.message().to_string())
                .in_file(source)
                .at_line(line)
                .with_hint("⟦report: help⟧ shows a manifest; keys have the names of options of ⟦pool:⟧")
        })
    }

    /// Checks names before anything is computed.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.analyses.is_empty() {
            return Err(Error::data("the manifest has no analysis")
                .with_hint("add a section `[[analysis]]` with id, title and data"));
        }
        if self.characteristics.as_ref().is_some_and(|c| c.data.is_empty() || c.columns.is_empty()) {
            return Err(Error::data("the table of characteristics has no data or no columns").with_hint(
                "name them: `data = [\"trials.csv\"]`, `columns = [{ column = \"design\", heading = \"Design\" }]`",
            ));
        }
        let mut seen = HashSet::new();
        for a in &self.analyses {
            let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            if a.id.is_empty() || !a.id.chars().all(plain) {
                return Err(Error::data(format!("the analysis id `{}` cannot name a folder", a.id))
                    .with_hint("use letters, digits, `-` and `_`"));
            }
            if a.common_tau2 && a.subgroup.is_none() {
                return Err(Error::usage(format!(
                    "`common-tau2` of analysis `{}` has no subgroups to act on",
                    a.id
                ))
                .with_hint("add `subgroup`, or leave `common-tau2` out"));
            }
            a.check_list()?;
            if !seen.insert(&a.id) {
                return Err(Error::data(format!("two analyses are called `{}`", a.id))
                    .with_hint("give each its own id"));
            }
        }
        Ok(())
    }
}
