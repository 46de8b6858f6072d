//! What every result says, each in a file: its document for people ([`Report`]), its answer for programs (JSON) and its tidy
//! table (CSV). Reads results; never computes statistics.
//!
//! [`Report`]: crate::document::Report

mod answer;
mod bayes;
mod bias;
pub(crate) mod cells;
mod effects;
mod outcome;
pub mod pool;
mod regression;
mod sensitivity;
mod tidy;

pub use answer::text as json_text;
pub use effects::studies_file;

/// What a result shows at a terminal, options named as a program names them.
macro_rules! displayed {
    ($($result:path,)+) => {
        $(impl std::fmt::Display for $result {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                use crate::document::{Report, View, text};
                let document = self.document(&View::default()).worded(crate::choice::Door::Library);
                f.write_str(&text::render(&document, text::Width::Free))
            }
        })+
    };
}

displayed! {
    crate::result::PoolResult,
    crate::result::EffectsResult,
    crate::result::BayesAnalysis,
    crate::result::bias::BiasResult,
    crate::result::regression::RegressionResult,
    crate::result::sensitivity::SensitivityResult,
}
