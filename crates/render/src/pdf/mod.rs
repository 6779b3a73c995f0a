//! Letters as PDF/A-2b, for the archive and for whoever has no office program: typst fills the
//! template `letter.typ`.

mod fonts;
mod world;

use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate};
use minijinja::value::Value;
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
use super::letter::Letter;
use super::line_chart::line_chart;
use super::text::printable;
use super::values::Values;
use fonts::{FontFace, fonts};
use world::TypstWorld;

pub use fonts::FontFolders;

const TEMPLATE: &str = "letter.typ";
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

/// A template of letters on paper, ready to be filled any number of times.
pub(super) struct PdfTemplate {
    files: Files,
    folders: FontFolders,
    library: LazyHash<Library>,
    /// Read when the first letter is due: they are tens of megabytes.
    fonts: OnceLock<Result<FontSet, TemplateError>>,
}

impl PdfTemplate {
    /// The template `letter.typ` of a folder, which may refer to the other files there. It is read
    /// when it is filled.
    pub(super) fn folder(files: Files, folders: FontFolders) -> PdfTemplate {
        PdfTemplate {
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

    /// The letter as PDF/A-2b, with `date` written under the signature, and as made on the day
    /// `made`; the same letter and fonts give the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the fonts that are missing, what typst does not understand in the
    /// template, or the characters that no font has.
    pub(super) fn fill(
        &self,
        letter: &Letter,
        date: &str,
        made: NaiveDate,
    ) -> Result<Vec<u8>, TemplateError> {
        let fonts = self
            .fonts
            .get_or_init(|| FontSet::open(&self.folders))
            .as_ref()
            .map_err(Clone::clone)?;
        let values = Bytes::new(values(letter, date)?);
        let world = TypstWorld {
            library: &self.library,
            book: &fonts.book,
            fonts: &fonts.fonts,
            files: &self.files,
            values,
        };
        let template_error = |said: &[SourceDiagnostic]| {
            said.first().map_or_else(
                || TemplateError::new(TEMPLATE, "it cannot be set", "mend it"),
                |first| world.template_error(first),
            )
        };
        let document =
            typst::compile::<PagedDocument>(&world).output.map_err(|said| template_error(&said))?;
        let bytes = typst_pdf::pdf(&document, &options(letter, made)?)
            .map_err(|said| template_error(&said));
        // Nothing of this letter is of use for the next.
        typst::comemo::evict(0);
        bytes
    }
}

/// What the template sees: the placeholders of every format, with the chart as a picture in the
/// chart's font.
fn values(letter: &Letter, date: &str) -> Result<Vec<u8>, TemplateError> {
    let mut values = Values::new(letter);
    let chart = letter.annex.as_ref().and_then(|annex| annex.chart.as_ref());
    values.chart_svg =
        Value::from(chart.map_or_else(String::new, |chart| line_chart(chart, CHART_FONT)));
    let unwritable = |e: serde_json::Error| {
        TemplateError::new(
            TEMPLATE,
            format!("the letter cannot be written as JSON: {e}"),
            "report this",
        )
    };
    let mut json = serde_json::to_value(&values).map_err(unwritable)?;
    if let Some(field) = json.get_mut("date") {
        *field = Json::from(date);
    }
    clean(&mut json);
    serde_json::to_vec(&json).map_err(unwritable)
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

fn options(letter: &Letter, made: NaiveDate) -> Result<PdfOptions, TemplateError> {
    let wrong = |what: String| TemplateError::new(TEMPLATE, what, "report this");
    let standards =
        PdfStandards::new(&[PdfStandard::A_2b]).map_err(|e| wrong(e.message().to_string()))?;
    let [month, day] = [made.month(), made.day()].map(|n| u8::try_from(n).unwrap_or(1));
    Ok(PdfOptions {
        // A document's identity is that of the letter, not of the moment.
        ident: Smart::Custom(format!(
            "{}\n{}\n{}",
            letter.number,
            letter.title,
            letter.code.as_deref().unwrap_or_default()
        )),
        creator: Smart::Custom(Some("pingan".to_owned())),
        timestamp: Datetime::from_ymd_hms(made.year(), month, day, 0, 0, 0).map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    })
}
