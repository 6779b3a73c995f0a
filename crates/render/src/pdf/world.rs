//! What typst may see: the files of the template folder, one document and the fonts; neither disk nor
//! clock nor network.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World, WorldExt};

use super::fonts::FontFace;
use crate::engine::TemplateError;
use crate::files::Files;

/// One document on its way to paper.
pub(super) struct TypstWorld<'a> {
    /// The file of the template.
    pub(super) template: &'static str,
    pub(super) library: &'a LazyHash<Library>,
    pub(super) book: &'a LazyHash<FontBook>,
    pub(super) fonts: &'a [FontFace],
    pub(super) files: &'a Files,
    pub(super) values: Bytes,
}

impl TypstWorld<'_> {
    fn bytes(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.vpath().get_without_slash();
        let missing = || FileError::NotFound(name.into());
        // The template sees its document as the file of its name that ends in `.json`.
        let is_values = name
            .strip_suffix(".json")
            .is_some_and(|n| self.template.strip_suffix(".typ") == Some(n));
        match (id.root(), name) {
            (VirtualRoot::Project, _) if is_values => Ok(self.values.clone()),
            (VirtualRoot::Project, name) => {
                self.files.get(name).map(|file| Bytes::new(file.clone())).ok_or_else(missing)
            }
            (VirtualRoot::Package(_), _) => Err(missing()),
        }
    }

    /// What typst says is wrong, with its file and line.
    pub(super) fn template_error(&self, said: &SourceDiagnostic) -> TemplateError {
        let hints: String = said.hints.iter().map(|hint| format!(" ({})", hint.v)).collect();
        let file = said
            .span
            .id()
            .map_or(self.template.to_owned(), |id| id.vpath().get_without_slash().to_owned());
        let what = format!("{}{hints}", said.message);
        let fix = "mend the template; for a character that no font has, lay a font with it in reports/fonts of the workspace";
        TemplateError { line: self.line(said), ..TemplateError::new(&file, what, fix) }
    }

    fn line(&self, said: &SourceDiagnostic) -> Option<usize> {
        let (id, range) = (said.span.id()?, self.range(said.span)?);
        self.source(id).ok()?.lines().byte_to_line(range.start).map(|line| line + 1)
    }
}

impl World for TypstWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.book
    }

    fn main(&self) -> FileId {
        // A name without a dot segment is a path always.
        let path = VirtualPath::new(self.template)
            .unwrap_or_else(|_| unreachable!("{} is a path", self.template));
        RootedPath::new(VirtualRoot::Project, path).intern()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = self.bytes(id)?.into_string().map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.bytes(id)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).map(|named| named.font.clone())
    }

    /// A document has its own date: the same one gives the same bytes on any day.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
