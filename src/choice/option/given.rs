//! What was given: options with their values, whichever door they came through.

use super::{Command, OptionSpec};
use crate::error::Error;
use crate::registry::Member;

/// The value of an option as it was given.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The option itself.
    Flag,
    /// A number.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// Text; of a family the code of the member.
    Text(String),
    /// Several.
    List(Vec<Value>),
}

impl Value {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(*x),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }

    fn list(&self) -> &[Self] {
        match self {
            Self::List(all) => all,
            one => std::slice::from_ref(one),
        }
    }
}

/// Where an option was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A flag of the command line.
    Flag,
    /// Nowhere: other options imply it.
    Implied,
    /// A line of a manifest, counted from 1.
    Line(usize),
}

#[derive(Clone, Debug)]
struct Entry {
    option: &'static OptionSpec,
    value: Value,
    place: Place,
}

/// The options that were given to a command. What is not among them has its default.
#[derive(Clone, Debug)]
pub struct Given {
    command: Command,
    entries: Vec<Entry>,
}

impl Given {
    /// Nothing yet.
    pub fn new(command: Command) -> Self {
        Self { command, entries: vec![] }
    }

    /// The command they were given to.
    pub fn command(&self) -> Command {
        self.command
    }

    /// Adds an option; given again, the later value holds.
    pub fn insert(&mut self, option: &'static OptionSpec, value: Value, place: Place) {
        self.entries.retain(|e| !std::ptr::eq(e.option, option));
        self.entries.push(Entry { option, value, place });
    }

    /// Every option that asks for something.
    pub fn options(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.entries.iter().filter(|e| !is_idle(e)).map(|e| e.option)
    }

    /// Whether an option was given.
    pub fn has(&self, option: &'static OptionSpec) -> bool {
        self.entry(option).is_some()
    }

    /// The number of an option.
    pub fn number(&self, option: &'static OptionSpec) -> Option<f64> {
        self.entry(option)?.value.number()
    }

    /// The whole number of an option.
    pub fn count(&self, option: &'static OptionSpec) -> Option<u64> {
        match self.entry(option)?.value {
            Value::Count(n) => Some(n),
            _ => None,
        }
    }

    /// The text of an option.
    pub fn text(&self, option: &'static OptionSpec) -> Option<&str> {
        self.entry(option)?.value.text()
    }

    /// The text of an option, for keeping.
    pub fn owned(&self, option: &'static OptionSpec) -> Option<String> {
        self.text(option).map(str::to_string)
    }

    /// The numbers of a list.
    pub fn numbers(&self, option: &'static OptionSpec) -> Vec<f64> {
        self.list(option).iter().filter_map(Value::number).collect()
    }

    /// The texts of a list.
    pub fn texts(&self, option: &'static OptionSpec) -> Vec<String> {
        texts(self.list(option))
    }

    /// The lists of texts of an option that takes several.
    pub fn lists(&self, option: &'static OptionSpec) -> Vec<Vec<String>> {
        self.list(option).iter().map(|one| texts(one.list())).collect()
    }

    /// The member of a family that an option names; `None` where it is not given or is another word, such as `auto`.
    ///
    /// # Errors
    /// The family has no such member.
    pub fn choice<T: Member>(&self, option: &'static OptionSpec) -> Result<Option<T>, Error> {
        let named = self.text(option).filter(|t| !option.words.iter().any(|w| w.0 == *t));
        named.map(T::parse).transpose()
    }

    /// The members that a list names.
    ///
    /// # Errors
    /// The family has not all of them.
    pub fn choices<T: Member>(&self, option: &'static OptionSpec) -> Result<Vec<T>, Error> {
        self.texts(option).iter().map(|t| T::parse(t)).collect()
    }

    /// Where an option was given.
    pub fn place(&self, option: &'static OptionSpec) -> Option<Place> {
        self.entry(option).map(|e| e.place)
    }

    /// The error, with the line where the option stands.
    pub(crate) fn located(&self, option: &'static OptionSpec, error: Error) -> Error {
        match self.place(option) {
            Some(Place::Line(line)) => error.at_line(line),
            _ => error,
        }
    }

    /// The words of an option that is known by its name.
    pub(super) fn words_of(&self, name: &str) -> Option<Vec<String>> {
        let entry = self.entries.iter().find(|e| e.option.name == name && !is_idle(e))?;
        Some(texts(entry.value.list()))
    }

    fn list(&self, option: &'static OptionSpec) -> &[Value] {
        self.entry(option).map_or(&[], |e| e.value.list())
    }

    fn entry(&self, option: &'static OptionSpec) -> Option<&Entry> {
        self.entries.iter().find(|e| std::ptr::eq(e.option, option))
    }
}

/// Whether a value asks for nothing.
fn is_idle(entry: &Entry) -> bool {
    entry.value.text().is_some_and(|t| entry.option.idle.contains(&t))
}

fn texts(all: &[Value]) -> Vec<String> {
    all.iter().filter_map(Value::text).map(str::to_string).collect()
}
