//! What was noticed about the rows while they were read, for the reader of the result.

use super::SharedControl;
use serde::{Deserialize, Serialize};

/// Something about the rows that a result must carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noticed {
    /// Rows labelled as totals were set aside.
    SetAside {
        /// Label and line.
        rows: Vec<(String, usize)>,
    },
    /// Rows that equal the sum of rows above them in every count.
    SumRows {
        /// Label and line of each, and the rows it sums.
        rows: Vec<((String, usize), Vec<String>)>,
    },
    /// Rows that hold the same numbers.
    DoubleRows {
        /// Label and line of both.
        pairs: Vec<[(String, usize); 2]>,
    },
    /// Every row that can be pooled has an imputed SD of the change.
    AllImputed,
    /// Several rows have the same label: they may depend on each other.
    Repeated {
        /// Which labels.
        labels: Vec<String>,
        /// The column that holds the labels, where one column does.
        column: Option<String>,
    },
    /// The description of bundled data warns of pooling them as they are.
    Caution {
        /// What is wrong with it.
        message: String,
        /// What to do instead.
        hint: String,
    },
    /// Arms were combined into one.
    ArmsCombined {
        /// The levels.
        levels: Vec<String>,
        /// In which studies.
        studies: Vec<String>,
    },
    /// A control group is part of several comparisons.
    SharedControl {
        /// How it is shared.
        how: SharedControl,
        /// In which studies.
        studies: Vec<String>,
    },
    /// A column differs between the arms of a study, and is left empty for its comparison.
    ArmsDiffer {
        /// Its name.
        column: String,
        /// Which studies.
        studies: Vec<String>,
    },
    /// A level was found under another case.
    LevelCase {
        /// As asked for.
        asked: String,
        /// As it stands in the data.
        found: String,
    },
}
