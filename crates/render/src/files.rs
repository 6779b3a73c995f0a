//! Files of a template folder: those that come along, and a workspace's own.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::Dir;

use super::engine::TemplateError;

/// Contents by path within the folder, with `/` between names.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What a template folder is made of; what else lies there (locks and copies of editors,
/// thumbnails) is none of it.
const KINDS: [&str; 9] = [".xml", ".rels", ".html", ".css", ".js", ".typ", ".png", ".jpeg", ".jpg"];

/// The files that come along, and in their place or beside them those of the workspace's own
/// folder, where there is one.
///
/// # Errors
/// A [`TemplateError`] naming a file or folder that cannot be read.
pub(super) fn overlaid(bundled: &Dir<'_>, own: &Path) -> Result<Files, TemplateError> {
    let mut files = Files::new();
    embedded(bundled, &mut files);
    if own.is_dir() {
        on_disk(own, own, &mut files)?;
    }
    Ok(files)
}

fn embedded(folder: &Dir<'_>, files: &mut Files) {
    for file in folder.files() {
        files.insert(name(file.path()), file.contents().to_vec());
    }
    folder.dirs().for_each(|inner| embedded(inner, files));
}

fn on_disk(root: &Path, folder: &Path, files: &mut Files) -> Result<(), TemplateError> {
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
        let path = entry.map_err(|e| unreadable(folder, &e))?.path();
        let name = name(path.strip_prefix(root).unwrap_or(&path));
        if path.is_dir() {
            on_disk(root, &path, files)?;
        } else if KINDS.iter().any(|kind| name.ends_with(kind)) {
            files.insert(name, std::fs::read(&path).map_err(|e| unreadable(&path, &e))?);
        }
    }
    Ok(())
}

/// What is said of a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> TemplateError {
    TemplateError::new(
        &path.display().to_string(),
        format!("it cannot be read: {error}"),
        "make it readable, or remove it",
    )
}

fn name(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
