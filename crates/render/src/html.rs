//! Letters as one page that needs nothing else, for a phone and for paper.

use minijinja::Environment;
use minijinja::value::Value;

use super::engine::{TemplateError, add, environment, fill};
use super::files::Files;
use super::letter::Letter;
use super::line_chart::{PAGE_FONTS, line_chart};
use super::values::{PLACEHOLDERS, Values};

const PAGE: &str = "letter.html";

/// A template of pages, ready to be filled any number of times.
pub(super) struct HtmlTemplate {
    environment: Environment<'static>,
}

impl HtmlTemplate {
    /// The page `letter.html` of a folder.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the placeholder that is not understood.
    pub(super) fn folder(files: &Files) -> Result<HtmlTemplate, TemplateError> {
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
    pub(super) fn fill(&self, letter: &Letter) -> Result<String, TemplateError> {
        let mut values = Values::new(letter);
        let chart = letter.annex.as_ref().and_then(|annex| annex.chart.as_ref());
        values.chart_svg = Value::from_safe_string(
            chart.map_or_else(String::new, |chart| line_chart(chart, PAGE_FONTS)),
        );
        fill(&self.environment, PAGE, &values.value(), PLACEHOLDERS)
    }
}
