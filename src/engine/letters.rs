//! Letters listed, shown, verified, and taken a step further by people.

use std::fs::File;
use std::time::Duration;

use chrono::NaiveDate;

use super::open::{Options, lock, not_after_today};
use crate::detect;
use crate::warn::ledger::{Entry, LetterState};
use crate::warn::{
    self, Act, Actions, Documents, Ledger, MeasureDone, Settings, Stamp, Verification, Vocabulary,
};
use crate::workspace::Workspace;
use lake::{AsOf, Lake, Limits};
use lake::{Error, Result};

/// How often and how long a command on letters waits for another one.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Who takes a step with a letter, on which day, and what they note.
#[derive(Clone, Debug, Default)]
pub struct Action {
    pub by: Option<String>,
    pub note: String,
    /// The day it was done; default now.
    pub day: Option<NaiveDate>,
}

/// Every letter as it was then.
///
/// # Errors
/// [`Error::Usage`] where the ledger does not hold, [`Error::Delta`], [`Error::Query`].
pub fn list(workspace: &Workspace, options: &Options) -> Result<Vec<LetterState>> {
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let (ledger, _) = open_ledger(workspace, &lake, &options.limits)?;
    Ok(ledger.drafted_as_of(&options.as_of))
}

/// What was done about letters by then, and what became of the series, a measure of
/// `models/warnings.toml` each.
///
/// # Errors
/// As [`list`].
pub fn measures(workspace: &Workspace, options: &Options) -> Result<Vec<MeasureDone>> {
    let letters = list(workspace, options)?;
    Ok(warn::measures_done(&Settings::read(workspace)?.measure, &letters))
}

/// A letter as it was then, with its steps.
///
/// # Errors
/// [`Error::Usage`] where there is none of that id, and as [`list`].
pub fn show(
    workspace: &Workspace,
    options: &Options,
    id: &str,
) -> Result<(LetterState, Vec<Entry>)> {
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let (ledger, _) = open_ledger(workspace, &lake, &options.limits)?;
    let letter = ledger.as_of(&options.as_of).remove(id).ok_or_else(|| no_letter(id))?;
    let steps = ledger
        .entries()
        .iter()
        .filter(|e| e.letter_id == id && e.at <= options.as_of.instant)
        .cloned()
        .collect();
    Ok((letter, steps))
}

/// Takes a letter a step further, with the workspace locked; returns the letter as it is then.
///
/// # Errors
/// [`Error::Usage`] where there is no such letter, the step may not follow, or a text names a
/// person, and as [`list`].
pub fn act(
    workspace: &Workspace,
    options: &Options,
    id: &str,
    act: &Act,
    action: &Action,
) -> Result<LetterState> {
    if let Some(day) = action.day {
        not_after_today(workspace, options, day, "a step on")?;
    }
    let _lock = lock_soon(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let settings = Settings::read(workspace)?;
    let at =
        action.day.map_or(options.clock, |day| AsOf::end_of(day, workspace.time_zone()).instant);
    let stamp =
        Stamp { by: action.by.clone(), note: action.note.clone(), at, dated: action.day.is_some() };
    let rate = detect::Settings::read(workspace)?.false_discovery_rate();
    let documents = Documents::new(workspace, &settings, rate)?;
    let ledger = Ledger::open(workspace, &lake, &options.limits)?;
    let vocabulary = Vocabulary::read(workspace)?;
    let mut actions = Actions { workspace, settings: &settings, ledger, documents, vocabulary };
    actions.act(id, act, &stamp)?;
    actions.ledger.letters().get(id).cloned().ok_or_else(|| no_letter(id))
}

/// Holds the ledger, what was noted of it, the table `letters` and the issued documents against each
/// other; where all holds, what a command that was cut short left to do is done.
///
/// # Errors
/// [`Error::Usage`] where something does not hold and another pingan is writing, whose work half
/// done that may be; [`Error::Delta`], [`Error::Query`], [`Error::Io`].
pub fn verify(workspace: &Workspace, options: &Options) -> Result<Verification> {
    let (mut verdict, lock) = judge(workspace, &options.limits)?;
    if verdict.wrong.is_empty() && lock.is_some() {
        let lake = Lake::open(&workspace.lake(), &options.limits)?;
        let ledger = Ledger::open(workspace, &lake, &options.limits)?;
        verdict.wrong.extend(mend(workspace, &ledger)?);
    }
    Ok(verdict)
}

/// A verification, with the lock that keeps others from writing, where there is one; nothing is
/// mended. What another pingan is writing is judged when it is done.
///
/// # Errors
/// As [`verify`].
pub(super) fn judge(
    workspace: &Workspace,
    limits: &Limits,
) -> Result<(Verification, Option<File>)> {
    let verdict = || warn::verify(workspace, &Lake::open(&workspace.lake(), limits)?, limits);
    match lock(workspace) {
        Ok(lock) => Ok((verdict()?, Some(lock))),
        Err(Error::Usage { .. }) => match verdict() {
            Ok(verdict) if verdict.wrong.is_empty() => Ok((verdict, None)),
            _ => {
                let lock = lock_soon(workspace)?;
                Ok((verdict()?, Some(lock)))
            }
        },
        // A folder that may only be read can be verified all the same.
        Err(_) => Ok((verdict()?, None)),
    }
}

/// The lock of a workspace, for which a command on letters waits as long as another one takes.
fn lock_soon(workspace: &Workspace) -> Result<File> {
    for _ in 0..TRIES {
        match lock(workspace) {
            Err(Error::Usage { .. }) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    lock(workspace)
}

fn no_letter(id: &str) -> Error {
    Error::usage(format!("there is no letter {id}"), "`pingan letters list` shows those there are")
}

/// Opens the ledger, and writes what is missing, unless another pingan is writing.
fn open_ledger<'a>(
    workspace: &'a Workspace,
    lake: &'a Lake,
    limits: &Limits,
) -> Result<(Ledger<'a>, Option<File>)> {
    // First the lock: what is written must follow from the ledger as it is then.
    let lock = lock(workspace).ok();
    let ledger = Ledger::open(workspace, lake, limits)?;
    if lock.is_some() {
        for notice in mend(workspace, &ledger)? {
            tracing::warn!("{notice}");
        }
    }
    Ok((ledger, lock))
}

/// Writes the documents that are missing, the table and the head; comes back with what cannot be
/// written again.
fn mend(workspace: &Workspace, ledger: &Ledger) -> Result<Vec<String>> {
    if ledger.entries().is_empty() {
        return Ok(Vec::new());
    }
    let settings = Settings::read(workspace)?;
    let rate = detect::Settings::read(workspace)?.false_discovery_rate();
    let documents = Documents::new(workspace, &settings, rate)?;
    let notices = documents.follow_ledger(ledger.letters().values())?;
    ledger.follow()?;
    Ok(notices)
}
