//! What people see on standard error: colour only on a terminal.

use std::io::IsTerminal;

fn coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

fn tag(word: &str, code: &str) -> String {
    if coloured() { format!("\x1b[{code}m{word}:\x1b[0m") } else { format!("{word}:") }
}

/// An error and its way out.
pub(super) fn error(message: &str, hint: Option<&str>) {
    eprintln!("{} {message}", tag("error", "1;31"));
    if let Some(hint) = hint {
        eprintln!("{} {hint}", tag("hint", "1;36"));
    }
}

/// A caveat and its advice.
pub(super) fn note(message: &str, hint: &str) {
    eprintln!("{} {message}", tag("note", "1;33"));
    eprintln!("      {hint}");
}

/// Plain information.
pub(super) fn info(message: &str) {
    eprintln!("{message}");
}
