//! The documents of letters, `out/letters/ID.docx` and `.html`, with the feature `pdf` also `.pdf`:
//! always written again from the ledger where they are missing, and only after it.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::draft::{Words, in_words};
use super::ledger::{Issued, LetterState};
use super::settings::Settings;
use crate::detect::FalseDiscoveryRate;
use crate::error::from_template;
use crate::workspace::Workspace;
use lake::areas::short;
use lake::error::{At, Error, Result};
use lake::files::replace;
use render::letter::{Letter, chinese_date};
use render::{LetterTemplates, docx_replace, docx_text};

/// What stands in a draft for what only the issue gives.
const NO_DATE: &str = "××××年×月×日";
const NO_CODE: &str = "××××-××××-××××-××××";
/// The day that is written where a draft's date is to stand, and then replaced by [`NO_DATE`].
const UNDATED: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();

/// Where and how letters are written.
pub struct Documents<'a> {
    folder: PathBuf,
    settings: &'a Settings,
    rate: FalseDiscoveryRate,
    templates: LetterTemplates,
    words: Words,
}

/// The documents of a letter, as a draft or as it was issued.
pub struct Document {
    pub docx: Vec<u8>,
    pub html: String,
}

impl<'a> Documents<'a> {
    /// Templates and words of the workspace, or the bundled ones. `rate` is the false discovery
    /// rate within which a spike is called clear.
    ///
    /// # Errors
    /// [`Error::Config`] where a template is wrong.
    pub fn new(
        workspace: &Workspace,
        settings: &'a Settings,
        rate: FalseDiscoveryRate,
    ) -> Result<Documents<'a>> {
        let templates = LetterTemplates::read(&workspace.reports()).map_err(from_template)?;
        Ok(Documents {
            folder: folder(workspace),
            settings,
            rate,
            templates,
            words: Words::read(workspace)?,
        })
    }

    /// Where a letter's DOCX lies.
    pub fn docx(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.docx"))
    }

    fn html(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.html"))
    }

    #[cfg(feature = "pdf")]
    fn pdf(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.pdf"))
    }

    /// The draft of a letter, without number, date and code.
    ///
    /// # Errors
    /// [`Error::Config`] where a template cannot be filled.
    pub fn draft(&self, letter: &LetterState) -> Result<Document> {
        let Document { docx, html } =
            self.render(letter, UNDATED, self.no_number(letter), NO_CODE)?;
        let undated = chinese_date(UNDATED);
        let (docx, _) = docx_replace(&docx, &undated, NO_DATE).map_err(from_template)?;
        Ok(Document { docx, html: html.replace(&undated, NO_DATE) })
    }

    /// The letter as it was issued.
    fn issued(&self, letter: &LetterState, issued: &Issued) -> Result<Document> {
        self.render(letter, issued.date, issued.number.clone(), &issued.code)
    }

    fn render(
        &self,
        letter: &LetterState,
        date: NaiveDate,
        number: String,
        code: &str,
    ) -> Result<Document> {
        let content = self.letter(letter, date, number, code);
        Ok(Document {
            docx: self.templates.docx(&content).map_err(from_template)?,
            html: self.templates.html(&content).map_err(from_template)?,
        })
    }

    /// What every document of a letter is made from.
    fn letter(&self, letter: &LetterState, date: NaiveDate, number: String, code: &str) -> Letter {
        let ending = self.settings.kind_of(&letter.facts.kind).map_or("", |k| k.ending.as_str());
        let facts = letter.facts_approved();
        let plain = in_words(&facts, &self.settings.issuer, ending, &self.words, self.rate);
        Letter { number, date, code: Some(code.to_owned()), ..plain }
    }

    /// The letter as PDF/A: as it was issued, or as a draft.
    #[cfg(feature = "pdf")]
    fn as_pdf(&self, letter: &LetterState) -> Result<Vec<u8>> {
        let (content, date, made) = match &letter.issued {
            Some(issued) => {
                let content = self.letter(letter, issued.date, issued.number.clone(), &issued.code);
                (content, chinese_date(issued.date), issued.date)
            }
            None => (
                self.letter(letter, UNDATED, self.no_number(letter), NO_CODE),
                NO_DATE.to_owned(),
                letter.facts.as_of,
            ),
        };
        self.templates.pdf(&content, &date, made).map_err(from_template)
    }

    fn no_number(&self, letter: &LetterState) -> String {
        let kind = self.settings.kind_of(&letter.facts.kind);
        kind.map_or_else(
            || "×号".to_owned(),
            |k| k.number_of(&short(&letter.facts.county_name), "××××", "×"),
        )
    }

    /// What stands in a draft for number, date and code.
    fn places(&self, letter: &LetterState) -> [String; 3] {
        [self.no_number(letter), NO_DATE.to_owned(), NO_CODE.to_owned()]
    }

    /// A draft that a person edited, with number, date and code in their places.
    ///
    /// # Errors
    /// [`Error::Input`] where a place is no longer there, or the file is no DOCX.
    pub fn filled(&self, letter: &LetterState, docx: &[u8], issued: &Issued) -> Result<Vec<u8>> {
        let file = self.docx(&letter.letter_id);
        let drafted = self.draft(letter)?.docx;
        let mut filled = docx.to_vec();
        for (place, value) in self.places(letter).iter().zip([
            &issued.number,
            &chinese_date(issued.date),
            &issued.code,
        ]) {
            let (bytes, count) = docx_replace(&filled, place, value)
                .map_err(|e| Error::input(&file, e.to_string(), "restore the file"))?;
            // A centre's own template may have no place for it at all.
            if count == 0 && has_text(&file, &drafted, place)? {
                let fix =
                    format!("write {place} back where it stood, and approve the letter again");
                return Err(Error::input(
                    &file,
                    format!("{place} is no longer in the edited draft"),
                    fix,
                ));
            }
            filled = bytes;
        }
        Ok(filled)
    }

    /// Writes every document that the ledger says there is and that is not there, or still the
    /// draft of what was issued. One that bears another number or code stays as it is, for `verify`
    /// to find. Comes back with
    /// what cannot be restored.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be written to, [`Error::Config`] where a template
    /// cannot be filled.
    pub fn restore<'l>(
        &self,
        letters: impl Iterator<Item = &'l LetterState>,
    ) -> Result<Vec<String>> {
        let mut notices = Vec::new();
        for letter in letters {
            match &letter.issued {
                None if letter.closed.is_some() => {}
                None => self.write(letter, || self.draft(letter))?,
                Some(issued) if letter.approved.as_ref().is_some_and(|a| a.edited) => {
                    notices.extend(self.restore_edited(letter, issued)?);
                }
                Some(issued) if self.is_draft(letter)? => {
                    self.replace_all(letter, &self.issued(letter, issued)?)?
                }
                Some(issued) => self.write(letter, || self.issued(letter, issued))?,
            }
        }
        Ok(notices)
    }

    /// Whether what lies there is still the draft: by the HTML, which is written last, or by the
    /// DOCX where there is none.
    fn is_draft(&self, letter: &LetterState) -> Result<bool> {
        let places = self.places(letter);
        if let Ok(html) = std::fs::read_to_string(self.html(&letter.letter_id)) {
            return Ok(places.iter().any(|p| html.contains(p)));
        }
        let file = self.docx(&letter.letter_id);
        match std::fs::read(&file) {
            Ok(docx) => self.has_place(letter, &docx),
            Err(_) => Ok(false),
        }
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

    /// Writes what is missing.
    fn write(
        &self,
        letter: &LetterState,
        document: impl FnOnce() -> Result<Document>,
    ) -> Result<()> {
        let (docx, html) = (self.docx(&letter.letter_id), self.html(&letter.letter_id));
        if !(docx.exists() && html.exists()) {
            let document = document()?;
            if !docx.exists() {
                replace(&docx, &document.docx)?;
            }
            if !html.exists() {
                replace(&html, document.html.as_bytes())?;
            }
        }
        #[cfg(feature = "pdf")]
        if !self.pdf(&letter.letter_id).exists() {
            replace(&self.pdf(&letter.letter_id), &self.as_pdf(letter)?)?;
        }
        Ok(())
    }

    /// Whether what lies there is the draft as it was written, or nothing: no person has worked on it.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read, [`Error::Config`] where a template cannot be filled.
    pub fn is_unedited(&self, letter: &LetterState) -> Result<bool> {
        let file = self.docx(&letter.letter_id);
        match file.exists() {
            true => Ok(std::fs::read(&file).at(&file)? == self.draft(letter)?.docx),
            false => Ok(true),
        }
    }

    /// Removes a draft that is to be written anew. Before its row: what is missing is written from
    /// the ledger, whether the row was committed or not.
    ///
    /// # Errors
    /// [`Error::Io`] where a file cannot be removed.
    pub fn remove_draft(&self, letter_id: &str) -> Result<()> {
        remove(&self.docx(letter_id))?;
        #[cfg(feature = "pdf")]
        remove(&self.pdf(letter_id))?;
        remove(&self.html(letter_id))
    }

    /// Writes all of them, the HTML after the DOCX.
    pub fn replace_all(&self, letter: &LetterState, document: &Document) -> Result<()> {
        // What is not there is written again: a PDF of the draft must not outlast the HTML, by
        // which a draft is known.
        #[cfg(feature = "pdf")]
        remove(&self.pdf(&letter.letter_id))?;
        replace(&self.docx(&letter.letter_id), &document.docx)?;
        replace(&self.html(&letter.letter_id), document.html.as_bytes())?;
        #[cfg(feature = "pdf")]
        replace(&self.pdf(&letter.letter_id), &self.as_pdf(letter)?)?;
        Ok(())
    }

    /// The text of an edited letter is in its DOCX alone: the places are filled in there, and HTML
    /// and PDF, which would have another text, go.
    fn restore_edited(&self, letter: &LetterState, issued: &Issued) -> Result<Option<String>> {
        let file = self.docx(&letter.letter_id);
        remove(&self.html(&letter.letter_id))?;
        #[cfg(feature = "pdf")]
        remove(&self.pdf(&letter.letter_id))?;
        if !file.exists() {
            return Ok(Some(format!(
                "{} is gone; it was edited by hand, so restore it from a backup",
                file.display()
            )));
        }
        let docx = std::fs::read(&file).at(&file)?;
        if self.has_place(letter, &docx)? {
            replace(&file, &self.filled(letter, &docx, issued)?)?;
        }
        Ok(None)
    }
}

/// Removes a file where there is one.
fn remove(file: &Path) -> Result<()> {
    if file.exists() { std::fs::remove_file(file).at(file) } else { Ok(()) }
}

/// The folder of the letters.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("out").join("letters")
}

/// Whether a paragraph of a DOCX contains some text.
///
/// # Errors
/// [`Error::Input`] where it is no DOCX.
pub fn has_text(file: &Path, docx: &[u8], text: &str) -> Result<bool> {
    let paragraphs =
        docx_text(docx).map_err(|e| Error::input(file, e.to_string(), "restore the file"))?;
    Ok(paragraphs.iter().any(|p| p.contains(text)))
}
