//! Files that cannot be read at all.

use crate::error::{Error, ErrorKind};

/// Why a file could not be read at all, and what to check.
pub(super) fn read_error(source: &str, e: &std::io::Error) -> Error {
    let hint = match e.kind() {
        std::io::ErrorKind::NotFound => "check the path; bundled data are named with `@`, see ⟦datasets:⟧",
        std::io::ErrorKind::PermissionDenied => "check the permissions of the file",
        _ => "check that it is a readable file",
    };
    Error::new(ErrorKind::Read, format!("cannot be read: {e}")).in_file(source).with_hint(hint)
}
