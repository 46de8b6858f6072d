//! Which columns of a file are read, and what they are.

use super::MassOptions;
use crate::dataset::portion::{CellType, Portion};
use crate::dataset::{Dataset, Fields, RoleMap, Shape, Values, stream};
use crate::effect::{Measure, Scale, Values as ScaleOfValues};
use crate::error::Error;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Where the parts of an effect stand among the columns that are read.
#[derive(Clone, Debug)]
pub(super) enum EffectColumns {
    /// Estimate, and standard error or variance, as they are.
    Ready { estimate: usize, precision: usize, is_variance: bool },
    /// Whatever the measure takes: the names of all columns, each once.
    Computed { names: Vec<String>, shape: Shape },
}

/// How a file is read.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub path: PathBuf,
    /// The columns that are read.
    pub wanted: Vec<(String, CellType)>,
    /// Which of them name a group.
    pub keys: Vec<usize>,
    pub effect: EffectColumns,
    pub size: Option<usize>,
    /// Effect and other allele.
    pub alleles: Option<(usize, usize)>,
    /// What standard errors are multiplied by.
    pub widen: f64,
}

impl Plan {
    /// Finds the columns of a file.
    ///
    /// # Errors
    /// It cannot be read or lacks one.
    pub fn new(path: &Path, o: &MassOptions, measure: Measure) -> Result<Self, Error> {
        let head = stream::head(path, o.delimiter)?;
        let mut wanted = Wanted::default();
        let keys = o.keys.iter().map(|k| wanted.named(&head, k, CellType::Text)).collect::<Result<_, _>>()?;
        let shape = if o.partials { Shape::Ready } else { measure.spec().compute.shape() };
        let fields = columns_of(&head, measure, shape, &o.columns)?;
        let ready = is_read_as_it_is(&fields, o, measure).then(|| wanted.ready(&fields));
        let size = o.size.as_deref().map(|s| wanted.named(&head, s, CellType::Number)).transpose()?;
        let alleles = match &o.alleles {
            Some((a, b)) => {
                Some((wanted.named(&head, a, CellType::Text)?, wanted.named(&head, b, CellType::Text)?))
            }
            None => None,
        };
        let effect = ready.unwrap_or_else(|| {
            wanted.rest(&head);
            EffectColumns::Computed { names: wanted.names(), shape: fields.shape }
        });
        Ok(Self { path: path.to_path_buf(), wanted: wanted.0, keys, effect, size, alleles, widen: 1.0 })
    }

    /// What messages call the file.
    pub fn source(&self) -> String {
        self.path.display().to_string()
    }

    /// Takes the numbers of a column, which may play two roles.
    pub fn numbers(&self, portion: &mut Portion, at: usize) -> Vec<f64> {
        let effect = match self.effect {
            EffectColumns::Ready { estimate, precision, .. } => [Some(estimate), Some(precision)],
            EffectColumns::Computed { .. } => [None, None],
        };
        let roles = effect.into_iter().chain([self.size]).flatten().filter(|role| *role == at).count();
        portion.take_numbers(at, roles > 1)
    }
}

/// Columns that are wanted, each once for each type.
#[derive(Default)]
struct Wanted(Vec<(String, CellType)>);

impl Wanted {
    /// The place of a column among those that are read.
    fn place(&mut self, name: String, cells: CellType) -> usize {
        let found = self.0.iter().position(|w| w.0 == name && w.1 == cells);
        found.unwrap_or_else(|| {
            self.0.push((name, cells));
            self.0.len() - 1
        })
    }

    /// The place of a column that the user named.
    fn named(&mut self, head: &Dataset, column: &str, cells: CellType) -> Result<usize, Error> {
        let at = head.require(column)?;
        Ok(self.place(head.columns[at].name.clone(), cells))
    }

    /// The places of a ready estimate and its standard error or variance.
    fn ready(&mut self, fields: &Fields<'_>) -> EffectColumns {
        let is_variance = !fields.has("se");
        let precision = if is_variance { "variance" } else { "se" };
        EffectColumns::Ready {
            estimate: self.place(fields.column_name("estimate"), CellType::Number),
            precision: self.place(fields.column_name(precision), CellType::Number),
            is_variance,
        }
    }

    /// All other columns, as roles may take any of them.
    fn rest(&mut self, head: &Dataset) {
        for column in head.columns.iter().filter(|c| !c.name.is_empty()) {
            let cells = match column.values {
                Values::Number(_) => CellType::Number,
                Values::Text(_) => CellType::Text,
            };
            if !self.0.iter().any(|w| w.0 == column.name) {
                self.0.push((column.name.clone(), cells));
            }
        }
    }

    /// The names; a column that is read twice (as a key and as numbers) counts once.
    fn names(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        self.0.iter().map(|w| if seen.insert(&w.0) { w.0.clone() } else { String::new() }).collect()
    }
}

/// Whether effects with standard errors or variances on the scale of analysis stand in the columns.
fn is_read_as_it_is(fields: &Fields<'_>, o: &MassOptions, measure: Measure) -> bool {
    let natural = [o.values, o.se_scale].contains(&Some(ScaleOfValues::Natural))
        && measure.spec().scale != Scale::Identity;
    fields.shape == Shape::Ready && (fields.has("se") || fields.has("variance")) && !natural
}

/// The columns of a measure: those of its own kind of data, else those of ready effects.
pub(super) fn columns_of<'d>(
    data: &'d Dataset,
    measure: Measure,
    shape: Shape,
    map: &RoleMap,
) -> Result<Fields<'d>, Error> {
    Fields::resolve(data, shape, map)
        .or_else(|error| Fields::ready(data, map, &|name| measure.is_named(name)).map_err(|_| error))
}
