//! The templates of letters that a workspace uses: its own where it has some, else those that come
//! along.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::Environment;
use minijinja::value::Value;

use super::docx::DocxTemplate;
use super::engine::{TemplateError, add, environment, fill};
use super::files::{Files, overlaid, unreadable};
use super::letter::Letter;
use super::line_chart::{PAGE_FONTS, line_chart};
#[cfg(feature = "pdf")]
use super::pdf::{FontFolders, PdfTemplate};
use super::samples;
use super::values::{PLACEHOLDERS, Values};

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../reports/letter");

/// Templates of letters, read once and filled any number of times.
///
/// In the folder `reports` of a workspace, `letter.docx` is a centre's own document with
/// [placeholders](super::PLACEHOLDERS) in its text, as Python's docxtpl reads them, and wins for
/// the DOCX; each file under `letter/` wins over the bundled file of that name.
pub struct LetterTemplates {
    docx: DocxTemplate,
    html: HtmlTemplate,
    #[cfg(feature = "pdf")]
    pdf: PdfTemplate,
    reports: PathBuf,
}

/// A centre's own document, and the folder of parts, within `reports`.
const OWN: &str = "letter.docx";
const FOLDER: &str = "letter";
/// The page, within the folder.
const PAGE: &str = "letter.html";

impl LetterTemplates {
    /// The templates of the workspace whose folder `reports` this is; it need not be there.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file, and the placeholder in it that is not known or not
    /// closed.
    pub fn read(workspace_reports_folder: &Path) -> Result<LetterTemplates, TemplateError> {
        let reports = workspace_reports_folder.to_path_buf();
        let files = overlaid(&BUNDLED, &reports.join(FOLDER))?;
        let own = reports.join(OWN);
        let docx = if own.is_file() {
            let bytes = std::fs::read(&own).map_err(|e| unreadable(&own, &e))?;
            DocxTemplate::own(&bytes, &files)
        } else {
            DocxTemplate::folder(&files)
        };
        let docx = docx.map_err(|e| located(&reports, e))?;
        let html = HtmlTemplate::folder(&files).map_err(|e| located(&reports, e))?;
        Ok(LetterTemplates {
            docx,
            html,
            #[cfg(feature = "pdf")]
            pdf: PdfTemplate::folder("letter.typ", files, FontFolders::new(&reports)),
            reports,
        })
    }

    /// The same templates with fonts from other folders.
    #[cfg(feature = "pdf")]
    #[must_use]
    pub fn with_fonts(self, folders: FontFolders) -> LetterTemplates {
        LetterTemplates { pdf: self.pdf.with_fonts(folders), ..self }
    }

    /// The letter as DOCX, for officials to edit; the same letter gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file, and the placeholder in it that the letter does not have
    /// or the element that a condition or loop tears.
    pub fn docx(&self, letter: &Letter) -> Result<Vec<u8>, TemplateError> {
        self.docx.fill(letter).map_err(|e| located(&self.reports, e))
    }

    /// The letter as a page for a phone that needs nothing else; the same letter gives the same
    /// bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file, and the placeholder in it that the letter does not
    /// have.
    pub fn html(&self, letter: &Letter) -> Result<String, TemplateError> {
        self.html.fill(letter).map_err(|e| located(&self.reports, e))
    }

    /// The letter as PDF/A-2b, with `date` written under its signature, and as made on the day
    /// `made`; the same letter and fonts give the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the fonts that are nowhere, the file and line that typst does not
    /// understand, or the characters that no font has.
    #[cfg(feature = "pdf")]
    pub fn pdf(
        &self,
        letter: &Letter,
        date: &str,
        made: chrono::NaiveDate,
    ) -> Result<Vec<u8>, TemplateError> {
        // What is wrong with the fonts is in no template.
        self.pdf
            .letter(letter, date, made)
            .map_err(|e| if self.pdf.has(&e.part) { located(&self.reports, e) } else { e })
    }

    /// Fills each with a letter that has everything and with one that has the least, so that what
    /// is wrong shows before a letter is due.
    ///
    /// # Errors
    /// As [`LetterTemplates::docx`] and [`LetterTemplates::html`], and with the feature `pdf` as
    /// `LetterTemplates::pdf`.
    pub fn check(&self) -> Result<(), TemplateError> {
        for letter in [samples::full(), samples::least()] {
            self.docx(&letter)?;
            self.html(&letter)?;
            #[cfg(feature = "pdf")]
            self.pdf(&letter, &super::letter::chinese_date(letter.date), letter.date)?;
        }
        Ok(())
    }
}

/// Letters as one page that needs nothing else, for a phone and for paper.
struct HtmlTemplate {
    environment: Environment<'static>,
}

impl HtmlTemplate {
    /// The page `letter.html` of a folder.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the placeholder that is not understood.
    fn folder(files: &Files) -> Result<HtmlTemplate, TemplateError> {
        let content = files.get(PAGE).ok_or_else(|| {
            TemplateError::new(PAGE, "it is missing", "take it from the bundled folder")
        })?;
        let source = std::str::from_utf8(content).map_err(|e| {
            TemplateError::new(PAGE, format!("it is not UTF-8: {e}"), "save it as UTF-8")
        })?;
        let mut environment = environment();
        add(&mut environment, PAGE, source, PLACEHOLDERS)?;
        Ok(HtmlTemplate { environment })
    }

    /// The letter as a page; the same letter gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the placeholder that is not known.
    fn fill(&self, letter: &Letter) -> Result<String, TemplateError> {
        let mut values = Values::new(letter);
        let chart = letter.annex.as_ref().and_then(|annex| annex.chart.as_ref());
        values.chart_svg = Value::from_safe_string(
            chart.map_or_else(String::new, |chart| line_chart(chart, PAGE_FONTS)),
        );
        fill(&self.environment, PAGE, &values.value(), PLACEHOLDERS)
    }
}

/// The error with its part as the file to be mended: parts of the folder by their path, those of a
/// centre's own document in brackets after it.
fn located(reports: &Path, error: TemplateError) -> TemplateError {
    let bundled = BUNDLED.get_file(&error.part).is_some();
    let own = reports.join(FOLDER).join(&error.part);
    let part = match (own.is_file(), bundled) {
        (true, _) => own.display().to_string(),
        (false, true) => format!("reports/{FOLDER}/{}", error.part),
        (false, false) => format!("{} ({})", reports.join(OWN).display(), error.part),
    };
    // Office programs write a part as one line: its number says nothing.
    let line = error.line.filter(|_| own.is_file() || bundled);
    TemplateError { part, line, ..error }
}
