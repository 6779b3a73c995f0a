//! A letter on paper.

use chrono::NaiveDate;
use minijinja::value::Value;
use serde_json::Value as Json;

use super::{CHART_FONT, PdfTemplate};
use crate::engine::TemplateError;
use crate::letter::Letter;
use crate::line_chart::line_chart;
use crate::values::Values;

impl PdfTemplate {
    /// The letter as PDF/A-2b, with `date` written under the signature, and as made on the day
    /// `made`; the same letter and fonts give the same bytes.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the fonts that are missing, what typst does not understand in the
    /// template, or the characters that no font has.
    pub(crate) fn letter(
        &self,
        letter: &Letter,
        date: &str,
        made: NaiveDate,
    ) -> Result<Vec<u8>, TemplateError> {
        // The placeholders of every format, with the chart as a picture in the chart's font.
        let mut values = Values::new(letter);
        let chart = letter.annex.as_ref().and_then(|annex| annex.chart.as_ref());
        values.chart_svg =
            Value::from(chart.map_or_else(String::new, |chart| line_chart(chart, CHART_FONT)));
        let mut json = serde_json::to_value(&values).map_err(|e| self.unwritable(&e))?;
        if let Some(field) = json.get_mut("date") {
            *field = Json::from(date);
        }
        let code = letter.code.as_deref().unwrap_or_default();
        self.set(json, format!("{}\n{}\n{code}", letter.number, letter.title), made)
    }
}
