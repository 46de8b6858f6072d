//! Effects of studies, not pooled.

use super::Note;
use crate::effect::EffectTable;
use serde::{Deserialize, Serialize};

/// The effect table with what to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EffectsResult {
    /// One effect a study.
    pub table: EffectTable,
    /// Caveats.
    pub notes: Vec<Note>,
}

impl EffectsResult {
    /// A table with its caveats.
    pub fn new(table: EffectTable, notes: Vec<Note>) -> Self {
        Self { table, notes }
    }
}
