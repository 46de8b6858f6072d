//! Which column plays which role.

use super::{Dataset, Shape};
use crate::error::{Error, nearest};
use crate::registry::Member;

/// Roles named by the user: `role=column,...`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMap(Vec<(String, String)>);

impl RoleMap {
    /// Parses `role=column,...`; a column name that holds a comma may be quoted.
    ///
    /// # Errors
    /// A part without `=`, a role no shape has, or a role given twice.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
        let mut map = Self::default();
        for part in record.iter().map(str::trim).filter(|p| !p.is_empty()) {
            map.add(part)?;
        }
        Ok(map)
    }

    /// Adds one role, as `role=column`.
    ///
    /// # Errors
    /// As of [`Self::parse`].
    pub fn add(&mut self, part: &str) -> Result<(), Error> {
        let (role, column) = part.split_once('=').ok_or_else(|| {
            Error::usage(format!("`{part}` in ⟦columns⟧ is not of the form role=column"))
                .with_hint("write for example ⟦columns=events=improved,n=patients⟧")
        })?;
        self.insert(role.trim(), column.trim())
    }

    /// Adds one role.
    ///
    /// # Errors
    /// No shape has the role, or it is there already.
    pub fn insert(&mut self, role: &str, column: &str) -> Result<(), Error> {
        let known = || Shape::ALL.iter().flat_map(|s| s.spec().roles.iter().map(|r| r.0));
        let is_role = |r: &str| Shape::ALL.iter().any(|s| s.spec().role(r).is_some());
        if !is_role(role) {
            let near = nearest(role, known()).map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
            return Err(Error::usage(format!("`{role}` in ⟦columns⟧ is no role"))
                .with_hint(format!("{near}⟦list: shapes⟧ shows the roles of every kind of data")));
        }
        if self.0.iter().any(|(r, _)| r == role) {
            return Err(Error::usage(format!("⟦columns⟧ names the role `{role}` twice"))
                .with_hint("one column plays a role; leave one of them out"));
        }
        self.0.push((role.into(), column.into()));
        Ok(())
    }

    /// Whether any role was named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that every column named is there, before anything else is said.
    ///
    /// # Errors
    /// One is not; the hint names the nearest.
    pub fn check(&self, dataset: &Dataset) -> Result<(), Error> {
        self.0.iter().try_for_each(|(_, column)| dataset.require(column).map(|_| ()))
    }

    /// Roles that a shape does not have.
    fn strangers(&self, shape: Shape) -> Vec<&str> {
        self.0.iter().map(|(r, _)| r.as_str()).filter(|r| shape.spec().role(r).is_none()).collect()
    }
}

/// The columns of a dataset that play the roles of a shape.
#[derive(Debug)]
pub struct Fields<'a> {
    /// Where the values are.
    pub dataset: &'a Dataset,
    /// What they describe.
    pub shape: Shape,
    columns: Vec<(&'static str, usize)>,
}

impl<'a> Fields<'a> {
    /// Finds the columns: those the user named, those the bundled description names, then roles by name or alias.
    ///
    /// # Errors
    /// A named column is not there, or a role that the shape needs is not found.
    pub fn resolve(dataset: &'a Dataset, shape: Shape, map: &RoleMap) -> Result<Self, Error> {
        Self::resolve_named(dataset, shape, map, &|_| false)
    }

    /// The same for ready effects, whose estimates may stand in a column that `named` knows as theirs.
    ///
    /// # Errors
    /// As [`Fields::resolve`].
    pub fn ready(dataset: &'a Dataset, map: &RoleMap, named: &dyn Fn(&str) -> bool) -> Result<Self, Error> {
        Self::resolve_named(dataset, Shape::Ready, map, named)
    }

    fn resolve_named(
        dataset: &'a Dataset,
        shape: Shape,
        map: &RoleMap,
        named: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        if let Some(role) = map.strangers(shape).first() {
            return Err(Error::usage(format!("`{role}` is no role of {}", shape.title()))
                .with_hint(format!("its roles are: {}", shape.spec().role_names())));
        }
        let mut columns = vec![];
        for &(role, aliases) in shape.spec().roles {
            let is = |r: &str| r == role || aliases.contains(&r);
            let given = map.0.iter().find(|(r, _)| is(r)).map(|(_, c)| c);
            let described = dataset.info.as_ref().and_then(|i| i.roles.get(role));
            let own = |c: &super::Column| role == "estimate" && shape == Shape::Ready && named(&c.name);
            let found = match given {
                Some(column) => Some(dataset.require(column)?),
                None => described
                    .and_then(|c| dataset.position(c))
                    .or_else(|| dataset.position(role))
                    .or_else(|| aliases.iter().find_map(|a| dataset.position(a)))
                    .or_else(|| dataset.columns.iter().position(own)),
            };
            columns.extend(found.map(|c| (role, c)));
        }
        let fields = Self { dataset, shape, columns };
        match fields.lacking() {
            lacking if lacking.is_empty() => Ok(fields),
            lacking => Err(fields.lacking_error(&lacking)),
        }
    }

