//! What an option goes with, and how it is refused where it can do nothing.
//!
//! A rule that speaks of other options holds for the commands that take one of them. Rules about the data wait until these
//! are known: they are kept by whoever knows kinds of data.

use super::{Command, Given, OptionSpec, find, of};
use crate::error::Error;
use crate::registry::Member;

/// What an option goes with.
#[derive(Debug)]
pub enum Rule {
    /// It has a use only beside one of these, and why.
    Beside(&'static [With], &'static str),
    /// It goes with some values of another option; the value of that one where none is given, if it has one.
    Of(&'static str, &'static [&'static str], Option<&'static str>),
    /// It does not go with a value of another option: what is wrong, and what to do.
    Not(With, &'static str, &'static str),
    /// It stands beside none of these; `{other}` stands for the one.
    Apart(&'static [&'static str], &'static str),
    /// It has no use in a command that takes it with all of its kind, and why; it goes with another command.
    Idle(&'static [Command], &'static str, Command),
    /// It acts on some kinds of data.
    Acts(Acts),
}

/// An option in some state.
#[derive(Debug)]
pub enum With {
    /// Given at all.
    Given(&'static str),
    /// With this value.
    Value(&'static str, &'static str),
    /// With any value but this.
    Other(&'static str, &'static str),
}

/// Kinds of data that an option can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// Counts of events.
    Counts,
    /// Counts in two groups or in pairs.
    CountsOfTwo,
    /// Proportions with their counts.
    Proportions,
    /// Data that hold confidence limits.
    Limits,
    /// Ready effects.
    Ready,
    /// Anything but ready effects.
    Computed,
}

impl Acts {
    /// In words, after "it goes with".
    pub fn title(self) -> &'static str {
        match self {
            Self::Counts => "counts of events",
            Self::CountsOfTwo => "counts in two groups or in pairs",
            Self::Proportions => "proportions with their counts",
            Self::Limits => "data that hold confidence limits: ready effects, or a change before and after",
            Self::Ready => "ready effects",
            Self::Computed => "effects computed here, not ready ones",
        }
    }
}

impl With {
    fn name(&self) -> &'static str {
        match self {
            Self::Given(name) | Self::Value(name, _) | Self::Other(name, _) => name,
        }
    }

    fn holds(&self, given: &Given) -> bool {
        let words = given.words_of(self.name());
        match self {
            Self::Given(_) => words.is_some(),
            Self::Value(_, value) => words.is_some_and(|w| is(&w, value)),
            Self::Other(_, value) => words.is_some_and(|w| !is(&w, value)),
        }
    }
}

fn is(words: &[String], value: &str) -> bool {
    words.iter().any(|w| w.eq_ignore_ascii_case(value))
}

impl Given {
    /// Refuses the first option that can do nothing beside the others.
    ///
    /// # Errors
    /// There is one; the message names it, and the line of a manifest that it stands in.
    pub fn check(&self) -> Result<(), Error> {
        of(self.command())
            .filter(|o| self.options().any(|g| std::ptr::eq(g, *o)))
            .try_for_each(|o| self.check_one(o))
    }

    /// Refuses an option that can do nothing beside the others.
    ///
    /// # Errors
    /// It can do nothing.
    pub fn check_one(&self, option: &'static OptionSpec) -> Result<(), Error> {
        match option.rules.iter().find_map(|r| r.refusal(option, self)) {
            Some(error) => Err(self.located(option, error)),
            None => Ok(()),
        }
    }
}

impl OptionSpec {
    /// The refusal of an option that has no use.
    pub fn idle(&self, why: &str, goes_with: &str) -> Error {
        Error::usage(format!("{} has no use here: {why}", self.mark()))
            .with_hint(format!("leave it out; it goes with {goes_with}"))
    }
}

impl Rule {
    /// The rule as an error, where it is broken.
    fn refusal(&self, option: &OptionSpec, given: &Given) -> Option<Error> {
        let takes = |name: &str| find(given.command(), name).is_some();
        match self {
            Self::Beside(any, why) => {
                let known: Vec<&With> = any.iter().filter(|w| takes(w.name())).collect();
                let broken = !known.is_empty() && !known.iter().any(|w| w.holds(given));
                broken.then(|| {
                    option.idle(why, &listed(known.iter().map(|w| marked(w.name(), given)), " and "))
                })
            }
            Self::Of(other, values, otherwise) => {
                takes(other).then(|| wrong_value(option, given, (other, values, *otherwise)))?
            }
            Self::Not(with, what, hint) => with.holds(given).then(|| Error::usage(*what).with_hint(*hint)),
            Self::Apart(others, why) => {
                let other = others.iter().find(|o| given.words_of(o).is_some())?;
                Some(
                    Error::usage(format!("{} {}", option.mark(), why.replace("{other}", other)))
                        .with_hint(format!("leave {} or ⟦{other}⟧ out", option.mark())),
                )
            }
            Self::Idle(commands, why, other) => {
                commands.contains(&given.command()).then(|| option.idle(why, &format!("⟦{}:⟧", other.id())))
            }
            Self::Acts(_) => None,
        }
    }
}

/// The refusal of an option that goes with other values of another one than those in force.
fn wrong_value(
    option: &OptionSpec,
    given: &Given,
    (other, values, otherwise): (&str, &[&str], Option<&str>),
) -> Option<Error> {
    let with = |sep: &str| listed(values.iter().map(|v| value_mark(other, v, given)), sep);
    let Some(asked) = given.words_of(other).or_else(|| Some(vec![otherwise?.to_string()])) else {
        return Some(
            Error::usage(format!("{} belongs to one {other}", option.mark()))
                .with_hint(format!("name it, with {}; or leave the option out", with(" or "))),
        );
    };
    if values.iter().any(|v| is(&asked, v)) {
        return None;
    }
    let asked = listed(asked.iter().map(|a| value_mark(other, a, given)), ", ");
    Some(Error::usage(format!("{asked} has no {}", option.mark())).with_hint(format!(
        "leave it out; {} goes with {}",
        option.mark(),
        with(", ")
    )))
}

/// How a value of an option is named; what is given by its place, after the command.
fn value_mark(option: &str, value: &str, given: &Given) -> String {
    let command = given.command();
    if find(command, option).is_some_and(OptionSpec::is_argument) {
        format!("⟦{}: {option}={value}⟧", command.id())
    } else {
        format!("⟦{option}={value}⟧")
    }
}

/// How an option is named with what its value is called.
fn marked(name: &str, given: &Given) -> String {
    match find(given.command(), name) {
        Some(option) if !option.value.is_empty() => value_mark(name, option.value, given),
        _ => format!("⟦{name}⟧"),
    }
}

fn listed(all: impl Iterator<Item = String>, separator: &str) -> String {
    all.collect::<Vec<_>>().join(separator)
}
