//! Data that come with metapool: `datasets/NAME.csv` with `datasets/NAME.toml`, built in at compile time.

use super::Dataset;
use crate::error::{Error, nearest};
use serde::Deserialize;
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/bundled.rs")); // static FILES: &[(&str, &str, &str)] = name, csv, toml

/// What the `.toml` beside a bundled table says of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledInfo {
    /// One line.
    pub title: String,
    /// Where the numbers were published.
    pub citation: String,
    /// Terms of use.
    pub licence: String,
    /// Identifier of the shape of a row.
    pub shape: String,
    /// Effect measure used when none is asked for.
    pub measure: Option<String>,
    /// Column of study labels, where the usual names do not find it.
    pub study: Option<String>,
    /// Role → column, where names differ.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Words for plots: `group1`, `group2`, `favours_low`, `favours_high`, `outcome`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Other names of columns → column.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// What must be known before the rows are pooled as they are.
    pub caution: Option<Caution>,
    /// Columns that say where the numbers of a row come from, where their names do not.
    #[serde(default)]
    pub provenance: ProvenanceColumns,
    /// Column → meaning.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

/// Columns of the origin of each row.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenanceColumns {
    /// The publication or document.
    pub source: Option<String>,
    /// Its address, DOI or PubMed number.
    pub link: Option<String>,
    /// What the numbers were checked against.
    pub checked: Option<String>,
}

/// A warning about pooling all rows of a bundled table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caution {
    /// What is wrong with it.
    pub message: String,
    /// What to do instead.
    pub hint: String,
    /// Only where this column holds several values in the rows used.
    pub column: Option<String>,
}

/// One bundled table.
#[derive(Clone, Copy, Debug)]
pub struct Bundled {
    /// Its name, without the `@`.
    pub name: &'static str,
    /// The table itself.
    pub csv: &'static str,
    toml: &'static str,
}

impl Bundled {
    /// All of them, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        FILES.iter().map(|&(name, csv, toml)| Self { name, csv, toml })
    }

    /// The one with this name.
    ///
    /// # Errors
    /// There is none; the hint names the nearest and lists all.
    pub fn find(name: &str) -> Result<Self, Error> {
        Self::all().find(|b| b.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(|b| b.name).collect();
            let near = nearest(name, names.iter().copied());
            let meant = near.map(|n| format!("did you mean `@{n}`? ")).unwrap_or_default();
            Error::usage(format!("there is no bundled dataset `@{name}`"))
                .with_hint(format!("{meant}bundled are: {}", names.join(", ")))
        })
    }

    /// Its description.
    ///
    /// # Errors
    /// The description is malformed; a test keeps this from happening.
    pub fn info(&self) -> Result<BundledInfo, Error> {
        toml::from_str(self.toml).map_err(|e| Error::data(e.to_string()).in_file(&format!("@{}", self.name)))
    }

    /// Loads the table with its description.
    ///
    /// # Errors
    /// The table is malformed; a test keeps this from happening.
    pub fn load(&self) -> Result<Dataset, Error> {
        let mut dataset = Dataset::from_csv(&format!("@{}", self.name), self.csv)?;
        dataset.info = Some(self.info()?);
        Ok(dataset)
    }
}
