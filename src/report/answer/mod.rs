//! What programs read: the keys of JSON and their order, as structs over results.
//!
//! Numbers are on the analysis scale, `natural` for reading; missing, and what is no finite number, is null. Tables of CSV
//! take the names of their columns from the same structs.

/// A row of an answer made of a value: its keys in order, each with its type and where it comes from.
macro_rules! row {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? = $value:ident: $from:ty {
            $($(#[$attr:meta])* $key_vis:vis $key:ident: $type:ty = $expr:expr,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Serialize)]
        $vis struct $name $(<$life>)? { $($(#[$attr])* $key_vis $key: $type,)+ }

        impl $(<$life>)? From<$from> for $name $(<$life>)? {
            fn from($value: $from) -> Self {
                Self { $($key: $expr,)+ }
            }
        }
    };
}

mod bayes;
mod bias;
mod pool;
mod regression;
mod sensitivity;
mod study;

use crate::result::Note;
pub(super) use bayes::{bayes, shrunk_studies};
pub(super) use bias::{FilledRow, Outcome, RefusedRow, bias};
pub(super) use pool::{Estimate, pool, weighted_studies};
pub(super) use regression::{Coefficient, Predicted, regression};
pub(super) use sensitivity::{
    BaujatRow, BlupRow, GoshSummary, InfluenceRow, ProfileRow, RefitRow, RemovalRow, SplitRow, StabilityRow,
    StepRow, sensitivity,
};
use serde::Serialize;
use serde_json::Value;
pub(super) use study::{Study, effects};

/// What every command says: how it was made, the result, and what to know about it.
#[derive(Serialize)]
struct Answer<'a, Settings, Body> {
    metapool: &'static str,
    command: &'static str,
    input: &'a Value,
    settings: Settings,
    #[serde(flatten)]
    body: Body,
    notes: Vec<Caveat>,
}

/// A note as it is said.
#[derive(Serialize)]
struct Caveat {
    code: &'static str,
    message: String,
    hint: String,
}

impl From<&Note> for Caveat {
    fn from(note: &Note) -> Self {
        Self { code: note.code(), message: note.message(), hint: note.hint() }
    }
}

impl<Settings: Serialize, Body: Serialize> Answer<'_, Settings, Body> {
    fn value(&self) -> Value {
        value(self)
    }
}

/// The answer of a command.
fn answer<'a, Settings, Body>(
    command: &'static str,
    input: &'a Value,
    settings: Settings,
    body: Body,
    notes: &[Note],
) -> Answer<'a, Settings, Body> {
    let notes = notes.iter().map(Caveat::from).collect();
    Answer { metapool: env!("CARGO_PKG_VERSION"), command, input, settings, body, notes }
}

/// A struct as JSON.
#[allow(clippy::expect_used, reason = "names are text and numbers are numbers: nothing here can fail")]
pub(super) fn value(row: impl Serialize) -> Value {
    serde_json::to_value(row).expect("a struct of names and numbers is JSON")
}

/// JSON as text: indented, with a final newline, and no zero with a sign.
pub fn text(value: &Value) -> String {
    fn unsigned(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(unsigned),
            Value::Object(map) => map.values_mut().for_each(unsigned),
            Value::Number(n) if n.is_f64() && n.as_f64() == Some(0.0) => *value = 0.0.into(),
            _ => {}
        }
    }
    let mut value = value.clone();
    unsigned(&mut value);
    format!("{value:#}\n")
}
