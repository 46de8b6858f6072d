//! The manifest of a review: which analyses, on which data, with which options.
//!
//! An analysis has keys of its own, and as keys every option of `pool` and some of `plot`, from the table of options.

use crate::analysis::options::{checked, read, read_list};
use crate::choice::option::{
    Command, Given, Heading, Many, OptionSpec, Place, Takes, Value, find, of, table,
};
use crate::error::{Error, ErrorKind, nearest};
use serde::Deserialize;
use std::collections::HashSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A review.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Title of the report.
    pub title: String,
    /// Paragraphs before the first analysis.
    pub introduction: String,
    /// A table of what the trials were.
    pub characteristics: Option<Characteristics>,
    /// Analyses, in the order of the report.
    pub analyses: Vec<Analysis>,
}

/// What stands before the analyses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    title: String,
    #[serde(default)]
    introduction: String,
    characteristics: Option<Characteristics>,
}

/// A table with one row per trial, from columns of the data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristics {
    /// Paths relative to the manifest, or `@name`; the first that knows a cell gives it.
    pub data: Vec<String>,
    /// Column that names the trial, where labels differ between tables.
    pub trial: Option<String>,
    /// Column by which trials stand together.
    pub group: Option<String>,
    /// Columns to show.
    pub columns: Vec<Shown>,
    /// Paragraphs below the table.
    #[serde(default)]
    pub text: String,
}

/// A column of the data to show, and its heading.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Name in the data.
    pub column: String,
    /// Heading in the report; the name if none is given.
    pub heading: Option<String>,
}

fn yes() -> bool {
    true
}

fn plots() -> Vec<String> {
    vec!["forest".into()]
}

fn nothing() -> Given {
    Given::new(Command::Pool)
}

/// One analysis: keys of its own, and options.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Analysis {
    /// Name of its folder: letters, digits, `-` and `_`.
    pub id: String,
    /// Heading and title of its pictures.
    pub title: String,
    /// Paragraphs below the heading.
    #[serde(default)]
    pub text: String,
    /// Path relative to the manifest, or `@name`.
    pub data: String,
    /// Whether the rows are pooled; otherwise they are listed, each with its own interval.
    #[serde(default = "yes")]
    pub pool: bool,
    /// Columns of the data to show beside the numbers.
    #[serde(default)]
    pub show: Vec<Shown>,
    /// Untreated patients to show beside: `@name` or a path, a proportion.
    pub benchmark: Option<String>,
    /// Paragraph below the benchmark.
    #[serde(default)]
    pub benchmark_text: String,
    /// Kinds of pictures.
    #[serde(default = "plots")]
    pub plots: Vec<String>,
    /// First group.
    pub group1: Option<String>,
    /// Second group.
    pub group2: Option<String>,
    /// What low values favour.
    pub favours_low: Option<String>,
    /// What high values favour.
    pub favours_high: Option<String>,
    /// Options of `pool` or, where nothing is pooled, of `effects`, and those of pictures.
    #[serde(skip, default = "nothing")]
    pub options: Given,
}

/// Keys of an analysis that are no options.
const OWN: [&str; 13] = [
    "id",
    "title",
    "text",
    "data",
    "pool",
    "show",
    "benchmark",
    "benchmark-text",
    "plots",
    "group1",
    "group2",
    "favours-low",
    "favours-high",
];

/// Options of pictures that are keys of an analysis.
static PICTURES: [&OptionSpec; 5] =
    [&table::THEME, &table::WIDTH, &table::OUTCOME, &table::ESTIMATE, &table::COMMON];

/// Every option that is a key of an analysis: those of `pool`, but for where its answer goes, and those of pictures.
fn keys() -> impl Iterator<Item = &'static OptionSpec> {
    of(Command::Pool).filter(|o| !o.is_argument() && o.heading != Heading::Output).chain(PICTURES)
}

/// The text of a manifest, and what messages call it.
#[derive(Clone, Copy)]
struct Source<'t> {
    name: &'t str,
    text: &'t str,
}

