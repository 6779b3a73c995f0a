//! What a file offers and who looks at it: the formats push headers and rows to a [`Visit`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::cell::{BadCell, Cell};
use super::{parquet, text, xlsx};
use crate::error::{At, Error, Result};

/// How many rows are looked at for the header; departments put titles and dates above it.
pub(crate) const HEAD: usize = 20;

/// Looks at a file's tables, row by row.
pub(crate) trait Visit {
    /// How well a row fits as header; the first row that fits completely ([`FITS`]) is it, else the
    /// best.
    fn fit(&self, row: &[String]) -> u32;
    /// A table begins. Says whether its rows are wanted.
    fn table(&mut self, sheet: Option<&str>, header: &[String]) -> Result<bool>;
    /// A row, at its number as a person counts. Says whether more are wanted.
    fn row(&mut self, number: u64, cells: &[Cell<'_>]) -> Result<bool>;
    /// A row that could not be read.
    fn broken(&mut self, number: u64, bad: BadCell) -> Result<()>;
    /// Something to tell about the file as a whole.
    fn notice(&mut self, text: String);
}

/// A row that is certainly the header.
pub(crate) const FITS: u32 = u32::MAX;

/// Position of the header among the first rows: the first that fits completely, else the one that
/// fits best.
pub(crate) fn header_of<'r>(
    rows: impl Iterator<Item = &'r [String]>,
    visit: &dyn Visit,
) -> Option<(usize, u32)> {
    let mut best: Option<(usize, u32)> = None;
    for (i, row) in rows.enumerate() {
        let fit = visit.fit(row);
        if best.is_none_or(|(_, b)| fit > b) {
            best = Some((i, fit));
        }
        if fit == FITS {
            break;
        }
    }
    best
}

/// Shows every table of the file to the visitor; `sheet` restricts a workbook to one sheet.
///
/// # Errors
/// [`Error::Input`] where the file is a folder, empty, damaged or of no known kind; what the
/// visitor returns.
pub(crate) fn visit(file: &Path, sheet: Option<&str>, visitor: &mut dyn Visit) -> Result<()> {
    let meta = std::fs::metadata(file).at(file)?;
    if meta.is_dir() {
        return Err(Error::input(file, "is a folder", "name the files in it"));
    }
    if !meta.is_file() {
        return Err(Error::input(
            file,
            "is not a regular file",
            "copy its content to a file first",
        ));
    }
    let mut magic = Vec::new();
    File::open(file).at(file)?.take(8).read_to_end(&mut magic).at(file)?;
    let name = file.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let called = |endings: &[&str]| endings.iter().any(|e| name.ends_with(e));
    match magic.as_slice() {
        [] => Err(Error::input(
            file,
            "is empty",
            "ask for it again; a day without events is a file with its header alone",
        )),
        [b'P', b'A', b'R', b'1', ..] => parquet::read(file, visitor),
        [b'P', b'K', 3, 4, ..] => xlsx::read(file, sheet, visitor),
        [0x1f, 0x8b, ..] => text::read(file, true, visitor),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Error::input(
            file,
            "is an old Excel workbook (.xls) or has a password",
            "save it as .xlsx without password",
        )),
        _ if called(&[".parquet"]) => Err(Error::input(
            file,
            "is not Parquet, whatever its name",
            "name it .csv if it is text, or export it again",
        )),
        _ if called(&[".xlsx", ".xlsm", ".xls"]) => Err(Error::input(
            file,
            "is not an Excel workbook, whatever its name",
            "open it and save it as .xlsx, or name it .csv if it is text",
        )),
        _ if called(&[".gz"]) => {
            Err(Error::input(file, "is not compressed, whatever its name", "name it without .gz"))
        }
        _ => text::read(file, false, visitor),
    }
}
