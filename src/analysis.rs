//! From a request to an effect table: what the command line and reviews have in common.

use crate::bias::{self, BiasOptions, BiasTest};
use crate::dataset::{Dataset, Denominator, Fields, ReadOptions, RoleMap, Shape, ShapeOptions, StudyRow};
use crate::effect::{EffectOptions, EffectTable, Measure};
use crate::error::Error;
use crate::model::imputation::{self, Impute};
use crate::model::regression::{Regression, Requests};
use crate::model::{self, Model, ModelOptions, absolute, agreement, bounds, subgroups};
use crate::plot::{Drawing, Draws, Labels, Plot, PlotOptions};
use crate::registry::Member;
use crate::result::{Note, PoolResult};
use crate::sensitivity::{self, Progress, SensitivityOptions, Source};

/// Which data, which rows, which columns, which measure.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Path, `-` or `@name`.
    pub source: String,
    /// Separator of delimited files.
    pub read: ReadOptions,
    /// Effect measure; chosen from the data if none is given.
    pub measure: Option<Measure>,
    /// Roles of columns.
    pub columns: RoleMap,
    /// Column of study labels.
    pub study: Option<String>,
    /// SQL condition on rows.
    pub filter: Option<String>,
    /// How rows are read.
    pub shape: ShapeOptions,
    /// The pooling model, where it decides which measure suits.
    pub model: Option<Model>,
    /// Correlation assumed where both SDs of a change are known.
    pub correlation: Option<f64>,
}

fn only_before_after(what: &str) -> Error {
    Error::usage(format!("{what} for before and after in one group"))
        .with_hint("leave out `--correlation`, `--correlation-grid`, `--impute` and `--scale`")
}

/// Studies turned into effects, with where they came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data as read.
    pub dataset: Dataset,
    /// The effects.
    pub table: EffectTable,
    /// What kind of data it was.
    pub shape: Shape,
    /// Whether the measure was chosen from the data.
    pub measure_chosen: bool,
    /// The rows the effects were computed from.
    pub rows: Vec<StudyRow>,
}

impl Request {
    /// All rows of a source, everything else by default.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), ..Self::default() }
    }

    /// With a measure.
    #[must_use]
    pub fn measure(self, measure: Measure) -> Self {
        Self { measure: Some(measure), ..self }
    }

    /// Options that say nothing about this kind of data are refused rather than ignored.
    fn check_shape(&self, shape: Shape) -> Result<(), Error> {
        if self.correlation.is_some() && shape != Shape::PrePost {
            return Err(only_before_after("a correlation is"));
        }
        if self.shape.scale.is_some() && shape != Shape::PrePost {
            return Err(only_before_after("a scale is"));
        }
        if self.shape.denominator == Denominator::Enrolled && shape != Shape::Events {
            return Err(Error::usage("enrolled patients are a denominator of proportions in one group")
                .with_hint("leave out `--denominator`"));
        }
        Ok(())
    }

    /// Loads the data and computes the effects; `options` gets the measure and may set everything else.
    ///
    /// # Errors
    /// The data cannot be read, a column is missing, a value is impossible, or an option does not fit the measure.
    pub fn load(&self, options: impl FnOnce(EffectOptions) -> EffectOptions) -> Result<Loaded, Error> {
        let mut dataset = Dataset::open_with(&self.source, self.read)?;
        if let Some(filter) = &self.filter {
            dataset = dataset.filter(filter)?;
        }
        let described =
            dataset.info.as_ref().and_then(|i| i.measure.as_deref()).map(Measure::parse).transpose()?;
        let usable = described.filter(|_| self.columns == RoleMap::default());
        // a measure that was asked for stands; one that was not gives way to what the model works on
        let suited = |shape: Shape| self.model.and_then(|m| m.measure_for(shape));
        let (fields, measure) = match (self.measure, usable) {
            (Some(m), _) => (Fields::resolve(&dataset, m.spec().compute.shape(), &self.columns)?, m),
            (None, Some(m)) => {
                let fields = Fields::resolve(&dataset, m.spec().compute.shape(), &self.columns)?;
                let measure = suited(fields.shape).unwrap_or(m);
                (fields, measure)
            }
            (None, None) => {
                let fields = Fields::detect(&dataset, &self.columns)?;
                let measure = suited(fields.shape).unwrap_or_else(|| Measure::default_for(fields.shape));
                (fields, measure)
            }
        };
        let described_label = dataset.info.as_ref().and_then(|i| i.study.as_deref());
        let labels = dataset.labels(self.study.as_deref().or(described_label))?;
        let mut rows = fields.shape.rows(&fields, labels, &self.shape)?;
        self.check_shape(fields.shape)?;
        if let Some(r) = self.correlation {
            imputation::check_correlation(r)?;
            rows = imputation::assumed(&rows, r);
        }
        let table = EffectTable::compute(&rows, options(EffectOptions::new(measure)))?;
        let shape = fields.shape;
        Ok(Loaded { table, shape, measure_chosen: self.measure.is_none(), dataset, rows })
    }
}

/// What is computed beside the pooled estimate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// What replaces missing SDs of a change.
    pub impute: Option<&'a Impute>,
    /// Whether methods are compared.
    pub agreement: Panel,
    /// Risks (or rates) without treatment, for absolute effects.
    pub baseline_risks: &'a [f64],
    /// Column of subgroups.
    pub subgroup: Option<&'a str>,
    /// Whether subgroups share one τ².
    pub common_tau2: bool,
}

