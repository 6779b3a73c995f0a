//! What detection found in the month, and what it expects next.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lake::{Columns, Derived, Result, Session};

use crate::detect::{Detail, Kind};
use crate::job::Job;
use crate::panel::Period;

/// A finding as the last night of the month on which it stood told it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub area_code: String,
    pub domain: String,
    pub category: String,
    pub kind: Kind,
    pub detail: Detail,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub q: Option<f64>,
    /// First and last night of the month on which it stood.
    pub first_night: NaiveDate,
    pub last_night: NaiveDate,
}

/// Findings that stood on a night of the month, each once; and the forecasts of its last night.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn read(job: &Job, month: &Period) -> Result<(Vec<Found>, Vec<Found>)> {
    if !job.lake.has(Derived::Findings) {
        return Ok((Vec::new(), Vec::new()));
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("findings", &job.lake.derived(Derived::Findings)?)?;
    let zone = job.workspace.time_zone();
    let batches = session.collect(&format!(
        "select as_of, area_code, domain, category, kind, method, period_start, period_end, observed, expected, \
         lower, upper, q, detail from findings \
         where as_of <= arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') and kind <> 'not_assessable' \
         and as_of > arrow_cast('{}T00:00:00Z', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         order by as_of, area_code, domain, category, kind, method, period_start",
        job.as_of.instant.to_rfc3339(),
        month.start
    ))?;
    let mut found: BTreeMap<(Kind, String, String, String), Found> = BTreeMap::new();
    let mut forecasts: Vec<Found> = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let text = |name: &str| columns.required_text(name);
        let nights = columns.instant("as_of")?;
        let (areas, domains, categories) = (text("area_code")?, text("domain")?, text("category")?);
        let (kinds, methods, details) = (text("kind")?, text("method")?, text("detail")?);
        let (from, to) =
            (columns.required_day("period_start")?, columns.required_day("period_end")?);
        let figure = |name: &str| columns.float(name);
        let (observed, expected) = (figure("observed")?, figure("expected")?);
        let (lower, upper, q) = (figure("lower")?, figure("upper")?, figure("q")?);
        for row in 0..batch.num_rows() {
            let night = nights[row].map(|at| at.with_timezone(&zone).date_naive());
            let (Some(kind), Some(night)) = (Kind::find(&kinds[row]), night) else { continue };
            if night > month.end {
                continue;
            }
            let Ok(detail) = Detail::decode(&kinds[row], &methods[row], &details[row]) else {
                continue;
            };
            let read = Found {
                area_code: areas[row].clone(),
                domain: domains[row].clone(),
                category: categories[row].clone(),
                kind,
                detail,
                from: from[row],
                to: to[row],
                observed: observed[row],
                expected: expected[row],
                lower: lower[row],
                upper: upper[row],
                q: q[row],
                first_night: night,
                last_night: night,
            };
            if kind == Kind::Forecast {
                forecasts.retain(|f| f.last_night == night);
                forecasts.push(read);
                continue;
            }
            let key = (kind, read.area_code.clone(), read.domain.clone(), read.category.clone());
            let first = found.get(&key).map_or(night, |f| f.first_night);
            found.insert(key, Found { first_night: first, ..read });
        }
    }
    Ok((found.into_values().collect(), forecasts))
}
