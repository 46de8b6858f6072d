//! The command line from the table of options: what clap knows of it, and what was given.

use crate::analysis::options::{choices, read_list};
use crate::choice::Door;
use crate::choice::Interval;
use crate::choice::option::{Command, Given, Many, OptionSpec, Place, Takes, Value, of, table};
use crate::registry::Member;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches};
use std::ffi::OsStr;

/// Families with more members are listed by `metapool list`, not by help.
const MOST_SHOWN: usize = 10;

const DATA: &str = "DATA is a file (.csv .tsv .parquet .arrow .feather .ndjson .xlsx), `-` for CSV on standard input, \
                    or @NAME for bundled data.\nExit codes: 0 done; 1 the data or the model cannot be used; 2 wrong usage.";

const EXAMPLES: &[&str] = &[
    "metapool pool @bcg",
    "metapool plot forest @bcg -o bcg.png",
    "metapool pool trials.csv --measure SMD --columns mean1=m_e,sd1=sd_e,n1=n_e,mean2=m_c,sd2=sd_c,n2=n_c",
    "metapool report",
];

/// The whole command line.
pub(super) fn command_line() -> clap::Command {
    clap::Command::new("metapool")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Statistical meta-analysis: from a study table to pooled estimates, forest plots and finished reports")
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(DATA)
        .after_long_help(format!("{DATA}\n\n{}", examples(EXAMPLES)))
        .subcommands(commands().map(subcommand))
}

/// Commands that this build has.
fn commands() -> impl Iterator<Item = Command> {
    let large = [Command::Mass, Command::Merge];
    Command::ALL.iter().copied().filter(move |c| cfg!(feature = "mass") || !large.contains(c))
}

fn examples(all: &[&str]) -> String {
    format!("Examples:\n  {}", all.join("\n  "))
}

fn subcommand(command: Command) -> clap::Command {
    let spec = command.spec();
    let mut built = clap::Command::new(spec.id).about(spec.title).max_term_width(100);
    if !spec.more.is_empty() {
        built = built.long_about(format!("{}\n\n{}", spec.title, spec.more));
    }
    if !spec.examples.is_empty() {
        let after = if spec.after.is_empty() { String::new() } else { format!("\n{}", spec.after) };
        built = built.after_help(examples(spec.examples) + &after);
    }
    built = built.args(of(command).map(|option| argument(command, option)));
    match command {
        #[cfg(feature = "mass")]
        Command::Mass => {
            let long = format!("{}\n\n{}", super::mass::long_help(), examples(spec.examples));
            built.after_long_help(long)
        }
        Command::Completions => built.mut_arg(table::SHELL.name, shells),
        _ => built,
    }
}

/// An option of a command, as clap takes it.
fn argument(command: Command, option: &'static OptionSpec) -> Arg {
    let arg = Arg::new(option.name).help(help(option)).required(option.required.contains(&command));
    let arg = match option.takes {
        Takes::Nothing => return named(arg, option).action(ArgAction::SetTrue),
        Takes::Formula => arg.allow_hyphen_values(true),
        Takes::Number | Takes::ChoiceOrNumber(_) => arg.allow_negative_numbers(true),
        _ => arg,
    };
    let arg = match option.many {
        Many::One | Many::Quoted => arg.action(ArgAction::Set),
        Many::List | Many::Repeated | Many::Lists => arg.action(ArgAction::Append),
    };
    let arg = match option.bare {
        Some(value) => arg.num_args(0..=1).default_missing_value(value),
        None if option.is_argument() && option.many == Many::Repeated => arg.num_args(1..),
        None => arg,
    };
    let reader = Reader { command, option };
    let many = reader.possible_values().is_some_and(|all| all.count() > MOST_SHOWN);
    let arg = if option.more.is_empty() {
        arg
    } else {
        arg.long_help(format!("{}\n\n{}", help(option), option.more))
    };
    named(arg, option).value_name(option.value).value_parser(reader).hide_possible_values(many)
}

/// With its flag and its heading, unless it is given by its place.
fn named(arg: Arg, option: &'static OptionSpec) -> Arg {
    if option.is_argument() {
        return arg;
    }
    let arg = arg.long(option.name).help_heading(option.heading.title());
    match option.short {
        Some(letter) => arg.short(letter),
        None => arg,
    }
}

fn help(option: &OptionSpec) -> String {
    let default = match option.default {
        "" => String::new(),
        words => format!(" [default: {words}]"),
    };
    format!("{}{default}", option.help)
}

/// Reads what a flag is given.
#[derive(Clone)]
struct Reader {
    command: Command,
    option: &'static OptionSpec,
}

impl TypedValueParser for Reader {
    type Value = Vec<Value>;

    fn parse_ref(&self, _: &clap::Command, _: Option<&Arg>, text: &OsStr) -> Result<Vec<Value>, clap::Error> {
        read_list(self.option, &text.to_string_lossy()).map_err(|e| {
            let hint = e.hint_at(Door::Terminal).map(|h| format!("\nhint: {h}")).unwrap_or_default();
            clap::Error::raw(ErrorKind::ValueValidation, format!("{}{hint}\n", e.message_at(Door::Terminal)))
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let (Takes::Choice(family) | Takes::ChoiceOrNumber(family)) = self.option.takes else { return None };
        // of a regression, intervals are those of its coefficients
        let regression = self.command == Command::Regress && std::ptr::eq(self.option, &table::CI);
        let words = self.option.words.iter().map(|(word, meaning)| PossibleValue::new(*word).help(*meaning));
        let members = choices(family).into_iter().map(move |m| {
            let title = match Interval::parse(m.id) {
                Ok(interval) if regression => interval.title_in_regression(),
                _ => m.title,
            };
            PossibleValue::new(m.id).help(title).aliases(m.aliases.iter().copied())
        });
        Some(Box::new(words.chain(members)))
    }
}

/// What was given on the command line.
pub(super) fn given(matches: &ArgMatches) -> Option<Given> {
    let (name, matches) = matches.subcommand()?;
    let command = Command::named(name)?;
    let mut given = Given::new(command);
    for option in of(command) {
        if option.takes == Takes::Nothing {
            if matches.get_flag(option.name) {
                given.insert(option, Value::Flag, Place::Flag);
            }
            continue;
        }
        let Some(values) = matches.get_many::<Vec<Value>>(option.name) else { continue };
        let mut values: Vec<Value> = values.flatten().cloned().collect();
        let value = match option.many {
            Many::One => values.pop(),
            _ => Some(Value::List(values)),
        };
        if let Some(value) = value {
            given.insert(option, value, Place::Flag);
        }
    }
    Some(given)
}

/// The shells, as clap knows them.
fn shells(argument: Arg) -> Arg {
    let shells = clap::builder::EnumValueParser::<clap_complete::Shell>::new();
    argument.value_parser(shells.map(|shell| vec![Value::Text(shell.to_string())]))
}
