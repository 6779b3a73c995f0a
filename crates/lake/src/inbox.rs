//! The inbox: what waits, and where it goes with a report beside it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::land::Landed;
use crate::error::{At, Error, Result};

/// Files that wait, in the order of their names; folders, links and hidden files are left alone.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be read.
pub fn waiting(inbox: &Path) -> Result<Vec<PathBuf>> {
    if !inbox.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(inbox).at(inbox)? {
        let entry = entry.at(inbox)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().at(&entry.path())?.is_file() && !hidden {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Moves a file that landed by each of its mappings to `done/`, with a report where something was
/// refused.
///
/// # Errors
/// [`Error::Io`].
pub fn done(inbox: &Path, file: &Path, landed: &[Landed]) -> Result<()> {
    let to = put(file, &inbox.join("done"))?;
    let report: String = landed.iter().filter_map(refused).collect();
    if report.is_empty() { Ok(()) } else { write_report(&to, &report) }
}

/// What was refused of a file in one domain; `None` where there is nothing to say.
fn refused(landed: &Landed) -> Option<String> {
    let tally = landed.tally.as_ref()?;
    if landed.refusals.is_empty() && tally.notices.is_empty() {
        return None;
    }
    let mut report = format!(
        "{} into {}: {} rows, {} accepted, {} refused, {} cells left empty\n",
        landed.file,
        landed.domain.id,
        tally.rows,
        tally.accepted,
        tally.refused_rows,
        tally.refused_cells
    );
    for notice in &tally.notices {
        let _ = writeln!(report, "{notice}");
    }
    for r in &landed.refusals {
        let what = if r.whole_row { "row refused" } else { "cell left empty" };
        let _ = writeln!(
            report,
            "row {} {} {:?}: {what}: {}; {}",
            r.row, r.column, r.value, r.reason, r.fix
        );
    }
    Some(report)
}

/// Moves a file that some mapping could not read to `failed/`, with the reasons, and what landed by
/// others.
///
/// # Errors
/// [`Error::Io`].
pub fn failed(inbox: &Path, file: &Path, landed: &[Landed], errors: &[Error]) -> Result<()> {
    let to = put(file, &inbox.join("failed"))?;
    let mut report: String = errors.iter().map(|error| format!("{error}\n")).collect();
    for landed in landed {
        let (file, domain) = (&landed.file, landed.domain.id);
        let _ = writeln!(
            report,
            "{file} landed in {domain}, and may come again: nothing is done there then"
        );
        report += &refused(landed).unwrap_or_default();
    }
    write_report(&to, &report)
}

/// Moves a file into a folder, under another name where its own is taken by other content.
fn put(file: &Path, folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).at(folder)?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let to = (0..)
        .map(|n| folder.join(if n == 0 { name.clone() } else { format!("{n}-{name}") }))
        .find(|to| !to.exists())
        .unwrap_or_else(|| folder.join(&name));
    std::fs::rename(file, &to).at(file)?;
    Ok(to)
}

fn write_report(file: &Path, report: &str) -> Result<()> {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let report_file = file.with_file_name(format!("{name}.report.txt"));
    std::fs::write(&report_file, report).at(&report_file)
}
