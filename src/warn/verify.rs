//! Whether ledger, table and documents still say what was written.

use lake::Derived;
use std::collections::BTreeMap;

use super::documents::folder;
use super::genuine::documents;
use super::ledger::{
    Entry, LetterState, Noted, ROWS, changed_files, check_length, misfits, noted, read_rows, verify,
};
use crate::workspace::Workspace;
use lake::error::Result;
use lake::{Columns, Lake, Limits, Session};

/// What a verification found.
#[derive(Debug, Default)]
pub struct Verification {
    /// The rows of the ledger, and the letters they are about.
    pub entries: Vec<Entry>,
    pub letters: BTreeMap<String, LetterState>,
    /// What does not hold, and where; empty where everything does.
    pub wrong: Vec<String>,
}

/// Holds the ledger's files, the chain of hashes, what was noted of it elsewhere, the table
/// `letters` and the issued documents against each other. Nothing is written.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`], [`lake::Error::Io`].
pub fn check(workspace: &Workspace, lake: &Lake, limits: &Limits) -> Result<Verification> {
    let mut verdict = Verification::default();
    let noted = match noted(workspace, lake) {
        Ok(noted) => noted,
        Err(e) => {
            verdict.wrong.push(e.to_string());
            Vec::new()
        }
    };
    if lake.has(Derived::Ledger) {
        match read(lake, limits, &mut verdict) {
            // Nothing is known of the letters: documents would all be of none.
            Err(e) => verdict.wrong.push(format!("the ledger cannot be read: {e}")),
            Ok(()) => follows(workspace, lake, limits, &noted, &mut verdict)?,
        }
    } else {
        follows(workspace, lake, limits, &noted, &mut verdict)?;
    }
    Ok(verdict)
}

/// Reads rows and letters, and finds what is wrong within the ledger.
fn read(lake: &Lake, limits: &Limits, verdict: &mut Verification) -> Result<()> {
    verdict.wrong.extend(changed_files(lake)?);
    let (entries, noted) = read_rows(lake, limits)?;
    let length = check_length(&entries, noted).err();
    verdict.wrong.extend(length.map(|broken| broken.to_string()));
    match verify(&entries) {
        Ok(letters) => verdict.letters = letters,
        Err(broken) => {
            // The rows before it hold, so that what they add up to is still known.
            let before = usize::try_from(broken.seq - 1).unwrap_or(0);
            verdict.letters =
                entries.get(..before).and_then(|e| verify(e).ok()).unwrap_or_default();
            verdict.wrong.push(broken.to_string());
        }
    }
    verdict.entries = entries;
    Ok(())
}

/// Finds what is wrong outside the ledger: what was noted of it, the table, the documents.
fn follows(
    workspace: &Workspace,
    lake: &Lake,
    limits: &Limits,
    noted: &[Noted],
    verdict: &mut Verification,
) -> Result<()> {
    verdict.wrong.extend(misfits(&verdict.entries, noted));
    if lake.has(Derived::Letters) {
        let of = lake.derived(Derived::Letters)?.transaction(ROWS)?.unwrap_or(0);
        let then = usize::try_from(of).ok().and_then(|n| verdict.entries.get(..n)).map(verify);
        let then =
            then.and_then(std::result::Result::ok).unwrap_or_else(|| verdict.letters.clone());
        verdict.wrong.extend(table(lake, limits, &then)?);
    }
    verdict.wrong.extend(documents(&folder(workspace), &verdict.letters)?);
    Ok(())
}

/// Rows of `letters` that are not what the ledger's steps add up to.
fn table(
    lake: &Lake,
    limits: &Limits,
    letters: &BTreeMap<String, LetterState>,
) -> Result<Vec<String>> {
    let session = Session::new(lake, limits)?;
    session.register_table("letters", &lake.derived(Derived::Letters)?)?;
    let mut found = BTreeMap::new();
    for batch in
        session.collect("select letter_id, coalesce(number, '') as number, status from letters")?
    {
        let columns = Columns::new(&batch);
        let [ids, numbers, statuses] =
            ["letter_id", "number", "status"].map(|name| columns.required_text(name));
        found.extend(ids?.into_iter().zip(numbers?.into_iter().zip(statuses?)));
    }
    let expected = |l: &LetterState| {
        (l.issued.as_ref().map_or(String::new(), |i| i.number.clone()), l.status().to_owned())
    };
    let differs = |(id, letter): (&String, &LetterState)| {
        (found.get(id) != Some(&expected(letter)))
            .then(|| format!("table letters: letter {id} is not as the ledger has it"))
    };
    let unknown = |id: &&String| !letters.contains_key(*id);
    let mut wrong: Vec<String> = letters.iter().filter_map(differs).collect();
    wrong.extend(
        found
            .keys()
            .filter(unknown)
            .map(|id| format!("table letters: letter {id} is not in the ledger")),
    );
    Ok(wrong)
}
