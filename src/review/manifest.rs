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
    /// Analyses, in the order of the report.
    #[serde(rename = "analysis", default)]
    pub analyses: Vec<Analysis>,
}

fn level() -> f64 {
    95.0
}

fn plots() -> Vec<String> {
    vec!["forest".into()]
}

/// One analysis. Options have the names and meanings of the command line.
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

impl Manifest {
    /// Parses a manifest; `source` is what messages call it.
    ///
    /// # Errors
    /// It is not TOML, lacks a key or has one that is not known.
    pub fn parse(source: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            Error::new(ErrorKind::Data, e.message().to_string()).in_file(source).at_line(line).with_hint(
                "`metapool report --help` shows a manifest; keys are the options of `metapool pool`",
            )
        })
    }

    /// Checks names before anything is computed.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.analyses.is_empty() {
            return Err(Error::data("the manifest has no analysis")
                .with_hint("add a section `[[analysis]]` with id, title and data"));
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
            if !seen.insert(&a.id) {
                return Err(Error::data(format!("two analyses are called `{}`", a.id))
                    .with_hint("give each its own id"));
            }
        }
        Ok(())
    }
}
