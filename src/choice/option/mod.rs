//! One table of options: what each is called, takes, means and goes with. The command line, its help, its completions and
//! its manual, the keys of a manifest and every refusal of an option come from it.
//!
//! An option is plain data. It is written once, in the file of [`table`] whose heading it stands under; doors read it into
//! [`Given`], and what was given is turned into requests of the library in `analysis::options`.

mod command;
mod family;
mod given;
mod rule;
pub mod table;

pub use command::{Command, CommandSpec};
pub use family::Family;
pub use given::{Given, Place, Value};
pub use rule::{Acts, Rule, With};

/// An option of every door: flag, key of a manifest, keyword.
#[derive(Debug)]
pub struct OptionSpec {
    /// Its name, with dashes.
    pub name: &'static str,
    /// Its letter on the command line.
    pub short: Option<char>,
    /// What it takes.
    pub takes: Takes,
    /// How often.
    pub many: Many,
    /// What its value is called.
    pub value: &'static str,
    /// Words it takes beside the members of its family, with their meaning.
    pub words: &'static [(&'static str, &'static str)],
    /// Words that ask for nothing, as if the option had not been given.
    pub idle: &'static [&'static str],
    /// What holds where it is not given, as help says it.
    pub default: &'static str,
    /// What stands for its value where a flag has none.
    pub bare: Option<&'static str>,
    /// Where help shows it.
    pub heading: Heading,
    /// One sentence.
    pub help: &'static str,
    /// What the whole help adds.
    pub more: &'static str,
    /// Which commands take it.
    pub commands: &'static [Command],
    /// Which of them cannot do without it.
    pub required: &'static [Command],
    /// What it goes with; elsewhere it is refused.
    pub rules: &'static [Rule],
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is given or not.
    Nothing,
    /// Text: a column, a file, a word.
    Text,
    /// Text that may begin with a dash: a formula, a scale.
    Formula,
    /// A number.
    Number,
    /// A whole number between two.
    Count(u64, u64),
    /// A single character, or `tab`.
    Character,
    /// A member of a family.
    Choice(Family),
    /// A member of a family, or a number.
    ChoiceOrNumber(Family),
}

/// How many values an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// One.
    One,
    /// Several, between commas.
    List,
    /// Several, between commas, of which each may be quoted.
    Quoted,
    /// Several, each given by itself.
    Repeated,
    /// Several lists, each given by itself.
    Lists,
}

/// Where help shows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is a heading")]
pub enum Heading {
    /// Given by its place, without a name.
    Argument,
    Data,
    Model,
    Subgroups,
    Beside,
    Priors,
    Moderators,
    Test,
    Analysis,
    Picture,
    Work,
    Output,
}

impl Heading {
    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Argument => "Arguments",
            Self::Data => "Data",
            Self::Model => "Model",
            Self::Subgroups => "Subgroups",
            Self::Beside => "Beside the estimate",
            Self::Priors => "Priors",
            Self::Moderators => "Moderators",
            Self::Test => "Test",
            Self::Analysis => "Analysis",
            Self::Picture => "Picture",
            Self::Work => "Work",
            Self::Output => "Output",
        }
    }
}

/// An option that takes text; the methods say what is different.
const fn option(
    name: &'static str,
    value: &'static str,
    heading: Heading,
    commands: &'static [Command],
    help: &'static str,
) -> OptionSpec {
    OptionSpec {
        name,
        short: None,
        takes: Takes::Text,
        many: Many::One,
        value,
        words: &[],
        idle: &[],
        default: "",
        bare: None,
        heading,
        help,
        more: "",
        commands,
        required: &[],
        rules: &[],
    }
}

/// An option without a value.
const fn flag(
    name: &'static str,
    heading: Heading,
    commands: &'static [Command],
    help: &'static str,
) -> OptionSpec {
    OptionSpec { takes: Takes::Nothing, ..option(name, "", heading, commands, help) }
}

impl OptionSpec {
    const fn short(self, letter: char) -> Self {
        Self { short: Some(letter), ..self }
    }

    const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    const fn of(self, family: Family) -> Self {
        Self { takes: Takes::Choice(family), ..self }
    }

    const fn many(self, many: Many) -> Self {
        Self { many, ..self }
    }

    /// Words beside the family; with `auto` and `none`, those that ask for nothing.
    const fn words(
        self,
        words: &'static [(&'static str, &'static str)],
        idle: &'static [&'static str],
    ) -> Self {
        Self { words, idle, ..self }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    const fn bare(self, value: &'static str) -> Self {
        Self { bare: Some(value), ..self }
    }

    const fn more(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    const fn required(self, by: &'static [Command]) -> Self {
        Self { required: by, ..self }
    }

    const fn rules(self, rules: &'static [Rule]) -> Self {
        Self { rules, ..self }
    }

    /// Whether it is given by its place.
    pub fn is_argument(&self) -> bool {
        self.heading == Heading::Argument
    }

    /// The mark by which messages name it.
    pub fn mark(&self) -> String {
        format!("⟦{}⟧", self.name)
    }
}

/// Every option, in the order of help.
pub fn all() -> impl Iterator<Item = &'static OptionSpec> {
    table::ALL.iter().flat_map(|part| part.iter().copied())
}

/// The options of a command, in the order of help.
pub fn of(command: Command) -> impl Iterator<Item = &'static OptionSpec> {
    all().filter(move |o| o.commands.contains(&command))
}

/// The option of a command by its name.
pub fn find(command: Command, name: &str) -> Option<&'static OptionSpec> {
    of(command).find(|o| o.name == name)
}

/// Whether a command has this name.
pub(super) fn is_command(name: &str) -> bool {
    Command::named(name).is_some()
}

/// Whether a command takes something of this name by its place.
pub(super) fn is_argument(command: &str, name: &str) -> bool {
    Command::named(command).and_then(|c| find(c, name)).is_some_and(OptionSpec::is_argument)
}

/// Whether an option has this name; `help` and `version` are those of every command.
pub(super) fn is_option(name: &str) -> bool {
    ["help", "version"].contains(&name) || all().any(|o| o.name == name && !o.is_argument())
}

#[cfg(test)]
mod tests;
