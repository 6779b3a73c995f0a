//! What one event adds to the panel.

use chrono::NaiveDate;

use super::increments::planned;
use super::pipeline::Pipeline;
use lake::{Columns, Result, Session, quoted};

/// What an event adds to one indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct EventCount {
    pub day: NaiveDate,
    pub indicator: String,
    pub num: i64,
    pub den: i64,
}

/// What the event of an id, as the session's tables have it, adds to its domain's indicators.
///
/// # Errors
/// [`lake::Error::Config`] where the SQL is wrong, [`lake::Error::Query`].
pub fn event_counts(session: &Session, pipeline: &Pipeline, id: &str) -> Result<Vec<EventCount>> {
    let (domain, id) = (pipeline.domain.id, quoted(id));
    let whole = session.sql(&format!("select * from {domain}"))?;
    session.register_view(
        domain,
        &format!("select *, day as recorded_day from {domain} where event_id = '{id}'"),
    )?;
    let batches = session.run(planned(session, pipeline)?)?;
    session.register_plan(domain, whole)?;
    let mut counts = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let (days, indicators) =
            (columns.required_day("day")?, columns.required_text("indicator")?);
        let (nums, dens) = (columns.whole("num")?, columns.whole("den")?);
        for (row, indicator) in indicators.into_iter().enumerate() {
            let (num, den) = (nums[row].unwrap_or_default(), dens[row].unwrap_or_default());
            counts.push(EventCount { day: days[row], indicator, num, den });
        }
    }
    counts.sort_by(|a, b| (&a.indicator, a.day).cmp(&(&b.indicator, b.day)));
    Ok(counts)
}
