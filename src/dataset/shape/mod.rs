//! What one study can report. A shape names its roles and builds one typed row.

mod build;
mod data;
mod options;

use super::Fields;
use crate::error::Error;
pub use data::*;
pub use options::*;

/// Why a row gives no [`StudyData`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NoData {
    /// Something is not reported: the study stays, as not estimable, with this reason.
    Missing(String),
    /// A value is impossible: role, message, hint.
    Impossible(&'static str, String, String),
}

/// One row before it is turned into an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRow {
    /// Label.
    pub study: String,
    /// Line in the file.
    pub line: usize,
    /// The data, or why there are none.
    pub data: Result<StudyData, String>,
    /// Patients in all groups, where the shape tells.
    pub n: Option<f64>,
    /// Events known only within bounds: fewest and most.
    pub bounds: Option<(f64, f64)>,
}

/// Looks a role's number up in the current row.
pub(super) type RoleValues<'c> = &'c dyn Fn(&str) -> Option<f64>;

/// A role and the names that mean the same.
pub type Role = (&'static str, &'static [&'static str]);

/// The definition of a [`Shape`].
#[derive(Debug)]
pub struct ShapeSpec {
    /// Name in descriptions.
    pub id: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// In messages.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// All roles, with aliases.
    pub roles: &'static [Role],
    /// Sets of roles of which one must be complete.
    pub needs: &'static [&'static [&'static str]],
    build: fn(RoleValues<'_>, &ShapeOptions) -> Result<StudyData, NoData>,
}

impl ShapeSpec {
    /// The role with this name or alias.
    pub fn role(&self, name: &str) -> Option<&'static str> {
        self.roles.iter().find(|(r, aliases)| *r == name || aliases.contains(&name)).map(|r| r.0)
    }

    /// All role names, for hints.
    pub fn role_names(&self) -> String {
        self.roles.iter().map(|r| r.0).collect::<Vec<_>>().join(", ")
    }

    /// The alternatives in words.
    pub fn needs_text(&self) -> String {
        self.needs.iter().map(|n| n.join(", ")).collect::<Vec<_>>().join("; or ")
    }
}

registry! {
    /// What a row of a study table describes.
    Shape(ShapeSpec) = "kind of data" {
        /// Events in two groups.
        TwoByTwo => build::TWO_BY_TWO,
        /// Means in two groups.
        TwoMeans => build::TWO_MEANS,
        /// Events over person-time in two groups.
        TwoRates => build::TWO_RATES,
        /// Matched pairs.
        Pairs => build::PAIRS,
        /// Before and after in one group.
        PrePost => build::PRE_POST,
        /// Events in one group.
        Events => build::EVENTS,
        /// Events over person-time in one group.
        Rate => build::RATE,
        /// A mean in one group.
        Mean => build::MEAN,
        /// A correlation.
        Correlation => build::CORRELATION,
        /// A partial correlation.
        Partial => build::PARTIAL,
        /// A reliability coefficient.
        Reliability => build::RELIABILITY,
        /// Effects computed elsewhere.
        Ready => build::READY,
    }
}

impl Shape {
    /// Reads every row, of which each has a label.
    ///
    /// # Errors
    /// A cell is no number, or its value is impossible; the error names file, line, column and study.
    pub fn rows(
        self,
        fields: &Fields<'_>,
        labels: Vec<String>,
        options: &ShapeOptions,
    ) -> Result<Vec<StudyRow>, Error> {
        let roles: Vec<&str> = self.spec().roles.iter().map(|r| r.0).filter(|r| fields.has(r)).collect();
        let mut numbers = vec![None; roles.len()];
        let mut rows = Vec::with_capacity(labels.len());
        for ((i, study), &line) in labels.into_iter().enumerate().zip(&fields.dataset.lines) {
            for (slot, role) in numbers.iter_mut().zip(&roles) {
                *slot = fields.number(role, i).map_err(|e| e.of_study(&study))?;
            }
            let value = |role: &str| roles.iter().position(|r| *r == role).and_then(|p| numbers[p]);
            let data = match (self.spec().build)(&value, options) {
                Ok(data) => Ok(data),
                Err(NoData::Missing(reason)) => Err(reason),
                Err(NoData::Impossible(role, message, hint)) => {
                    return Err(Error::data(message)
                        .in_file(&fields.dataset.source)
                        .at_line(line)
                        .in_column(&fields.column_name(role))
                        .of_study(&study)
                        .with_hint(hint));
                }
            };
            let n = patients(&value);
            // whole when the row is well formed, which the build has checked
            let bounds =
                value("events_min").zip(value("events_max")).filter(|_| data.is_err() && n.is_some());
            rows.push(StudyRow { study, line, data, n, bounds });
        }
        Ok(rows)
    }
}

fn patients(value: RoleValues<'_>) -> Option<f64> {
    match (value("n1"), value("n2")) {
        (Some(n1), Some(n2)) => Some(n1 + n2),
        _ => value("n"),
    }
}
