//! Files of departments: which format a file has, and its tables shown to a [`Visit`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::visit::Visit;
use super::{parquet, text, xlsx};
use crate::error::{At, Error, Result};

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