impl Source<'_> {
    fn line(self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    /// An error of the TOML itself.
    fn wrong(self, e: &toml::de::Error) -> Error {
        Error::new(ErrorKind::Data, e.message().to_string())
            .in_file(self.name)
            .at_line(e.span().map_or(1, |s| self.line(s.start)))
            .with_hint(
                "`metapool help report` shows a manifest; keys have the names of options of `metapool pool`",
            )
    }

    /// One analysis: what is an option leaves the table, the rest are keys of its own.
    fn analysis(self, section: Spanned<DeValue<'_>>) -> Result<Analysis, Error> {
        let span = section.span();
        let DeValue::Table(section) = section.into_inner() else {
            return Err(Error::data("an analysis is a table")
                .in_file(self.name)
                .with_hint("write `[[analysis]]`"));
        };
        let id = section.get("id").and_then(|id| id.get_ref().as_str()).map(|id| format!("analysis {id}"));
        let named = |e: Error| id.iter().fold(e, |e, id| e.of_study(id)).in_file(self.name);
        let (mut own, mut options) = (DeTable::new(), vec![]);
        for (key, value) in section {
            if OWN.contains(&key.get_ref().as_ref()) {
                own.insert(key, value);
                continue;
            }
            let line = self.line(key.span().start);
            let located = |e: Error| named(e.at_line(line));
            let name = key.get_ref();
            let option = keys().find(|o| o.name == name).ok_or_else(|| located(unknown(name)))?;
            let value = value_of(option, value.get_ref()).map_err(located)?;
            options.extend(value.map(|value| (option, value, line)));
        }
        let section = ValueDeserializer::from(Spanned::new(span, DeValue::Table(own)));
        let mut analysis = Analysis::deserialize(section).map_err(|e| named(self.wrong(&e)))?;
        analysis.set(options).map_err(named)?;
        Ok(analysis)
    }
}

fn unknown(key: &str) -> Error {
    let near = nearest(key, keys().map(|o| o.name).chain(OWN));
    let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
    Error::data(format!("`{key}` is no key of an analysis")).with_hint(format!(
        "{meant}`metapool help report` shows a manifest; keys have the names of options of `metapool pool`"
    ))
}

/// The value of an option; `None` for a flag that is `false`.
fn value_of(option: &OptionSpec, value: &DeValue<'_>) -> Result<Option<Value>, Error> {
    let is_list = option.many != Many::One;
    let wrong = || {
        Error::usage(format!("`{}` does not take this", option.name)).with_hint(
            if option.takes == Takes::Nothing {
                "write `true` or `false`"
            } else {
                "write a text, a number or a list"
            },
        )
    };
    Ok(Some(match value {
        DeValue::Boolean(true) if option.takes == Takes::Nothing => Value::Flag,
        DeValue::Boolean(false) if option.takes == Takes::Nothing => return Ok(None),
        _ if option.takes == Takes::Nothing => return Err(wrong()),
        DeValue::Array(all) if is_list => {
            Value::List(all.iter().map(|v| element(option, v.get_ref())).collect::<Result<_, _>>()?)
        }
        DeValue::Table(roles) if option.many == Many::Quoted => {
            let text = |v: &DeValue<'_>| v.as_str().map(str::to_string).ok_or_else(wrong);
            let role = |(role, column): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let role: &std::borrow::Cow<'_, str> = role.get_ref();
                Ok(Value::Text(format!("{role}={}", text(column.get_ref())?)))
            };
            Value::List(roles.iter().map(role).collect::<Result<_, Error>>()?)
        }
        one if is_list => Value::List(read_list(option, &scalar(one).ok_or_else(wrong)?)?),
        one => read(option, &scalar(one).ok_or_else(wrong)?)?,
    }))
}

/// An element of a list; of lists, a list of texts.
fn element(option: &OptionSpec, value: &DeValue<'_>) -> Result<Value, Error> {
    let wrong = || Error::usage(format!("`{}` takes texts or numbers", option.name));
    match value {
        DeValue::Array(all) if option.many == Many::Lists => {
            let text = |v: &Spanned<DeValue<'_>>| scalar(v.get_ref()).map(Value::Text).ok_or_else(wrong);
            Ok(Value::List(all.iter().map(text).collect::<Result<_, _>>()?))
        }
        one => read(option, &scalar(one).ok_or_else(wrong)?),
    }
}

