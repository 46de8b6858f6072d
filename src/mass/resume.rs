//! Restart: what an interrupted run leaves, and by what the next one knows it.

use super::job::Job;
use super::output::building;
use crate::error::{Error, ErrorKind};
use std::path::PathBuf;

impl Job<'_> {
    /// Where rows go that memory has no room for.
    pub fn folder(&self) -> PathBuf {
        match &self.options.output {
            Some(path) => {
                let mut name = path.file_name().unwrap_or_default().to_os_string();
                name.push(".partitions");
                path.with_file_name(name)
            }
            None => std::env::temp_dir().join(format!("metapool-{}.partitions", std::process::id())),
        }
    }

    /// What a run must have in common with an interrupted one to go on from it.
    pub fn fingerprint(&self) -> String {
        let mut text =
            format!("metapool {}\n{:?}\n{:?}\n", env!("CARGO_PKG_VERSION"), self.method, self.effects);
        let o = self.options;
        text += &format!(
            "{:?} {} {} {:?} {:?} {:?} {:?} {}\n",
            o.keys, o.wide, o.partials, o.columns, o.delimiter, o.size, o.alleles, o.genomic_control
        );
        for p in &self.plans {
            // a file that is gone is missed by whoever reads it
            let (size, time) =
                std::fs::metadata(&p.path).map(|m| (m.len(), m.modified().ok())).unwrap_or_default();
            text += &format!("{} {size} {time:?} {}\n", p.path.display(), p.widen);
        }
        text
    }

    /// Whether an earlier run of the same analysis left its partitions.
    pub fn interrupted(&self) -> bool {
        let folder = self.folder();
        std::fs::read_to_string(folder.join("fingerprint")).is_ok_and(|f| f == self.fingerprint())
    }

    /// Removes the partitions of another run.
    ///
    /// # Errors
    /// They cannot be removed.
    pub fn remove_partitions(&self) -> Result<(), Error> {
        let folder = self.folder();
        match std::fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::new(ErrorKind::Write, format!("cannot be removed: {e}"))
                    .in_file(&folder.display().to_string())
                    .caused_by(e))
            }
            _ => Ok(()),
        }
    }

    /// Removes what a failed run has begun to write; partitions stay if they are complete and the next run can find them.
    pub fn clean(&self) {
        // what the run stopped for is told, not that its traces could not be removed
        if let Some(path) = &self.options.output {
            let _ = std::fs::remove_file(building(path));
        }
        if self.options.output.is_none() || !self.interrupted() {
            let _ = std::fs::remove_dir_all(self.folder());
        }
    }
}
