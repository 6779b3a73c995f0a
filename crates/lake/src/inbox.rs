//! The inbox: what waits, and where it goes with a report beside it.

use std::fmt::Write;
use std::fs::FileType;
use std::path::{Path, PathBuf};

use super::land::Landed;
use crate::error::{At, Error, Result};
use crate::files;
use crate::ingest::formats;
use crate::label::label;

/// What lies in the inbox.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Files, and folders that are one delivery, in the order of their names.
    pub files: Vec<PathBuf>,
    /// What is left lying, in the order of the names.
    pub left: Vec<Left>,
}

/// Something in the inbox that is no delivery.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Its name, without what could name a person.
    pub name: String,
    /// What it is.
    pub what: &'static str,
}

/// Where files go that were taken, and that could not be.
const DONE: &str = "done";
const FAILED: &str = "failed";

/// What waits. Files that programs keep beside data are passed over.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be read.
pub fn waiting(inbox: &Path) -> Result<Waiting> {
    let mut waiting = Waiting::default();
    if !inbox.is_dir() {
        return Ok(waiting);
    }
    for entry in std::fs::read_dir(inbox).at(inbox)? {
        let entry = entry.at(inbox)?;
        let path = entry.path();
        let name = files::name(&path);
        match what_lies(&name, &path, entry.file_type().at(&path)?) {
            Lying::Delivery => waiting.files.push(path),
            Lying::Kept => {}
            Lying::Left(what) => waiting.left.push(Left { name: label(&name, &[]), what }),
        }
    }
    waiting.files.sort();
    waiting.left.sort();
    Ok(waiting)
}

enum Lying {
    Delivery,
    /// What a program keeps beside the data, and this one itself.
    Kept,
    Left(&'static str),
}

fn what_lies(name: &str, path: &Path, kind: FileType) -> Lying {
    if is_kept(name) || (kind.is_dir() && [DONE, FAILED].contains(&name)) {
        Lying::Kept
    } else if kind.is_dir() {
        match formats::is_partitioned(path) {
            true => Lying::Delivery,
            false => Lying::Left("a folder: put the files in it into the inbox"),
        }
    } else if kind.is_symlink() {
        Lying::Left("a link: put the file itself into the inbox")
    } else if !kind.is_file() {
        Lying::Left("no regular file")
    } else if is_unfinished(name) {
        Lying::Left("a download or copy that has not ended: name it rightly when it has")
    } else {
        Lying::Delivery
    }
}

/// Files that Office, WPS, Windows and macOS keep beside data: locks, previews, settings.
fn is_kept(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || (name.starts_with('~') && lower.ends_with(".tmp"))
        || ["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r"].contains(&&*lower)
}

/// Endings that browsers and copying programs give a file until it is whole.
const UNFINISHED: [&str; 10] = [
    ".crdownload",
    ".part",
    ".partial",
    ".download",
    ".downloading",
    ".tmp",
    ".temp",
    ".filepart",
    ".opdownload",
    ".td",
];

fn is_unfinished(name: &str) -> bool {
    let lower = name.to_lowercase();
    UNFINISHED.iter().any(|ending| lower.ends_with(ending))
}

/// Moves a file that landed by each of its mappings to `done/`, with a report where something was
/// refused.
///
/// # Errors
/// [`Error::Io`].
pub fn done(inbox: &Path, file: &Path, landed: &[Landed]) -> Result<()> {
    let to = put(file, &inbox.join(DONE))?;
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
    report += &landed.refusals.lines_with_words();
    Some(report)
}

/// Moves a file that some mapping could not read to `failed/`, with the reasons, and what landed by
/// others.
///
/// # Errors
/// [`Error::Io`].
pub fn failed(inbox: &Path, file: &Path, landed: &[Landed], errors: &[Error]) -> Result<()> {
    let to = put(file, &inbox.join(FAILED))?;
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

/// Moves a file into a folder under its readable name, or another where that is taken by other
/// content.
fn put(file: &Path, folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).at(folder)?;
    let to = free(folder, &files::name(file), "");
    std::fs::rename(file, &to).at(file)?;
    Ok(to)
}

fn write_report(file: &Path, report: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let report_file = free(folder, &files::name(file), ".report.txt");
    std::fs::write(&report_file, report).at(&report_file)
}

/// A place in the folder that nothing has: that of the name, else that of the name behind a number.
fn free(folder: &Path, name: &str, behind: &str) -> PathBuf {
    let mut place = folder.join(files::name_between("", name, behind));
    let mut n = 0;
    while place.symlink_metadata().is_ok() {
        n += 1;
        place = folder.join(files::name_between(&format!("{n}-"), name, behind));
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_keep_is_passed_over_and_what_is_no_delivery_is_named() {
        let inbox = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(inbox.path().join(name), b"x").unwrap();
        let kept = [
            "~$台账.xlsx",
            ".~台账.xlsx",
            "Thumbs.db",
            "desktop.ini",
            ".DS_Store",
            "~WRL0001.tmp",
            "~DF3A.TMP",
            "._台账.csv",
            ".台账.csv.swp",
        ];
        let unfinished = [
            "台账.csv.crdownload",
            "台账.csv.part",
            "台账.TMP",
            "台账.xlsx.download",
            "a.partial",
            "b.xlsx.td",
        ];
        let good = ["台账.csv", "part.csv", "download.xlsx", "台账~.csv", "临时.tmp.csv"];
        kept.iter().chain(&unfinished).chain(&good).for_each(|name| put(name));
        for folder in [DONE, FAILED, "__MACOSX", "一月"] {
            std::fs::create_dir(inbox.path().join(folder)).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("台账.csv", inbox.path().join("连接.csv")).unwrap();
        let waiting = waiting(inbox.path()).unwrap();
        let mut good = good.map(|name| inbox.path().join(name));
        good.sort();
        assert_eq!(waiting.files, good);
        let mut named: Vec<&str> = waiting.left.iter().map(|left| left.name.as_str()).collect();
        named.retain(|name| *name != "***.csv");
        let mut expected = [unfinished.as_slice(), &["***月"]].concat();
        expected.sort_unstable();
        assert_eq!(named, expected);
    }

    #[test]
    fn reports_fit_beside_the_longest_names() {
        let inbox = tempfile::tempdir().unwrap();
        let failed = |n: usize| {
            let file = inbox.path().join(format!("{}.csv", "x".repeat(251)));
            std::fs::write(&file, n.to_string()).unwrap();
            let error = Error::input(&file, "is empty", "ask for it again");
            super::failed(inbox.path(), &file, &[], &[error]).unwrap();
            assert!(!file.exists());
        };
        (0..3).for_each(failed);
        let lying = std::fs::read_dir(inbox.path().join(FAILED)).unwrap();
        let lying: Vec<String> = lying.map(|e| files::name(&e.unwrap().path())).collect();
        let reports = lying.iter().filter(|name| name.ends_with(".report.txt")).count();
        assert_eq!((lying.len(), reports), (6, 3), "{lying:?}");
    }
}
