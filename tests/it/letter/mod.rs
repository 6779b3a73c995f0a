//! Letters as documents: what they are made of, a centre's own template, and how they look.

mod docx;
mod layout;
pub mod office;
mod own;
#[cfg(feature = "pdf")]
mod pdf;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use render::LetterTemplates;
use render::letter::Letter;

/// The letter of letter.toml.
pub fn example() -> Letter {
    toml::from_str(include_str!("letter.toml")).unwrap()
}

/// The templates that come along.
pub fn bundled() -> LetterTemplates {
    LetterTemplates::read(Path::new("no such folder")).unwrap()
}

/// Parts of a DOCX by name.
pub fn parts(docx: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        parts.insert(name, String::from_utf8_lossy(&content).into_owned());
    }
    parts
}

/// A file of parts.
pub fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
