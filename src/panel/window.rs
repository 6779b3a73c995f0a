//! Window sums: numerators and denominators of every indicator over a period, areas rolled up (METHOD.md §2.1).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::{AsArray, Date32Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};
use polars::prelude::DataFrame;

use super::feeds::Coverage;
use super::period::Period;
use crate::areas::Register;
use crate::error::Result;
use crate::frame::to_polars;
use crate::lake::{AsOf, Lake, Limits, Session};

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
    let within: Vec<String> = spans(periods).iter().map(|(a, b)| format!("panel.day between date '{a}' and date '{b}'")).collect();
    let within = if within.is_empty() { "false".to_owned() } else { within.join(" or ") };
    let frame = session.sql(&format!(
        "select period, area as area_code, domain, indicator, category, cast(sum(num) as bigint) as num, cast(sum(den) as bigint) as den \
         from (select calendar.period, panel.area_code, panel.domain, indicator, category, sum(num) as num, sum(den) as den \
               from panel join calendar on panel.domain = calendar.domain and panel.day = calendar.day \
               where {within} \
               group by calendar.period, panel.area_code, panel.domain, indicator, category) as fine \
         join area_map on fine.area_code = area_map.area_code \
         group by period, area, domain, indicator, category order by period, area, domain, indicator, category"
    ))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    to_polars(&schema, &session.run(frame)?)
}

/// The days of the periods as few spans, in order: statistics prune by them what a night need not read.
fn spans(periods: &[Period]) -> Vec<(NaiveDate, NaiveDate)> {
    let mut days: Vec<(NaiveDate, NaiveDate)> = periods.iter().map(|p| (p.start, p.end)).collect();
    days.sort();
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (start, end) in days {
        match spans.last_mut() {
            Some(span) if start <= span.1 + Days::new(1) => span.1 = span.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    spans
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
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn register_panel(session: &Session, lake: &Lake, register: &Register, levels: &[&str], as_of: &AsOf) -> Result<()> {
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
    use crate::panel::Unit;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn periods_that_touch_are_one_span() {
        let months = Unit::Month.periods(day("2025-01-01"), day("2025-06-30"));
        let trailing = Unit::Trailing.period(day("2025-06-10"), day("2025-06-10"));
        let some = [months[4].clone(), months[0].clone(), months[1].clone(), trailing];
        assert_eq!(spans(&some), [(day("2025-01-01"), day("2025-02-28")), (day("2025-05-01"), day("2025-06-10"))]);
    }
}
