//! Documents follow the ledger: what it says there is and is not there is written again, and what a
//! step that was cut short did not come to is done.

use std::path::Path;

use super::documents::{Documents, Files, Format, has_text, hash, path, read};
use super::ledger::{Approval, Hashes, Issued, LetterState};
use lake::error::{At, Result};
use lake::files::replace;

impl Documents<'_> {
    /// Writes every document that the ledger says there is and that is not there, or still what it
    /// was before the last step. What was changed otherwise stays as it is, for `verify` to find.
    /// Comes back with what cannot be restored.
    ///
    /// # Errors
    /// [`lake::Error::Io`] where the folder cannot be written to, [`lake::Error::Config`] where a
    /// template cannot be filled.
    pub fn follow_ledger<'l>(
        &self,
        letters: impl Iterator<Item = &'l LetterState>,
    ) -> Result<Vec<String>> {
        let mut notices = Vec::new();
        for letter in letters {
            match (&letter.issued, &letter.documents) {
                (None, _) if letter.closed.is_some() => {}
                (None, _) => self.write_draft(letter)?,
                (Some(issued), Some(hashes)) => {
                    notices.extend(self.restore_issued(letter, issued, hashes)?);
                }
                (Some(issued), None) => notices.extend(self.restore_unhashed(letter, issued)?),
            }
        }
        Ok(notices)
    }

    /// Writes a draft that is missing; after an approval by another day, which its text then tells,
    /// the new one.
    fn write_draft(&self, letter: &LetterState) -> Result<()> {
        let approved = letter.approved.as_ref().filter(|a| !a.edited);
        let stale = match (approved, self.read(letter)?) {
            (Some(approval), Some(docx)) if hash(&docx) != approval.document => {
                self.is_own_text(letter, &docx)?
            }
            _ => false,
        };
        if stale {
            return self.replace_all(letter);
        }
        self.write_missing(letter)
    }

    /// Whether no person has worked on a draft: what lies there is as the engine wrote it, or gone.
    ///
    /// # Errors
    /// [`lake::Error::Io`] where it cannot be read, [`lake::Error::Config`] where a template cannot
    /// be filled.
    pub fn is_unedited(&self, letter: &LetterState) -> Result<bool> {
        self.read(letter)?.map_or(Ok(true), |docx| self.is_own_text(letter, &docx))
    }

    /// Removes a draft that is to be written anew. Before its row: what is missing is written from
    /// the ledger, whether the row was committed or not.
    ///
    /// # Errors
    /// [`lake::Error::Io`] where a file cannot be removed.
    pub fn remove_draft(&self, letter_id: &str) -> Result<()> {
        Format::ALL.into_iter().try_for_each(|f| remove(&path(&self.folder, letter_id, f)))
    }

    /// Whether a DOCX is what the engine wrote, and no person edited: as drafted, or as an earlier
    /// approval had it.
    pub fn is_own_text(&self, letter: &LetterState, docx: &[u8]) -> Result<bool> {
        let found = hash(docx);
        let approvals = letter.approved_before.iter().chain(&letter.approved);
        if approvals.filter(|a| !a.edited).any(|a| a.document == found) {
            return Ok(true);
        }
        let drafted = LetterState { approved: None, ..letter.clone() };
        Ok(self.draft_docx(&drafted)? == docx)
    }

    /// What an issue sent out, and nothing else: documents that would read otherwise now, because
    /// words, templates or settings have changed, are not put in their place.
    fn restore_issued(
        &self,
        letter: &LetterState,
        issued: &Issued,
        hashes: &Hashes,
    ) -> Result<Vec<String>> {
        let docx = self.read(letter)?;
        let edited = letter.approved.as_ref().is_some_and(|a| a.edited);
        let cut_short = docx.as_deref().is_some_and(|docx| is_cut_short(letter, hashes, docx));
        let gone = |format: &Format| {
            format.hash_in(hashes).is_some()
                && !path(&self.folder, &letter.letter_id, *format).exists()
        };
        let due: Vec<Format> = Format::ALL.into_iter().filter(|s| cut_short || gone(s)).collect();
        if due.is_empty() {
            return Ok(Vec::new());
        }
        if edited && !cut_short {
            return Ok(vec![self.gone(letter)]);
        }
        let approved = docx.as_deref().filter(|_| edited);
        let files = self.issued(letter, issued, approved)?;
        let mut notices = Vec::new();
        for format in due {
            notices.extend(self.put(letter, format, &files, hashes)?);
        }
        Ok(notices)
    }

    /// Writes one file of an issued letter, or removes it where the letter went out without.
    fn put(
        &self,
        letter: &LetterState,
        format: Format,
        files: &Files,
        hashes: &Hashes,
    ) -> Result<Option<String>> {
        let file = path(&self.folder, &letter.letter_id, format);
        let Some(noted) = format.hash_in(hashes) else { return remove(&file).map(|()| None) };
        match files.get(format).filter(|bytes| hash(bytes) == noted) {
            Some(bytes) => replace(&file, bytes).map(|()| None),
            None => Ok(Some(format!(
                "{} is not there as it was issued, and would read otherwise now: put back the \
                 words, templates, settings and the pingan it was issued with, or restore the file \
                 from a backup",
                file.display()
            ))),
        }
    }

    /// What an earlier version issued, which noted no hashes.
    fn restore_unhashed(&self, letter: &LetterState, issued: &Issued) -> Result<Option<String>> {
        let docx = self.read(letter)?;
        if letter.approved.as_ref().is_some_and(|a| a.edited) {
            let Some(docx) = docx else { return Ok(Some(self.gone(letter))) };
            for format in [Format::Html, Format::Pdf] {
                remove(&path(&self.folder, &letter.letter_id, format))?;
            }
            if self.has_place(letter, &docx)? {
                let files = self.issued(letter, issued, Some(&docx))?;
                replace(&self.docx(&letter.letter_id), &files.docx)?;
            }
            return Ok(None);
        }
        let is_draft = match docx {
            Some(docx) => self.has_place(letter, &docx)? || self.html_has_place(letter),
            None => self.html_has_place(letter),
        };
        match is_draft {
            true => self.replace_all(letter)?,
            false => self.write_missing(letter)?,
        }
        Ok(None)
    }

    fn html_has_place(&self, letter: &LetterState) -> bool {
        let html = std::fs::read_to_string(path(&self.folder, &letter.letter_id, Format::Html));
        html.is_ok_and(|html| self.places(letter).iter().any(|p| html.contains(p)))
    }

    fn has_place(&self, letter: &LetterState, docx: &[u8]) -> Result<bool> {
        let file = self.docx(&letter.letter_id);
        for place in self.places(letter) {
            if has_text(&file, docx, &place)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes what is missing, the PDF last: it needs fonts.
    fn write_missing(&self, letter: &LetterState) -> Result<()> {
        let [html, pdf, docx] =
            Format::ALL.map(|format| path(&self.folder, &letter.letter_id, format));
        if !(html.exists() && docx.exists()) {
            let text = self.text(letter)?;
            if !html.exists() {
                replace(&html, text.html.as_deref().unwrap_or_default())?;
            }
            if !docx.exists() {
                replace(&docx, &text.docx)?;
            }
        }
        match cfg!(feature = "pdf") && !pdf.exists() {
            true => self.pdf(letter)?.map_or(Ok(()), |bytes| replace(&pdf, &bytes)),
            false => Ok(()),
        }
    }

    /// Writes all of them: what goes before the DOCX is as new as that.
    fn replace_all(&self, letter: &LetterState) -> Result<()> {
        let [html, pdf, docx] =
            Format::ALL.map(|format| path(&self.folder, &letter.letter_id, format));
        let text = self.text(letter)?;
        remove(&pdf)?;
        replace(&html, text.html.as_deref().unwrap_or_default())?;
        replace(&docx, &text.docx)?;
        self.write_missing(letter)
    }

    fn read(&self, letter: &LetterState) -> Result<Option<Vec<u8>>> {
        read(&self.docx(&letter.letter_id))
    }

    fn gone(&self, letter: &LetterState) -> String {
        format!(
            "{} is gone; it was edited by hand, so restore it from a backup",
            self.docx(&letter.letter_id).display()
        )
    }
}

/// Whether the DOCX of an issued letter is still what was approved: the issue was cut short before
/// its documents were written.
pub fn is_cut_short(letter: &LetterState, hashes: &Hashes, docx: &[u8]) -> bool {
    let approved = letter.approved.as_ref().map(|Approval { document, .. }| document);
    approved.is_some_and(|a| *a != hashes.docx && *a == hash(docx))
}

/// Removes a file where there is one.
fn remove(file: &Path) -> Result<()> {
    if file.exists() { std::fs::remove_file(file).at(file) } else { Ok(()) }
}
