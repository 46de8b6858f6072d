//! From text to the value of an option.

use super::family::code;
use crate::choice::option::{Many, OptionSpec, Takes, Value};
use crate::error::Error;

/// One value of an option.
///
/// # Errors
/// The text is none of what the option takes; the message says what is.
pub fn read(option: &OptionSpec, text: &str) -> Result<Value, Error> {
    if let Some((word, _)) = option.words.iter().find(|w| w.0.eq_ignore_ascii_case(text)) {
        return Ok(Value::Text((*word).to_string()));
    }
    Ok(match option.takes {
        Takes::Nothing => Value::Flag,
        Takes::Text | Takes::Formula => Value::Text(text.to_string()),
        Takes::Number => Value::Number(number(option, text)?),
        Takes::Count(least, most) => Value::Count(count(option, text, least, most)?),
        Takes::Character => Value::Text(character(text)?.to_string()),
        Takes::Choice(family) => Value::Text(code(family, text)?.to_string()),
        Takes::ChoiceOrNumber(family) => match text.parse() {
            Ok(x) => Value::Number(x),
            Err(_) => Value::Text(code(family, text)?.to_string()),
        },
    })
}

/// The values of an option that takes several, as they stand in one text.
///
/// # Errors
/// One of them is none of what the option takes.
pub fn read_list(option: &OptionSpec, text: &str) -> Result<Vec<Value>, Error> {
    match option.many {
        Many::One | Many::Repeated => Ok(vec![read(option, text)?]),
        Many::List => text.split(',').map(|t| read(option, t)).collect(),
        Many::Quoted => Ok(quoted(text)),
        Many::Lists => Ok(vec![Value::List(quoted(text))]),
    }
}

/// Texts between commas, of which each may be quoted.
fn quoted(text: &str) -> Vec<Value> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(str::trim).filter(|t| !t.is_empty()).map(|t| Value::Text(t.to_string())).collect()
}

fn number(option: &OptionSpec, text: &str) -> Result<f64, Error> {
    text.trim().parse().map_err(|_| {
        Error::usage(format!("`{text}` is no number")).with_hint(format!("{} takes a number", option.mark()))
    })
}

fn count(option: &OptionSpec, text: &str, least: u64, most: u64) -> Result<u64, Error> {
    let range = if most == u64::MAX { format!("from {least} up") } else { format!("from {least} to {most}") };
    let found = text.trim().parse::<u64>().ok().filter(|n| (least..=most).contains(n));
    found.ok_or_else(|| {
        Error::usage(format!("`{text}` is no whole number {range}"))
            .with_hint(format!("{} takes a whole number {range}", option.mark()))
    })
}

fn character(text: &str) -> Result<char, Error> {
    match text.as_bytes() {
        [c] => Ok(char::from(*c)),
        _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok('\t'),
        _ => Err(Error::usage(format!("`{text}` is no separator"))
            .with_hint("give one character, such as ';', or `tab`")),
    }
}
