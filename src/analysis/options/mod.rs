//! From what was given, through whatever door, to what the library is asked: one conversion for all of them.

mod bias;
mod data;
mod family;
#[cfg(feature = "mass")]
mod mass;
mod model;
mod picture;
mod pool;
mod read;
mod regression;
mod sensitivity;

use crate::choice::option::{Command, Given, Place, Value, table};
use crate::error::Error;
use crate::registry::Member;
pub use bias::{bias, bias_test};
pub use data::{list, load};
pub use family::{Choice, choices};
#[cfg(feature = "mass")]
pub use mass::mass;
pub use model::model;
pub use picture::{labels, picture};
pub use pool::{PoolRequest, pool};
pub use read::{read, read_list};
pub use regression::{RegressionRequest, regression};
pub use sensitivity::{analyses, sensitivity};

/// What was given, with what it implies; refused where an option can do nothing beside the others.
///
/// # Errors
/// An option can do nothing.
pub fn checked(mut given: Given) -> Result<Given, Error> {
    if given.command() == Command::Sensitivity && !given.has(&table::ANALYSES) {
        let implied = analyses(&given)?.into_iter().map(|a| Value::Text(a.id().into())).collect();
        given.insert(&table::ANALYSES, Value::List(implied), Place::Implied);
    }
    given.check()?;
    Ok(given)
}
