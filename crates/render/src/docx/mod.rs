//! Letters as DOCX: a template's parts filled and zipped, and the text of a letter that a person
//! has edited.
//!
//! A template is a folder of parts written by hand, or a centre's own `.docx` that carries the same
//! placeholders.

mod edited;
mod join;
mod xml;
mod zipped;

use minijinja::Environment;
use minijinja::value::Value;

use super::engine::{TemplateError, add, environment, fill};
use super::files::Files;
use super::letter::Letter;
use super::values::{PLACEHOLDERS, Values};
use zipped::unzipped;

pub(super) use xml::balanced;
pub(super) use zipped::{Parts, utf8, zipped};

pub use edited::{docx_replace, docx_text};

/// Folder of the parts, the run that shows a chart, and the part that holds one, within the
/// template folder of a letter.
const PARTS: &str = "docx/";
const DRAWING: &str = "fragments/drawing.xml";
const CHART: &str = "docx/word/charts/chart1.xml";
/// The relation by which a document's run finds its chart.
const CHART_ID: &str = "rIdChart1";
const DOCUMENT: &str = "word/document.xml";

/// A template of letters, ready to be filled any number of times.
pub(super) struct DocxTemplate {
    /// A template for each part that is filled, by its path in the folder or in the centre's own
    /// document.
    environment: Environment<'static>,
    /// Parts that are filled.
    filled: Vec<String>,
    /// Parts taken over as they are.
    kept: Parts,
    /// Whether it is a centre's own document, to which the chart's part has to be added; the
    /// folder's document refers to its own.
    own: bool,
}

impl DocxTemplate {
    /// The template of a folder: `docx/` holds the parts, `fragments/drawing.xml` the run that
    /// shows the chart.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the part and the placeholder that is not understood.
    pub(super) fn folder(files: &Files) -> Result<DocxTemplate, TemplateError> {
        let mut template = DocxTemplate {
            environment: environment(),
            filled: Vec::new(),
            kept: Parts::new(),
            own: false,
        };
        for (path, content) in files {
            let Some(part) = path.strip_prefix(PARTS) else { continue };
            if part.ends_with(".xml") || part.ends_with(".rels") {
                template.add(path, &utf8(path, content)?)?;
                template.filled.push(part.to_owned());
            } else {
                template.kept.insert(part.to_owned(), content.clone());
            }
        }
        template.add(DRAWING, &part_text(files, DRAWING)?)?;
        Ok(template)
    }

    /// A centre's own `.docx` with placeholders in its text, headers and footers. `files` is the
    /// folder from which it takes what it does not have: the drawing of a chart.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the part and the placeholder that is not understood.
    pub(super) fn own(docx: &[u8], files: &Files) -> Result<DocxTemplate, TemplateError> {
        let mut template = DocxTemplate {
            environment: environment(),
            filled: Vec::new(),
            kept: Parts::new(),
            own: true,
        };
        for (part, content) in unzipped(docx)? {
            if has_text(&part) || part == "docProps/core.xml" {
                template.add(&part, &join::joined(&part, &utf8(&part, &content)?)?)?;
                template.filled.push(part);
            } else {
                template.kept.insert(part, content);
            }
        }
        for kit in [DRAWING, CHART] {
            template.add(kit, &part_text(files, kit)?)?;
        }
        Ok(template)
    }

    /// The letter as a `.docx`; the same letter gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the part and the placeholder that is not known, or the element
    /// that a condition or loop tears.
    pub(super) fn fill(&self, letter: &Letter) -> Result<Vec<u8>, TemplateError> {
        let mut values = Values::new(letter);
        if values.chart.is_some() {
            let drawing = self.one(DRAWING, &values.value())?;
            values.chart_drawing = Value::from_safe_string(drawing.trim().to_owned());
        }
        let value = values.value();
        let mut parts = self.kept.clone();
        for part in &self.filled {
            let content = if self.own {
                self.one(part, &value)?
            } else {
                self.one(&format!("{PARTS}{part}"), &value)?
            };
            // A part that a condition leaves empty is left out.
            if !content.trim().is_empty() {
                parts.insert(part.clone(), content.into_bytes());
            }
        }
        if self.own {
            self.attach_chart(&mut parts, &value)?;
        }
        zipped(&parts)
    }

    fn add(&mut self, name: &str, source: &str) -> Result<(), TemplateError> {
        add(&mut self.environment, name, source, PLACEHOLDERS)
    }

    /// One template filled, and whole.
    fn one(&self, name: &str, value: &Value) -> Result<String, TemplateError> {
        let content = fill(&self.environment, name, value, PLACEHOLDERS)?;
        xml::balanced(&content).map_err(|what| {
            TemplateError::new(
                name,
                format!("once filled, {what}"),
                "begin and end each condition and loop in the same paragraph, or use {%p … %} and {%tr … %}",
            )
        })?;
        Ok(content)
    }

    /// Where the document shows the chart, adds its part, its type and its relation.
    fn attach_chart(&self, parts: &mut Parts, value: &Value) -> Result<(), TemplateError> {
        const TYPE: &str = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml";
        const RELATION: &str =
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart";
        const RELATIONS: &str = "word/_rels/document.xml.rels";
        let shows = |part: &str| {
            parts
                .get(part)
                .is_some_and(|content| String::from_utf8_lossy(content).contains(CHART_ID))
        };
        if let Some(part) = self.filled.iter().find(|part| *part != DOCUMENT && shows(part)) {
            return Err(TemplateError::new(
                part,
                "{{ chart_drawing }} stands here",
                "a chart can stand in the text only: move it there",
            ));
        }
        if !shows(DOCUMENT) {
            return Ok(());
        }
        let chart = "charts/letter-chart.xml";
        parts.insert(format!("word/{chart}"), self.one(CHART, value)?.into_bytes());
        insert_before(
            parts,
            "[Content_Types].xml",
            "</Types>",
            &format!("<Override PartName=\"/word/{chart}\" ContentType=\"{TYPE}\"/>"),
        )?;
        insert_before(
            parts,
            RELATIONS,
            "</Relationships>",
            &format!("<Relationship Id=\"{CHART_ID}\" Type=\"{RELATION}\" Target=\"{chart}\"/>"),
        )
    }
}

/// A file of the folder, which the bundled one has.
pub(super) fn part_text(files: &Files, path: &str) -> Result<String, TemplateError> {
    let content = files.get(path).ok_or_else(|| {
        TemplateError::new(path, "it is missing", "take it from the bundled folder")
    })?;
    utf8(path, content)
}

fn insert_before(
    parts: &mut Parts,
    name: &str,
    end: &str,
    piece: &str,
) -> Result<(), TemplateError> {
    let broken = || {
        TemplateError::new(
            name,
            format!("it is missing, or has no {end}"),
            "save the template anew",
        )
    };
    let written = utf8(name, parts.get(name).ok_or_else(broken)?)?;
    let (head, tail) = written.split_at(written.rfind(end).ok_or_else(broken)?);
    parts.insert(name.to_owned(), [head, piece, tail].concat().into_bytes());
    Ok(())
}

/// Whether a part holds text that is read: the document, its headers and footers, its notes.
fn has_text(part: &str) -> bool {
    let text = |name: &str| {
        name == "document"
            || ["header", "footer", "footnotes", "endnotes"]
                .iter()
                .any(|kind| name.starts_with(kind))
    };
    part.strip_prefix("word/")
        .and_then(|name| name.strip_suffix(".xml"))
        .is_some_and(|name| !name.contains('/') && text(name))
}
