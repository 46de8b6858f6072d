//! From a request to an effect table: the file is read, rows that are no studies are set aside, arms are compared,
//! the scale of ready effects is found out, and the effects are computed.

use super::Loaded;
use crate::choice::option::Given;
use crate::dataset::{
    Arms, Dataset, Denominator, Fields, LabelSource, Noticed, ReadOptions, RoleMap, Shape, ShapeOptions,
    StudyRow, arms, strays,
};
use crate::effect::{
    DoubleZero, EffectOptions, EffectTable, Measure, ReadyRequest, ScaleEvidence, Status, Values, check_used,
    read_scale,
};
use crate::error::Error;
use crate::model::imputation;
use crate::model::interval::Interval;
use crate::model::inverse_variance::fit;
use crate::model::tau2::Tau2;
use crate::model::{Model, Profile, Sample};
use crate::registry::Member;
use std::collections::HashSet;

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

/// The columns that were found, and what is computed from them.
struct Choice<'a> {
    fields: Fields<'a>,
    /// `None` until arms have become comparisons.
    measure: Option<Measure>,
}

/// A table that a command wrote as its whole answer holds pooled rows beside the studies: these are never pooled again.
fn check_answer(dataset: &Dataset) -> Result<(), Error> {
    let [Some(kind), Some(_), Some(_), Some(_)] =
        ["kind", "label", "natural_estimate", "natural_ci_lower"].map(|c| dataset.position(c))
    else {
        return Ok(());
    };
    let other = (0..dataset.rows()).filter_map(|row| dataset.text(kind, row)).find(|k| k != "study");
    match other {
        None => Ok(()),
        Some(other) => Err(Error::data(format!("a row of kind `{other}` is no study: the table is a whole answer"))
            .with_hint("keep the studies: ⟦where=\"kind = 'study'\"‖study=label⟧, or read what ⟦effects: output=effects.csv⟧ writes")),
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
        let mut dataset = Dataset::open_with(&self.source, self.read)?;
        if let Some(filter) = &self.filter {
            dataset = dataset.filter(filter)?;
        }
        check_answer(&dataset)?;
        self.columns.check(&dataset)?;
        let described = dataset.info.as_ref().and_then(|i| i.study.clone());
        let source = dataset.label_source(self.study.as_deref().or(described.as_deref()))?;
        let mut noticed = vec![];
        let (mut dataset, aside) = set_aside(dataset, source);
        noticed.extend(aside);
        let choice = self.choose(&dataset, source)?;
        let labels = dataset.labels(source);
        let (mut shape, mut measure) = (choice.fields.shape, choice.measure);
        if self.shape.denominator == Denominator::Enrolled && !choice.fields.has("n_enrolled") {
            return Err(Error::usage("there is no column of the patients enrolled")
                .in_file(&dataset.source)
                .with_hint(format!(
                    "name it with ⟦columns=n_enrolled=COLUMN⟧, or leave ⟦denominator⟧ out; the file has: {}",
                    dataset.column_list()
                )));
        }
        let estimates = choice.fields.column_name("estimate");
        let played: Vec<usize> = (0..dataset.columns.len()).filter(|&c| choice.fields.uses(c)).collect();
        if matches!(self.arms, Arms::Unsaid) && !self.listing {
            refuse_arms(&choice.fields, &labels, source)?;
        }
        let mut rows = shape.rows(&choice.fields, labels, &self.shape)?;
        self.check_shape(shape)?;
        let mut groups = None;
        if let Arms::Compare(asked) = &self.arms {
            let at = dataset.require(&asked.column)?;
            let levels: Vec<_> = (0..dataset.rows()).map(|row| dataset.text(at, row)).collect();
            let mut made =
                arms::compare(&rows, &levels, shape, asked).map_err(|e| e.in_file(&dataset.source))?;
            dataset = arms::shared_columns(&dataset, &mut made, &|c| c == at || played.contains(&c));
            (rows, shape) = (made.rows, made.shape);
            noticed.extend(made.noticed);
            groups = Some(made.groups);
        }
        noticed.extend(strays::sums(&rows, self.keep_total).map_err(|e| e.in_file(&dataset.source))?);
        noticed.extend(strays::doubles(&rows));
        if !self.listing {
            noticed.extend(repeated(&rows, &dataset, source));
            noticed.extend(caution(&dataset));
        }
        let suited = self.model.and_then(|m| m.measure_for(shape));
        let measure = *measure.get_or_insert_with(|| suited.unwrap_or_else(|| Measure::default_for(shape)));
        if let Some(r) = self.correlation {
            if groups.is_some() {
                return Err(Error::usage(
                    "⟦correlation⟧ does not go with ⟦arm⟧: arms need the SD of the change",
                )
                .with_hint("give `sd_change`, or a statistic that tells it, in the table"));
            }
            imputation::check_correlation(r)?;
            rows = imputation::assumed(&rows, r);
        }
        let mut effect_options = options(self.base_options(measure));
        if shape == Shape::Ready {
            let asked = ReadyRequest { values: self.values, se: self.se_scale, column: &estimates };
            effect_options.ready = read_scale(&rows, measure, &asked)
                .map_err(|e| e.in_file(&dataset.source).in_column(&estimates))?;
            if dataset.info.is_some() {
                // the description of bundled data says what its column holds
                effect_options.ready.evidence = ScaleEvidence::Said;
            }
        }
        let mut table = EffectTable::compute(&rows, effect_options)?;
        if !self.keep_total {
            refuse_pooled_row(&table).map_err(|e| e.in_file(&dataset.source))?;
        }
        if table.k() == 0 && table.studies.iter().any(|s| s.status == Status::Imputed) {
            // nothing is primary: what was asked for is all there is, and says so
            table = table.with_imputed();
            noticed.push(Noticed::AllImputed);
        }
        table.noticed = noticed;
        Ok(Loaded { table, shape, measure_chosen: self.measure.is_none(), dataset, rows, groups })
    }

    /// The defaults of the measure, and the habits of the profile.
    fn base_options(&self, measure: Measure) -> EffectOptions {
        let mut options = EffectOptions::new(measure);
        if self.profile == Profile::Metafor {
            options.continuity.double_zero = DoubleZero::Keep;
        }
        options
    }

    /// Finds the columns, and the measure they are for.
    fn choose<'a>(&self, dataset: &'a Dataset, source: LabelSource) -> Result<Choice<'a>, Error> {
        if let Arms::Compare(_) = &self.arms {
            return self.choose_arms(dataset);
        }
        let info = dataset.info.as_ref();
        let described = info.and_then(|i| i.measure.as_deref()).map(Measure::parse).transpose()?;
        // a measure that was asked for stands; one that was not gives way to what the model works on
        let suited = |shape: Shape| self.model.and_then(|m| m.measure_for(shape));
        if let Some(measure) = self.measure {
            let fields = self.of_measure(dataset, measure, source)?;
            return Ok(Choice { fields, measure: Some(measure) });
        }
        if let Some(measure) = described.filter(|_| self.columns.is_empty()) {
            let fields = self.of_measure(dataset, measure, source)?;
            let measure = suited(fields.shape).unwrap_or(measure);
            return Ok(Choice { fields, measure: Some(measure) });
        }
        let fields = Fields::detect(dataset, &self.columns, &|name| Measure::of_column(name).is_some())?;
        let ready =
            (fields.shape == Shape::Ready).then(|| Measure::of_column(&fields.column_name("estimate")));
        Ok(Choice { measure: suited(fields.shape).or(ready.flatten()), fields })
    }

    /// The columns of a measure: those of its own kind of data, else those of ready effects.
    fn of_measure<'a>(
        &self,
        dataset: &'a Dataset,
        measure: Measure,
        source: LabelSource,
    ) -> Result<Fields<'a>, Error> {
        let own = Fields::resolve(dataset, measure.spec().compute.shape(), &self.columns);
        own.or_else(|error| {
            if let Ok(fields) = Fields::ready(dataset, &self.columns, &|name| measure.is_named(name)) {
                return Ok(fields);
            }
            // a measure of two groups asked of rows that are their arms
            for one in [Shape::Events, Shape::Rate, Shape::Mean, Shape::PrePost] {
                if arms::paired_shape(one) == Some(measure.spec().compute.shape())
                    && let Ok(fields) = Fields::resolve(dataset, one, &self.columns)
                {
                    refuse_arms(&fields, &dataset.labels(source), source)?;
                }
            }
            Err(error)
        })
    }

    /// The columns of one group, of whose rows comparisons are made.
    fn choose_arms<'a>(&self, dataset: &'a Dataset) -> Result<Choice<'a>, Error> {
        let all = [Shape::PrePost, Shape::Events, Shape::Rate, Shape::Mean];
        let wanted = self.measure.map(|m| m.spec().compute.shape());
        let shapes: Vec<Shape> =
            all.into_iter().filter(|s| wanted.is_none() || arms::paired_shape(*s) == wanted).collect();
        let Some(&usual) = shapes.last() else {
            let measure = self.measure.map_or("", |m| m.spec().id);
            return Err(Error::usage(format!("{measure} does not compare two groups"))
                .with_hint("⟦arm⟧ goes with measures of two groups, such as RR, OR, RD, IRR, MD, SMD"));
        };
        let found = shapes.iter().find_map(|s| Fields::resolve(dataset, *s, &self.columns).ok());
        let fields = match (found, wanted) {
            (Some(fields), _) => fields,
            (None, Some(_)) => Fields::resolve(dataset, usual, &self.columns)?,
            (None, None) => {
                return Err(Error::data("the columns do not tell what was measured in each arm")
                    .in_file(&dataset.source)
                    .with_hint(format!(
                        "name them with ⟦columns=events=COLUMN,n=COLUMN⟧ or `mean=,sd=,n=`; the file has: {}",
                        dataset.column_list()
                    )));
            }
        };
        Ok(Choice { fields, measure: self.measure })
    }
}

