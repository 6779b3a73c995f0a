//! What detection found in the month, and what it expects next.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::RecordBatch;
use lake::{Columns, Derived, Error, Result, Session, quoted};
use methods::Flaw;

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
/// [`Error::Input`] where a row's detail cannot be read, [`Error::Delta`], [`Error::Query`].
pub fn read(job: &Job, month: &Period) -> Result<(Vec<Found>, Vec<Found>)> {
    let mut found: BTreeMap<(Kind, String, String, String), Found> = BTreeMap::new();
    let mut forecasts: Vec<Found> = Vec::new();
    for one in of_nights(job, month, "kind <> 'not_assessable'")? {
        if one.kind == Kind::Forecast {
            forecasts.push(one);
        } else {
            let key = (one.kind, one.area_code.clone(), one.domain.clone(), one.category.clone());
            let first_night = found.get(&key).map_or(one.first_night, |f| f.first_night);
            found.insert(key, Found { first_night, ..one });
        }
    }
    Ok((found.into_values().collect(), of_last_night(forecasts)))
}

/// What the last night of a month expected of the whole, of the stretch right after it.
///
/// # Errors
/// As [`read`].
pub fn expected_of_next(job: &Job, month: &Period) -> Result<Vec<Found>> {
    let whole = quoted(&job.register.root().code);
    let forecasts = of_nights(job, month, &format!("kind = 'forecast' and area_code = '{whole}'"))?;
    let forecasts = of_last_night(forecasts);
    let first = |of: &Found| {
        let of_domain = forecasts.iter().filter(|f| f.domain == of.domain);
        of_domain.map(|f| f.from).min() == Some(of.from)
    };
    Ok(forecasts.iter().filter(|f| first(f)).cloned().collect())
}

fn of_last_night(mut forecasts: Vec<Found>) -> Vec<Found> {
    let last = forecasts.iter().map(|f| f.last_night).max();
    forecasts.retain(|f| Some(f.last_night) == last);
    forecasts
}

/// The rows of `findings` of the month's nights that a condition holds of, in order of the nights.
fn of_nights(job: &Job, month: &Period, condition: &str) -> Result<Vec<Found>> {
    if !job.lake.has(Derived::Findings) {
        return Ok(Vec::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("findings", &job.lake.derived(Derived::Findings)?)?;
    let batches = session.collect(&format!(
        "select * from findings \
         where as_of <= arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         and as_of > arrow_cast('{}T00:00:00Z', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         and as_of < arrow_cast('{}T00:00:00Z', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         and {condition} \
         order by as_of, area_code, domain, category, kind, method, period_start",
        job.as_of.instant.to_rfc3339(),
        month.start,
        month.end + Days::new(2)
    ))?;
    let mut found = Vec::new();
    for batch in &batches {
        found.extend(rows(job, batch)?);
    }
    found.retain(|f| f.last_night >= month.start && f.last_night <= month.end);
    Ok(found)
}

/// The rows of a batch.
fn rows(job: &Job, batch: &RecordBatch) -> Result<Vec<Found>> {
    let zone = job.workspace.time_zone();
    let unreadable = |row: usize, flaw: Flaw| {
        let what = format!("row {row}: {}", flaw.what);
        Error::input(&job.workspace.lake().join("findings"), what, flaw.fix)
    };
    let columns = Columns::new(batch);
    let text = |name: &str| columns.required_text(name);
    let nights = columns.instant("as_of")?;
    let (areas, domains, categories) = (text("area_code")?, text("domain")?, text("category")?);
    let (kinds, methods, details) = (text("kind")?, text("method")?, text("detail")?);
    let (from, to) = (columns.required_day("period_start")?, columns.required_day("period_end")?);
    let figure = |name: &str| columns.float(name);
    let (observed, expected) = (figure("observed")?, figure("expected")?);
    let (lower, upper, q) = (figure("lower")?, figure("upper")?, figure("q")?);
    let row = |row: usize| {
        let night = nights[row].unwrap_or_default().with_timezone(&zone).date_naive();
        let detail = Detail::decode(&kinds[row], &methods[row], &details[row])
            .map_err(|flaw| unreadable(row, flaw))?;
        Ok(Found {
            area_code: areas[row].clone(),
            domain: domains[row].clone(),
            category: categories[row].clone(),
            kind: detail.kind(),
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
        })
    };
    (0..batch.num_rows()).map(row).collect()
}
