//! Any result says what it shows.

use crate::document::{Document, Report, Sheet, View};
use crate::result::{Note, Outcome};
use serde_json::Value;

/// The result within.
fn within(outcome: &Outcome) -> &dyn Report {
    match outcome {
        Outcome::Pool(r) => r,
        Outcome::Effects(r) => r,
        Outcome::Regression(r) => r,
        Outcome::Bias(r) => r,
        Outcome::Sensitivity(r) => r,
        Outcome::Bayes(r) => r,
    }
}

impl Report for Outcome {
    fn document(&self, view: &View) -> Document {
        within(self).document(view)
    }

    fn json(&self, input: &Value) -> Value {
        within(self).json(input)
    }

    fn tidy(&self) -> Sheet {
        within(self).tidy()
    }

    fn caveats(&self) -> Vec<Note> {
        within(self).caveats()
    }
}
