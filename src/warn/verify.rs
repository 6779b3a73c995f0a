//! Whether ledger, table and documents still say what was written.

use lake::Derived;
use std::collections::BTreeMap;
use std::path::Path;

use super::documents::{folder, has_text};
use super::ledger::{Broken, LetterState, changed_files, check_length, read_rows, verify};
use crate::workspace::Workspace;
use lake::error::{At, Result};
use lake::{Columns, Lake, Limits, Session};

/// What a verification found.
#[derive(Debug, Default)]
pub struct Verification {
    /// Rows of the ledger, and letters they are about.
    pub rows: usize,
    pub letters: BTreeMap<String, LetterState>,
    /// What does not hold, and where; empty where everything does.
    pub wrong: Vec<String>,
}

/// Holds the ledger's files, the chain of hashes, the table `letters` and the verification codes of
/// issued documents against each other. Nothing is written.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`], [`lake::Error::Io`].
pub fn check(workspace: &Workspace, lake: &Lake, limits: &Limits) -> Result<Verification> {
    let mut verdict = Verification::default();
    if !lake.has(Derived::Ledger) {
        return Ok(verdict);
    }
    verdict.wrong = changed_files(lake)?;
    let (entries, noted) = match read_rows(lake, limits) {
        // A file whose bytes were changed need not be one any more.
        Err(_) if !verdict.wrong.is_empty() => return Ok(verdict),
        read => read?,
    };
    verdict.rows = entries.len();
    if let Err(broken) = check_length(&entries, noted) {
        verdict.wrong.push(broken.to_string());
    }
    match verify(&entries) {
        Ok(letters) => verdict.letters = letters,
        Err(broken) => {
            // The rows before it hold, so that what they add up to is still known.
            let before = usize::try_from(broken.seq - 1).unwrap_or(0);
            verdict.letters =
                entries.get(..before).and_then(|e| verify(e).ok()).unwrap_or_default();
            verdict.wrong.push(broken.to_string());
            return Ok(verdict);
        }
    }
    if lake.has(Derived::Letters) {
        let of = lake.derived(Derived::Letters)?.transaction("ledger")?.unwrap_or(0);
        let then = usize::try_from(of).ok().and_then(|n| entries.get(..n)).map(verify);
        let then = then
            .unwrap_or_else(|| Err(Broken { seq: of, what: String::new() }))
            .unwrap_or_default();
        verdict.wrong.extend(table(lake, limits, &then)?);
    }
    verdict.wrong.extend(documents(&folder(workspace), &verdict.letters)?);
    Ok(verdict)
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

/// Issued documents that do not bear the code of the ledger, and documents of no letter.
fn documents(folder: &Path, letters: &BTreeMap<String, LetterState>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (letter, issued) in letters.values().filter_map(|l| Some((l, l.issued.as_ref()?))) {
        let file = folder.join(format!("{}.docx", letter.letter_id));
        // One that is gone is written again; what was edited by hand cannot be.
        if !file.exists() {
            let edited = letter.approved.as_ref().is_some_and(|a| a.edited);
            wrong.extend(edited.then(|| format!("{} is gone", file.display())));
            continue;
        }
        let docx = std::fs::read(&file).at(&file)?;
        for text in [&issued.code, &issued.number] {
            if !has_text(&file, &docx, text).unwrap_or(false) {
                wrong.push(format!(
                    "{} does not bear {text}, which the ledger has given it",
                    file.display()
                ));
            }
        }
    }
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|f| f.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let stray = |name: &&String| {
        name.strip_suffix(".docx")
            .is_some_and(|id| !id.starts_with('.') && !letters.contains_key(id))
    };
    wrong.extend(
        names
            .iter()
            .filter(stray)
            .map(|name| format!("{} is of no letter in the ledger", folder.join(name).display())),
    );
    Ok(wrong)
}