/// Rows labelled as totals leave the data, unless there is nothing else.
fn set_aside(dataset: Dataset, source: LabelSource) -> (Dataset, Option<Noticed>) {
    let labels = match source {
        // without labels, a total is called so in the first column of text
        LabelSource::Rows => match (0..dataset.columns.len()).find(|&c| !dataset.is_numeric(c)) {
            Some(c) => dataset.labels(LabelSource::Column(c)),
            None => return (dataset, None),
        },
        LabelSource::AuthorYear(author, _) => dataset.labels(LabelSource::Column(author)),
        LabelSource::Column(_) => dataset.labels(source),
    };
    let (aside, keep): (Vec<usize>, Vec<usize>) =
        (0..labels.len()).partition(|&i| strays::is_total(&labels[i], source == LabelSource::Rows));
    if aside.is_empty() || keep.is_empty() {
        return (dataset, None);
    }
    let rows = aside.iter().map(|&i| (labels[i].clone(), dataset.lines[i])).collect();
    (dataset.select(&keep), Some(Noticed::SetAside { rows }))
}

/// Refuses rows of one group that seem to be the arms of studies.
fn refuse_arms(fields: &Fields<'_>, labels: &[String], source: LabelSource) -> Result<(), Error> {
    if arms::paired_shape(fields.shape).is_none() {
        return Ok(());
    }
    let label = |c: usize| match source {
        LabelSource::Column(l) => c == l,
        LabelSource::AuthorYear(a, y) => c == a || c == y,
        LabelSource::Rows => false,
    };
    let free = |c: usize| !fields.uses(c) && !label(c);
    match arms::suspected(fields.dataset, labels, &free) {
        None => Ok(()),
        Some(found) => {
            let studies: HashSet<&String> = labels.iter().collect();
            Err(arms::refusal(&found, labels.len(), studies.len()).in_file(&fields.dataset.source))
        }
    }
}

