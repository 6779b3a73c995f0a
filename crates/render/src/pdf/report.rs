//! A report on paper.

use super::{CHART_FONT, PdfTemplate};
use crate::engine::TemplateError;
use crate::map;
use crate::report::{Picture, Report, ReportValues, chart_svg};

impl PdfTemplate {
    /// The report as PDF/A-2b, as made on the day it is dated; the same report and fonts give the
    /// same bytes.
    ///
    /// # Errors
    /// As [`PdfTemplate::letter`].
    pub(crate) fn report(&self, report: &Report) -> Result<Vec<u8>, TemplateError> {
        let values = ReportValues::new(report, &|picture| {
            Ok(match picture {
                Picture::Chart(chart, _) => chart_svg(chart, CHART_FONT),
                Picture::Map(map, _) => {
                    let font = format!("<svg font-family=\"{CHART_FONT}\" ");
                    map::svg(map, "").replacen("<svg ", &font, 1)
                }
            })
        })?;
        let values = serde_json::to_value(&values).map_err(|e| self.unwritable(&e))?;
        let identity = format!("{}\n{}\n{}", report.title, report.subtitle, report.date);
        self.set(values, identity, report.date)
    }
}
