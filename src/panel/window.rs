//! Window sums: numerators and denominators of every indicator over a period, areas rolled up (METHOD.md §2.1).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Datelike, Days, Months, NaiveDate};
use datafusion::arrow::array::{AsArray, Date32Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};
use polars::prelude::DataFrame;

use super::feeds::Coverage;
use crate::areas::Register;
use crate::error::Result;
use crate::frame::to_polars;
use crate::lake::{AsOf, Lake, Limits, Session};

/// A stretch of days that is scored as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// `2026` for a year, `2026-01` for a month, `2026-01-31/28d` for the 28 days that end on a day.
    pub name: String,
    pub start: NaiveDate,
    pub end: NaiveDate,
}

impl Period {
    /// The calendar month that holds `day`, cut off at `last` where it is still running.
    pub fn month(day: NaiveDate, last: NaiveDate) -> Period {
        let start = day - Days::new(u64::from(day.day0()));
        let end = (start + Months::new(1) - Days::new(1)).min(last);
        Period { name: start.format("%Y-%m").to_string(), start, end }
    }

    /// The calendar year that holds `day`, cut off at `last` where it is still running.
    pub fn year(day: NaiveDate, last: NaiveDate) -> Period {
        let start = day - Days::new(u64::from(day.ordinal0()));
        let end = (start + Months::new(12) - Days::new(1)).min(last);
        Period { name: start.format("%Y").to_string(), start, end }
    }

    /// The 28 days that end on `end`.
    pub fn trailing(end: NaiveDate) -> Period {
        Period { name: format!("{end}/28d"), start: end - Days::new(27), end }
    }

    /// Every month from the one of `first` to the one of `last`.
    pub fn months(first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        let mut months = vec![Period::month(first, last)];
        while months[months.len() - 1].end < last {
            let next = months[months.len() - 1].end + Days::new(1);
            months.push(Period::month(next, last));
        }
        months
    }

    /// Days in it.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days() + 1
    }
}

/// Sums the panel over periods and the areas of `levels`, leaving out the days a feed did not cover:
/// `period, area_code, domain, indicator, category, num, den`.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn window_sums(
    lake: &Lake,
    register: &Register,
    levels: &[&str],
    periods: &[Period],
    coverage: &Coverage,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<DataFrame> {
    let session = Session::new(lake, limits)?;
    register_panel(&session, lake, register, levels, as_of)?;
    let calendar = calendar(periods, coverage)?;
    session.register_batches("calendar", calendar.schema(), vec![calendar])?;
    let (first, last) = (periods.iter().map(|p| p.start).min(), periods.iter().map(|p| p.end).max());
    let (first, last) = (first.unwrap_or(as_of.day), last.unwrap_or(as_of.day));
    let frame = session.sql(&format!(
        "select period, area as area_code, domain, indicator, category, cast(sum(num) as bigint) as num, cast(sum(den) as bigint) as den \
         from (select calendar.period, panel.area_code, panel.domain, indicator, category, sum(num) as num, sum(den) as den \
               from panel join calendar on panel.domain = calendar.domain and panel.day = calendar.day \
               where panel.day between date '{first}' and date '{last}' \
               group by calendar.period, panel.area_code, panel.domain, indicator, category) as fine \
         join area_map on fine.area_code = area_map.area_code \
         group by period, area, domain, indicator, category order by period, area, domain, indicator, category"
    ))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    to_polars(&schema, &session.run(frame)?)
}

/// First days of the months in which the panel gained rows after one of its versions.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn touched_months(lake: &Lake, version: i64, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let panel = lake.derived("panel")?;
    let files: Vec<PathBuf> = panel.added_since(version)?.into_iter().map(|f| f.path).collect();
    let session = Session::new(lake, limits)?;
    session.register_files("added", panel.schema(), &files)?;
    months_in(&session.collect("select distinct cast(date_trunc('month', day) as date) as month from added")?)
}

/// First days of the months whose covered days are others than the `coverage` table still says.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn changed_months(lake: &Lake, coverage: &Coverage, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let session = Session::new(lake, limits)?;
    session.register_table("old", &lake.derived("coverage")?)?;
    let new = coverage.to_batch()?;
    session.register_batches("new", new.schema(), vec![new])?;
    months_in(&session.collect(
        "select distinct cast(date_trunc('month', day) as date) as month from (\
         (select domain, day from old except select domain, day from new) union all \
         (select domain, day from new except select domain, day from old))",
    )?)
}

fn months_in(batches: &[RecordBatch]) -> Result<BTreeSet<NaiveDate>> {
    let mut months = BTreeSet::new();
    for batch in batches {
        let days = cast(batch.column(0), &DataType::Date32)?;
        let days = days.as_primitive::<Date32Type>();
        months.extend(days.iter().flatten().map(|d| NaiveDate::default() + chrono::TimeDelta::days(d.into())));
    }
    Ok(months)
}

/// The days that count, one row per domain, day and period.
fn calendar(periods: &[Period], coverage: &Coverage) -> Result<RecordBatch> {
    let (mut domains, mut days, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let epoch = NaiveDate::default();
    for domain in coverage.feeds.keys() {
        for period in periods {
            for day in coverage.days(domain, period.start, period.end) {
                domains.push(*domain);
                days.push((day - epoch).num_days() as i32);
                names.push(period.name.as_str());
            }
        }
    }
    let schema = Schema::new(vec![
        Field::new("domain", DataType::Utf8, false),
        Field::new("day", DataType::Date32, false),
        Field::new("period", DataType::Utf8, false),
    ]);
    let columns: Vec<datafusion::arrow::array::ArrayRef> =
        vec![Arc::new(StringArray::from(domains)), Arc::new(Date32Array::from(days)), Arc::new(StringArray::from(names))];
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// Registers `panel` as of then and `area_map`: every area below an area of `levels`, itself included, with that area.
pub(super) fn register_panel(session: &Session, lake: &Lake, register: &Register, levels: &[&str], as_of: &AsOf) -> Result<()> {
    session.register_table("panel_files", &lake.derived("panel")?)?;
    session.register_view("panel", &format!("select * from panel_files where recorded_day <= date '{}'", as_of.day))?;
    let (mut codes, mut areas) = (Vec::new(), Vec::new());
    for area in register.areas() {
        for level in levels {
            if let Some(above) = register.ancestor_at(&area.code, level) {
                codes.push(area.code.as_str());
                areas.push(above.code.as_str());
            }
        }
    }
    let schema = Arc::new(Schema::new(vec![Field::new("area_code", DataType::Utf8, false), Field::new("area", DataType::Utf8, false)]));
    let columns: Vec<datafusion::arrow::array::ArrayRef> = vec![Arc::new(StringArray::from(codes)), Arc::new(StringArray::from(areas))];
    session.register_batches("area_map", schema.clone(), vec![RecordBatch::try_new(schema, columns)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_run_to_the_last_day_known() {
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        let months = Period::months(day("2025-11-17"), day("2026-01-20"));
        let names: Vec<&str> = months.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["2025-11", "2025-12", "2026-01"]);
        assert_eq!((months[0].start, months[2].end), (day("2025-11-01"), day("2026-01-20")));
        assert_eq!(Period::trailing(day("2026-01-31")).days(), 28);
        let year = Period::year(day("2024-07-01"), day("2026-01-20"));
        assert_eq!((year.name.as_str(), year.days()), ("2024", 366));
    }
}
