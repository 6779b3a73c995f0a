//! The documents of letters, `out/letters/ID.docx` and `.html`, with the feature `pdf` also `.pdf`:
//! what they are made of.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::draft::{Words, in_words};
use super::ledger::{Hashes, Issued, LetterState};
use super::settings::Settings;
use crate::detect::FalseDiscoveryRate;
use crate::error::from_template;
use crate::workspace::Workspace;
use lake::areas::short;
use lake::error::{At, Error, Result};
use render::letter::{Letter, chinese_date};
use render::{LetterTemplates, docx_replace, docx_text};

/// What stands in a draft for what only the issue gives.
const NO_DATE: &str = "××××年×月×日";
const NO_CODE: &str = "××××-××××-××××-××××";
/// The day that is written where a draft's date is to stand, and then replaced by [`NO_DATE`].
const UNDATED: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();

/// Where and how letters are written.
pub struct Documents<'a> {
    pub folder: PathBuf,
    settings: &'a Settings,
    rate: FalseDiscoveryRate,
    templates: LetterTemplates,
    words: Words,
}

/// A format in which a letter lies there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    Html,
    Pdf,
    Docx,
}

impl Format {
    /// All, in the order in which they are written: by the DOCX, the last, it is known how far
    /// writing has come.
    pub const ALL: [Format; 3] = [Format::Html, Format::Pdf, Format::Docx];

    pub fn extension(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Pdf => "pdf",
            Format::Docx => "docx",
        }
    }

    /// The hash that was noted of it.
    pub fn hash_in(self, hashes: &Hashes) -> Option<&str> {
        match self {
            Format::Html => hashes.html.as_deref(),
            Format::Pdf => hashes.pdf.as_deref(),
            Format::Docx => Some(&hashes.docx),
        }
    }
}

/// Where a letter lies in a format.
pub fn path(folder: &Path, id: &str, format: Format) -> PathBuf {
    folder.join(format!("{id}.{}", format.extension()))
}

/// The files of a letter, as a draft or as it was issued.
pub struct Files {
    pub docx: Vec<u8>,
    /// None of an issued letter that was edited by hand.
    pub html: Option<Vec<u8>>,
    /// None either without the feature `pdf`.
    pub pdf: Option<Vec<u8>>,
}

impl Files {
    pub fn get(&self, format: Format) -> Option<&[u8]> {
        match format {
            Format::Html => self.html.as_deref(),
            Format::Pdf => self.pdf.as_deref(),
            Format::Docx => Some(&self.docx),
        }
    }

    pub fn hashes(&self) -> Hashes {
        let of = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(hash);
        Hashes { docx: hash(&self.docx), html: of(&self.html), pdf: of(&self.pdf) }
    }
}

/// The bytes of a document; `None` where there is none.
///
/// # Errors
/// [`Error::Io`] where it cannot be read.
pub fn read(file: &Path) -> Result<Option<Vec<u8>>> {
    file.exists().then(|| std::fs::read(file).at(file)).transpose()
}

/// BLAKE3 in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
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
        path(&self.folder, id, Format::Docx)
    }

    /// The draft of a letter as DOCX, without number, date and code.
    ///
    /// # Errors
    /// [`Error::Config`] where a template cannot be filled.
    pub fn draft_docx(&self, letter: &LetterState) -> Result<Vec<u8>> {
        let docx = self.templates.docx(&self.draft(letter)).map_err(from_template)?;
        Ok(docx_replace(&docx, &chinese_date(UNDATED), NO_DATE).map_err(from_template)?.0)
    }

    /// DOCX and HTML of a letter: as it was issued, or as a draft.
    ///
    /// # Errors
    /// [`Error::Config`] where a template cannot be filled.
    pub fn text(&self, letter: &LetterState) -> Result<Files> {
        let html = |content: &Letter| self.templates.html(content).map_err(from_template);
        let (docx, html) = match &letter.issued {
            Some(issued) => {
                let content = self.final_letter(letter, issued);
                (self.templates.docx(&content).map_err(from_template)?, html(&content)?)
            }
            None => {
                let html = html(&self.draft(letter))?;
                (self.draft_docx(letter)?, html.replace(&chinese_date(UNDATED), NO_DATE))
            }
        };
        Ok(Files { docx, html: Some(html.into_bytes()), pdf: None })
    }

    /// The letter as PDF/A: as it was issued, or as a draft. None without the feature.
    ///
    /// # Errors
    /// [`Error::Config`] where a template cannot be filled, or a font is nowhere.
    #[cfg(feature = "pdf")]
    pub fn pdf(&self, letter: &LetterState) -> Result<Option<Vec<u8>>> {
        let (content, date, made) = match &letter.issued {
            Some(issued) => {
                (self.final_letter(letter, issued), chinese_date(issued.date), issued.date)
            }
            None => (self.draft(letter), NO_DATE.to_owned(), letter.facts.as_of),
        };
        self.templates.pdf(&content, &date, made).map(Some).map_err(from_template)
    }

    #[cfg(not(feature = "pdf"))]
    pub fn pdf(&self, _: &LetterState) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Every file of a letter as it was issued. Of one that was edited by hand, `approved` is its
    /// DOCX, in which number, date and code are filled in; HTML and PDF would have another text.
    ///
    /// # Errors
    /// As [`Documents::text`] and [`Documents::pdf`]; [`Error::Input`] where a place is no longer in
    /// the edited draft.
    pub fn issued(
        &self,
        letter: &LetterState,
        issued: &Issued,
        approved: Option<&[u8]>,
    ) -> Result<Files> {
        match approved {
            Some(docx) => {
                Ok(Files { docx: self.filled(letter, docx, issued)?, html: None, pdf: None })
            }
            None => Ok(Files { pdf: self.pdf(letter)?, ..self.text(letter)? }),
        }
    }

    fn draft(&self, letter: &LetterState) -> Letter {
        self.letter(letter, UNDATED, self.no_number(letter), NO_CODE)
    }

    fn final_letter(&self, letter: &LetterState, issued: &Issued) -> Letter {
        self.letter(letter, issued.date, issued.number.clone(), &issued.code)
    }

    /// What every document of a letter is made from.
    fn letter(&self, letter: &LetterState, date: NaiveDate, number: String, code: &str) -> Letter {
        let ending = self.settings.kind_of(&letter.facts.kind).map_or("", |k| k.ending.as_str());
        let facts = letter.facts_approved();
        let plain = in_words(&facts, &self.settings.issuer, ending, &self.words, self.rate);
        Letter { number, date, code: Some(code.to_owned()), ..plain }
    }

    fn no_number(&self, letter: &LetterState) -> String {
        let kind = self.settings.kind_of(&letter.facts.kind);
        kind.map_or_else(
            || "×号".to_owned(),
            |k| k.number_of(&short(&letter.facts.county_name), "××××", "×"),
        )
    }

    /// What stands in a draft for number, date and code.
    pub fn places(&self, letter: &LetterState) -> [String; 3] {
        [self.no_number(letter), NO_DATE.to_owned(), NO_CODE.to_owned()]
    }

    /// A draft that a person edited, with number, date and code in their places.
    ///
    /// # Errors
    /// [`Error::Input`] where a place is no longer there, or the file is no DOCX.
    fn filled(&self, letter: &LetterState, docx: &[u8], issued: &Issued) -> Result<Vec<u8>> {
        let file = self.docx(&letter.letter_id);
        let drafted = self.draft_docx(letter)?;
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
