//! How messages speak of options: by name, in marks that each door words in its own language.
//!
//! ```text
//! ⟦tau2⟧                                 the option
//! ⟦tau2=REML⟧                            the option with a value
//! ⟦model=glmm‖glmm-model=CM.EL⟧          several together
//! ⟦regress: mods=FORMULA⟧                a command with its options
//! ⟦list: measures⟧                       a command with a word
//! ⟦plot: kind=forest⟧                    a command with what is given by its place
//! ```
//!
//! The library writes marks and knows no flags. A mark that names nothing known stays as it stands, so text of strangers
//! that looks like one is harmless.

use super::option;
use std::borrow::Cow;

const OPEN: char = '⟦';
const CLOSE: char = '⟧';
const AND: char = '‖';

/// Who shows a message, and so how it names options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Door {
    /// Flags of the command line: `--tau2 REML`.
    Terminal,
    /// Keys of a manifest: `tau2 = "REML"`.
    Manifest,
    /// Keywords of Python: `tau2="REML"`.
    Python,
    /// Names alone, for programs: `tau2 = REML`.
    Library,
}

impl Door {
    /// The text with every mark in the words of this door.
    pub fn word(self, text: &str) -> Cow<'_, str> {
        if !text.contains(OPEN) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(OPEN) {
            out.push_str(&rest[..start]);
            let inner = &rest[start + OPEN.len_utf8()..];
            let worded = inner.find(CLOSE).and_then(|end| Some((self.mark(&inner[..end])?, end)));
            match worded {
                Some((words, end)) => {
                    out.push_str(&words);
                    rest = &inner[end + CLOSE.len_utf8()..];
                }
                None => {
                    out.push(OPEN);
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    /// One mark; `None` if it names no command or option.
    fn mark(self, mark: &str) -> Option<String> {
        let (command, options) = match mark.split_once(':') {
            Some((command, rest)) if option::is_command(command) => (Some(command), rest.trim_start()),
            _ => (None, mark),
        };
        let parts: Option<Vec<String>> =
            options.split(AND).filter(|p| !p.is_empty()).map(|p| self.part(p, command)).collect();
        let parts = parts?;
        Some(match (self, command) {
            (_, None) if parts.is_empty() => return None,
            (Self::Terminal, Some(command)) => {
                format!(
                    "`{}`",
                    ["metapool", command]
                        .into_iter()
                        .chain(parts.iter().map(String::as_str))
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            }
            (Self::Terminal, None) => format!("`{}`", parts.join(" ")),
            (Self::Python, Some(command)) => format!("`{command}({})`", parts.join(", ")),
            (Self::Manifest | Self::Python, None) => format!("`{}`", parts.join(", ")),
            (Self::Library, None) => {
                parts.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(" with ")
            }
            (Self::Manifest | Self::Library, Some(command)) if parts.is_empty() => format!("`{command}`"),
            (Self::Manifest | Self::Library, Some(command)) => {
                format!("`{command}` with `{}`", parts.join("`, `"))
            }
        })
    }

    /// An option, with its value if it has one; after a command also a word of its own.
    fn part(self, part: &str, command: Option<&str>) -> Option<String> {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part, None),
        };
        let argument = command.is_some_and(|c| option::is_argument(c, name));
        if !argument && !option::is_option(name) {
            return (command.is_some() && value.is_none()).then(|| part.to_string());
        }
        let plain = |v: &str| v.trim_matches(|c| c == '\'' || c == '"').to_string();
        let literal = |v: &str| {
            let v = plain(v);
            if v.parse::<f64>().is_ok() { v } else { format!("\"{v}\"") }
        };
        Some(match (self, value) {
            (Self::Terminal, Some(v)) if argument => v.to_string(),
            (Self::Terminal, None) => format!("--{name}"),
            (Self::Terminal, Some(v)) => format!("--{name} {v}"),
            (Self::Python, None) => name.replace('-', "_"),
            (Self::Python, Some(v)) => format!("{}={}", name.replace('-', "_"), literal(v)),
            (Self::Manifest | Self::Library, None) => name.to_string(),
            (Self::Manifest, Some(v)) => format!("{name} = {}", literal(v)),
            (Self::Library, Some(v)) => format!("{name} = {}", plain(v)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_door_has_its_words() {
        let text = "use ⟦model=glmm‖glmm-model=CM.EL⟧, or leave ⟦tau2⟧ out; ⟦list: measures⟧";
        let doors = [
            (
                Door::Terminal,
                "use `--model glmm --glmm-model CM.EL`, or leave `--tau2` out; `metapool list measures`",
            ),
            (
                Door::Manifest,
                "use `model = \"glmm\", glmm-model = \"CM.EL\"`, or leave `tau2` out; `list` with `measures`",
            ),
            (
                Door::Python,
                "use `model=\"glmm\", glmm_model=\"CM.EL\"`, or leave `tau2` out; `list(measures)`",
            ),
            (
                Door::Library,
                "use `model = glmm` with `glmm-model = CM.EL`, or leave `tau2` out; `list` with `measures`",
            ),
        ];
        for (door, words) in doors {
            assert_eq!(door.word(text), words);
        }
    }

    #[test]
    fn what_is_given_by_its_place_has_no_flag() {
        // a picture may be called like an option
        let text = "⟦plot: kind=profile⟧ has no ⟦order⟧";
        assert_eq!(Door::Terminal.word(text), "`metapool plot profile` has no `--order`");
        assert_eq!(Door::Python.word(text), "`plot(kind=\"profile\")` has no `order`");
        assert_eq!(Door::Library.word(text), "`plot` with `kind = profile` has no `order`");
    }

    #[test]
    fn marks_of_strangers_stay() {
        for text in ["⟦", "⟦⟧", "a ⟦b⟧ c", "⟦tau2", "⟧⟦", "⟦⟦tau2x⟧⟧"] {
            assert_eq!(Door::Terminal.word(text), text);
        }
        assert_eq!(Door::Terminal.word("⟦⟦tau2⟧"), "⟦`--tau2`");
    }
}