    /// The first shape whose needs the columns meet, given roles included; `named` knows columns of ready estimates.
    ///
    /// # Errors
    /// No shape fits.
    pub fn detect(dataset: &'a Dataset, map: &RoleMap, named: &dyn Fn(&str) -> bool) -> Result<Self, Error> {
        let described = dataset.info.as_ref().and_then(|i| Shape::parse(&i.shape).ok());
        let shapes = described.into_iter().chain(Shape::ALL.iter().copied());
        let mut fitting = shapes.filter(|s| map.strangers(*s).is_empty());
        fitting.find_map(|s| Self::resolve_named(dataset, s, map, named).ok()).ok_or_else(|| {
            Error::data("the columns do not tell what kind of data this is")
                .in_file(&dataset.source)
                .with_hint(format!(
                    "name the measure (⟦measure=RR⟧) and the columns (⟦columns=events1=COLUMN,...⟧); \
                     ⟦list: shapes⟧ shows the roles; the file has: {}",
                    dataset.column_list()
                ))
        })
    }

    /// Whether a column plays this role.
    pub fn has(&self, role: &str) -> bool {
        self.columns.iter().any(|(r, _)| *r == role)
    }

    /// Whether a column of the data plays any role.
    pub fn uses(&self, column: usize) -> bool {
        self.columns.iter().any(|(_, c)| *c == column)
    }

    /// Name of the column that plays the role, or the role itself.
    pub fn column_name(&self, role: &str) -> String {
        let found = self.columns.iter().find(|(r, _)| *r == role);
        found.map_or(role.to_string(), |&(_, c)| self.dataset.columns[c].name.clone())
    }

    /// The number in a role's column.
    ///
    /// # Errors
    /// The cell is not a number.
    pub fn number(&self, role: &str, row: usize) -> Result<Option<f64>, Error> {
        match self.columns.iter().find(|(r, _)| *r == role) {
            Some(&(_, column)) => self.dataset.number(column, row),
            None => Ok(None),
        }
    }

    /// The roles missing from the alternative that is nearest to complete; empty when one is complete.
    fn lacking(&self) -> Vec<&'static str> {
        let missing =
            |set: &&[&'static str]| set.iter().copied().filter(|r| !self.has(r)).collect::<Vec<_>>();
        self.shape.spec().needs.iter().map(missing).min_by_key(Vec::len).unwrap_or_default()
    }

    fn lacking_error(&self, lacking: &[&str]) -> Error {
        let quoted: Vec<String> = lacking.iter().map(|r| format!("`{r}`")).collect();
        let near = lacking.iter().find_map(|role| {
            let used = |name: &str| self.columns.iter().any(|(_, c)| self.dataset.columns[*c].name == name);
            let free = self.dataset.columns.iter().map(|c| c.name.as_str());
            let free = free.filter(|n| !used(n) && !is_other_statistic(role, n));
            nearest(role, free).map(|n| format!("⟦columns={role}={n}⟧?"))
        });
        let flag = format!("name it with ⟦columns={}=COLUMN⟧", lacking[0]);
        Error::data(format!(
            "no column for {}; {} takes {}",
            quoted.join(", "),
            self.shape.title(),
            self.shape.spec().needs_text()
        ))
        .in_file(&self.dataset.source)
        .with_hint(format!(
            "{}; the file has: {}",
            near.unwrap_or(flag),
            self.dataset.column_list()
        ))
    }
}

/// Whether a column seems to hold another statistic than the role asks for: a median is no mean, an SE no SD.
fn is_other_statistic(role: &str, column: &str) -> bool {
    const STATISTICS: [&str; 22] = [
        "mean",
        "median",
        "med",
        "sd",
        "se",
        "sem",
        "var",
        "variance",
        "min",
        "max",
        "range",
        "iqr",
        "q",
        "ci",
        "lower",
        "upper",
        "events",
        "nonevents",
        "n",
        "time",
        "percent",
        "rate",
    ];
    let stem = |name: &str| {
        let words: String =
            name.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        STATISTICS.into_iter().find(|s| *s == words)
    };
    matches!((stem(role), stem(column)), (Some(a), Some(b)) if a != b)
}
