//! The one public error type: what is wrong, where, and what to do next.

use crate::choice::Door;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Where in the input something is wrong. Every part is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// File as the user gave it, or `@name` for bundled data.
    pub file: Option<String>,
    /// Line of the file, counted from 1, header included.
    pub line: Option<usize>,
    /// Column as the file names it.
    pub column: Option<String>,
    /// Study label.
    pub study: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![];
        if let Some(file) = &self.file {
            parts.push(format!("`{file}`"));
        }
        if let Some(line) = self.line {
            parts.push(format!("line {line}"));
        }
        if let Some(column) = &self.column {
            parts.push(format!("column `{column}`"));
        }
        if let Some(study) = &self.study {
            parts.push(format!("study `{study}`"));
        }
        f.write_str(&parts.join(", "))
    }
}

/// What kind of thing went wrong; decides the exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be opened, read or decoded.
    Read,
    /// The data cannot be used.
    Data,
    /// The model cannot be fitted to these data.
    Model,
    /// The request contradicts itself or names something unknown.
    Usage,
    /// An output could not be written.
    Write,
    /// Whoever reads the output has gone: no failure of the analysis.
    Closed,
}

/// Why an analysis stopped. `Display` says where and what; [`Error::hint`] says what to do next. Both name options; a door
/// has them in its own words by [`Error::message_at`] and [`Error::hint_at`].
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    place: Box<Place>,
    hint: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // by hand: derived, the `Arc` itself would stand as the source
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_at(Door::Library))
    }
}

impl Error {
    /// An error of this kind with this message and no place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: Box::default(), hint: None, source: None }
    }

    /// The data cannot be used.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// The request is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The model cannot be fitted.
    pub fn model(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Model, message)
    }

    /// What was asked for is left out of this build.
    pub fn without_feature(what: &str, feature: &str) -> Self {
        Self::usage(format!("{what} is not part of this build of metapool"))
            .with_hint(format!("build it with the feature `{feature}`"))
    }

    /// Adds the file.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.place.file.get_or_insert_with(|| file.to_string());
        self
    }

    /// Adds the line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.place.line.get_or_insert(line);
        self
    }

    /// Adds the column.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.place.column.get_or_insert_with(|| column.to_string());
        self
    }

    /// Adds the study.
    #[must_use]
    pub fn of_study(mut self, study: &str) -> Self {
        self.place.study.get_or_insert_with(|| study.to_string());
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Adds the error of a system or a library that it comes from: `source()` gives it.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source.get_or_insert_with(|| Arc::new(source));
        self
    }

    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where the problem lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        self.hint_at(Door::Library)
    }

    /// Where and what, in the words of a door.
    pub fn message_at(&self, door: Door) -> String {
        let message = door.word(&self.message);
        if *self.place == Place::default() {
            message.into_owned()
        } else {
            format!("{}: {message}", self.place)
        }
    }

    /// What the user can do about it, in the words of a door.
    pub fn hint_at(&self, door: Door) -> Option<Cow<'_, str>> {
        self.hint.as_deref().map(|h| door.word(h))
    }

    /// Where and what with the marks of options, for results that carry it to a door.
    pub(crate) fn marked(&self) -> String {
        if *self.place == Place::default() {
            self.message.clone()
        } else {
            format!("{}: {}", self.place, self.message)
        }
    }
}

/// The candidate closest to a misspelt name, if any is close enough to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| {
            let other = c.to_lowercase();
            // swapped letters count for the one, a common beginning for the other
            let score = strsim::jaro_winkler(&name, &other);
            (score.max(strsim::normalized_damerau_levenshtein(&name, &other) + 0.15), c)
        })
        .filter(|(score, _)| *score > 0.78)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}
