//! Whether the documents of letters are those that went out.

use std::collections::BTreeMap;
use std::path::Path;

use super::documents::{Format, has_text, hash, path, read};
use super::ledger::{Hashes, Issued, LetterState};
use super::restore::is_cut_short;
use lake::error::Result;
use render::docx_text;

/// Digits of a group of a verification code, and groups.
const GROUP: usize = 4;
const GROUPS: usize = 4;

/// Documents that are not as they were issued, that bear a code the ledger has not given, and that
/// are of no letter. What is missing is not wrong, as long as it can be written again.
pub fn documents(folder: &Path, letters: &BTreeMap<String, LetterState>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for letter in letters.values() {
        wrong.extend(match (&letter.issued, &letter.documents) {
            (Some(_), Some(hashes)) if cut_short(folder, letter, hashes)? => Vec::new(),
            (Some(issued), hashes) => {
                let mut wrong = changed(folder, letter, hashes.as_ref())?;
                wrong.extend(without_code(folder, letter, issued)?);
                wrong
            }
            (None, _) => with_code(folder, letter)?,
        });
    }
    wrong.extend(strays(folder, letters));
    Ok(wrong)
}

/// Whether the documents are still those of the approval: the next command writes them.
fn cut_short(folder: &Path, letter: &LetterState, hashes: &Hashes) -> Result<bool> {
    let docx = read(&path(folder, &letter.letter_id, Format::Docx))?;
    Ok(docx.is_some_and(|docx| is_cut_short(letter, hashes, &docx)))
}

/// Files whose hash is not the one noted at the issue.
fn changed(folder: &Path, letter: &LetterState, hashes: Option<&Hashes>) -> Result<Vec<String>> {
    let Some(hashes) = hashes else { return Ok(Vec::new()) };
    let mut wrong = Vec::new();
    for format in Format::ALL {
        let file = path(folder, &letter.letter_id, format);
        match (format.hash_in(hashes), read(&file)?) {
            (None, Some(_)) => {
                wrong.push(format!(
                    "{} is not among the documents issued: remove it, or keep it elsewhere",
                    file.display()
                ));
            }
            (Some(noted), Some(bytes)) if hash(&bytes) != noted => wrong.push(format!(
                "{} is not as it was issued: restore it from a backup, or remove it to have it \
                 written again",
                file.display()
            )),
            _ => {}
        }
    }
    Ok(wrong)
}

/// An issued DOCX that does not bear number and code of the ledger, or is gone and was edited by
/// hand.
fn without_code(folder: &Path, letter: &LetterState, issued: &Issued) -> Result<Vec<String>> {
    let file = path(folder, &letter.letter_id, Format::Docx);
    let Some(docx) = read(&file)? else {
        let edited = letter.approved.as_ref().is_some_and(|a| a.edited);
        return Ok(edited.then(|| format!("{} is gone", file.display())).into_iter().collect());
    };
    let lacks = |text: &&String| !has_text(&file, &docx, text).unwrap_or(false);
    let wrong = |text: &String| {
        format!("{} does not bear {text}, which the ledger has given it", file.display())
    };
    Ok([&issued.code, &issued.number].into_iter().filter(lacks).map(wrong).collect())
}

/// Documents of a letter that is not issued, and bear a code all the same.
fn with_code(folder: &Path, letter: &LetterState) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for format in [Format::Html, Format::Docx] {
        let file = path(folder, &letter.letter_id, format);
        let Some(bytes) = read(&file)? else { continue };
        let paragraphs = match format {
            Format::Docx => docx_text(&bytes).unwrap_or_default(),
            _ => vec![String::from_utf8_lossy(&bytes).into_owned()],
        };
        if paragraphs.iter().any(|text| bears_code(text)) {
            wrong.push(format!(
                "{} bears a verification code, and the ledger has not issued it",
                file.display()
            ));
        }
    }
    Ok(wrong)
}

/// Whether a verification code stands in a text: groups of capital hexadecimal digits.
fn bears_code(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| {
        let groups: Vec<&str> = word.split('-').collect();
        let is_digit = |c: char| matches!(c, '0'..='9' | 'A'..='F');
        groups.len() == GROUPS
            && groups.iter().all(|group| group.len() == GROUP && group.chars().all(is_digit))
    })
}

/// Documents of no letter in the ledger.
fn strays(folder: &Path, letters: &BTreeMap<String, LetterState>) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        files.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let stray = |name: &&String| {
        Format::ALL
            .into_iter()
            .filter_map(|format| name.strip_suffix(format.extension())?.strip_suffix('.'))
            .any(|id| {
                !id.is_empty()
                    && !id.starts_with('.')
                    && !id.starts_with('~')
                    && !letters.contains_key(id)
            })
    };
    let wrong =
        |name: &String| format!("{} is of no letter in the ledger", folder.join(name).display());
    names.iter().filter(stray).map(wrong).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_in_a_text_and_nothing_else_is_one() {
        for text in
            ["核验码：3F2A-00C1-9E7B-4D55", "<p>3F2A-00C1-9E7B-4D55</p>", "（0000-0000-0000-0000）"]
        {
            assert!(bears_code(text), "{text}");
        }
        for text in [
            "××××-××××-××××-××××",
            "2026-01-31",
            "620981103-disputes-20260131-tishi",
            "123e4567-e89b-12d3-a456-426614174000",
            "3F2A-00C1-9E7B",
            "3F2A-00C1-9E7B-4D55-6666",
            "3f2a-00c1-9e7b-4d55",
        ] {
            assert!(!bears_code(text), "{text}");
        }
    }
}
