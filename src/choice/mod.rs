//! The vocabulary that all rooms share: closed families as plain data, and the options of every door.
//!
//! A member has a code, further codes, a title and a reference; what it does is a match in the room that does it. So
//! results, reports and doors can name a choice without knowing how it is computed.

pub mod bias;
mod chosen;
mod effects;
mod interval;
mod model;
pub mod option;
mod sensitivity;
mod shown;
mod tau2;
pub mod wording;

pub use chosen::Chosen;
pub use effects::{CorrectWhere, Denominator, DoubleZero, SharedControl, Standardizer, Values, Variance};
pub use interval::{Interval, PredictionInterval, Robust};
pub use model::{GlmmModel, Model, Profile};
pub use sensitivity::Analysis;
pub use shown::{Axes, Format, Naming};
pub use tau2::{Tau2, Tau2Interval};
pub use wording::Door;
