//! The mappings of a folder, each by itself: a broken one spoils the files it is for, no others.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Mapping, fits};
use crate::error::{At, Error, Result};
use crate::schema::Domain;

/// A mapping that cannot be used, and what can still be read of it.
#[derive(Debug)]
pub struct BrokenMapping {
    pub file: PathBuf,
    pub error: Box<Error>,
    /// Patterns of file names it is for; `None` where they cannot be read.
    files: Option<Vec<String>>,
    domain: Option<String>,
}

impl BrokenMapping {
    fn new(file: PathBuf, text: &str, error: Error) -> BrokenMapping {
        let readable = readable_part(text);
        let patterns = match readable.get("files") {
            Some(Value::Array(patterns)) => {
                patterns.iter().map(|p| p.as_str().map(str::to_owned)).collect()
            }
            Some(Value::String(pattern)) => Some(vec![pattern.clone()]),
            _ => None,
        };
        let domain = readable.get("domain").and_then(Value::as_str).map(str::to_owned);
        BrokenMapping { file, error: Box::new(error), files: patterns, domain }
    }

    /// Whether it is for a file of this name; `None` where nobody can tell.
    pub fn is_for(&self, file_name: &str) -> Option<bool> {
        self.files.as_ref().map(|files| files.iter().any(|p| fits(p, file_name)))
    }

    /// Whether it is for another domain than this one.
    pub fn is_of_another(&self, domain: &Domain) -> bool {
        self.domain.as_ref().is_some_and(|own| own != domain.id && Domain::find(own).is_some())
    }
}

/// The mappings of a folder in the order of their names; none where there is no folder.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be listed.
pub fn read_folder(folder: &Path) -> Result<Vec<Result<Mapping, BrokenMapping>>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .at(folder)?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .at(folder)?;
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    Ok(files.into_iter().map(read).collect())
}

fn read(file: PathBuf) -> Result<Mapping, BrokenMapping> {
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            let error =
                Error::config(&file, error.to_string(), "make it a readable file, saved as UTF-8");
            return Err(BrokenMapping::new(file, "", error));
        }
    };
    Mapping::parse(&file, &text).map_err(|error| BrokenMapping::new(file, &text, error))
}

/// What stands before the first error of a TOML text.
fn readable_part(text: &str) -> Table {
    let mut rest = text;
    loop {
        match rest.parse::<Table>() {
            Ok(table) => return table,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start.min(rest.len()));
                let line = rest.as_bytes()[..at].iter().rposition(|b| *b == b'\n').unwrap_or(0);
                rest = &rest[..line];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> BrokenMapping {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        std::fs::write(&file, text).unwrap();
        read_folder(folder.path()).unwrap().pop().unwrap().unwrap_err()
    }

    /// What can be read of a mapping says whether a file is its; `None` where `files` is lost.
    #[test]
    fn what_a_broken_mapping_is_for() {
        for (text, tells) in [
            (
                "domain = \"disputes\"\nfiles = [\"信访*\"]\n[columns]\nevent_id = 编号\n",
                Some(true),
            ),
            ("files = [\"信访*\"]\ndomain = \"disputs\"\n", Some(true)),
            ("files = [\"信访*\"]\ndomain = \"disputes\"\n[columns]\n", Some(true)),
            ("files = \"信访*\"\ndomain = \"disputes\"\n", Some(true)),
            ("files = [\n\"信访*\",\n]\ndomain = \"disputes\"\nalso = maybe\n", Some(true)),
            ("files = [\"警情*\"]\ndomain = \"disputes\"\n[columns\n", Some(false)),
            ("files = [\"信访*\"]\nfiles = [\"警情*\"]\n", Some(true)),
            ("domain = disputes\nfiles = [\"信访*\"]\n", None),
            ("files = [\"信访*\", 3]\n", None),
            ("files = [\"信访*\n", None),
            ("", None),
        ] {
            assert_eq!(broken(text).is_for("信访1.csv"), tells, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_a_broken_mapping() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.toml"), b"files = [\"\xd0\xc5*\"]").unwrap();
        std::fs::create_dir(folder.path().join("b.toml")).unwrap();
        let read = read_folder(folder.path()).unwrap();
        assert_eq!(read.len(), 2);
        for broken in read {
            let broken = broken.unwrap_err();
            assert!(matches!(*broken.error, Error::Config { .. }), "{}", broken.error);
            assert_eq!(broken.is_for("信访1.csv"), None);
        }
    }
}
