//! The target: how many of its events each area had in a month, as they were known at any time.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, TimestampMicrosecondType};
use datafusion::prelude::DataFrame;
use lake::areas::{Exposures, Register};
use lake::error::{Error, Result};
use lake::{AsOf, Lake, Limits, Session};
use ndarray::Array1;

use super::target_file::{DomainEvents, TARGET, TargetFile};
use crate::feeds::Coverage;
use crate::index::Model;
use crate::job::Job;
use crate::panel::{Period, Unit};

/// Share of a month's days that must count for its number to be known.
const LEAST_COVERED: f64 = 0.5;

/// One version of an event that fulfils the condition in some version.
#[derive(Clone, Debug)]
struct Version {
    day: NaiveDate,
    area: String,
    recorded: DateTime<Utc>,
    delivered: Option<DateTime<Utc>>,
    /// Events it stands for: one, or a month's total.
    number: f64,
    /// Whether it fulfils the condition and is not withdrawn; `None` of a total that cannot say.
    counts: Option<bool>,
}

/// Versions of a domain's events, event by event, each in the order in which they became known.
type Events = Vec<Vec<Version>>;

/// All versions of the target's events, read once.
pub struct Target {
    file: TargetFile,
    events: BTreeMap<String, Events>,
}

/// Where and when a target is counted.
pub struct Place<'a> {
    pub register: &'a Register,
    pub exposures: &'a Exposures,
    pub coverage: &'a Coverage,
    pub level: &'a str,
    pub areas: &'a [String],
}

impl<'a> Place<'a> {
    /// Where and as of when a job counts it.
    pub fn new(
        job: &Job<'a>,
        model: &'a Model,
        exposures: &'a Exposures,
        areas: &'a [String],
    ) -> Self {
        let Job { register, coverage, .. } = *job;
        Place { register, exposures, coverage, level: &model.level, areas }
    }
}

impl Target {
    /// Reads what is known of the events at the end, every version of each.
    ///
    /// # Errors
    /// [`Error::Config`] where a condition is wrong, [`Error::Delta`].
    pub fn read(file: TargetFile, lake: &Lake, as_of: &AsOf, limits: &Limits) -> Result<Target> {
        let session = Session::new(lake, limits)?;
        session.register_lake(lake, as_of)?;
        let mut events = BTreeMap::new();
        for of in &file.events {
            let batches = session.run(versions(&session, of)?)?;
            events.insert(of.domain.clone(), read(&batches)?);
        }
        Ok(Target { file, events })
    }

    /// What officials call it.
    pub fn label(&self) -> &str {
        &self.file.label
    }

    /// Its domains that are left out, and why: nothing was ever delivered, or totals that do not
    /// say what the condition asks.
    pub fn left_out(&self, coverage: &Coverage, as_of: &AsOf) -> Vec<(&str, &'static str)> {
        let why = |(id, events): (&String, &Events)| match () {
            () if !coverage.feeds.contains_key(id.as_str()) => Some("never delivered"),
            () if !is_said(events, as_of) => Some("delivered as totals that do not say"),
            () => None,
        };
        let left_out = self.events.iter().filter_map(|of| Some((of.0.as_str(), why(of)?)));
        left_out.collect()
    }

    /// What was known then of each month.
    pub fn counted<'a>(&'a self, place: &'a Place<'a>, as_of: &AsOf) -> Counted<'a> {
        let of_domain = |(domain, events): (&'a String, &Events)| {
            let mut months: BTreeMap<NaiveDate, Month> = BTreeMap::new();
            let current = events.iter().filter_map(|e| current(e, as_of));
            for version in current.filter(|v| v.counts == Some(true)) {
                let start = version.day.with_day(1).unwrap_or(version.day);
                let month = months.entry(start).or_insert_with(|| Month {
                    days: place.coverage.days(domain, start, last_day(start)),
                    sums: Array1::zeros(place.areas.len()),
                });
                let above = place.register.ancestor_at(&version.area, place.level);
                let area = above.and_then(|a| place.areas.binary_search(&a.code).ok());
                if let Some(area) = area.filter(|_| month.days.binary_search(&version.day).is_ok())
                {
                    month.sums[area] += version.number;
                }
            }
            (domain.as_str(), months)
        };
        let is_known = |(domain, events): &(&String, &Events)| {
            place.coverage.feeds.contains_key(domain.as_str()) && is_said(events, as_of)
        };
        let domains = self.events.iter().filter(is_known).map(of_domain).collect();
        Counted { target: self, place, domains }
    }

    /// The target with all that became known after then replaced by noise.
    pub fn with_noise_after(&self, then: &AsOf) -> Target {
        let noisy = |versions: &Vec<Version>| -> Vec<Version> {
            let noisy = |(at, version): (usize, &Version)| Version {
                counts: version.counts.map(|counts| counts == is_known(versions, at, then)),
                ..version.clone()
            };
            versions.iter().enumerate().map(noisy).collect()
        };
        let events = self.events.iter();
        let events = events.map(|(id, events)| (id.clone(), events.iter().map(noisy).collect()));
        Target { file: self.file.clone(), events: events.collect() }
    }
}

/// Whether every condition of a target can be planned.
///
/// # Errors
/// [`Error::Config`] that names the domain.
pub fn check(file: &TargetFile, lake: &Lake, as_of: &AsOf, limits: &Limits) -> Result<()> {
    let session = Session::new(lake, limits)?;
    session.register_lake(lake, as_of)?;
    file.events.iter().try_for_each(|of| versions(&session, of).map(|_| ()))
}

