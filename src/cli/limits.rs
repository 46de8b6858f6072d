//! Options that a command takes and only some of its kinds, measures or companions can use: refused in one way.

use crate::error::Error;
use crate::registry::Member;

/// An option with the kinds of analyses or pictures that can use it.
pub(super) struct Limited<'a, K> {
    /// Whether it was given.
    pub given: bool,
    /// Its name, dashes included.
    pub option: &'static str,
    /// What can use it.
    pub kinds: &'a [K],
}

impl<'a, K> Limited<'a, K> {
    pub(super) fn new(given: bool, option: &'static str, kinds: &'a [K]) -> Self {
        Self { given, option, kinds }
    }
}

/// Refuses the first option that none of the kinds asked for can use; `call` names a kind as it is asked for.
///
/// # Errors
/// There is one.
pub(super) fn check<K: Member + PartialEq>(
    asked: &[K],
    limited: &[Limited<'_, K>],
    call: impl Fn(K) -> String,
) -> Result<(), Error> {
    let unused = |l: &&Limited<'_, K>| l.given && !l.kinds.iter().any(|k| asked.contains(k));
    let Some(l) = limited.iter().find(unused) else { return Ok(()) };
    let named = |kinds: &[K]| kinds.iter().map(|k| format!("`{}`", call(*k))).collect::<Vec<_>>().join(", ");
    Err(Error::usage(format!("{} has no `{}`", named(asked), l.option)).with_hint(format!(
        "leave it out; `{}` goes with {}",
        l.option,
        named(l.kinds)
    )))
}

/// An option that has no use beside what else was asked for.
pub(super) struct Idle {
    /// Whether it was given where it has none.
    pub given: bool,
    /// Its name, dashes included.
    pub option: &'static str,
    /// Why it has none.
    pub why: &'static str,
    /// What it goes with.
    pub hint: &'static str,
}

/// Refuses the first option without use.
///
/// # Errors
/// There is one.
pub(super) fn idle(options: &[Idle]) -> Result<(), Error> {
    match options.iter().find(|o| o.given) {
        None => Ok(()),
        Some(o) => Err(Error::usage(format!("`{}` has no use here: {}", o.option, o.why))
            .with_hint(format!("leave it out; {}", o.hint))),
    }
}
