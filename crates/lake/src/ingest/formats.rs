//! Files of departments: the tables of a file of any format, shown to a [`Visit`].

use std::cell::Cell;
use std::fs::FileType;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use super::kind::{self, Kind};
use super::visit::Visit;
use super::{parquet, text, whole, xlsx};
use crate::error::{At, Error, Result};
use crate::files;

/// Folders within folders that a partitioned delivery may have.
const DEEPEST: usize = 8;

/// Shows every table of the file to the visitor; `sheet` restricts a workbook to one sheet. A
/// folder of Parquet files that is partitioned by `key=value` is one file.
///
/// # Errors
/// [`Error::Input`] where the file is any other folder, empty, damaged or of no known kind; what
/// the visitor returns.
pub(crate) fn read(file: &Path, sheet: Option<&str>, visitor: &mut dyn Visit) -> Result<()> {
    let meta = std::fs::metadata(file).at(file)?;
    if meta.is_dir() {
        let parts = parts(file)?;
        return unpanicked(file, || parquet::read_partitioned(file, &parts, visitor));
    }
    if !meta.is_file() {
        let fix = "copy its content to a file first";
        return Err(Error::input(file, "is not a regular file", fix));
    }
    unpanicked(file, || show(file, sheet, visitor))
}

fn show(file: &Path, sheet: Option<&str>, visitor: &mut dyn Visit) -> Result<()> {
    let Some(kind) = kind::of(file)? else {
        let fix = "ask for it again; a day without events is a file with its header alone";
        return Err(Error::input(file, "is empty", fix));
    };
    match kind {
        Kind::Parquet => parquet::read(file, visitor),
        Kind::Xlsx => xlsx::read(file, sheet, visitor),
        Kind::Xlsb => whole::read_xlsb(file, sheet, visitor),
        Kind::Xls => whole::read_xls(file, sheet, visitor),
        Kind::Ods => whole::read_ods(file, sheet, visitor),
        Kind::Gzip => text::read_zipped(file, visitor),
        Kind::Text => {
            named_as_text(file)?;
            text::read(file, visitor)
        }
        Kind::Other(what, fix) => Err(Error::input(file, format!("is {what}"), fix)),
    }
}

/// Refuses text that is named as something else: it is a file that was written wrongly.
fn named_as_text(file: &Path) -> Result<()> {
    let name = files::name(file).to_lowercase();
    let called = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let (what, fix) = if called(&[".parquet"]) {
        ("is not Parquet, whatever its name", "name it .csv if it is text, or export it again")
    } else if called(&[".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods"]) {
        let fix = "open it and save it as .xlsx, or name it .csv if it is text";
        ("is not an Excel workbook, whatever its name", fix)
    } else if called(&[".gz"]) {
        ("is not compressed, whatever its name", "name it without .gz")
    } else {
        return Ok(());
    };
    Err(Error::input(file, what, fix))
}

/// Whether a folder is one delivery: Parquet files partitioned by `key=value`.
pub(crate) fn is_partitioned(folder: &Path) -> bool {
    parts(folder).is_ok()
}

/// The files that a delivery is made of: itself, or those of a partitioned folder, in the order of
/// their names.
///
/// # Errors
/// [`Error::Input`] for a folder that holds anything else.
pub(crate) fn parts(file: &Path) -> Result<Vec<PathBuf>> {
    if !file.is_dir() {
        return Ok(vec![file.to_path_buf()]);
    }
    let mut found = Vec::new();
    if collect(file, 0, &mut found)? && !found.is_empty() {
        found.sort();
        return Ok(found);
    }
    Err(Error::input(file, "is a folder", "name the files in it"))
}

/// Adds the Parquet files under a folder; false where it holds something else.
fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<bool> {
    for entry in std::fs::read_dir(folder).at(folder)? {
        let entry = entry.at(folder)?;
        let path = entry.path();
        let name = files::name(&path);
        // Spark and Hive write `_SUCCESS` and hidden checksums beside the data.
        if name.starts_with(['_', '.']) {
            continue;
        }
        let kind: FileType = entry.file_type().at(&path)?;
        let fits = if kind.is_dir() {
            name.contains('=') && depth < DEEPEST && collect(&path, depth + 1, found)?
        } else {
            depth > 0 && kind.is_file() && name.to_lowercase().ends_with(".parquet")
        };
        if !fits {
            return Ok(false);
        }
        if kind.is_file() {
            found.push(path);
        }
    }
    Ok(true)
}

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Reads a file. Some damaged files make a library panic: one file must not end the night, and the
/// panic's message, which may quote the file, is not shown.
fn unpanicked(file: &Path, read: impl FnOnce() -> Result<()>) -> Result<()> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !READING.get() {
                usual(panic);
            }
        }));
    });
    READING.set(true);
    let ended = catch_unwind(AssertUnwindSafe(read));
    READING.set(false);
    ended.unwrap_or_else(|_| {
        let fix = "it is damaged, or this program wrong: save it again in the program it comes \
                   from, or as CSV";
        Err(Error::input(file, "cannot be read: reading it broke off", fix))
    })
}

#[cfg(test)]
mod tests {
    use super::super::cell::{BadCell, Cell};
    use super::*;

    /// A library, or a part of this program, that fails over what it is shown.
    struct Failing;

    impl Visit for Failing {
        fn fit(&self, _: &[String]) -> u32 {
            1
        }
        fn table(&mut self, _: Option<u32>, _: &[String]) -> Result<bool> {
            Ok(true)
        }
        fn row(&mut self, _: u64, cells: &[Cell<'_>]) -> Result<bool> {
            panic!("{}", cells[9].to_text())
        }
        fn broken(&mut self, _: u64, _: BadCell) -> Result<()> {
            Ok(())
        }
        fn notice(&mut self, _: String) {}
    }

    #[test]
    fn a_panic_is_an_error_about_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "a,b\n1,2\n").unwrap();
        let error = read(&file, None, &mut Failing).unwrap_err().to_string();
        assert!(error.contains("a.csv: cannot be read: reading it broke off"), "{error}");
        assert!(read(&file, None, &mut Failing).is_err());
    }
}
