//! Letters and reports as PDF/A-2b, for the archive and for whoever has no office program: typst
//! fills the templates `letter.typ` and `month.typ`.

mod fonts;
mod letter;
mod report;
mod world;

use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate};
use serde_json::Value as Json;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::text::FontBook;
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::engine::TemplateError;
use super::files::Files;
use super::text::printable;
use fonts::{FontFace, fonts};
use world::TypstWorld;

pub use fonts::FontFolders;

/// The family of a chart's text: the official name, as in the template.
const CHART_FONT: &str = "黑体";

/// Fonts, and what typst reads of them to choose one.
struct FontSet {
    book: LazyHash<FontBook>,
    fonts: Vec<FontFace>,
}

impl FontSet {
    fn open(folders: &FontFolders) -> Result<FontSet, TemplateError> {
        let fonts = fonts(folders)?;
        Ok(FontSet {
            book: LazyHash::new(FontBook::from_infos(fonts.iter().map(FontFace::info))),
            fonts,
        })
    }
}

/// A template of documents on paper, ready to be filled any number of times.
pub(super) struct PdfTemplate {
    /// The file of the template; it sees its document as the file of that name that ends in
    /// `.json`.
    template: &'static str,
    files: Files,
    folders: FontFolders,
    library: LazyHash<Library>,
    /// Read when the first letter is due: they are tens of megabytes.
    fonts: OnceLock<Result<FontSet, TemplateError>>,
}

impl PdfTemplate {
    /// A template of a folder, which may refer to the other files there. It is read when it is
    /// filled.
    pub(super) fn folder(
        template: &'static str,
        files: Files,
        folders: FontFolders,
    ) -> PdfTemplate {
        PdfTemplate {
            template,
            files,
            folders,
            library: LazyHash::new(Library::default()),
            fonts: OnceLock::new(),
        }
    }

    pub(super) fn with_fonts(self, folders: FontFolders) -> PdfTemplate {
        PdfTemplate { folders, fonts: OnceLock::new(), ..self }
    }

    /// Whether a file is of the template folder.
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    /// A document as PDF/A-2b, as made on the day `made`; the same values and fonts give the same
    /// bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the fonts that are missing, what typst does not understand in the
    /// template, or the characters that no font has.
    fn set(
        &self,
        mut values: Json,
        identity: String,
        made: NaiveDate,
    ) -> Result<Vec<u8>, TemplateError> {
        let fonts = self
            .fonts
            .get_or_init(|| FontSet::open(&self.folders))
            .as_ref()
            .map_err(Clone::clone)?;
        clean(&mut values);
        let values = serde_json::to_vec(&values).map_err(|e| self.unwritable(&e))?;
        let world = TypstWorld {
            template: self.template,
            library: &self.library,
            book: &fonts.book,
            fonts: &fonts.fonts,
            files: &self.files,
            values: Bytes::new(values),
        };
        let template_error = |said: &[SourceDiagnostic]| {
            said.first().map_or_else(
                || TemplateError::new(self.template, "it cannot be set", "mend it"),
                |first| world.template_error(first),
            )
        };
        let document =
            typst::compile::<PagedDocument>(&world).output.map_err(|said| template_error(&said))?;
        let bytes = typst_pdf::pdf(&document, &self.options(identity, made)?)
            .map_err(|said| template_error(&said));
        // Nothing of this document is of use for the next.
        typst::comemo::evict(0);
        bytes
    }

    fn unwritable(&self, error: &serde_json::Error) -> TemplateError {
        let what = format!("the document cannot be written as JSON: {error}");
        TemplateError::new(self.template, what, "report this")
    }

    /// A document's identity is that of what it says, not of the moment.
    fn options(&self, identity: String, made: NaiveDate) -> Result<PdfOptions, TemplateError> {
        let wrong = |what: String| TemplateError::new(self.template, what, "report this");
        let standards =
            PdfStandards::new(&[PdfStandard::A_2b]).map_err(|e| wrong(e.message().to_string()))?;
        let [month, day] = [made.month(), made.day()].map(|n| u8::try_from(n).unwrap_or(1));
        let at = Datetime::from_ymd_hms(made.year(), month, day, 0, 0, 0);
        Ok(PdfOptions {
            ident: Smart::Custom(identity),
            creator: Smart::Custom(Some("pingan".to_owned())),
            timestamp: at.map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        })
    }
}

/// Takes out what no font shows and no other format of the letter holds.
fn clean(json: &mut Json) {
    match json {
        Json::String(text) => *text = printable(text),
        Json::Array(items) => items.iter_mut().for_each(clean),
        Json::Object(fields) => fields.values_mut().for_each(clean),
        _ => {}
    }
}
