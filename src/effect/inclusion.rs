//! What a model made of the rows of a table: which it used, which it left out and why, and which effect it shows.
//!
//! A table is the same for every model. A study without events in both groups has no ratio, yet says something about a
//! difference; a study with an empty cell has counts like any other. Such things belong to the result of a model.

use super::{Effect, EffectTable, Status, StudyEffect};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a model made of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inclusion {
    /// Used where it is estimable.
    pub status: Status,
    /// Why it was left out.
    pub reason: Option<String>,
    /// Whether its effect is shown, where the table has one; of a row that says nothing to the model it is not.
    pub effect_shown: bool,
    /// Whether what is shown of it rests on a continuity correction.
    pub corrected: bool,
}

impl Inclusion {
    /// As the table has it.
    pub fn as_tabled(s: &StudyEffect) -> Self {
        Self { status: s.status, reason: s.reason.clone(), effect_shown: true, corrected: s.corrected }
    }

    /// Used, whatever the table says of its effect.
    #[must_use]
    pub fn used(self) -> Self {
        Self { status: Status::Estimable, reason: None, ..self }
    }

    /// Left out, without an effect to show.
    pub fn left_out(reason: impl Into<String>) -> Self {
        Self {
            status: Status::NotEstimable,
            reason: Some(reason.into()),
            effect_shown: false,
            corrected: false,
        }
    }

    /// Whether the model used the row.
    pub fn is_used(&self) -> bool {
        self.status == Status::Estimable
    }

    fn changes(&self, s: &StudyEffect) -> bool {
        !self.effect_shown
            || (self.status, self.corrected) != (s.status, s.corrected)
            || self.reason != s.reason
    }

    /// A row of the table as the model shows it.
    fn shown<'a>(&self, s: &'a StudyEffect) -> Cow<'a, StudyEffect> {
        if !self.changes(s) {
            return Cow::Borrowed(s);
        }
        let mut shown = s.clone();
        (shown.status, shown.corrected) = (self.status, self.corrected);
        shown.reason.clone_from(&self.reason);
        if !self.effect_shown {
            shown.hide_effect();
        }
        Cow::Owned(shown)
    }
}

/// The rows of a table as a model took them.
#[derive(Clone, Copy, Debug)]
pub struct Included<'a> {
    /// The table.
    pub table: &'a EffectTable,
    rows: &'a [Inclusion],
}

impl<'a> Included<'a> {
    /// A table with what a model made of its rows, one by one.
    pub fn new(table: &'a EffectTable, rows: &'a [Inclusion]) -> Self {
        debug_assert_eq!(table.studies.len(), rows.len());
        Self { table, rows }
    }

    /// A row; `None` beyond the table.
    pub fn study(self, row: usize) -> Option<Cow<'a, StudyEffect>> {
        Some(self.rows.get(row)?.shown(self.table.studies.get(row)?))
    }

    /// All rows, in order.
    pub fn studies(self) -> impl Iterator<Item = Cow<'a, StudyEffect>> {
        self.table.studies.iter().zip(self.rows).map(|(s, inclusion)| inclusion.shown(s))
    }

    /// The effect of a row, if the model used it and it has one.
    pub fn effect(self, row: usize) -> Option<Effect> {
        self.study(row)?.effect()
    }

    /// Number of rows with an effect that the model used.
    pub fn k(self) -> usize {
        self.studies().filter(|s| s.effect().is_some()).count()
    }

    /// Rows that the model used, in order.
    pub fn used(self) -> impl Iterator<Item = usize> + 'a {
        self.rows.iter().enumerate().filter(|(_, i)| i.is_used()).map(|(row, _)| row)
    }
}
