//! A report as one page that needs nothing else.

use minijinja::Environment;

use super::Report;
use super::charts::svg;
use super::values::{Picture, REPORT_PLACEHOLDERS, Values};
use crate::docx::part_text;
use crate::engine::{TemplateError, add, environment, fill};
use crate::files::Files;
use crate::line_chart::PAGE_FONTS;
use crate::map;

const PAGE: &str = "month.html";

/// A template of pages, ready to be filled any number of times.
pub(super) struct PageTemplate {
    environment: Environment<'static>,
}

impl PageTemplate {
    /// The page of a folder.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the placeholder that is not understood.
    pub(super) fn folder(files: &Files) -> Result<PageTemplate, TemplateError> {
        let source = part_text(files, PAGE)?;
        let mut environment = environment();
        add(&mut environment, PAGE, &source, REPORT_PLACEHOLDERS)?;
        Ok(PageTemplate { environment })
    }

    /// The report as a page; the same report gives the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the placeholder that is not known.
    pub(super) fn fill(&self, report: &Report) -> Result<String, TemplateError> {
        let values = Values::new(report, &|picture| {
            Ok(match picture {
                Picture::Chart(chart, _) => svg(chart, PAGE_FONTS),
                Picture::Map(map, _) => map::svg(map, ""),
            })
        })?;
        fill(&self.environment, PAGE, &values.value(), REPORT_PLACEHOLDERS)
    }
}
