//! The templates of reports that a workspace uses: its own where it has some, else those that come
//! along.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::Report;
use super::docx::DocxTemplate;
use super::page::PageTemplate;
use super::workbook::workbook;
use crate::engine::TemplateError;
use crate::files::{Files, overlaid};
#[cfg(feature = "pdf")]
use crate::pdf::{FontFolders, PdfTemplate};

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../reports/month");
static LETTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../reports/letter");

/// Folder within `reports`.
const FOLDER: &str = "month";
/// Parts in which a report's document is as a letter's: fonts, colours, page numbers, properties.
const AS_LETTERS: &[&str] = &[
    "docx/_rels/.rels",
    "docx/docProps/app.xml",
    "docx/docProps/core.xml",
    "docx/word/fontTable.xml",
    "docx/word/footer-even.xml",
    "docx/word/footer-odd.xml",
    "docx/word/theme/theme1.xml",
];

/// Templates of monthly reports, read once and filled any number of times. Each file under `month/`
/// in the folder `reports` of a workspace wins over the bundled file of that name.
pub struct ReportTemplates {
    docx: DocxTemplate,
    page: PageTemplate,
    #[cfg(feature = "pdf")]
    pdf: PdfTemplate,
    reports: PathBuf,
}

impl ReportTemplates {
    /// The templates of the workspace whose folder `reports` this is; it need not be there.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file, and the placeholder in it that is not known.
    pub fn read(workspace_reports_folder: &Path) -> Result<ReportTemplates, TemplateError> {
        let reports = workspace_reports_folder.to_path_buf();
        let letter = overlaid(&LETTER, &reports.join("letter"))?;
        let mut files: Files =
            letter.into_iter().filter(|(path, _)| AS_LETTERS.contains(&path.as_str())).collect();
        files.extend(overlaid(&BUNDLED, &reports.join(FOLDER))?);
        let docx = DocxTemplate::folder(&files).map_err(|e| located(&reports, e))?;
        let page = PageTemplate::folder(&files).map_err(|e| located(&reports, e))?;
        Ok(ReportTemplates {
            docx,
            page,
            #[cfg(feature = "pdf")]
            pdf: PdfTemplate::folder("month.typ", files, FontFolders::new(&reports)),
            reports,
        })
    }

    /// The report as DOCX, for officials to edit; the same report gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file and the placeholder in it that the report does not have.
    pub fn docx(&self, report: &Report) -> Result<Vec<u8>, TemplateError> {
        self.docx.fill(report).map_err(|e| located(&self.reports, e))
    }

    /// The report as one page; the same report gives the same bytes.
    ///
    /// # Errors
    /// As [`ReportTemplates::docx`].
    pub fn html(&self, report: &Report) -> Result<String, TemplateError> {
        self.page.fill(report).map_err(|e| located(&self.reports, e))
    }

    /// The report as PDF/A-2b; the same report and fonts give the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the fonts that are nowhere, the file and line that typst does not
    /// understand, or the characters that no font has.
    #[cfg(feature = "pdf")]
    pub fn pdf(&self, report: &Report) -> Result<Vec<u8>, TemplateError> {
        let file = |e: &TemplateError| self.pdf.has(&e.part);
        self.pdf.report(report).map_err(|e| if file(&e) { located(&self.reports, e) } else { e })
    }

    /// The report's tables as a workbook; the same report gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] where a table is larger than a sheet.
    pub fn xlsx(&self, report: &Report) -> Result<Vec<u8>, TemplateError> {
        workbook(report).map_err(|e| {
            TemplateError::new("xlsx", format!("the workbook cannot be made: {e}"), "report this")
        })
    }
}

/// The error with its part as the file to be mended.
fn located(reports: &Path, error: TemplateError) -> TemplateError {
    let own = reports.join(FOLDER).join(&error.part);
    let part = match own.is_file() {
        true => own.display().to_string(),
        false => format!("reports/{FOLDER}/{}", error.part),
    };
    TemplateError { part, ..error }
}
