//! Random histories of events, and lakes that are fed with them.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use lake::areas::Register;
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits};
use pingan::engine::Options;
use pingan::workspace::{Config, Workspace};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::support::area;

pub const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;
pub const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();

/// One version of an event.
#[derive(Clone, Debug)]
pub struct Version {
    pub id: usize,
    pub occurred: DateTime<Utc>,
    pub recorded: DateTime<Utc>,
    /// From its recording to its delivery.
    pub delay: TimeDelta,
    pub area: &'static str,
    pub category: &'static str,
    pub resolved: Option<DateTime<Utc>>,
    pub mediated: bool,
    pub withdrawn: bool,
}

impl Version {
    pub fn delivered(&self) -> DateTime<Utc> {
        self.recorded + self.delay
    }
}

/// A random history: events with corrections of area, category, time and outcome, withdrawals, and
/// returns after them.
pub fn history(rng: &mut ChaCha8Rng, events: usize, days: i64) -> Vec<Version> {
    let start = FIRST.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let mut versions = Vec::new();
    for id in 0..events {
        let occurred = start + TimeDelta::minutes(rng.random_range(0..days * 1440));
        let mut recorded = occurred + TimeDelta::minutes(rng.random_range(1..5 * 1440));
        for _ in 0..*[1, 1, 1, 2, 2, 3, 5].get(rng.random_range(0..7)).unwrap() {
            versions.push(Version {
                id,
                occurred: occurred
                    + TimeDelta::days(rng.random_range(0..2) * rng.random_range(0..3)),
                recorded,
                delay: TimeDelta::hours(id as i64 % 5),
                area: ["101", "102", "201"][rng.random_range(0..3)],
                category: ["neighbour", "wage_arrears"][rng.random_range(0..2)],
                resolved: rng
                    .random_bool(0.5)
                    .then(|| occurred + TimeDelta::days(rng.random_range(1..12))),
                mediated: rng.random_bool(0.5),
                withdrawn: rng.random_bool(0.15),
            });
            // Within the same day, too.
            recorded +=
                TimeDelta::minutes(1 + rng.random_range(1..6 * 1440) / rng.random_range(1..20));
        }
    }
    versions
}

fn batch(domain: &Domain, versions: &[Version], batch_id: &str) -> RecordBatch {
    let day = |at: DateTime<Utc>| {
        (at.with_timezone(&ZONE).date_naive() - NaiveDate::default()).num_days() as i32
    };
    let instant = |f: &dyn Fn(&Version) -> Option<DateTime<Utc>>| -> ArrayRef {
        let micros = versions.iter().map(|v| f(v).map(|t| t.timestamp_micros()));
        Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
    };
    let text = |f: &dyn Fn(&Version) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(versions.iter().map(f)))
    };
    let due = |v: &Version| v.occurred + TimeDelta::days(7);
    let columns = domain.columns().map(|c| match c.name {
        "event_id" => text(&|v| format!("E{:05}", v.id)),
        "occurred_at" => instant(&|v| Some(v.occurred)),
        "recorded_at" => instant(&|v| Some(v.recorded)),
        "day" => Arc::new(Date32Array::from_iter_values(versions.iter().map(|v| day(v.occurred)))),
        "area_code" => text(&|v| v.area.to_owned()),
        "category" => text(&|v| v.category.to_owned()),
        "resolved_at" => instant(&|v| v.resolved),
        "outcome" => text(&|v| if v.mediated { "mediated" } else { "failed" }.to_owned()),
        "withdrawn" => {
            Arc::new(BooleanArray::from_iter(versions.iter().map(|v| Some(v.withdrawn))))
        }
        "source" => text(&|_| "test".to_owned()),
        "delivered_at" => instant(&|v| Some(v.delivered())),
        "recorded_basis" => text(&|_| "given".to_owned()),
        "count" => Arc::new(Int64Array::from_iter(versions.iter().map(|_| None::<i64>))),
        "batch_id" => text(&|_| batch_id.to_owned()),
        "due_at" => instant(&|v| Some(due(v))),
        "due_day" => Arc::new(Date32Array::from_iter_values(versions.iter().map(|v| day(due(v))))),
        "persons" => {
            Arc::new(Int64Array::from_iter_values(versions.iter().map(|v| v.id as i64 % 4)))
        }
        _ => filler(&c.kind.arrow(), versions),
    });
    RecordBatch::try_new(domain.schema(), columns.collect()).unwrap()
}

/// Something of a column's type that differs from version to version and is missing now and then.
fn filler(kind: &DataType, versions: &[Version]) -> ArrayRef {
    let number = |v: &Version| (v.id as i64 * 7 + v.recorded.timestamp() / 60).rem_euclid(11);
    let some = |v: &Version| (number(v) < 9).then(|| number(v));
    match kind {
        DataType::Boolean => {
            Arc::new(BooleanArray::from_iter(versions.iter().map(|v| some(v).map(|n| n % 3 == 0))))
        }
        DataType::Timestamp(_, _) => {
            let micros = versions.iter().map(|v| {
                some(v).map(|n| (v.occurred + TimeDelta::hours(n * 20)).timestamp_micros())
            });
            Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
        }
        DataType::Utf8 => Arc::new(StringArray::from_iter(
            versions.iter().map(|v| some(v).map(|n| ["grid", "county", "other"][n as usize % 3])),
        )),
        other => cast(&Int64Array::from_iter(versions.iter().map(some)), other).unwrap(),
    }
}

/// A county of two townships and three villages, with nothing in its lake.
pub fn workspace(root: &Path) -> Workspace {
    let areas = vec![
        area("0", "county", None),
        area("1", "township", Some("0")),
        area("2", "township", Some("0")),
        area("101", "village", Some("1")),
        area("102", "village", Some("1")),
        area("201", "village", Some("2")),
    ];
    let config = Config {
        name: "test".into(),
        county: "0".into(),
        time_zone: ZONE,
        link_parties: false,
        party_key: None,
        roles: Vec::new(),
    };
    Workspace::create(root, &config, &Register::new(areas).unwrap()).unwrap()
}

/// As of then, and then is now.
pub fn options(as_of: AsOf) -> Options {
    Options { as_of, clock: as_of.instant, limits: Limits::default(), seed: 1 }
}

/// Appends versions to the lake as one file.
pub fn append(lake: &Lake, domain: &Domain, versions: &[Version], batch_id: &str) {
    let mut table = lake.events(domain).unwrap();
    let mut appender = table.appender().unwrap();
    appender.write(&batch(domain, versions, batch_id)).unwrap();
    let written = appender.finish().unwrap();
    table.commit(written, &[], &[]).unwrap();
}
