//! Closed families whose members live one per file.
//!
//! A family (effect measures, τ² estimators, intervals, plots) is an enum; each member is a `SPEC` constant.
//! Everything else that has to know the members (parsing, help, `list`, documentation, the tests that
//! walk a registry) uses [`Member::ALL`], so a new member is one file and one line.

use crate::error::{Error, nearest};
use serde::{Deserialize, Deserializer, de};

/// What every member of a family can tell about itself.
pub trait Member: Copy + Send + Sync + 'static {
    /// What a member is called in messages, e.g. `"effect measure"`.
    const FAMILY: &'static str;
    /// All members, in the order help shows them.
    const ALL: &'static [Self];
    /// The code on the command line and in files.
    fn id(self) -> &'static str;
    /// Other codes that mean the same.
    fn aliases(self) -> &'static [&'static str];
    /// One line for people.
    fn title(self) -> &'static str;
    /// Key in `references.bib`, empty where there is none.
    fn reference(self) -> &'static str;

    /// The member with this code or alias, without regard to case.
    ///
    /// # Errors
    /// No member has it; the hint names the nearest and lists all.
    fn parse(code: &str) -> Result<Self, Error> {
        let is = |c: &str| c.eq_ignore_ascii_case(code);
        if let Some(m) = Self::ALL.iter().find(|m| is(m.id()) || m.aliases().iter().any(|a| is(a))) {
            return Ok(*m);
        }
        let all: Vec<&str> = Self::ALL.iter().map(|m| m.id()).collect();
        let near = nearest(code, all.iter().copied());
        let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
        Err(Error::usage(format!("`{code}` is no {}", Self::FAMILY))
            .with_hint(format!("{meant}choose from {}", all.join(", "))))
    }
}

/// Reads one of some words.
pub(crate) fn read_word<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    all: &[T],
    id: impl Fn(T) -> &'static str,
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    let found = all.iter().copied().find(|m| id(*m) == word);
    found.ok_or_else(|| {
        let all: Vec<&str> = all.iter().map(|m| id(*m)).collect();
        de::Error::custom(format!("`{word}` is none of {}", all.join(", ")))
    })
}

/// A small family of words: the enum, its members in order, and the word under which each stands in outputs and files.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $family:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $family { $($(#[$vdoc])* $variant,)+ }

        impl $family {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used in outputs.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl serde::Serialize for $family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.id())
            }
        }

        impl<'de> serde::Deserialize<'de> for $family {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::registry::read_word(deserializer, Self::ALL, Self::id)
            }
        }
    };
}

macro_rules! registry {
    ($(#[$doc:meta])* $family:ident($spec:ty) = $name:literal {
        $($(#[$vdoc:meta])* $variant:ident => $def:path,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $family { $($(#[$vdoc])* $variant,)+ }

        impl $family {
            /// The table row that defines this member.
            pub fn spec(self) -> &'static $spec {
                match self { $(Self::$variant => &$def,)+ }
            }
        }

        impl $crate::registry::Member for $family {
            const FAMILY: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn id(self) -> &'static str { self.spec().id }
            fn aliases(self) -> &'static [&'static str] { self.spec().aliases }
            fn title(self) -> &'static str { self.spec().title }
            fn reference(self) -> &'static str { self.spec().reference }
        }

        coded!($family);
    };
}

/// Codes as values of other formats: a member is written by its code and read like one that was typed.
macro_rules! coded {
    ($family:ident) => {
        impl serde::Serialize for $family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::registry::Member::id(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $family {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $crate::registry::Member::parse(&code).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A closed family of plain data: code, further codes, title, reference. What a member does is a match elsewhere.
macro_rules! choices {
    ($(#[$doc:meta])* $family:ident = $name:literal {
        $($(#[$vdoc:meta])* $variant:ident = $id:literal $([$($alias:literal),*])?, $title:literal, $reference:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $family { $($(#[$vdoc])* $variant,)+ }

        impl $crate::registry::Member for $family {
            const FAMILY: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn id(self) -> &'static str { match self { $(Self::$variant => $id,)+ } }
            fn aliases(self) -> &'static [&'static str] { match self { $(Self::$variant => &[$($($alias),*)?],)+ } }
            fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ } }
            fn reference(self) -> &'static str { match self { $(Self::$variant => $reference,)+ } }
        }

        coded!($family);
    };
}
