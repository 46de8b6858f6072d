//! How a table is written: what separates and what quotes its cells.

use crate::error::Error;

/// How cells are told apart. What more a table may differ in (decimal sign, words for missing, ...) belongs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Between cells.
    pub separator: u8,
    /// Around a cell that holds separators or line ends; doubled, it stands for itself.
    pub quote: u8,
}

impl Dialect {
    /// With the separator asked for, else told by the ending of the file and the first line of its text.
    pub fn of(name: &str, line: &str, asked: Option<u8>) -> Self {
        let name = name.to_lowercase();
        let name = name.trim_end_matches(".gz");
        let separator = match asked {
            Some(c) => c,
            None if name.ends_with(".tsv") || name.ends_with(".tab") => b'\t',
            None if name.ends_with(".csv") => b',',
            None if line.contains('\t') => b'\t',
            None => b',',
        };
        Self { separator, quote: b'"' }
    }

    /// Refuses a header of one column that was meant to be several.
    pub fn check(self, columns: usize, line: &str) -> Result<(), Error> {
        let others = [(';', "semicolons"), ('\t', "tabs"), (',', "commas"), ('|', "bars")];
        let other = others
            .into_iter()
            .filter(|(c, _)| *c as u32 != u32::from(self.separator))
            .max_by_key(|(c, _)| line.matches(*c).count());
        match other {
            Some((c, name)) if columns == 1 && line.contains(c) => {
                let said = if c == '\t' { "tab".into() } else { format!("'{c}'") };
                Err(Error::data(format!(
                    "the header is one single column; it seems to be separated by {name}"
                ))
                .with_hint(format!("say ⟦delimiter={said}⟧")))
            }
            _ => Ok(()),
        }
    }
}