/// What a picture may need beyond the pooled result.
#[derive(Clone, Debug, Default)]
pub struct DrawRequest<'a> {
    /// How studies are pooled.
    pub model: ModelOptions,
    /// What is computed beside.
    pub beside: Beside<'a>,
    /// For pictures of sensitivity.
    pub sensitivity: SensitivityOptions,
    /// For pictures of bias.
    pub bias: BiasOptions,
    /// Tests drawn into a funnel.
    pub tests: &'a [BiasTest],
    /// Moderators, as a formula.
    pub mods: Option<&'a str>,
    /// Which of them is drawn along.
    pub moderator: Option<&'a str>,
}

/// When the agreement of methods is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// Never.
    #[default]
    Never,
    /// For proportions, and for two groups with empty cells.
    WhereUseful,
    /// Whenever there is one.
    Always,
}

impl Loaded {
    /// Whether the rows may lack an SD of a change that could be imputed.
    ///
    /// # Errors
    /// The data are not before and after in one group.
    pub fn check_imputable(&self) -> Result<(), Error> {
        if self.shape == Shape::PrePost { Ok(()) } else { Err(only_before_after("imputation is")) }
    }

    /// Pools the table and adds what belongs beside it: the range over bounded counts, and what is asked for.
    ///
    /// # Errors
    /// The options do not fit the model or each other, or no study can be pooled.
    pub fn pool(&self, options: ModelOptions, beside: Beside<'_>) -> Result<PoolResult, Error> {
        let mut result = model::pool(self.table.clone(), options)?;
        result.range = bounds::range(&result, &options);
        if let Some(column) = beside.subgroup {
            let levels = self.levels(column)?;
            result.subgroups =
                Some(subgroups::subgroups(&result, column, &levels, &options, beside.common_tau2)?);
        }
        result.absolute = absolute::absolute(&result, beside.baseline_risks)?;
        if let Some(impute) = beside.impute {
            self.check_imputable()?;
            result.imputation = imputation::explore(&self.rows, self.table.options, options, impute)?;
        }
        if beside.agreement == Panel::Always
            || (beside.agreement == Panel::WhereUseful && agreement::is_useful(&result.table))
        {
            result.agreement = agreement::panel(&result);
        }
        Ok(result)
    }

    /// The value of a column in every row.
    fn levels(&self, column: &str) -> Result<Vec<Option<String>>, Error> {
        if self.dataset.position(column).is_none() && column.contains(',') {
            return Err(Error::usage(format!("`--subgroup {column}` names several columns")).with_hint(
                "subgroups are by one column; for several at once use `metapool regress --mods \"a + b\"`",
            ));
        }
        let at = self.dataset.require(column)?;
        Ok((0..self.dataset.rows()).map(|row| self.dataset.text(at, row)).collect())
    }

    /// Does what a picture shows, and draws it; gives the caveats of the result as well.
    ///
    /// # Errors
    /// The data do not suit the picture, an option does not fit, or something cannot be computed.
    pub fn draw(
        &self,
        plot: Plot,
        wanted: &DrawRequest<'_>,
        options: &PlotOptions,
        progress: Progress<'_>,
    ) -> Result<(Drawing, Vec<Note>), Error> {
        match plot.spec().draws {
            Draws::Pool(draw) => {
                let result = self.pool(wanted.model, wanted.beside)?;
                Ok((draw(&result, options)?, result.notes))
            }
            Draws::Regression(draw) => {
                let mods = wanted.mods.ok_or_else(|| {
                    Error::usage("a bubble plot needs a moderator")
                        .with_hint("add `--mods FORMULA`, such as `--mods year`")
                })?;
                let regression = Regression::new(&self.table, &self.dataset, mods, &wanted.model)?;
                let result = regression.fit(&Requests::default())?;
                let along = regression.along(wanted.moderator)?;
                Ok((draw(&result, &along, options)?, result.notes))
            }
            Draws::Sensitivity { needs, quantiles, draw } => {
                let pool = self.pool(wanted.model, wanted.beside)?;
                let source = Source {
                    dataset: &self.dataset,
                    table: &self.table,
                    rows: &self.rows,
                    shape: self.shape,
                };
                let asked = SensitivityOptions { quantiles, ..wanted.sensitivity.clone() };
                let result = sensitivity::analyse(pool, source, needs, &wanted.model, &asked, progress)?;
                Ok((draw(&result, options)?, result.notes()))
            }
            Draws::Bias(draw) => {
                let pool = self.pool(wanted.model, wanted.beside)?;
                let result = if plot == Plot::Selection {
                    bias::test(pool, BiasTest::Selection, &wanted.model, &wanted.bias)?
                } else {
                    bias::for_funnel(pool, wanted.tests, &wanted.model, &wanted.bias)?
                };
                Ok((draw(&result, options)?, result.notes()))
            }
        }
    }

    /// Words for pictures from the bundled description; empty for other data.
    pub fn labels(&self) -> Labels {
        let info = self.dataset.info.as_ref();
        let word = |key: &str| info.and_then(|i| i.labels.get(key).cloned());
        Labels {
            title: None,
            group1: word("group1"),
            group2: word("group2"),
            favours_low: word("favours_low"),
            favours_high: word("favours_high"),
            outcome: word("outcome"),
            estimate: word("estimate"),
        }
    }
}