/// A text or a number as text.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_string()),
        DeValue::Float(number) => Some(number.as_str().to_string()),
        _ => None,
    }
}

impl Analysis {
    /// Takes the options that were given, each with its line, unless one of them can do nothing.
    fn set(&mut self, options: Vec<(&'static OptionSpec, Value, usize)>) -> Result<(), Error> {
        let command = if self.pool { Command::Pool } else { Command::Effects };
        let mut given = Given::new(command);
        for (option, value, line) in options {
            let is_picture = PICTURES.iter().any(|o| std::ptr::eq(*o, option));
            if find(command, option.name).is_none() && !is_picture {
                return Err(Error::data(format!("`{}` cannot act where nothing is pooled", option.name))
                    .at_line(line)
                    .with_hint(format!("leave out `{}`, or `pool = false`", option.name)));
            }
            given.insert(option, value, Place::Line(line));
        }
        self.options = checked(given)?;
        Ok(())
    }

    /// What a list of rows cannot use is refused, and so is a paragraph on a benchmark that is not there.
    fn check(&self) -> Result<(), Error> {
        if self.benchmark.is_none() && !self.benchmark_text.trim().is_empty() {
            return Err(Error::data("there is no benchmark for `benchmark-text` to stand beside")
                .with_hint("add `benchmark`, or write the paragraph into `text`"));
        }
        if self.pool {
            return Ok(());
        }
        if self.benchmark.is_some() {
            return Err(Error::data("`benchmark` cannot act where nothing is pooled")
                .with_hint("leave out `benchmark`, or `pool = false`"));
        }
        match self.plots.iter().find(|p| *p != "forest") {
            None => Ok(()),
            Some(plot) => {
                Err(Error::data(format!("the plot `{plot}` needs a pooled result, and nothing is pooled"))
                    .with_hint("rows that are listed have a forest plot: `plots = [\"forest\"]`"))
            }
        }
    }
}

impl Manifest {
    /// Parses a manifest; `source` is what messages call it.
    ///
    /// # Errors
    /// It is not TOML, lacks a key, has one that is not known, or an option can do nothing.
    pub fn parse(source: &str, text: &str) -> Result<Self, Error> {
        let source = Source { name: source, text };
        let root = DeTable::parse(text).map_err(|e| source.wrong(&e))?;
        let span = root.span();
        let mut root = root.into_inner();
        let sections = match root.remove("analysis").map(Spanned::into_inner) {
            None => vec![],
            Some(DeValue::Array(sections)) => sections.into_iter().collect(),
            Some(_) => {
                return Err(Error::data("`analysis` is no list of tables")
                    .in_file(source.name)
                    .with_hint("write `[[analysis]]`, with two brackets"));
            }
        };
        let head = ValueDeserializer::from(Spanned::new(span, DeValue::Table(root)));
        let Head { title, introduction, characteristics } =
            Head::deserialize(head).map_err(|e| source.wrong(&e))?;
        let analyses = sections.into_iter().map(|s| source.analysis(s)).collect::<Result<_, _>>()?;
        Ok(Self { title, introduction, characteristics, analyses })
    }

    /// Checks names before anything is computed.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.analyses.is_empty() {
            return Err(Error::data("the manifest has no analysis")
                .with_hint("add a section `[[analysis]]` with id, title and data"));
        }
        if self.characteristics.as_ref().is_some_and(|c| c.data.is_empty() || c.columns.is_empty()) {
            return Err(Error::data("the table of characteristics has no data or no columns").with_hint(
                "name them: `data = [\"trials.csv\"]`, `columns = [{ column = \"design\", heading = \"Design\" }]`",
            ));
        }
        let mut seen = HashSet::new();
        for a in &self.analyses {
            let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            if a.id.is_empty() || !a.id.chars().all(plain) {
                return Err(Error::data(format!("the analysis id `{}` cannot name a folder", a.id))
                    .with_hint("use letters, digits, `-` and `_`"));
            }
            a.check().map_err(|e| e.of_study(&format!("analysis {}", a.id)))?;
            if !seen.insert(&a.id) {
                return Err(Error::data(format!("two analyses are called `{}`", a.id))
                    .with_hint("give each its own id"));
            }
        }
        Ok(())
    }
}
