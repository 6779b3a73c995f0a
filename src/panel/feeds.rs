//! What each domain's feed delivered, day by day, and which of its days do not count.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Schema};

use super::coverage::{Feed, Gap, State, assess, usual_delay};
use super::window::register_panel;
use crate::areas::Register;
use crate::error::Result;
use crate::lake::schema::{DOMAINS, Domain};
use crate::lake::{AsOf, Lake, Limits, Session, derived_schema};

/// Longest recording delay that is looked at, in days.
const LONGEST_DELAY: usize = 60;

/// Coverage of all domains as of a time.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Of each domain that ever delivered: the day of its first event and the days that do not count.
    pub feeds: BTreeMap<&'static str, (NaiveDate, Vec<Gap>)>,
}

impl Coverage {
    /// Domains that never delivered an event.
    pub fn not_delivered(&self) -> Vec<&'static Domain> {
        DOMAINS.iter().filter(|d| !self.feeds.contains_key(d.id)).collect()
    }

    /// Day of the first event of any domain.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.feeds.values().map(|(first, _)| *first).min()
    }

    /// Rows of the `coverage` table.
    ///
    /// # Errors
    /// [`crate::Error::Arrow`].
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let rows: Vec<(&str, &Gap)> = self.feeds.iter().flat_map(|(d, (_, gaps))| gaps.iter().map(move |g| (*d, g))).collect();
        let Some(schema) = derived_schema("coverage") else { return Ok(RecordBatch::new_empty(Arc::new(Schema::empty()))) };
        let epoch = NaiveDate::default();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(d, _)| *d))),
            Arc::new(Date32Array::from_iter_values(rows.iter().map(|(_, g)| (g.day - epoch).num_days() as i32))),
            Arc::new(StringArray::from_iter(rows.iter().map(|_| None::<&str>))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, g)| g.state.name()))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, g)| g.reason.as_str()))),
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, g)| g.expected))),
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, g)| g.observed))),
        ];
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    /// Replaces the `coverage` table by this.
    ///
    /// # Errors
    /// [`crate::Error::Delta`].
    pub fn write(&self, lake: &Lake) -> Result<()> {
        lake.derived("coverage")?.replace(&self.to_batch()?, |_| true, &[])?;
        Ok(())
    }

    /// Days of `[start, end]` on which a domain's feed counts.
    pub fn days(&self, domain: &str, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let Some((first, gaps)) = self.feeds.get(domain) else { return Vec::new() };
        days_but(*first, gaps.iter(), start, end)
    }

    /// The same with the last days, of which more is still to come.
    pub fn delivered(&self, domain: &str, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let Some((first, gaps)) = self.feeds.get(domain) else { return Vec::new() };
        days_but(*first, gaps.iter().filter(|g| g.state != State::Late), start, end)
    }
}

fn days_but<'a>(first: NaiveDate, gaps: impl Iterator<Item = &'a Gap>, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
    let gone: BTreeSet<NaiveDate> = gaps.map(|g| g.day).collect();
    start.max(first).iter_days().take_while(|d| *d <= end).filter(|d| !gone.contains(d)).collect()
}

/// Reads every domain's feed from the panel as of then and judges its days. `level` is the level of areas that a feed must cover.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn feeds(lake: &Lake, register: &Register, level: &str, as_of: &AsOf, limits: &Limits) -> Result<Coverage> {
    let session = Session::new(lake, limits)?;
    register_panel(&session, lake, register, &[level], as_of)?;
    let mut delays = delays(&session, as_of)?;
    let counts = session.collect(
        "select domain, area, day, cast(sum(num) as double) as n from panel join area_map on panel.area_code = area_map.area_code \
         where indicator = 'events' group by domain, area, day having sum(num) > 0",
    )?;
    let mut series: HashMap<String, BTreeMap<String, Vec<(i32, f64)>>> = HashMap::new();
    for batch in &counts {
        let (domain, area) = (text(batch, 0)?, text(batch, 1)?);
        let (day, n) = (batch.column(2).as_primitive::<Date32Type>(), batch.column(3).as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            let areas = series.entry(domain.as_string::<i32>().value(row).to_owned()).or_default();
            areas.entry(area.as_string::<i32>().value(row).to_owned()).or_default().push((day.value(row), n.value(row)));
        }
    }
    let mut coverage = Coverage::default();
    for domain in &DOMAINS {
        if let Some(feed) = series.get(domain.id).and_then(|areas| feed(areas, as_of.day)) {
            let feed = Feed { delay_days: delays.remove(domain.id).unwrap_or(0), ..feed };
            coverage.feeds.insert(domain.id, (feed.first, assess(&feed)));
        }
    }
    Ok(coverage)
}

fn text(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8)?)
}

fn feed(areas: &BTreeMap<String, Vec<(i32, f64)>>, last: NaiveDate) -> Option<Feed> {
    let epoch = NaiveDate::default();
    let last = (last - epoch).num_days() as i32;
    let first = areas.values().flatten().map(|(day, _)| *day).filter(|day| *day <= last).min()?;
    let days = (last - first + 1) as usize;
    let mut total = vec![0.0; days];
    let mut by_area = Vec::with_capacity(areas.len());
    for counts in areas.values() {
        let mut row = vec![0.0; days];
        for (day, n) in counts.iter().filter(|(day, _)| *day <= last) {
            row[(day - first) as usize] += n;
            total[(day - first) as usize] += n;
        }
        by_area.push(row);
    }
    Some(Feed { first: epoch + chrono::TimeDelta::days(first.into()), total, by_area, delay_days: 0 })
}

/// Usual recording delay of each domain, from the events of the year that ended sixty days ago.
fn delays(session: &Session, as_of: &AsOf) -> Result<HashMap<&'static str, usize>> {
    let batches = session.collect(&format!(
        "select domain, cast(cast(recorded_day as int) - cast(day as int) as double) as delay, cast(sum(num) as double) as n from panel \
         where indicator = 'events' and day between date '{day}' - interval '{}' day and date '{day}' - interval '{LONGEST_DELAY}' day \
         group by domain, delay",
        LONGEST_DELAY + 365,
        day = as_of.day
    ))?;
    let mut arrivals: HashMap<&'static str, (VecDeque<f64>, f64)> = HashMap::new();
    for batch in &batches {
        let domain = text(batch, 0)?;
        let (delay, n) = (batch.column(1).as_primitive::<Float64Type>(), batch.column(2).as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            let Some(domain) = Domain::find(domain.as_string::<i32>().value(row)) else { continue };
            let (by_delay, events) = arrivals.entry(domain.id).or_insert_with(|| (VecDeque::from(vec![0.0; LONGEST_DELAY + 1]), 0.0));
            *events += n.value(row);
            let delay = delay.value(row).max(0.0) as usize;
            if delay <= LONGEST_DELAY {
                by_delay[delay] += n.value(row);
            }
        }
    }
    Ok(arrivals.into_iter().filter_map(|(domain, (by_delay, events))| Some((domain, usual_delay(&by_delay, events)?))).collect())
}
