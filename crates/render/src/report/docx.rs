//! A report as DOCX: a folder of parts filled, with a part and a workbook for each chart.

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::Report;
use super::charts::ChartValues;
use super::values::{Picture, REPORT_PLACEHOLDERS, Values};
use super::workbook::chart_data;
use crate::docx::{Parts, balanced, part_text, utf8, zipped};
use crate::engine::{TemplateError, add, environment, fill};
use crate::files::Files;
use crate::map::MapValues;

/// Folder of the parts, the runs that show a chart and a map, and the part that holds a chart.
const PARTS: &str = "docx/";
const DRAWING: &str = "fragments/drawing.xml";
const MAP: &str = "fragments/map.xml";
const CHART: &str = "fragments/chart.xml";
const CHART_RELATIONS: &str = "fragments/chart.xml.rels";

/// A template of reports, ready to be filled any number of times.
pub(super) struct DocxTemplate {
    environment: Environment<'static>,
    /// Parts that are filled.
    filled: Vec<String>,
    /// Parts taken over as they are.
    kept: Parts,
}

/// What the fragments of a chart see.
#[derive(Serialize)]
struct OneChart<'a> {
    chart: &'a ChartValues<'a>,
}

/// What the fragment of a map sees.
#[derive(Serialize)]
struct OneMap<'a> {
    map: MapValues<'a>,
}

impl DocxTemplate {
    /// The template of a folder.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the part and the placeholder that is not understood.
    pub(super) fn folder(files: &Files) -> Result<DocxTemplate, TemplateError> {
        let mut template =
            DocxTemplate { environment: environment(), filled: Vec::new(), kept: Parts::new() };
        for (path, content) in files {
            let Some(part) = path.strip_prefix(PARTS) else { continue };
            if part.ends_with(".xml") || part.ends_with(".rels") {
                template.add(path, &utf8(path, content)?)?;
                template.filled.push(part.to_owned());
            } else {
                template.kept.insert(part.to_owned(), content.clone());
            }
        }
        for fragment in [DRAWING, MAP, CHART, CHART_RELATIONS] {
            template.add(fragment, &part_text(files, fragment)?)?;
        }
        Ok(template)
    }

    /// The report as a `.docx`; the same report gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the part and the placeholder that is not known.
    pub(super) fn fill(&self, report: &Report) -> Result<Vec<u8>, TemplateError> {
        let one = |fragment: &str, chart: &ChartValues| {
            let content = self.one(fragment, &Value::from(Serde(OneChart { chart })))?;
            Ok(content.trim().to_owned())
        };
        let map = |map: MapValues| {
            let content = self.one(MAP, &Value::from(Serde(OneMap { map })))?;
            Ok(content.trim().to_owned())
        };
        let values = Values::new(report, &|picture| match picture {
            Picture::Chart(_, chart) => one(DRAWING, chart),
            Picture::Map(of, n) => map(MapValues::new(of, n)),
        })?;
        let value = values.value();
        let mut parts = self.kept.clone();
        for part in &self.filled {
            let content = self.one(&format!("{PARTS}{part}"), &value)?;
            parts.insert(part.clone(), content.into_bytes());
        }
        for (chart, seen) in report.charts().zip(&values.charts) {
            let n = seen.n;
            let book = chart_data(report, chart).map_err(|e| {
                TemplateError::new(
                    &chart.id,
                    format!("its data make no workbook: {e}"),
                    "report this",
                )
            })?;
            let mut put = |part: String, content: Vec<u8>| parts.insert(part, content);
            put(format!("word/charts/chart{n}.xml"), one(CHART, seen)?.into_bytes());
            put(
                format!("word/charts/_rels/chart{n}.xml.rels"),
                one(CHART_RELATIONS, seen)?.into_bytes(),
            );
            put(format!("word/embeddings/chart{n}.xlsx"), book);
        }
        zipped(&parts)
    }

    fn add(&mut self, name: &str, source: &str) -> Result<(), TemplateError> {
        add(&mut self.environment, name, source, REPORT_PLACEHOLDERS)
    }

    /// One template filled, and whole.
    fn one(&self, name: &str, value: &Value) -> Result<String, TemplateError> {
        let content = fill(&self.environment, name, value, REPORT_PLACEHOLDERS)?;
        balanced(&content).map_err(|what| {
            TemplateError::new(
                name,
                format!("once filled, {what}"),
                "begin and end each condition and loop around whole elements",
            )
        })?;
        Ok(content)
    }
}
