//! What a mass analysis is told.

use crate::choice::Chosen;
use crate::choice::option::Given;
use crate::dataset::RoleMap;
use crate::effect::{CorrectWhere, DoubleZero, Measure, Values, Variance};
use crate::model::interval::Interval;
use crate::model::prediction::PredictionInterval;
use crate::model::tau2::Tau2;
use std::path::PathBuf;

/// Whether rows stand together by group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Taken as sorted until a key shows that it is not; then read again.
    #[default]
    Auto,
    /// Sorted; anything else is an error.
    Sorted,
    /// In any order.
    Unsorted,
}

/// What a mass analysis is told.
#[derive(Clone, Debug)]
pub struct MassOptions {
    /// Files, folders or patterns.
    pub inputs: Vec<String>,
    /// Columns that name a group.
    pub keys: Vec<String>,
    /// Whether every file is a study and groups are joined over files; else every row is one.
    pub wide: bool,
    /// Effect measure; chosen from the columns of the first file if none is given.
    pub measure: Option<Measure>,
    /// Added to cells of counts; `None` takes what is usual for the measure.
    pub add: Option<f64>,
    /// Where it is added.
    pub to: CorrectWhere,
    /// What becomes of studies without events, or with events only, in both groups.
    pub double_zero: DoubleZero,
    /// Scale of ready estimates and limits; must be said where the measure is transformed.
    pub values: Option<Values>,
    /// Scale of ready standard errors.
    pub se_scale: Option<Values>,
    /// Variance formula; `None` takes the measure's default.
    pub variance: Option<Variance>,
    /// Whether small-sample corrections are made, where the measure has one.
    pub small_sample_correction: bool,
    /// Whether the inputs are partial results: columns `estimate` and `variance` on the analysis scale of `measure`.
    pub partials: bool,
    /// Roles of columns.
    pub columns: RoleMap,
    /// Separator of text files.
    pub delimiter: Option<u8>,
    /// Estimators of τ²; the first gives the columns without suffix.
    pub tau2: Vec<Tau2>,
    /// Interval of the estimate; `None` takes the usual one of inverse variance.
    pub ci: Option<Interval>,
    /// Prediction interval; `auto` is the partner of the interval.
    pub prediction: Chosen<PredictionInterval>,
    /// Confidence level in percent.
    pub level: f64,
    /// Column of the number of patients, for z-values weighted by its root.
    pub size: Option<String>,
    /// Columns of effect and other allele.
    pub alleles: Option<(String, String)>,
    /// Whether standard errors of each file are widened by its genomic control factor.
    pub genomic_control: bool,
    /// Whether rows stand together by group.
    pub order: Order,
    /// Megabytes of rows that are kept in memory before they go to disk.
    pub memory: u64,
    /// Columns of the result besides the groups; `None` takes all.
    pub select: Option<Vec<String>>,
    /// File of the results; standard output if none is given.
    pub output: Option<PathBuf>,
    /// What was given, so that options which cannot act on the data are refused.
    pub given: Option<Given>,
}

impl Default for MassOptions {
    fn default() -> Self {
        Self {
            inputs: vec![],
            keys: vec![],
            wide: false,
            measure: None,
            add: None,
            to: CorrectWhere::default(),
            double_zero: DoubleZero::Auto,
            values: None,
            se_scale: None,
            variance: None,
            small_sample_correction: true,
            partials: false,
            columns: RoleMap::default(),
            delimiter: None,
            tau2: vec![Tau2::Reml],
            ci: None,
            prediction: Chosen::Auto,
            level: 95.0,
            size: None,
            alleles: None,
            genomic_control: false,
            order: Order::Auto,
            memory: 512,
            select: None,
            output: None,
            given: None,
        }
    }
}
