//! Option values that come from a registry: parsing, help and completion from one place.

use crate::choice::Door;
use crate::registry::Member;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use std::ffi::OsStr;
use std::marker::PhantomData;

/// A member of a family, or `auto`: what the model takes by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrAuto<T>(Option<T>);

impl<T> OrAuto<T> {
    /// The member that was named.
    pub(super) fn chosen(self) -> Option<T> {
        self.0
    }
}

/// A parser for [`OrAuto`].
#[derive(Debug)]
pub(super) struct AutoChoice<T>(Choice<T>);

/// `auto`, or members of `T` by code or alias.
pub(super) fn or_auto<T: Member>() -> AutoChoice<T> {
    AutoChoice(one_of())
}

/// The same, with titles as a command must say them.
pub(super) fn or_auto_worded<T: Member>(words: fn(T) -> &'static str) -> AutoChoice<T> {
    AutoChoice(one_of_worded(words))
}

impl<T> Clone for AutoChoice<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Member> TypedValueParser for AutoChoice<T> {
    type Value = OrAuto<T>;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<OrAuto<T>, clap::Error> {
        if value.eq_ignore_ascii_case("auto") {
            return Ok(OrAuto(None));
        }
        self.0.parse_ref(command, arg, value).map(|m| OrAuto(Some(m)))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let auto = PossibleValue::new("auto").help("what the model takes by itself");
        Some(Box::new(std::iter::once(auto).chain(self.0.possible_values()?)))
    }
}

/// A parser for the members of a family, without regard to case.
#[derive(Debug)]
pub(super) struct Choice<T> {
    members: PhantomData<T>,
    /// How help says a title.
    words: fn(T) -> &'static str,
}

/// Members of `T` by code or alias.
pub(super) fn one_of<T: Member>() -> Choice<T> {
    one_of_worded(T::title)
}

/// The same, with titles as a command must say them.
fn one_of_worded<T: Member>(words: fn(T) -> &'static str) -> Choice<T> {
    Choice { members: PhantomData, words }
}

impl<T> Clone for Choice<T> {
    fn clone(&self) -> Self {
        Self { members: PhantomData, words: self.words }
    }
}

impl<T: Member> TypedValueParser for Choice<T> {
    type Value = T;

    fn parse_ref(&self, _: &clap::Command, _: Option<&clap::Arg>, value: &OsStr) -> Result<T, clap::Error> {
        T::parse(&value.to_string_lossy()).map_err(|e| {
            let hint = e.hint_at(Door::Terminal).map(|h| format!("\nhint: {h}")).unwrap_or_default();
            clap::Error::raw(ErrorKind::ValueValidation, format!("{e}{hint}\n"))
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            T::ALL.iter().map(|m| {
                PossibleValue::new(m.id()).help((self.words)(*m)).aliases(m.aliases().iter().copied())
            }),
        ))
    }
}
