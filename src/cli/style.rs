//! What people see on standard error: colour only on a terminal.

use crate::choice::Door;
use crate::error::Error;
use std::io::IsTerminal;

fn coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

fn tag(word: &str, code: &str) -> String {
    if coloured() { format!("\x1b[{code}m{word}:\x1b[0m") } else { format!("{word}:") }
}

/// What went wrong.
pub(super) fn failure(message: &str) {
    eprintln!("{} {message}", tag("error", "1;31"));
}

/// An error and its way out.
pub(super) fn error(error: &Error, door: Door) {
    failure(&error.message_at(door));
    if let Some(hint) = error.hint_at(door) {
        eprintln!("{} {hint}", tag("hint", "1;36"));
    }
}

/// A caveat and its advice.
pub(super) fn note(message: &str, hint: &str) {
    eprintln!("{} {}", tag("note", "1;33"), Door::Terminal.word(message));
    eprintln!("      {}", Door::Terminal.word(hint));
}

/// Plain information.
pub(super) fn info(message: &str) {
    eprintln!("{message}");
}
