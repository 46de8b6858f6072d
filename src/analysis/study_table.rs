//! Studies as they were reported, read once; effects of any measure are computed from them.

use super::Request;
use crate::dataset::{Dataset, RoleMap};
use crate::effect::{EffectTable, Measure};
use crate::error::Error;

/// A table of studies: a file, bundled data or text.
///
/// ```
/// use metapool::prelude::*;
///
/// let bcg = StudyTable::open("@bcg")?;
/// let [ratios, differences] = [Measure::RiskRatio, Measure::RiskDifference].map(|m| bcg.effects(m));
/// assert_eq!((ratios?.k(), differences?.k()), (13, 13));
/// # Ok::<(), metapool::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StudyTable {
    dataset: Dataset,
    request: Request,
}

impl StudyTable {
    /// Reads a file, or bundled data named `@NAME`.
    ///
    /// # Errors
    /// There is no such file or data set, or it is no table.
    pub fn open(source: &str) -> Result<Self, Error> {
        Ok(Self::from(Dataset::open(source)?))
    }

    /// With the columns that play roles, where their names do not tell: `events1=improved,n1=treated`.
    ///
    /// # Errors
    /// There is no such role or column.
    pub fn columns(self, roles: &str) -> Result<Self, Error> {
        let columns = RoleMap::parse(roles)?;
        columns.check(&self.dataset)?;
        Ok(Self { request: Request { columns, ..self.request }, ..self })
    }

    /// With the column of study labels, where its name does not tell.
    #[must_use]
    pub fn labels(self, column: impl Into<String>) -> Self {
        Self { request: Request { study: Some(column.into()), ..self.request }, ..self }
    }

    /// The rows for which an SQL condition holds.
    ///
    /// # Errors
    /// The condition cannot be read, or keeps no row.
    pub fn filter(self, condition: &str) -> Result<Self, Error> {
        Ok(Self { dataset: self.dataset.filter(condition)?, ..self })
    }

    /// The effect of every study. Ratios are computed as logarithms, proportions on the scale of their measure.
    ///
    /// # Errors
    /// A column is missing, a value is impossible, or the rows are not what they are taken for.
    pub fn effects(&self, measure: Measure) -> Result<EffectTable, Error> {
        let request = self.request.clone().measure(measure);
        Ok(request.load_from(self.dataset.clone(), |options| options)?.table)
    }
}

impl From<Dataset> for StudyTable {
    fn from(dataset: Dataset) -> Self {
        Self { request: Request::new(dataset.source.clone()), dataset }
    }
}
