//! How far the ledger has come, and what was noted of that outside it: in the log of the table
//! `letters` and in `out/ledger-head.txt`. Rows cut off at the end, an older ledger put back, and a
//! chain hashed anew all leave a chain that holds; they no longer pass through what was noted.

use std::fmt;
use std::path::{Path, PathBuf};

use super::entry::Entry;
use crate::workspace::Workspace;
use lake::error::{At, Error, Result};
use lake::{Derived, Lake};

/// Application transaction of the tables `ledger` and `letters`: how many rows of the ledger are in
/// it.
pub const ROWS: &str = "ledger";
/// Application transaction of the table `letters`: the first digits of the head, as a number.
pub(super) const HEAD: &str = "ledger_head";

/// Hexadecimal digits of a hash that a transaction, a whole number of 63 bits, has room for.
const DIGITS: usize = 15;

/// The last row of a ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// Its number: how many rows there are.
    pub rows: usize,
    /// Its hash, over all rows before it as well.
    pub hash: String,
}

impl Head {
    /// The head of a ledger; `None` where it has no row.
    pub fn of(entries: &[Entry]) -> Option<Head> {
        entries.last().map(|last| Head { rows: entries.len(), hash: last.hash.clone() })
    }

    /// The first digits of the hash, as a transaction keeps them.
    pub(super) fn number(&self) -> i64 {
        self.hash.get(..DIGITS).and_then(|d| i64::from_str_radix(d, 16).ok()).unwrap_or(0)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} rows, head {}", self.rows, self.hash)
    }
}

/// What was noted of the ledger in some place outside it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Noted {
    place: String,
    rows: usize,
    /// The first digits of the hash of the last of these rows, all 64 or fewer; none where they were
    /// not noted.
    digits: String,
}

impl Noted {
    /// What does not fit it.
    fn check(&self, entries: &[Entry]) -> Result<(), String> {
        let Noted { place, rows, digits } = self;
        let Some(last) = rows.checked_sub(1) else { return Ok(()) };
        match entries.get(last) {
            None => Err(format!(
                "the ledger has {} rows, {place} noted {rows}: rows are gone from its end, or an \
                 older ledger was put back",
                entries.len()
            )),
            Some(entry) if !entry.hash.starts_with(digits) => Err(format!(
                "row {rows} of the ledger is not the one that {place} noted: rows were written anew"
            )),
            Some(_) => Ok(()),
        }
    }
}

/// What does not fit what was noted.
pub fn misfits(entries: &[Entry], noted: &[Noted]) -> Vec<String> {
    noted.iter().filter_map(|note| note.check(entries).err()).collect()
}

/// What was noted outside the ledger. To be read before the ledger itself, which may go on
/// meanwhile.
///
/// # Errors
/// [`Error::Config`] where the file of the head is none, [`Error::Io`], [`Error::Delta`].
pub fn noted(workspace: &Workspace, lake: &Lake) -> Result<Vec<Noted>> {
    let mut noted = Vec::new();
    if lake.has(Derived::Letters) {
        let table = lake.derived(Derived::Letters)?;
        let rows = table.transaction(ROWS)?.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let digits = table.transaction(HEAD)?.map(|n| format!("{n:0DIGITS$x}"));
        let place = "the table letters".to_owned();
        noted.push(Noted { place, rows, digits: digits.unwrap_or_default() });
    }
    noted.extend(read(&file(workspace))?);
    Ok(noted)
}

/// Where the head is written down.
pub fn file(workspace: &Workspace) -> PathBuf {
    workspace.root.join("out").join("ledger-head.txt")
}

/// What the file of the head says; `None` where there is no file.
fn read(file: &Path) -> Result<Option<Noted>> {
    if !file.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(file).at(file)?;
    let plain = text.trim_start_matches('\u{feff}').trim();
    let parsed = plain.split_once(" rows, head ").and_then(|(rows, hash)| {
        Some((rows.parse().ok()?, hash)).filter(|(_, hash)| is_hash(hash))
    });
    let Some((rows, digits)) = parsed else {
        let fix = "restore it, or write into it the line that the last night printed";
        return Err(Error::config(file, "it does not tell rows and head of the ledger", fix));
    };
    let place = "out/ledger-head.txt".to_owned();
    Ok(Some(Noted { place, rows, digits: digits.to_owned() }))
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[cfg(test)]
mod tests {
    use super::super::entry::NewStep;
    use super::super::step::Step;
    use super::*;

    fn rows(actors: &[&str]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for actor in actors {
            let step = NewStep {
                letter_id: "a".into(),
                at: chrono::DateTime::UNIX_EPOCH,
                actor: (*actor).into(),
                step: Step::Receive,
                note: String::new(),
            };
            entries.push(Entry::after(entries.last(), &step));
        }
        entries
    }

    #[test]
    fn what_was_noted_holds_of_longer_ledgers_and_of_no_others() {
        let then = rows(&["a", "b", "c"]);
        let head = Head::of(&then).unwrap();
        let digits = [head.hash.clone(), format!("{:0DIGITS$x}", head.number()), String::new()];
        let note = |digits: &String| Noted { place: "x".into(), rows: 3, digits: digits.clone() };
        let cases: [(&[&str], [bool; 3]); 6] = [
            (&["a", "b", "c"], [true; 3]),
            (&["a", "b", "c", "d"], [true; 3]),
            (&["a", "b"], [false; 3]),
            (&[], [false; 3]),
            // Written anew: seen where a hash was noted.
            (&["a", "x", "c"], [false, false, true]),
            (&["a", "b", "x", "d"], [false, false, true]),
        ];
        for (now, holds) in cases {
            let found = digits.clone().map(|d| misfits(&rows(now), &[note(&d)]).is_empty());
            assert_eq!(found, holds, "{now:?}");
        }
    }

    #[test]
    fn the_file_is_read_as_it_is_written_and_else_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("head.txt");
        assert_eq!(read(&file).unwrap(), None);
        let head = Head::of(&rows(&["a", "b"])).unwrap();
        for written in [format!("{head}\n"), format!("\u{feff}{head}\r\n"), head.to_string()] {
            std::fs::write(&file, written).unwrap();
            let noted = read(&file).unwrap().unwrap();
            assert_eq!((noted.rows, noted.digits), (2, head.hash.clone()));
        }
        for wrong in ["", "2 rows", "rows, head ab", "x rows, head ab", &format!("{head}0")] {
            std::fs::write(&file, wrong).unwrap();
            assert!(read(&file).unwrap_err().to_string().contains("last night"), "{wrong:?}");
        }
    }
}
