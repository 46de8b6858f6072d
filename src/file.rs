//! Files that are either complete or not there.

use crate::error::{Error, ErrorKind};
use std::io::Write;
use std::path::Path;

/// Writes a file through a temporary one in the same folder, so that an earlier file survives any failure.
///
/// # Errors
/// The folder does not exist or cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |e: std::io::Error| {
        Error::new(ErrorKind::Write, format!("cannot be written: {e}"))
            .in_file(&path.display().to_string())
            .with_hint("check that the folder exists and may be written to")
    };
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".metapool-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    open_permissions(&file).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Temporary files are private; results get the usual permissions.
#[cfg(unix)]
fn open_permissions(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_permissions(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
