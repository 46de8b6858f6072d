//! What tests of bias are told.

use crate::bias::{BiasOptions, BiasTest, Excess, FailSafe, SelectionModel};
use crate::choice::option::{Given, table as o};
use crate::error::Error;
use crate::registry::Member;
use crate::result::format::significant;

/// The test that was asked for.
///
/// # Errors
/// There is no such test.
pub fn bias_test(given: &Given) -> Result<Option<BiasTest>, Error> {
    given.choice(&o::TEST_NAME)
}

/// What tests of bias are told.
///
/// # Errors
/// A test has no such kind, or a number is out of range.
pub fn bias(given: &Given) -> Result<BiasOptions, Error> {
    let kind = given.text(&o::TYPE);
    let test = bias_test(given)?;
    Ok(BiasOptions {
        regression: given.choice(&o::REGRESSION)?,
        predictor: given.choice(&o::PREDICTOR)?,
        estimator: given.choice(&o::ESTIMATOR)?,
        side: given.choice(&o::SIDE)?,
        fail_safe: kind_of::<FailSafe>(kind, test, BiasTest::FailSafe)?,
        target: given.number(&o::TARGET),
        selection: match given.choice(&o::SELECTION_TYPE)? {
            None => kind_of::<SelectionModel>(kind, test, BiasTest::Selection)?,
            drawn => drawn,
        },
        steps: given.numbers(&o::STEPS),
        alternative: given.choice(&o::ALTERNATIVE)?,
        excess: kind_of::<Excess>(kind, test, BiasTest::ExcessSignificance)?,
        alpha: alpha(given)?,
        force: given.has(&o::FORCE),
    })
}

/// The kind of a test, where this is the test.
fn kind_of<T: Member>(kind: Option<&str>, test: Option<BiasTest>, own: BiasTest) -> Result<Option<T>, Error> {
    kind.filter(|_| test == Some(own)).map(T::parse).transpose()
}

/// The level of significance, a share.
fn alpha(given: &Given) -> Result<Option<f64>, Error> {
    let Some(a) = given.number(&o::ALPHA) else { return Ok(None) };
    if a > 0.0 && a < 0.5 {
        return Ok(Some(a));
    }
    let meant =
        if a > 0.5 && a < 1.0 { format!("is {} meant? ", significant(1.0 - a, 3)) } else { String::new() };
    Err(Error::usage(format!("a level of significance of {a}"))
        .with_hint(format!("{meant}give a share between 0 and 0.5: ⟦alpha=0.05⟧")))
}
