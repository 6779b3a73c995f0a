//! The site: pages to open from disk.

use std::path::{Path, PathBuf};

use lake::error::At;
use lake::files::replace;
use lake::{Error, Result};
use render::site::{Page, SiteTemplates};

use super::open::Options;
use super::refreeze::last_whole_month;
use super::report::with_job;
use crate::error::from_template;
use crate::report::{self, Inputs, Words};
use crate::warn;
use crate::workspace::Workspace;

/// The file that says that a folder is a site, which may be replaced.
const MARK: &str = ".pingan-site";

/// Contents by path within the folder.
type Files = Vec<(String, Vec<u8>)>;

/// Writes the site of the last month that is over into a folder, in the place of the one that was
/// there; returns its first page.
///
/// # Errors
/// [`Error::Usage`] where the folder holds something else or the month has no scores, and as
/// [`super::report_month`].
pub fn site(workspace: &Workspace, options: &Options, folder: &Path) -> Result<PathBuf> {
    is_ours(folder)?;
    let month = last_whole_month(options);
    let files = with_job("site", workspace, options, &month, |job, sources| {
        contents(workspace, &Inputs::read(job, sources, &month)?)
    })?;
    put(folder, &files)?;
    Ok(folder.join("index.html"))
}

/// All files of the site.
fn contents(workspace: &Workspace, inputs: &Inputs) -> Result<Files> {
    let letters = warn::folder(workspace);
    let page_of = |id: &String| letters.join(format!("{id}.html"));
    let ids: Vec<String> = inputs.letters.iter().map(|l| l.letter_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().filter(|id| page_of(id).is_file()).collect();
    let words = Words::read(workspace)?;
    let pages = report::pages(inputs, &words, &report::read_queries(&workspace.root)?, &ids)?;
    let name = format!("{}平安建设", inputs.areas[0].name);
    let mut files = filled(workspace, &name, &pages)?;
    for id in &ids {
        let file = page_of(id);
        files.push((report::letter_path(id), std::fs::read(&file).at(&file)?));
    }
    Ok(files)
}

/// Whether a folder may be written: there is none, it is empty, or a site that was made before.
fn is_ours(folder: &Path) -> Result<()> {
    let other = folder.is_dir() && !folder.join(MARK).is_file();
    if other && std::fs::read_dir(folder).at(folder)?.next().is_some() {
        return Err(Error::usage(
            format!("{} holds something other than a site", folder.display()),
            "give an empty folder, or one that `pingan site` made",
        ));
    }
    Ok(())
}

/// The pages filled, with what they share.
fn filled(workspace: &Workspace, name: &str, pages: &[Page]) -> Result<Files> {
    let templates = SiteTemplates::read(&workspace.reports()).map_err(from_template)?;
    let mut files: Files = vec![(MARK.to_owned(), Vec::new())];
    files.extend(templates.shared().map(|(name, content)| (name.to_owned(), content.to_vec())));
    for page in pages {
        let html = templates.page(name, page).map_err(from_template)?;
        files.push((page.path.clone(), html.into_bytes()));
    }
    Ok(files)
}

/// Writes the files beside the folder, then puts them in its place: a reader sees the old site until
/// the new one is whole.
fn put(folder: &Path, files: &Files) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.with_file_name(format!(".{name}.pingan-new"));
    // What a killed run left, and nobody else's.
    is_ours(&beside)?;
    remove(&beside)?;
    for (path, content) in files {
        replace(&beside.join(path), content)?;
    }
    remove(folder)?;
    std::fs::rename(&beside, folder).at(folder)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.is_dir() { std::fs::remove_dir_all(folder).at(folder) } else { Ok(()) }
}
