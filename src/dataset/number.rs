//! Numbers as tables write them, and the words that stand for a missing value.

use crate::error::Error;

/// Words that stand for a missing value.
pub fn is_missing(cell: &str) -> bool {
    matches!(cell.trim(), "" | "NA" | "N/A" | "n/a" | "na" | "NaN" | "nan" | "." | "null" | "NULL")
}

/// The number in a cell, `None` where missing.
///
/// # Errors
/// It is no number, or an infinite one.
pub(super) fn parse(cell: &str) -> Result<Option<f64>, Error> {
    match parse_any(cell.as_bytes())? {
        x if x.is_infinite() => Err(infinite()),
        x => Ok(Some(x).filter(|x| !x.is_nan())),
    }
}

/// The number in a cell, NaN where missing; infinite ones stay so, for the caller to judge. Blanks around it and a true
/// minus sign are accepted.
///
/// # Errors
/// It is no number.
pub(super) fn parse_any(cell: &[u8]) -> Result<f64, Error> {
    if let Some(x) = decimal(cell) {
        return Ok(x);
    }
    let text = std::str::from_utf8(cell).unwrap_or("\u{FFFD}").trim();
    // "nan" and "inf" are words to the parser, too
    if let Ok(x) = text.parse::<f64>() {
        return Ok(x);
    }
    if is_missing(text) {
        return Ok(f64::NAN);
    }
    text.replace('\u{2212}', "-").parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        Error::data(format!("`{shown}` is not a number")).with_hint(hint(text))
    })
}

/// The refusal of an infinite value.
pub(super) fn infinite() -> Error {
    Error::data("the value is infinite").with_hint("leave the cell empty if the number is not known")
}

/// A plain decimal number of at most 15 digits: they make a whole number below 2⁵³, and so does a power of ten up to
/// 10²², so that their quotient is rounded once, to the nearest. Reference: \[clinger1990\].
#[inline]
fn decimal(cell: &[u8]) -> Option<f64> {
    const TENS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, unsigned) = match cell {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    if unsigned.len() > 16 || unsigned.is_empty() {
        return None;
    }
    let (mut whole, mut rest) = (0u64, unsigned);
    let before = digits(&mut rest, &mut whole);
    let after = match rest {
        [] => 0,
        [b'.', fraction @ ..] => {
            rest = fraction;
            digits(&mut rest, &mut whole)
        }
        _ => return None,
    };
    if !rest.is_empty() || !(1..=15).contains(&(before + after)) {
        return None;
    }
    let x = whole as f64 / TENS[after];
    Some(if negative { -x } else { x })
}

/// Takes digits off the front and appends them to a whole number; gives how many.
#[inline]
fn digits(rest: &mut &[u8], whole: &mut u64) -> usize {
    let before = rest.len();
    while let [b, after @ ..] = rest {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        *whole = 10 * *whole + u64::from(digit);
        *rest = after;
    }
    before - rest.len()
}

/// What may be meant by a text that is no number.
fn hint(text: &str) -> String {
    if let Some(said) = decimal_comma(text) {
        return said;
    }
    if let Some(number) = text.strip_suffix('%') {
        return format!("write the number alone, `{}`, without the percent sign", number.trim());
    }
    if text.starts_with(['<', '>', '≤', '≥', '=']) {
        return "an inequality is not a value: give the exact number, or leave the cell empty".into();
    }
    "write a number such as 12 or 0.5, or leave the cell empty (or NA) where it is missing".into()
}

/// The hint for digits with one comma among them.
fn decimal_comma(text: &str) -> Option<String> {
    let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    let (whole, fraction) = text.trim_start_matches(['-', '+']).split_once(',')?;
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // of 1,120 nobody can tell whether it is about a thousand or about one
    Some(if fraction.len() == 3 && !whole.starts_with('0') {
        format!("a comma between thousands? write `{whole}{fraction}`; a decimal comma? write a point")
    } else {
        format!("a decimal comma? write `{}`", text.replace(',', "."))
    })
}

#[cfg(test)]
mod tests {
    use super::{decimal, parse_any};
    use proptest::prelude::*;

    proptest! {
        /// What is read quickly is what the standard library reads, to the last bit.
        #[test]
        fn quick_numbers_are_exact(text in "-?[0-9]{0,12}(\\.[0-9]{0,14})?") {
            let want = text.parse::<f64>().ok();
            if let Some(x) = decimal(text.as_bytes()) {
                prop_assert_eq!(Some(x.to_bits()), want.map(f64::to_bits));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = parse_any(&bytes);
        }
    }

    #[test]
    fn odd_numbers_are_left_to_others() {
        for text in
            ["", "-", ".", "-.", "1e5", "1,5", "NaN", "inf", "+1", "1.2.3", "12345678901234567", "0x10"]
        {
            assert!(decimal(text.as_bytes()).is_none(), "{text}");
        }
        assert_eq!(decimal(b"-0.5"), Some(-0.5));
        assert_eq!(decimal(b"7."), Some(7.0));
        assert_eq!(decimal(b".5"), Some(0.5));
    }
}
