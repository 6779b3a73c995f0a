//! Parts of an OOXML package, and the file they make.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::engine::TemplateError;

/// Parts by their path in the package.
pub(crate) type Parts = BTreeMap<String, Vec<u8>>;

/// More than any letter's template holds: what claims to is no template.
const MOST: u64 = 256 << 20;

/// Reads a `.docx`.
///
/// # Errors
/// A [`TemplateError`] where the file is no zip archive or holds no `word/document.xml`.
pub(super) fn unzipped(bytes: &[u8]) -> Result<Parts, TemplateError> {
    let refused = |what: String| {
        TemplateError::new("the file", what, "save it anew as .docx (not .doc or .wps)")
    };
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|e| refused(format!("it is no .docx: {e}")))?;
    let mut parts = Parts::new();
    let mut left = MOST;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|e| refused(format!("it cannot be read: {e}")))?;
        if file.is_dir() {
            continue;
        }
        let name =
            file.name().map_err(|e| refused(format!("it cannot be read: {e}")))?.into_owned();
        let mut content = Vec::new();
        let read = file
            .take(left)
            .read_to_end(&mut content)
            .map_err(|e| refused(format!("{name} cannot be read: {e}")))?;
        left = left.saturating_sub(read as u64);
        if left == 0 {
            return Err(refused(format!("it holds more than {} MB", MOST >> 20)));
        }
        parts.insert(name, content);
    }
    match parts.contains_key("word/document.xml") {
        true => Ok(parts),
        false => Err(refused("it holds no word/document.xml".into())),
    }
}

/// A part as text.
///
/// # Errors
/// A [`TemplateError`] where it is not UTF-8.
pub(crate) fn utf8(name: &str, content: &[u8]) -> Result<String, TemplateError> {
    let text = std::str::from_utf8(content).map_err(|e| {
        TemplateError::new(name, format!("it is not UTF-8: {e}"), "save it as UTF-8")
    })?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The parts as one file: the content types first, as readers expect, then by path; times are
/// fixed, so the same parts give the same bytes.
///
/// # Errors
/// A [`TemplateError`] where a part cannot be packed (a path that is too long, say).
pub(crate) fn zipped(parts: &Parts) -> Result<Vec<u8>, TemplateError> {
    const FIRST: &str = "[Content_Types].xml";
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let first = parts.get_key_value(FIRST).into_iter();
    for (name, content) in first.chain(parts.iter().filter(|(name, _)| *name != FIRST)) {
        let packed = writer
            .start_file(name.as_str(), options)
            .map_err(std::io::Error::from)
            .and_then(|()| writer.write_all(content));
        packed.map_err(|e| {
            TemplateError::new(name, format!("it cannot be packed: {e}"), "give it a shorter name")
        })?;
    }
    let file = writer.finish().map_err(|e| {
        TemplateError::new("letter", format!("it cannot be packed: {e}"), "report this")
    })?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_bytes_and_come_back() {
        let parts: Parts = [
            ("word/document.xml", "<w/>"),
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", "平安"),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into();
        let bytes = zipped(&parts).unwrap();
        assert_eq!(bytes, zipped(&parts.clone()).unwrap());
        assert_eq!(unzipped(&bytes).unwrap(), parts);
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(archive.by_index(0).unwrap().name().unwrap(), "[Content_Types].xml");
    }

    #[test]
    fn what_is_no_docx_is_refused() {
        assert!(unzipped(b"PK but not quite").unwrap_err().what.contains("no .docx"));
        let parts: Parts = [("a".to_owned(), vec![1])].into();
        assert!(unzipped(&zipped(&parts).unwrap()).unwrap_err().what.contains("document.xml"));
    }
}
