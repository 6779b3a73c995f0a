//! The documents of a month, `out/reports/MONTH.docx`, `.html` and `.xlsx`, with the feature `pdf`
//! also `.pdf`: one that a person has edited is left as it is, and the new one put beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::from_template;
use crate::workspace::Workspace;
use lake::Result;
use lake::error::{At, Error};
use lake::files::replace;
use render::report::{Report, ReportTemplates};

/// Hashes of the documents as they were written, by file name.
const WRITTEN: &str = ".written.json";

/// A document that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub path: PathBuf,
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    New,
    /// In the place of one that nobody had changed.
    Replaced,
    /// The same bytes as before.
    Same,
    /// Beside one that a person has edited.
    Beside(PathBuf),
}

/// Where the reports of a workspace lie.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("out/reports")
}

/// Whether a month's report has been written, whatever became of it since.
pub fn is_written(workspace: &Workspace, month: &str) -> bool {
    let written = read(&folder(workspace)).unwrap_or_default();
    written.keys().any(|name| name.starts_with(month))
}

/// Writes the documents of a month's report.
///
/// # Errors
/// [`Error::Config`] where a template is wrong, [`Error::Io`].
pub fn write(workspace: &Workspace, month: &str, report: &Report) -> Result<Vec<Document>> {
    let templates = ReportTemplates::read(&workspace.reports()).map_err(from_template)?;
    let folder = folder(workspace);
    let mut written = read(&folder)?;
    let mut done = Vec::new();
    let mut put = |kind, bytes: Vec<u8>| -> Result<()> {
        done.push(put(&folder, &mut written, month, kind, &bytes)?);
        let json = serde_json::to_vec_pretty(&written).unwrap_or_default();
        replace(&folder.join(WRITTEN), &json)
    };
    put("docx", templates.docx(report).map_err(from_template)?)?;
    put("html", templates.html(report).map_err(from_template)?.into_bytes())?;
    put("xlsx", templates.xlsx(report).map_err(from_template)?)?;
    // Last, because it needs fonts that a machine may lack.
    #[cfg(feature = "pdf")]
    put("pdf", templates.pdf(report).map_err(from_template)?)?;
    Ok(done)
}

fn put(
    folder: &Path,
    written: &mut BTreeMap<String, String>,
    month: &str,
    kind: &str,
    bytes: &[u8],
) -> Result<Document> {
    let hash = blake3::hash(bytes).to_hex().to_string();
    let mut edited = None;
    for edition in 1.. {
        let name = match edition {
            1 => format!("{month}.{kind}"),
            n => format!("{month}（{n}）.{kind}"),
        };
        let path = folder.join(&name);
        let there = if path.is_file() { Some(std::fs::read(&path).at(&path)?) } else { None };
        let outcome = match (&there, written.get(&name)) {
            (Some(there), _) if there == bytes => Outcome::Same,
            (Some(there), Some(hash)) if blake3::hash(there).to_hex().as_str() == hash => {
                Outcome::Replaced
            }
            (Some(_), _) => {
                edited.get_or_insert(path);
                continue;
            }
            (None, _) => Outcome::New,
        };
        if outcome != Outcome::Same {
            replace(&path, bytes)?;
        }
        written.insert(name, hash);
        let outcome = edited.map_or(outcome, Outcome::Beside);
        return Ok(Document { path, outcome });
    }
    Err(Error::usage("no name is left for the report", "move old reports away"))
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let file = folder.join(WRITTEN);
    if !file.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(&file).at(&file)?;
    serde_json::from_str(&text).map_err(|e| {
        Error::input(
            &file,
            format!("it cannot be read: {e}"),
            "remove it: reports are then written beside those there are",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_a_person_edited_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = BTreeMap::new();
        let mut put =
            |bytes: &[u8]| put(folder.path(), &mut written, "2026-01", "docx", bytes).unwrap();
        assert_eq!(put(b"one").outcome, Outcome::New);
        assert_eq!(put(b"one").outcome, Outcome::Same);
        assert_eq!(put(b"two").outcome, Outcome::Replaced);
        let first = folder.path().join("2026-01.docx");
        std::fs::write(&first, b"edited").unwrap();
        let beside = put(b"three");
        assert_eq!(beside.outcome, Outcome::Beside(first.clone()));
        assert_eq!(std::fs::read(&first).unwrap(), b"edited");
        assert_eq!(std::fs::read(&beside.path).unwrap(), b"three");
        assert_eq!(put(b"four").path, beside.path);
        assert_eq!(std::fs::read(&first).unwrap(), b"edited");
    }
}