/// All versions of the events of which some version fulfils the condition, and of totals that do
/// not say whether they do.
fn versions(session: &Session, of: &DomainEvents) -> Result<DataFrame> {
    let (id, condition) = (&of.domain, &of.condition);
    // Texts are copied, because one that is viewed holds all of its file's in memory while it is
    // sorted.
    let frame = session.sql(&format!(
        "select arrow_cast(event_id, 'Utf8') as event_id, day, \
         arrow_cast(area_code, 'Utf8') as area_code, recorded_at, delivered_at, \
         not withdrawn and coalesce(({condition}), case when count is null then false end) as counts, \
         coalesce(cast(count as double), 1.0) as number \
         from {id}__all where event_id in (select event_id from {id}__all \
         where coalesce(({condition}), count is not null)) \
         order by event_id, recorded_at, delivered_at nulls first, batch_id"
    ));
    frame.map_err(|e| {
        Error::config(
            Path::new(TARGET),
            format!("the condition of {id} is wrong: {e}"),
            format!("correct `where`; the columns are those of {id}"),
        )
    })
}

/// Events of one month on the days that count.
struct Month {
    days: Vec<NaiveDate>,
    sums: Array1<f64>,
}

/// The target's events, counted as they were known at one time.
pub struct Counted<'a> {
    target: &'a Target,
    place: &'a Place<'a>,
    /// Of each domain that delivers, months by their first day; those without events are not there.
    domains: Vec<(&'a str, BTreeMap<NaiveDate, Month>)>,
}

impl Counted<'_> {
    /// The target of each area over some months: events on days that count, for the share of the
    /// days that do, by the exposure. NaN where a domain delivered less than half of a month, or an
    /// area's exposure is not known.
    pub fn values(&self, months: &[Period]) -> Array1<f64> {
        let mut sums = Array1::zeros(self.place.areas.len());
        for (domain, counted) in &self.domains {
            for month in months {
                let days = match counted.get(&month.start) {
                    Some(counted) => counted.days.len(),
                    None => self.place.coverage.days(domain, month.start, month.end).len(),
                };
                let share = days as f64 / month.days() as f64;
                if share < LEAST_COVERED {
                    return Array1::from_elem(self.place.areas.len(), f64::NAN);
                }
                if let Some(counted) = counted.get(&month.start) {
                    sums.scaled_add(1.0 / share, &counted.sums);
                }
            }
        }
        match months.first().filter(|_| !self.domains.is_empty()) {
            Some(month) => sums / self.exposure(month),
            None => Array1::from_elem(self.place.areas.len(), f64::NAN),
        }
    }

    fn exposure(&self, month: &Period) -> Array1<f64> {
        let Some(per) = &self.target.file.per else { return Array1::ones(self.place.areas.len()) };
        let of_area = |code: &String| {
            let area = self.place.register.get(code)?;
            let (first, _) = area.days_within(month.start, month.end)?;
            self.place.exposures.in_force(area, first).get(per).filter(|x| *x > 0.0)
        };
        self.place.areas.iter().map(|code| of_area(code).unwrap_or(f64::NAN)).collect()
    }
}

fn last_day(start: NaiveDate) -> NaiveDate {
    Unit::Month.period(start, NaiveDate::MAX).end
}

/// Whether all that was known then says if it fulfils the condition.
fn is_said(events: &Events, as_of: &AsOf) -> bool {
    events.iter().filter_map(|e| current(e, as_of)).all(|v| v.counts.is_some())
}

/// The version of an event that was the current one then.
fn current<'a>(versions: &'a [Version], as_of: &AsOf) -> Option<&'a Version> {
    (0..versions.len()).rev().find(|at| is_known(versions, *at, as_of)).map(|at| &versions[at])
}

/// Whether a version was known then (docs/interface.md, Tables): of versions of one time of
/// recording the first to be delivered is known from that time, the others from their delivery.
fn is_known(versions: &[Version], at: usize, as_of: &AsOf) -> bool {
    let version = &versions[at];
    let first = at.checked_sub(1).is_none_or(|b| versions[b].recorded != version.recorded);
    let delivered = version.delivered.is_none_or(|delivered| delivered <= as_of.instant);
    version.recorded <= as_of.instant && (first || delivered)
}

fn read(batches: &[RecordBatch]) -> Result<Events> {
    let mut events = Events::new();
    let mut last = String::new();
    for batch in batches {
        let text = |at: usize| cast(batch.column(at), &DataType::Utf8);
        let (ids, areas) = (text(0)?, text(2)?);
        let (ids, areas) = (ids.as_string::<i32>(), areas.as_string::<i32>());
        let days = batch.column(1).as_primitive::<Date32Type>();
        let instants = |at: usize| batch.column(at).as_primitive::<TimestampMicrosecondType>();
        let (recorded, delivered) = (instants(3), instants(4));
        let counts: &BooleanArray = batch.column(5).as_boolean();
        let numbers = batch.column(6).as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let at = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
            let version = Version {
                day: Date32Type::to_naive_date_opt(days.value(row)).unwrap_or_default(),
                area: areas.value(row).to_owned(),
                recorded: at(recorded.value(row)),
                delivered: delivered.is_valid(row).then(|| at(delivered.value(row))),
                number: numbers.value(row),
                counts: counts.is_valid(row).then(|| counts.value(row)),
            };
            match events.last_mut().filter(|_| ids.value(row) == last) {
                Some(event) => event.push(version),
                None => {
                    ids.value(row).clone_into(&mut last);
                    events.push(vec![version]);
                }
            }
        }
    }
    Ok(events)
}
