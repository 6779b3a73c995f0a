//! Results as CSV, for notebooks.

use std::path::{Path, PathBuf};

use lake::error::{At, Result};
use lake::files::replace;

/// A row of cells.
pub type Row = Vec<String>;

/// Writes a file of a folder; the header's names stand between blanks.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn put(folder: &Path, name: &str, header: &str, rows: Vec<Row>) -> Result<PathBuf> {
    let path = folder.join(name);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = header.split(' ').map(str::to_owned).collect();
    for record in std::iter::once(header).chain(rows) {
        writer.write_record(&record).map_err(std::io::Error::from).at(&path)?;
    }
    replace(&path, &writer.into_inner().map_err(|e| e.into_error()).at(&path)?)?;
    Ok(path)
}

/// A number, nothing where there is none.
pub fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}
