//! Letters listed, shown, verified, and taken a step further by people.

use chrono::NaiveDate;
use lake::Derived;

use super::open::{Options, lock, not_after_today};
use crate::detect;
use crate::warn::ledger::{Entry, LetterState};
use crate::warn::{
    self, Act, Actions, Documents, Ledger, Settings, Stamp, Verification, Vocabulary,
};
use crate::workspace::Workspace;
use lake::{AsOf, Lake, Limits};
use lake::{Error, Result};

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
    if !lake.has(Derived::Ledger) {
        return Ok(Vec::new());
    }
    Ok(open_ledger(workspace, &lake, &options.limits)?.drafted_as_of(&options.as_of))
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
    if !lake.has(Derived::Ledger) {
        return Err(no_letter(id));
    }
    let ledger = open_ledger(workspace, &lake, &options.limits)?;
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
    let _lock = lock(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    if !lake.has(Derived::Ledger) {
        return Err(no_letter(id));
    }
    let settings = Settings::read(workspace)?;
    let at =
        action.day.map_or(options.clock, |day| AsOf::end_of(day, workspace.time_zone()).instant);
    let stamp = Stamp { by: action.by.clone(), note: action.note.clone(), at };
    let rate = detect::Settings::read(workspace)?.false_discovery_rate();
    let documents = Documents::new(workspace, &settings, rate)?;
    let ledger = Ledger::open(&lake, &options.limits)?;
    let vocabulary = Vocabulary::read(workspace)?;
    let mut actions = Actions { workspace, settings: &settings, ledger, documents, vocabulary };
    actions.act(id, act, &stamp)?;
    actions.ledger.letters().get(id).cloned().ok_or_else(|| no_letter(id))
}

/// Holds the ledger's hashes, the table `letters` and the codes of issued documents against each
/// other.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`], [`Error::Io`].
pub fn verify(workspace: &Workspace, options: &Options) -> Result<Verification> {
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    if lake.has(Derived::Ledger) {
        // What a kill left unfinished is no edit. A ledger that does not hold is left as it is.
        let _ = open_ledger(workspace, &lake, &options.limits);
    }
    warn::verify(workspace, &lake, &options.limits)
}

fn no_letter(id: &str) -> Error {
    Error::usage(format!("there is no letter {id}"), "`pingan letters list` shows those there are")
}

/// Opens the ledger, and writes the documents that are missing, unless another pingan is writing.
fn open_ledger<'a>(workspace: &Workspace, lake: &'a Lake, limits: &Limits) -> Result<Ledger<'a>> {
    let ledger = Ledger::open(lake, limits)?;
    if let Ok(_lock) = lock(workspace) {
        let settings = Settings::read(workspace)?;
        let rate = detect::Settings::read(workspace)?.false_discovery_rate();
        let documents = Documents::new(workspace, &settings, rate)?;
        for notice in documents.restore(ledger.letters().values())? {
            tracing::warn!("{notice}");
        }
        ledger.write_letters()?;
    }
    Ok(ledger)
}
