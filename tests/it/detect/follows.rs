//! What follows what, found in a lake and told with its lag.

use chrono::{Days, TimeDelta};
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits};
use pingan::detect::{Detail, Detected, Finding, Kind};
use pingan::engine::detect;
use pingan::workspace::Workspace;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::histories::{FIRST, Version, ZONE, append, options, workspace};

/// Weeks of the simulation; the last one ends on 2027-12-31.
const WEEKS: usize = 156;
/// Weeks after which petitions follow.
const LAG: usize = 3;

/// Weekly counts, each event on some day of its week.
fn events(
    rng: &mut ChaCha8Rng,
    category: &'static str,
    id: usize,
    mean: impl Fn(usize) -> f64,
) -> Vec<Version> {
    let first = FIRST + Days::new(1095 - 7 * WEEKS as u64);
    let mut versions = Vec::new();
    for week in 0..WEEKS {
        let counts: f64 = Poisson::new(mean(week)).unwrap().sample(rng);
        for _ in 0..counts as usize {
            let day = first + Days::new((7 * week + rng.random_range(0..7)) as u64);
            let occurred = day.and_hms_opt(1, 0, 0).unwrap().and_utc();
            let area = ["101", "102", "201"][rng.random_range(0..3)];
            let recorded = occurred + TimeDelta::hours(2);
            let id = id + versions.len();
            versions.push(Version {
                id,
                occurred,
                recorded,
                delay: TimeDelta::hours(2),
                area,
                category,
                resolved: None,
                mediated: true,
                withdrawn: false,
            });
        }
    }
    versions
}

/// Wage disputes rise and fall with a slow wave, and wage petitions as they did three weeks before;
/// neighbours' disputes and land petitions go their own way.
fn feed(workspace: &Workspace, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut level = 0.0;
    let wave: Vec<f64> = (0..WEEKS)
        .map(|_| {
            let shock: f64 = StandardNormal.sample(&mut rng);
            level = 0.7 * level + 0.6 * shock;
            level
        })
        .collect();
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    let mut both = |domain: &str, following: (&'static str, usize), alone: &'static str| {
        let mean = |week: usize| {
            (1.8 + 0.6 * week.checked_sub(following.1).map_or(0.0, |then| wave[then])).exp()
        };
        let mut versions = events(&mut rng, following.0, 0, mean);
        versions.extend(events(&mut rng, alone, 50_000, |_| 8.0));
        append(&lake, Domain::find(domain).unwrap(), &versions, "b");
    };
    both("disputes", ("wage_arrears", 0), "neighbour");
    both("petitions", ("wages", LAG), "land");
}

fn told(night: &Detected) -> Vec<&Finding> {
    night.of_kind(Kind::Association).collect()
}

#[test]
fn petitions_that_follow_disputes_are_told_at_the_end_of_the_month() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(&folder.path().join("w"));
    feed(&workspace, 5);
    let last = FIRST + Days::new(1094);
    assert_eq!(last.to_string(), "2027-12-31");
    let as_of = |day| detect(&workspace, &options(AsOf::end_of(day, ZONE))).unwrap().0;
    let night = as_of(last);
    let found = told(&night);
    assert_eq!(found.len(), 1, "{found:#?}");
    let Detail::LaggedCorrelation(lagged) = &found[0].detail else { panic!("{found:#?}") };
    let (domain, category) = (lagged.follows_domain.as_str(), lagged.follows_category.as_str());
    assert_eq!(
        (found[0].domain.as_str(), found[0].category.as_str(), domain, category),
        ("petitions", "wages", "disputes", "wage_arrears")
    );
    assert_eq!(lagged.after_weeks, LAG);
    assert!(
        found[0].area_code == "0"
            && found[0].p <= 0.001
            && found[0].q <= 0.1
            && lagged.rho.unwrap() > 0.3,
        "{:?}",
        found[0]
    );
    assert!(told(&as_of(last - Days::new(1))).is_empty());
}
