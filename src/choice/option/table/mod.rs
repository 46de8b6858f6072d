//! The table, a file per heading of help. A new option is one entry here; what it does is read from [`super::Given`]
//! where its value is used.

use super::{Command, OptionSpec};

/// Options as statics, and their list.
macro_rules! options {
    ($($(#[$doc:meta])* $name:ident = $spec:expr;)+) => {
        $($(#[$doc])* #[allow(missing_docs, reason = "the help says what it is")] pub static $name: OptionSpec = $spec;)+
        pub(super) static ALL: &[&OptionSpec] = &[$(&$name),+];
    };
}

mod analysis;
mod arguments;
mod bias;
mod data;
mod mass;
mod model;
mod output;
mod picture;
mod pool;
mod regression;

pub use analysis::*;
pub use arguments::*;
pub use bias::*;
pub use data::*;
pub use mass::*;
pub use model::*;
pub use output::*;
pub use picture::*;
pub use pool::*;
pub use regression::*;

/// Every option, in the order of help.
pub(super) static ALL: &[&[&OptionSpec]] = &[
    arguments::ALL,
    data::ALL,
    model::ALL,
    pool::ALL,
    regression::ALL,
    bias::ALL,
    analysis::ALL,
    picture::ALL,
    mass::ALL,
    output::ALL,
];

/// Commands that read studies.
const STUDIES: &[Command] = &[
    Command::Pool,
    Command::Effects,
    Command::Regress,
    Command::Bias,
    Command::Sensitivity,
    Command::Bayes,
    Command::Plot,
];

/// The same, and many groups of them.
const ALL_STUDIES: &[Command] = &[
    Command::Pool,
    Command::Effects,
    Command::Regress,
    Command::Bias,
    Command::Sensitivity,
    Command::Bayes,
    Command::Plot,
    Command::Mass,
];

/// Commands that fit a model.
const MODELS: &[Command] =
    &[Command::Pool, Command::Regress, Command::Bias, Command::Sensitivity, Command::Plot];

/// Commands that read a table of many groups.
const GROUPED: &[Command] = &[Command::Mass, Command::Merge];
