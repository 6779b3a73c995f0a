//! Files that are whole or not there.

use std::io::Write;
use std::path::Path;

use crate::error::{At, Result};

/// Puts `bytes` in the place of `file` in one step, making its folder where there is none, so that
/// a reader never sees half of them.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be written to.
pub fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).at(folder)?;
    let mut builder = tempfile::Builder::new();
    // Less the umask: a temporary file alone would be private.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder).at(folder)?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).at(file)?;
    temporary.persist(file).map_err(|e| e.error).at(file)?;
    Ok(())
}
