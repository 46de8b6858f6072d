//! Per-study effects: one estimate and one sampling variance per study.
//!
//! A measure is one `SPEC`: code, scale, input shape and formula in one place. The notation of the formulas is
//! that of the field: groups 1 and 2, events a and c, non-events b and d. Rows become an [`EffectTable`]: effects, their
//! sampling covariance, and the columns of data beside them. No model changes it; what a model made of its rows is an
//! [`Inclusion`] in its result.

mod association;
mod assumed;
mod biserial;
mod change;
mod continuity;
mod correlation;
mod covariance;
mod estimate;
mod formula;
mod frame;
mod inclusion;
mod level;
mod mean;
mod mean_difference;
mod measure;
mod options;
mod pairs;
mod proportion;
mod rate;
mod ratio_of_means;
mod ready;
mod reliability;
mod row;
mod scale;
mod study_interval;
mod table;
mod two_by_two;
mod two_rates;
mod uses;

pub use crate::choice::{CorrectWhere, DoubleZero, SharedControl, Values, Variance};
pub use crate::dataset::Noticed;
pub use assumed::{assumed, check_correlation, scale_bounds};
pub(crate) use assumed::{at_correlation, replaced};
pub use continuity::{Continuity, has_empty_cell, is_double_zero};
pub use covariance::{Block, Covariance};
pub use formula::{Compute, Context, Contribution, Effect};
pub use frame::Frame;
pub use inclusion::{Included, Inclusion};
pub(crate) use level::check_level;
use measure::{HEDGES, SECOND_ORDER, SMALL_SAMPLE, corrected, plain};
pub use measure::{Measure, MeasureSpec};
pub use options::EffectOptions;
pub use ready::{ReadyRequest, ReadyScale, ScaleEvidence, is_asymmetric, read_scale};
pub use row::{Limits, Natural, Status, StudyEffect};
pub use scale::Scale;
pub use study_interval::{StudyInterval, rate_limits};
pub use table::{EffectTable, ReadyEffect};
pub use uses::check_used;
