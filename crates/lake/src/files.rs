//! Files that are whole or not there, and their names as a person reads them.

use std::io::Write;
use std::path::Path;

use encoding_rs::GB18030;

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

/// The text of a file that people edit: UTF-8, with or without its mark, or GBK as a Chinese
/// spreadsheet saves it.
#[must_use]
pub fn decoded(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
        Err(e) => GB18030.decode(e.as_bytes()).0.into_owned(),
    }
}

/// Bytes a file's name may have on the file systems of Linux, macOS and Windows.
const LONGEST_NAME: usize = 255;

/// The last component of a path, as a person reads it. A name that is not UTF-8 is one in GBK:
/// archives packed on Windows leave such names.
#[must_use]
pub fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    if let Some(name) = name.to_str() {
        return name.to_owned();
    }
    GB18030
        .decode_without_bom_handling_and_without_replacement(name.as_encoded_bytes())
        .map_or_else(|| name.to_string_lossy().into_owned(), |name| name.into_owned())
}

/// A name with something before and behind it, its end cut off where it would be too long for a
/// file system. Its extension stays.
#[must_use]
pub fn name_between(before: &str, name: &str, behind: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(before.len() + behind.len());
    if name.len() <= room {
        return format!("{before}{name}{behind}");
    }
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 16 => name.split_at(dot),
        _ => (name, ""),
    };
    let mut end = room.saturating_sub(extension.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{before}{}{extension}{behind}", &stem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_too_long_lose_the_end_of_their_stem() {
        assert_eq!(name_between("1-", "台账.csv", ".report.txt"), "1-台账.csv.report.txt");
        for name in ["账".repeat(85), format!("{}.csv", "x".repeat(251)), "账".repeat(84) + ".gz"]
        {
            let longer = name_between("12-", &name, ".report.txt");
            assert!(longer.len() <= LONGEST_NAME, "{longer}");
            assert!(longer.starts_with("12-") && longer.ends_with(".report.txt"), "{longer}");
            let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
            assert!(longer.contains(extension), "{longer}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_in_gbk_are_read() {
        use std::os::unix::ffi::OsStrExt;
        for written in ["矛盾纠纷台账1月.csv", "信访.xlsx", "１２３４５.csv", "一、二.parquet"]
        {
            let bytes = GB18030.encode(written).0;
            let path = Path::new("inbox").join(std::ffi::OsStr::from_bytes(&bytes));
            assert_eq!(name(&path), written);
            assert_eq!(name(Path::new(written)), written);
        }
        assert_eq!(name(Path::new(std::ffi::OsStr::from_bytes(b"a\xff.csv"))), "a\u{fffd}.csv");
    }
}
