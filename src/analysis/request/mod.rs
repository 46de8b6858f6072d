//! From a request to an effect table: the file is read, rows that are no studies are set aside, arms are compared,
//! the scale of ready effects is found out, and the effects are computed.

mod columns;
mod refusals;
mod rows;

use super::Loaded;
use crate::choice::option::Given;
use crate::dataset::{
    ArmRequest, Arms, Dataset, Denominator, Fields, LabelSource, Noticed, ReadOptions, RoleMap, Shape,
    ShapeOptions, StudyRow, arms, strays,
};
use crate::effect::{
    DoubleZero, EffectOptions, EffectTable, Measure, ReadyRequest, ScaleEvidence, Status, Values, assumed,
    check_correlation, check_used, read_scale,
};
use crate::error::Error;
use crate::model::{Model, Profile};
use refusals::{refuse_answer, refuse_arms, refuse_pooled_row};
use rows::{caution, repeated, set_aside};
use std::sync::Arc;

/// Rows as studies, before effects are computed of them.
struct Studies {
    dataset: Dataset,
    rows: Vec<StudyRow>,
    shape: Shape,
    /// What the columns are of, if they say so.
    measure: Option<Measure>,
    /// The column of ready effects.
    estimates: String,
    /// Names of the two groups, where arms were compared.
    groups: Option<(Option<String>, String)>,
    noticed: Vec<Noticed>,
}

impl Studies {
    /// Rows that are arms become comparisons; the columns that were read have no value of their own then.
    fn compare(&mut self, asked: &ArmRequest, played: &[usize]) -> Result<(), Error> {
        let at = self.dataset.require(&asked.column)?;
        let levels: Vec<_> = (0..self.dataset.rows()).map(|row| self.dataset.text(at, row)).collect();
        let mut made = arms::compare(&self.rows, &levels, self.shape, asked)
            .map_err(|e| e.in_file(&self.dataset.source))?;
        self.dataset = arms::shared_columns(&self.dataset, &mut made, &|c| c == at || played.contains(&c));
        (self.rows, self.shape) = (made.rows, made.shape);
        self.noticed.extend(made.noticed);
        self.groups = Some(made.groups);
        Ok(())
    }

    /// With a correlation of before and after where the SD of the change is missing.
    fn assume(&mut self, r: f64) -> Result<(), Error> {
        if self.groups.is_some() {
            return Err(Error::usage("⟦correlation⟧ does not go with ⟦arm⟧: arms need the SD of the change")
                .with_hint("give `sd_change`, or a statistic that tells it, in the table"));
        }
        check_correlation(r)?;
        self.rows = assumed(&self.rows, r);
        Ok(())
    }
}

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
    /// Whose habits hold for studies without events.
    pub profile: Profile,
    /// Correlation assumed where both SDs of a change are known.
    pub correlation: Option<f64>,
    /// Scale of ready estimates and limits; found out from the data if not given.
    pub values: Option<Values>,
    /// Scale of ready standard errors.
    pub se_scale: Option<Values>,
    /// What rows with the same label are.
    pub arms: Arms,
    /// Keep a last row that equals the sum of all above it, or what they give when they are pooled.
    pub keep_total: bool,
    /// The effects are listed, not pooled: rows may be arms.
    pub listing: bool,
}

fn only_before_after(what: &str) -> Error {
    Error::usage(format!("{what} for before and after in one group"))
        .with_hint("leave out ⟦correlation⟧, ⟦correlation-grid⟧, ⟦impute⟧ and ⟦scale⟧")
}

