//! What is watched: counts of every area × domain × category, week by week, as they were known.
//!
//! Weeks end on the as-of day, so that the last one is always whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};

use super::settings::Settings;
use crate::error::Result;
use crate::job::Job;
use crate::lake::Session;
use crate::panel::{Coverage, register_area_map, register_panel};

/// The weeks that end on the as-of day, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weeks {
    /// Last day of the last week.
    pub last: NaiveDate,
    pub count: usize,
}

impl Weeks {
    /// First day of a week by its place.
    pub fn start(&self, week: usize) -> NaiveDate {
        self.last - Days::new(7 * (self.count - week) as u64 - 1)
    }

    /// Its last day.
    pub fn end(&self, week: usize) -> NaiveDate {
        self.start(week) + Days::new(6)
    }

    /// First days of all.
    pub fn starts(&self) -> Vec<NaiveDate> {
        (0..self.count).map(|w| self.start(w)).collect()
    }
}

/// Which series a watched one is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub area: String,
    pub domain: String,
    /// Empty for all categories together.
    pub category: String,
}

/// All that is watched.
#[derive(Clone, Debug)]
pub struct Watched {
    pub weeks: Weeks,
    /// Code of the county.
    pub root: String,
    /// Events of each series, one a week, of days that count alone.
    pub series: BTreeMap<Key, Vec<f64>>,
    /// Share of each week's days that count, by domain.
    pub covered: BTreeMap<&'static str, Vec<f64>>,
    /// Share of each week's days that count and of which hardly more is to come.
    pub settled: BTreeMap<&'static str, Vec<f64>>,
}

impl Watched {
    /// Weeks of a county in which nothing has been counted yet.
    pub fn new(weeks: Weeks, root: &str, coverage: &Coverage) -> Watched {
        let days = |of: fn(&Coverage, &str, NaiveDate, NaiveDate) -> Vec<NaiveDate>| {
            coverage.feeds.keys().map(|d| (*d, shares(weeks, &of(coverage, d, weeks.start(0), weeks.last)))).collect()
        };
        Watched { weeks, root: root.to_owned(), series: BTreeMap::new(), covered: days(Coverage::delivered), settled: days(Coverage::days) }
    }

    /// Adds weeks and their events, of days that count, under a category and under all together.
    pub fn count(&mut self, area: &str, domain: &str, category: &str, events: &[(usize, f64)]) {
        let own = Some(category).filter(|c| !c.is_empty());
        for category in own.into_iter().chain([""]) {
            let key = Key { area: area.to_owned(), domain: domain.to_owned(), category: category.to_owned() };
            let counts = self.series.entry(key).or_insert_with(|| vec![0.0; self.weeks.count]);
            for (week, events) in events {
                if let Some(count) = counts.get_mut(*week) {
                    *count += events;
                }
            }
        }
    }
}

/// Reads the weekly counts of the areas of `level` and of the county, of each domain's indicator in `watch`. Days on which a feed was missing or
/// thinned do not count; the last ones, of which more is to come, do.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn read(job: &Job, settings: &Settings, weeks: Weeks) -> Result<Watched> {
    let session = Session::new(job.lake, job.limits)?;
    register_panel(&session, job.lake, &job.as_of)?;
    let mut levels = vec![settings.level.as_str(), job.register.root().level.as_str()];
    levels.dedup();
    register_area_map(&session, job.register, &levels)?;
    let calendar = calendar(weeks, job.coverage)?;
    session.register_batches("calendar", calendar.schema(), vec![calendar])?;
    let batches = session.collect(&format!(
        "select area, panel.domain, category, week, cast(sum(num) as bigint) as n \
         from (select area_code, domain, category, day, sum(num) as num from panel \
               where ({}) and day between date '{}' and date '{}' group by area_code, domain, category, day) as panel \
         join calendar on panel.domain = calendar.domain and panel.day = calendar.day \
         join area_map on panel.area_code = area_map.area_code \
         group by area, panel.domain, category, week",
        settings.watched(),
        weeks.start(0),
        weeks.last
    ))?;
    let mut watched = Watched::new(weeks, &job.register.root().code, job.coverage);
    for batch in &batches {
        let [area, domain, category] = [text(batch, 0)?, text(batch, 1)?, text(batch, 2)?];
        let (week, n) = (whole(batch, 3)?, whole(batch, 4)?);
        let [area, domain, category] = [area.as_string::<i32>(), domain.as_string::<i32>(), category.as_string::<i32>()];
        let (week, n) = (week.as_primitive::<Int64Type>(), n.as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let events = [(week.value(row) as usize, n.value(row) as f64)];
            watched.count(area.value(row), domain.value(row), category.value(row), &events);
        }
    }
    Ok(watched)
}

/// A column of text.
pub(super) fn text(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8)?)
}

/// A column of whole numbers.
pub(super) fn whole(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Int64)?)
}

/// The days that count with their week, one row a domain and day.
fn calendar(weeks: Weeks, coverage: &Coverage) -> Result<RecordBatch> {
    let (mut domains, mut days, mut of_week) = (Vec::new(), Vec::new(), Vec::new());
    let first = weeks.start(0);
    for domain in coverage.feeds.keys() {
        for day in coverage.delivered(domain, first, weeks.last) {
            domains.push(*domain);
            days.push((day - NaiveDate::default()).num_days() as i32);
            of_week.push((day - first).num_days() / 7);
        }
    }
    let fields = [("domain", DataType::Utf8), ("day", DataType::Date32), ("week", DataType::Int64)];
    let schema = Schema::new(fields.map(|(name, kind)| Field::new(name, kind, false)).to_vec());
    let columns: Vec<ArrayRef> =
        vec![Arc::new(StringArray::from(domains)), Arc::new(Date32Array::from(days)), Arc::new(Int64Array::from(of_week))];
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// Share of each week's days that are among these.
fn shares(weeks: Weeks, days: &[NaiveDate]) -> Vec<f64> {
    let first = weeks.start(0);
    let mut shares = vec![0.0; weeks.count];
    for day in days {
        if let Some(share) = usize::try_from((*day - first).num_days() / 7).ok().and_then(|week| shares.get_mut(week)) {
            *share += 1.0 / 7.0;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_end_on_the_last_day() {
        let weeks = Weeks { last: "2026-01-31".parse().unwrap(), count: 3 };
        assert_eq!(weeks.starts().iter().map(NaiveDate::to_string).collect::<Vec<_>>(), ["2026-01-11", "2026-01-18", "2026-01-25"]);
        assert_eq!(weeks.end(2), weeks.last);
    }
}