/// Refuses ready effects whose last row is the pooled value of all rows above it, three or more: estimate and standard
/// error of the common-effect or the random-effects mean, as far as rounding lets them be told.
fn refuse_pooled_row(table: &EffectTable) -> Result<(), Error> {
    let all: Vec<_> = table.studies.iter().filter_map(|s| s.effect().map(|e| (s, e))).collect();
    let Some(((last, own), others)) = all.split_last().filter(|(_, o)| table.is_ready() && o.len() > 2)
    else {
        return Ok(());
    };
    let (y, v): (Vec<f64>, Vec<f64>) = others.iter().map(|(_, e)| (e.y, e.v)).unzip();
    let sample = Sample::new(&y, &v);
    let se = own.v.sqrt();
    let alike = [Tau2::EqualEffects, Tau2::DerSimonianLaird, Tau2::Reml].iter().any(|tau2| {
        let pooled = fit(sample, *tau2, Interval::Wald, table.options.level);
        (own.y - pooled.estimate).abs() < 0.1 * pooled.se && (se / pooled.se).ln().abs() < 0.05
    });
    if !alike {
        return Ok(());
    }
    Err(Error::data(format!(
        "the last row is what the {} rows above it give when they are pooled: is it their summary?",
        others.len()
    ))
    .at_line(last.line)
    .of_study(&last.study)
    .with_hint("a summary is no study: leave the row out; if it is a study, say ⟦keep-total⟧"))
}

/// Labels that stand for several rows.
fn repeated(rows: &[StudyRow], dataset: &Dataset, source: LabelSource) -> Option<Noticed> {
    let (mut seen, mut named) = (HashSet::new(), HashSet::new());
    // a row that stands there twice is named as such
    let whole = |r: &StudyRow| r.data.as_ref().map_or_else(Clone::clone, |d| format!("{d:?}"));
    let mut held = HashSet::new();
    let own = rows.iter().filter(|r| held.insert((r.study.as_str(), whole(r))));
    let again = own.map(|r| r.study.as_str()).filter(|label| !seen.insert(*label));
    let labels: Vec<String> = again.filter(|label| named.insert(*label)).map(str::to_string).collect();
    let column = match source {
        LabelSource::Column(c) => Some(dataset.columns[c].name.clone()),
        _ => None,
    };
    (!labels.is_empty()).then_some(Noticed::Repeated { labels, column })
}

/// What the description of bundled data warns of.
fn caution(dataset: &Dataset) -> Option<Noticed> {
    let caution = dataset.info.as_ref()?.caution.as_ref()?;
    if let Some(column) = caution.column.as_deref().and_then(|c| dataset.position(c)) {
        let mut values: Vec<_> = (0..dataset.rows()).filter_map(|i| dataset.text(column, i)).collect();
        values.sort();
        values.dedup();
        if values.len() < 2 {
            return None;
        }
    }
    Some(Noticed::Caution { message: caution.message.clone(), hint: caution.hint.clone() })
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