impl Loaded {
    /// Whether the rows may lack an SD of a change that could be imputed.
    ///
    /// # Errors
    /// The data are not before and after in one group.
    pub fn check_imputable(&self) -> Result<(), Error> {
        if self.shape == Shape::PrePost { Ok(()) } else { Err(only_before_after("imputation is")) }
    }
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
                .with_hint("leave out ⟦denominator⟧"));
        }
        Ok(())
    }

    /// Loads the data and computes the effects; `options` gets the measure and may set everything else.
    ///
    /// # Errors
    /// The data cannot be read, a column is missing, a value is impossible, an option does not fit the measure, or the
    /// rows are not what they are taken for.
    pub fn load(&self, options: impl FnOnce(EffectOptions) -> EffectOptions) -> Result<Loaded, Error> {
        self.load_from(self.read()?, options)
    }

    /// The same from data that were read before.
    pub(super) fn load_from(
        &self,
        dataset: Dataset,
        options: impl FnOnce(EffectOptions) -> EffectOptions,
    ) -> Result<Loaded, Error> {
        let mut studies = self.studies(dataset)?;
        let suited = || self.model.and_then(|m| m.measure_for(studies.shape));
        let measure = studies.measure.or_else(suited).unwrap_or_else(|| Measure::default_for(studies.shape));
        if let Some(r) = self.correlation {
            studies.assume(r)?;
        }
        let effect_options = self.read_as(options(self.base_options(measure)), &studies)?;
        let Studies { dataset, rows, shape, groups, mut noticed, .. } = studies;
        let dataset = Arc::new(dataset);
        let mut table = EffectTable::compute(&rows, effect_options)?.with_frame(dataset.clone())?;
        if !self.keep_total {
            refuse_pooled_row(&table).map_err(|e| e.in_file(&dataset.source))?;
        }
        if table.k() == 0 && table.studies.iter().any(|s| s.status == Status::Imputed) {
            // nothing is primary: what was asked for is all there is, and says so
            table = table.with_imputed();
            noticed.push(Noticed::AllImputed);
        }
        table.noticed = noticed;
        Ok(Loaded { table, shape, measure_chosen: self.measure.is_none(), dataset, groups })
    }

    /// The data, as far as they are wanted.
    fn read(&self) -> Result<Dataset, Error> {
        let mut dataset = Dataset::open_with(&self.source, self.read)?;
        if let Some(filter) = &self.filter {
            dataset = dataset.filter(filter)?;
        }
        refuse_answer(&dataset)?;
        self.columns.check(&dataset)?;
        Ok(dataset)
    }

    /// Rows as studies: totals set aside, arms compared.
    fn studies(&self, dataset: Dataset) -> Result<Studies, Error> {
        let described = dataset.info.as_ref().and_then(|i| i.study.clone());
        let source = dataset.label_source(self.study.as_deref().or(described.as_deref()))?;
        let (dataset, aside) = set_aside(dataset, source);
        let choice = self.choose(&dataset, source)?;
        let labels = dataset.labels(source);
        self.check_enrolled(&choice.fields)?;
        if matches!(self.arms, Arms::Unsaid) && !self.listing {
            refuse_arms(&choice.fields, &labels, source)?;
        }
        let shape = choice.fields.shape;
        let rows = shape.rows(&choice.fields, labels, &self.shape)?;
        self.check_shape(shape)?;
        let played: Vec<usize> = (0..dataset.columns.len()).filter(|&c| choice.fields.uses(c)).collect();
        let (measure, estimates) = (choice.measure, choice.fields.column_name("estimate"));
        let noticed = aside.into_iter().collect();
        let mut studies = Studies { dataset, rows, shape, measure, estimates, groups: None, noticed };
        if let Arms::Compare(asked) = &self.arms {
            studies.compare(asked, &played)?;
        }
        self.notice(&mut studies, source)?;
        Ok(studies)
    }

    /// Enrolled patients are a denominator only where there is a column of them.
    fn check_enrolled(&self, fields: &Fields<'_>) -> Result<(), Error> {
        if self.shape.denominator != Denominator::Enrolled || fields.has("n_enrolled") {
            return Ok(());
        }
        Err(Error::usage("there is no column of the patients enrolled")
            .in_file(&fields.dataset.source)
            .with_hint(format!(
                "name it with ⟦columns=n_enrolled=COLUMN⟧, or leave ⟦denominator⟧ out; the file has: {}",
                fields.dataset.column_list()
            )))
    }

    /// What must be said of the rows.
    fn notice(&self, studies: &mut Studies, source: LabelSource) -> Result<(), Error> {
        let (rows, dataset) = (&studies.rows, &studies.dataset);
        let sums = strays::sums(rows, self.keep_total).map_err(|e| e.in_file(&dataset.source))?;
        studies.noticed.extend(sums);
        studies.noticed.extend(strays::doubles(rows));
        if !self.listing {
            studies.noticed.extend(repeated(rows, dataset, source));
            studies.noticed.extend(caution(dataset));
        }
        Ok(())
    }

    /// The options with the scale on which ready effects stand.
    fn read_as(&self, mut options: EffectOptions, studies: &Studies) -> Result<EffectOptions, Error> {
        if studies.shape == Shape::Ready {
            let column = &studies.estimates;
            let asked = ReadyRequest { values: self.values, se: self.se_scale, column };
            options.ready = read_scale(&studies.rows, options.measure, &asked)
                .map_err(|e| e.in_file(&studies.dataset.source).in_column(column))?;
            if studies.dataset.info.is_some() {
                // the description of bundled data says what its column holds
                options.ready.evidence = ScaleEvidence::Said;
            }
        }
        Ok(options)
    }

    /// The defaults of the measure, and the habits of the profile.
    fn base_options(&self, measure: Measure) -> EffectOptions {
        let mut options = EffectOptions::new(measure);
        if self.profile == Profile::Metafor {
            options.continuity.double_zero = DoubleZero::Keep;
        }
        options
    }
}

impl Loaded {
    /// Refuses options that were given and can never act on these data; where they could act but find no occasion
    /// (no empty cell, no limits in a row) they are accepted.
    ///
    /// # Errors
    /// One of them cannot act.
    pub fn check_used(&self, given: &Given) -> Result<(), Error> {
        check_used(given, self.shape, self.table.measure())
    }
}
