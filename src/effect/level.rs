//! The level of confidence intervals, in percent.

use crate::error::Error;

/// Lowest level that is taken as meant: below it a fraction (0.95) or an error rate (5) was given.
const LOWEST: f64 = 50.0;

/// Refuses a level that is no percentage from 50 up to 100; `option` is what it was given by.
///
/// # Errors
/// The level lies outside; the hint names the one that was probably meant.
pub(crate) fn check_level(option: &str, level: f64) -> Result<(), Error> {
    if (LOWEST..100.0).contains(&level) {
        return Ok(());
    }
    let what = format!("a confidence level of {level}%");
    Err(Error::usage(what).with_hint(format!(
        "did you mean {0}? levels are in percent, from 50 up to 100: ⟦{option}={0}⟧",
        meant(level)
    )))
}

/// 0.95, 0.05 and 5 all mean 95.
fn meant(level: f64) -> f64 {
    let percent = if level > 0.0 && level < 1.0 { 100.0 * level } else { level };
    // as it was typed: 100 × 0.999 is 99.9, not 99.90000000000001
    let percent = (percent * 1e6).round() / 1e6;
    match percent {
        p if (LOWEST..100.0).contains(&p) => p,
        p if p > 0.0 && p <= 20.0 => 100.0 - p,
        _ => 95.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_error_rates_are_understood() {
        for (given, wanted) in [
            (0.95, 95.0),
            (0.9, 90.0),
            (0.999, 99.9),
            (0.05, 95.0),
            (5.0, 95.0),
            (10.0, 90.0),
            (1.0, 99.0),
            (0.0, 95.0),
            (49.0, 95.0),
            (100.0, 95.0),
            (-95.0, 95.0),
            (f64::NAN, 95.0),
        ] {
            assert_eq!(meant(given), wanted, "{given}");
            assert!(check_level("level", given).is_err(), "{given}");
        }
        for fine in [50.0, 80.0, 95.0, 99.999] {
            assert!(check_level("level", fine).is_ok());
        }
    }
}
