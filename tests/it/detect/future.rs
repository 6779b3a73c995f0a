//! Nothing sees past `--as-of`: whatever a lake's future is, the findings of a day stay as they
//! are, byte for byte.

use lake::Derived;
use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use datafusion::arrow::util::pretty::pretty_format_batches;
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits, Session};
use pingan::engine::detect;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::histories::{FIRST, Version, ZONE, append, history, options, workspace};

/// Each domain's versions.
type Events = Vec<(&'static Domain, Vec<Version>)>;
/// What another future makes of what was recorded after a time.
type Future = fn(Vec<Version>, DateTime<Utc>, &mut ChaCha8Rng) -> Vec<Version>;

/// Two domains that run on over the time, with a rise just before it, and one that begins after it.
fn events(rng: &mut ChaCha8Rng, then: NaiveDate) -> Events {
    let [disputes, petitions, fraud] =
        ["disputes", "petitions", "fraud_crime"].map(|id| Domain::find(id).unwrap());
    let mut rising = history(rng, 2500, 780);
    rising.extend(rise(rng, 10_000, then - Days::new(10)));
    let mut begins = rise(rng, 0, then + Days::new(20));
    begins.extend(rise(rng, 1000, then + Days::new(40)));
    vec![(disputes, rising), (petitions, history(rng, 1500, 780)), (fraud, begins)]
}

/// Forty events in ten days in one place, known the day after.
fn rise(rng: &mut ChaCha8Rng, id: usize, from: NaiveDate) -> Vec<Version> {
    let start = from.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let one = |i: usize| {
        let occurred = start + TimeDelta::minutes(rng.random_range(0..9 * 1440));
        Version {
            id: id + i,
            occurred,
            recorded: occurred + TimeDelta::hours(20),
            delay: TimeDelta::hours(2),
            area: "101",
            category: "wage_arrears",
            resolved: None,
            mediated: true,
            withdrawn: false,
        }
    };
    (0..40).map(one).collect()
}

/// The same recorded later, and occurred at another time, be it before or after.
fn shifted(future: Vec<Version>, _: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Vec<Version> {
    let move_one = |v: Version| {
        let occurred = v.occurred + TimeDelta::hours(rng.random_range(-24 * 90..24 * 60));
        Version { recorded: v.recorded + TimeDelta::days(37), occurred, resolved: None, ..v }
    };
    future.into_iter().map(move_one).collect()
}

/// Other places, categories and withdrawals, and a flood of what occurred before the time and was
/// recorded right after it.
fn changed(future: Vec<Version>, then: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Vec<Version> {
    let other = |v: Version| Version {
        area: "201",
        category: "other",
        withdrawn: !v.withdrawn,
        mediated: !v.mediated,
        ..v
    };
    let flood = |i: usize| Version {
        id: 20_000 + i,
        occurred: then - TimeDelta::minutes(rng.random_range(0..40 * 1440)),
        recorded: then + TimeDelta::seconds(1 + i as i64),
        delay: TimeDelta::hours(2),
        area: "201",
        category: "neighbour",
        resolved: None,
        mediated: false,
        withdrawn: false,
    };
    let flood: Vec<Version> = (0..400).map(flood).collect();
    future.into_iter().map(other).chain(flood).collect()
}

fn removed(_: Vec<Version>, _: DateTime<Utc>, _: &mut ChaCha8Rng) -> Vec<Version> {
    Vec::new()
}

/// A new lake fed with the events in files of any order, and what is found in it as of then: all
/// columns but the run's id.
fn found(root: &Path, events: &Events, as_of: AsOf, rng: &mut ChaCha8Rng) -> String {
    let workspace = workspace(root);
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    for (domain, versions) in events.iter().filter(|(_, versions)| !versions.is_empty()) {
        let mut versions = versions.clone();
        versions.shuffle(rng);
        for (n, file) in versions.chunks(rng.random_range(900..4000)).enumerate() {
            append(&lake, domain, file, &format!("b{n}"));
        }
    }
    detect(&workspace, &options(as_of)).unwrap();
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    let session = Session::new(&lake, &Limits::default()).unwrap();
    session.register_table("findings", &lake.derived(Derived::Findings).unwrap()).unwrap();
    let rows = session.collect("select * from findings order by area_code, domain, category, kind, method, period_start, detail").unwrap();
    let columns: Vec<usize> = (0..rows[0].num_columns() - 1).collect();
    assert_eq!(rows[0].schema().field(columns.len()).name(), "run_id");
    let rows: Vec<_> = rows.iter().map(|rows| rows.project(&columns).unwrap()).collect();
    pretty_format_batches(&rows).unwrap().to_string()
}

#[test]
fn findings_of_a_day_are_the_same_whatever_comes_later() {
    let month_end = FIRST + Days::new(637);
    let noon = (FIRST + Days::new(600)).and_hms_opt(4, 0, 0).unwrap().and_utc();
    for (seed, as_of) in [
        (1, AsOf::end_of(month_end, ZONE)),
        (2, AsOf::at(noon, ZONE)),
        (3, AsOf::end_of(FIRST + Days::new(500), ZONE)),
    ] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let whole = events(&mut rng, as_of.day);
        let told = found(&folder.path().join("whole"), &whole, as_of, &mut rng);
        assert!(
            told.contains("| spike ")
                && told.contains("| forecast ")
                && told.contains("never delivered"),
            "{told}"
        );
        let futures: [(&str, Future); 3] =
            [("shifted", shifted), ("changed", changed), ("removed", removed)];
        for (name, future) in futures {
            let other = |(domain, versions): &(&'static Domain, Vec<Version>)| {
                let (known, later): (Vec<Version>, Vec<Version>) =
                    versions.iter().cloned().partition(|v| v.recorded <= as_of.instant);
                assert!(!later.is_empty());
                (*domain, [known, future(later, as_of.instant, &mut rng)].concat())
            };
            let events: Events = whole.iter().map(other).collect();
            let again = found(&folder.path().join(name), &events, as_of, &mut rng);
            let differ: Vec<(&str, &str)> =
                told.lines().zip(again.lines()).filter(|(a, b)| a != b).take(3).collect();
            assert!(told == again, "seed {seed}, future {name}: {differ:#?}");
        }
        // The test would see it: some events of the past less, and the findings are others. (One of
        // a burst beyond doubt, which is set aside, would make no difference.)
        let mut less = whole.clone();
        less[0].1.retain(|v| !(100..110).contains(&v.id));
        assert!(found(&folder.path().join("less"), &less, as_of, &mut rng) != told);
    }
}
